"""The builds: one that counts what it does, and one that is optimised by these counts."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from failure import Failure

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "target" / "pgo"
COUNTS = PLACE / "counts"
PROFILE = PLACE / "gateway.profdata"
GATEWAY = PLACE / "gateway"


def profdata_tool():
    """Finds a llvm-profdata that reads what this rustc's LLVM writes: one of the same or a later major version."""
    version = _said("rustc", "-vV")
    major = int(re.search(r"LLVM version: (\d+)", version)[1])
    of_rustup = Path(_said("rustc", "--print", "target-libdir").strip()).parent / "bin" / "llvm-profdata"
    named = (shutil.which(f"llvm-profdata-{number}") for number in range(major, major + 3))
    for tool in (*named, of_rustup if of_rustup.exists() else None):
        if tool:
            return str(tool)
    raise Failure(f"llvm-profdata is missing here: apt-get install -y llvm-{major}, or rustup component add llvm-tools")


def instrumented():
    shutil.rmtree(COUNTS, ignore_errors=True)
    return _built("instrumented", f"-Cprofile-generate={COUNTS}")


def optimised(profdata_tool):
    """Makes the profile of the counts, and the program that is optimised by it."""
    counts = sorted(COUNTS.glob("*.profraw"))
    if not counts:
        raise Failure(f"the training left no counts in {COUNTS}")
    PROFILE.unlink(missing_ok=True)
    _run([profdata_tool, "merge", "--output", PROFILE, *counts])
    shutil.copy2(_built("optimised", f"-Cprofile-use={PROFILE}"), GATEWAY)
    return GATEWAY


def _built(place, flags):
    # A target that is named, though it is the host: so that the flags are not those of build scripts as well. The
    # profile is that of any release build, since names of functions depend on it, and counts are found by name.
    host = re.search(r"^host: (\S+)$", _said("rustc", "-vV"), re.MULTILINE)[1]
    argv = ["cargo", "build", "--release", "--bin", "gateway", "--target", host, "--target-dir", PLACE / place]
    argv += ["--message-format", "json-render-diagnostics"]
    environment = {**os.environ, "RUSTFLAGS": f"{os.environ.get('RUSTFLAGS', '')} {flags}".strip()}
    messages = map(json.loads, _run(argv, environment).splitlines())
    return Path(next(message["executable"] for message in messages if message.get("executable")))


def _said(*argv):
    return _run(argv)


def _run(argv, environment=None):
    argv = list(map(str, argv))
    try:
        done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    except FileNotFoundError as error:
        raise Failure(f"{argv[0]} is missing") from error
    if done.returncode != 0:
        raise Failure(f"failed: {' '.join(argv)}")
    return done.stdout
