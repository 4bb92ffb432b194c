"""Measures the same work on nginx, HAProxy and this gateway, or on axum::serve and its listener. See README.md."""

import argparse
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

import contest
import machine
import peers
import plot
import rounds
import secured
import servers
import work
from failure import Failure
from load import allow_files
from process import folder
from summary import Summary
from table import tables

OUT = Path(__file__).parent / "out"
SPARE_FILES = 200


def arguments():
    parser = argparse.ArgumentParser(prog="benches/compare", description=__doc__)
    parser.add_argument(
        "--rounds", type=_positive, default=3, help="medians are taken over these (%(default)s)"
    )
    parser.add_argument("--seconds", type=_positive, default=4, help="of each load (%(default)s)")
    parser.add_argument(
        "--work",
        metavar="NAME,...",
        help=f"some of {', '.join(work.ALL)} (all); with --servers of {', '.join(servers.WORKS)}; "
        f"with --tls of {', '.join(secured.WORKS)}",
    )
    parser.add_argument(
        "--peers",
        type=_listed(peers.KNOWN),
        default=list(peers.KNOWN.values()),
        metavar="NAME,...",
        help="compared with; ratios are to the first (nginx,haproxy)",
    )
    parser.add_argument(
        "--gateway",
        type=_gateway,
        action="append",
        metavar="NAME=PROGRAM",
        help="a build of this gateway; repeat it to compare several (ours=a release build, made first)",
    )
    parser.add_argument(
        "--servers",
        nargs="?",
        const="",
        metavar="PROGRAM",
        help="the listener beside axum::serve, no proxies; the example serve_axum (a release build, made first)",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="with TLS in front: new handshakes, and kept connections; beside nginx alone",
    )
    parser.add_argument(
        "--processors",
        type=_two_processors,
        metavar="PROXY,LOAD",
        help="the processor of what is measured, and that of the origins and the load (the first two)",
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where results go (benches/compare/out)")
    given = parser.parse_args()
    if given.servers is not None and given.gateway:
        parser.error("--servers compares no gateways")
    if given.tls and given.servers is not None:
        parser.error("--servers have no TLS")
    given.contest = contest.PROXIES if given.servers is None else contest.SERVERS
    if given.tls:
        given.contest, given.peers = contest.SECURED, [peers.NGINX]
    try:
        given.work = _listed(given.contest.works)(given.work or ",".join(given.contest.works))
    except argparse.ArgumentTypeError as error:
        parser.error(f"--work: {error}")
    return given


def main():
    # SIGTERM ends the program as Ctrl-C does, so that everything it has started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = arguments()
    try:
        compare(given)
    except Failure as failure:
        sys.exit(f"{failure}")
    except KeyboardInterrupt:
        sys.exit(130)


def compare(given):
    compared = _proxies(given) if given.servers is None else _servers(given)
    allow_files(work.IDLE_CONNECTIONS + SPARE_FILES)
    processor, load = given.processors or machine.two_processors()
    plan = rounds.Plan(given.contest, compared, given.work, given.rounds, given.seconds, processor, load)
    with folder("compare-") as directory:
        samples = list(rounds.measured(plan, directory))
    write(given.out, plan, samples)


def _proxies(given):
    machine.find_tools(["nginx", "wrk", "h2load", "taskset", *(peer.program for peer in given.peers)])
    gateways = given.gateway or [peers.gateway("ours", machine.build("--bin", "gateway"))]
    return [*given.peers, *gateways]


def _servers(given):
    machine.find_tools(["wrk", "h2load", "taskset"])
    return servers.both(given.servers or machine.build("--example", "serve_axum"))


def write(out, plan, samples):
    summary = Summary(plan, samples)
    table = tables(summary)
    results = {
        "machine": machine.described(plan.peers),
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "summary": summary.as_json(),
        "samples": [asdict(sample) for sample in samples],
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (out / "table.md").write_text(table)
    (out / "plot.svg").write_text(plot.svg(summary))
    print(f"\n{table}\n{out}: results.json table.md plot.svg")


def _positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _listed(known):
    def parse(text):
        unknown = [name for name in text.split(",") if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return [known[name] for name in text.split(",")]

    return parse


def _gateway(text):
    name, separator, program = text.rpartition("=")
    if not Path(program).is_file():
        raise argparse.ArgumentTypeError(f"no program at {program}")
    return peers.gateway(name if separator else "ours", Path(program).resolve())


def _two_processors(text):
    proxy, load = map(int, text.split(","))
    return proxy, load


if __name__ == "__main__":
    main()
