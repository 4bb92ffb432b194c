"""The kinds of load: wrk at full speed, h2load at a fixed rate, and idle connections."""

import re
import resource
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from failure import Failure
from net import HOST
from process import pinned

MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6}
PACED_CLIENTS = 8
ANSWER_WITHIN = 5.0  # seconds


@dataclass(frozen=True)
class Load:
    """The results of a load."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    not_2xx: int
    broken: int


def wrk(port, path, seconds, processor, connections=64, headers=(), script=None, scheme="http"):
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        argv += ["-H", header]
    if script:
        argv += ["-s", script]
    return parse_wrk(output(pinned(processor, [*argv, f"{scheme}://{HOST}:{port}{path}"])))


def parse_wrk(text):
    count, seconds, unit = _found(r"(\d+) requests in ([\d.]+)(us|ms|s|m)", text).groups()
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    not_2xx = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        requests=int(count),
        seconds=float(seconds) * (60.0 if unit == "m" else MICROSECONDS[unit] / 1e6),
        p50_us=_percentile(text, 50),
        p99_us=_percentile(text, 99),
        not_2xx=int(not_2xx[1]) if not_2xx else 0,
        broken=sum(map(int, errors.groups())) if errors else 0,
    )


def _percentile(text, which):
    value, unit = _found(rf"\s{which}%\s+([\d.]+)(us|ms|s)\b", text).groups()
    return float(value) * MICROSECONDS[unit]


def paced(port, path, seconds, processor, rate, log):
    """Sends requests at a fixed rate, so low that no request has to wait for another: measures latency."""
    log.unlink(missing_ok=True)
    argv = ["h2load", "--h1", "-t1", f"-c{PACED_CLIENTS}", f"--rps={rate // PACED_CLIENTS}", f"-D{seconds}"]
    output(pinned(processor, [*argv, f"--log-file={log}", f"http://{HOST}:{port}{path}"]))
    return parse_h2load(log.read_text(), seconds)


def parse_h2load(log, seconds):
    """Reads h2load's log: a line for each request, with its start, its status or -1, and its microseconds."""
    lines = [line.split() for line in log.splitlines()]
    if not lines:
        raise Failure("h2load made no requests")
    statuses = [int(status) for _, status, _ in lines]
    times = sorted(float(microseconds) for _, _, microseconds in lines)
    return Load(
        requests=len(times),
        seconds=seconds,
        p50_us=times[len(times) // 2],
        p99_us=times[len(times) * 99 // 100],
        not_2xx=sum(status >= 300 for status in statuses),
        broken=sum(status < 0 for status in statuses),
    )


def idle_kib(running, path, connections):
    """KiB of memory for an idle kept-alive connection, after one answer."""
    before = running.process.memory_kib()
    with idlers(running.port, path, connections):
        time.sleep(0.5)  # Until then, proxies that free their buffers after an answer have done so.
        return (running.process.memory_kib() - before) / connections


@contextmanager
def idlers(port, path, connections):
    """Opens connections that get one answer each and then stay open."""
    request = f"GET {path} HTTP/1.1\r\nHost: compare.example\r\n\r\n".encode()
    with ExitStack() as opened:
        for _ in range(connections):
            connection = opened.enter_context(socket.create_connection((HOST, port), timeout=ANSWER_WITHIN))
            connection.sendall(request)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise Failure("a connection that was to idle was refused")
        yield


def allow_files(count):
    """Raises this process's limit of open files, which the servers inherit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise Failure(f"no more than {hard} files may be open here, {count} are needed: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def output(argv):
    """Runs a load to its end. Returns what it printed."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(argv)}\n{done.stdout}{done.stderr}")
    return done.stdout


def _found(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"not what was expected from the load:\n{text}")
    return found
