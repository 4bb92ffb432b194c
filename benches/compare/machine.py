"""Checks what the comparison needs of the machine, and describes the machine."""

import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from failure import Failure

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "nginx": "nginx",
    "haproxy": "haproxy",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "taskset": "util-linux",
    "valgrind": "valgrind",
}
# Debian installs servers in folders that aren't in an ordinary user's PATH.
SERVERS = "/usr/local/sbin:/usr/sbin"


def find_tools(needed):
    os.environ["PATH"] += os.pathsep + SERVERS
    missing = sorted({PACKAGES[tool] for tool in needed if not shutil.which(tool)})
    if missing:
        raise Failure(f"missing here: apt-get install -y {' '.join(missing)}")


def two_processors():
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise Failure("two processors are needed: one for what is measured, one for the origins and the load")
    return allowed[:2]


def build(*target):
    """Makes a release build of a target such as --bin gateway. Returns the path of the program."""
    argv = ["cargo", "build", "--release", *target, "--message-format", "json-render-diagnostics"]
    try:
        built = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError as error:
        raise Failure("cargo is missing: https://rustup.rs, or name a program that is built") from error
    if built.returncode != 0:
        raise Failure(f"{' '.join(target)} doesn't build")
    messages = map(json.loads, built.stdout.splitlines())
    return next(message["executable"] for message in messages if message.get("executable"))


def described(peers):
    """The facts about the machine that a reader needs to judge the figures."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "commit": _said(["git", "-C", ROOT, "describe", "--always", "--dirty"]),
        "versions": {
            peer.name: _said([peer.program, peer.version_flag]) for peer in peers if peer.version_flag
        },
    }


def _processor():
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _said(argv):
    """The first line that a command prints."""
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except OSError:
        return "unknown"
    return (done.stdout.splitlines() or ["unknown"])[0]
