"""The rounds: A B C, A B C. Each program is started anew in each, so that changes over time affect all of them."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from contest import Contest
from load import wrk
from work import Idle

WARM_UP = 1  # seconds


@dataclass(frozen=True)
class Plan:
    contest: Contest
    peers: list
    works: list
    rounds: int
    seconds: int
    processor: int
    load_processor: int


@dataclass(frozen=True)
class Sample:
    """The figures of one program, for one kind of work, in one round."""

    round: int
    peer: str
    work: str
    figures: dict


def measured(plan, directory: Path):
    """Yields each sample as soon as it is measured."""
    contest = plan.contest
    with contest.behind(directory, plan.load_processor) as behind:
        for number in range(1, plan.rounds + 1):
            for peer in plan.peers:
                _progress(f"round {number} of {plan.rounds}: {peer.name}")
                with contest.running(peer, behind, directory, plan.processor) as running:
                    contest.check(peer.name, running.port, behind)
                    for work, figures in _figures(plan, peer, running, directory):
                        yield Sample(number, peer.name, work.name, figures)


def _figures(plan, peer, running, directory):
    # Idle connections come first: after a load, the allocator may have kept memory that they would use.
    for work in plan.works:
        if isinstance(work, Idle):
            yield work, {"kib": work.kib(running)}
    wrk(running.port, plan.contest.warm_up, WARM_UP, plan.load_processor, scheme=plan.contest.scheme)
    for work in plan.works:
        if not isinstance(work, Idle):
            yield work, _loaded(plan, peer, running, work, directory)


def _loaded(plan, peer, running, work, directory):
    with work.surroundings(running.port):
        cpu, began = running.process.cpu_seconds(), time.monotonic()
        load = work.load(running.port, plan.seconds, plan.load_processor, directory)
        cpu, took = running.process.cpu_seconds() - cpu, time.monotonic() - began
    work.check(peer.name, load)
    latency = {"p50_us": load.p50_us, "p99_us": load.p99_us} if work.tells_latency else {}
    return {
        "requests": load.requests,
        "rate": load.requests / load.seconds,
        "cpu_us": cpu * 1e6 / load.requests,
        # The share of its processor. If it is well below 1, the load or the origins were the limit, not the program.
        "busy": cpu / took,
        **latency,
    }


def _progress(text):
    print(text, file=sys.stderr, flush=True)
