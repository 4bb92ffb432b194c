"""The work that the counting build is trained with: that of benches/compare, plain and with TLS, and HTTP/2."""

import os
import sys

import contest
import machine
import peers
import process
from load import allow_files, output
from net import HOST
from process import pinned
from work import CROWD, Idle

# A build that counts writes its counts when it ends.
process.STOP_WITHIN = 20.0

CLIENTS = ["-t1", "-c8", "-m8"]
# How much is logged: by default each request, which a busy gateway turns off.
LOGGED = {"plain": "info", "tls": "warn"}
# Over HTTP/2: a small answer, one with a gate, one that is refused, one of 64 KiB.
HTTP2 = {
    "api": ["/api/users?id=7"],
    "admin": ["/admin/dashboard", "-H", "x-admin-token: letmein"],
    "deny": ["/admin/dashboard"],
    "none": ["/nowhere"],
    "64k": ["/static/64k"],
}


def find_tools():
    machine.find_tools(["nginx", "wrk", "h2load", "taskset", "openssl"])


def train(program, seconds, directory):
    processor, load_processor = machine.two_processors()
    allow_files(2 * CROWD)
    gateway = peers.gateway("pgo", program)
    for name, kind in {"plain": contest.PROXIES, "tls": contest.SECURED}.items():
        place = directory / name
        place.mkdir(mode=0o755)
        os.environ["RUST_LOG"] = LOGGED[name]
        with (
            kind.behind(place, load_processor) as behind,
            kind.running(gateway, behind, place, processor) as running,
        ):
            kind.check(gateway.name, running.port, behind)
            for work in kind.works.values():
                if not isinstance(work, Idle):
                    _progress(f"{name}: {work.name}")
                    with work.surroundings(running.port):
                        work.load(running.port, seconds, load_processor, place)
            for work, (path, *options) in HTTP2.items():
                _progress(f"{name}: {work}, HTTP/2")
                url = f"{kind.scheme}://{HOST}:{running.port}{path}"
                output(pinned(load_processor, ["h2load", *CLIENTS, f"-D{seconds}", *options, url]))


def _progress(text):
    print(f"training: {text}", file=sys.stderr, flush=True)
