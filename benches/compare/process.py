"""Starts servers on a processor of their own, measures them through /proc, and stops them by their ids."""

import os
import re
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from failure import Failure
from net import accepts

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
START_WITHIN = 10.0  # seconds
STOP_WITHIN = 1.0


@contextmanager
def folder(prefix):
    """A folder for what servers read and write. It is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        directory = Path(name)
        # If nginx's master runs as root, its worker runs as another user, and must be able to read this folder.
        directory.chmod(0o755)
        yield directory


def pinned(processor, argv):
    return ["taskset", "-c", str(processor), *map(str, argv)]


class Process:
    """A running server, with its output in a file. As a context manager, it stops the server and all its children."""

    def __init__(self, name, argv, processor, log, environment=None):
        self.name = name
        self.log = Path(log)
        with self.log.open("wb") as output:
            # In a session of its own, so that Ctrl-C reaches only this program, and the group has the process's id.
            self._child = subprocess.Popen(
                pinned(processor, argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stops the server: with SIGTERM first, so that nginx's master can end its worker, then with SIGKILL."""
        if self._child.returncode is not None:
            return
        self._child.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        while not self._has_ended() and time.monotonic() < deadline:
            time.sleep(0.01)
        # Before wait() is called, no other process can get its id or its group's.
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()

    def _has_ended(self):
        return os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait_until_it_accepts(self, port):
        deadline = time.monotonic() + START_WITHIN
        while not accepts(port):
            if self._child.poll() is not None or time.monotonic() > deadline:
                last = self.log.read_text(errors="replace")[-2000:]
                raise Failure(f"{self.name} did not start:\n{last}")
            time.sleep(0.02)

    def cpu_seconds(self):
        """User and system time of the server and its children, since their start."""
        return sum(map(_ticks, self._tree())) / TICKS_A_SECOND

    def memory_kib(self):
        """Memory of the server and its children. Memory that they share counts once."""
        return sum(map(_proportional_kib, self._tree()))

    def _tree(self):
        found, left = [], [self._child.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            left += map(int, _read(f"/proc/{pid}/task/{pid}/children").split())
        return found


def _ticks(pid):
    # The second field is the name in brackets, which may have spaces.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) if fields else 0


def _proportional_kib(pid):
    found = re.search(r"^Pss:\s+(\d+)", _read(f"/proc/{pid}/smaps_rollup"), re.MULTILINE)
    return int(found[1]) if found else 0


def _read(path):
    """The text of a file; empty if the process has ended."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
