"""Builds the gateway with a profile of its own work, as target/pgo/gateway. See README.md."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPARE = ROOT / "benches" / "compare"
# The profile is trained with the loads that the gateway is compared with, so they are started in the same way.
sys.path.append(str(COMPARE))

import builds  # noqa: E402
import counting  # noqa: E402
import machine  # noqa: E402
import training  # noqa: E402
from failure import Failure  # noqa: E402
from process import folder  # noqa: E402

MEASURED = "small,headers,api,admin,deny,post,64k"


def arguments():
    parser = argparse.ArgumentParser(prog="python3 benches/pgo", description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=3, help="how long each kind of work trains it (3); 1 is for a try"
    )
    parser.add_argument(
        "--measure",
        action="store_true",
        help="compare it with an ordinary release build afterwards; nothing else should run meanwhile",
    )
    parser.add_argument(
        "--count", action="store_true", help="count the instructions of a GET in it and in an ordinary release build"
    )
    return parser.parse_args()


def main():
    # SIGTERM ends the program as Ctrl-C does, so that everything it has started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = arguments()
    try:
        machine.find_tools(["valgrind", "h2load"] if given.count else [])
        gateway = build(given.seconds)
        print(gateway)
        if given.measure:
            measure(gateway)
        if given.count:
            count(gateway)
    except Failure as failure:
        sys.exit(f"{failure}")
    except KeyboardInterrupt:
        sys.exit(130)


def build(seconds):
    # All that can be missing is looked for before anything is built, which takes long.
    training.find_tools()
    merge = builds.profdata_tool()
    instrumented = builds.instrumented()
    with folder("pgo-") as directory:
        training.train(instrumented, seconds, directory)
    return builds.optimised(merge)


def measure(gateway):
    ordinary = machine.build("--bin", "gateway")
    argv = [sys.executable, COMPARE, "--gateway", f"ordinary={ordinary}", "--gateway", f"profiled={gateway}"]
    argv += ["--rounds", "5", "--seconds", "2", "--work", MEASURED, "--out", builds.PLACE / "measured"]
    if subprocess.run(argv, check=False).returncode != 0:
        raise Failure("the comparison failed")


def count(gateway):
    for name, program in {"ordinary": machine.build("--bin", "gateway"), "profiled": gateway}.items():
        print(f"{name}: {counting.instructions_a_get(name, program)} instructions a GET")


if __name__ == "__main__":
    main()
