"""Counts the instructions of a request with callgrind, which are the same however busy the machine is."""

import re
from dataclasses import dataclass

import machine
import peers
import process
import work
from failure import Failure
from load import output
from net import HOST
from process import folder, pinned

# A program runs many times slower under callgrind.
process.START_WITHIN = 60.0
# The difference of the two is counted, so that start and end of the program are not.
FEW, MANY = 2000, 6000


@dataclass(frozen=True)
class UnderCallgrind(peers.Peer):
    def argv(self, config, directory):
        counts = f"--callgrind-out-file={directory / 'callgrind.out'}"
        return ["valgrind", "--tool=callgrind", counts, *super().argv(config, directory)]


def instructions_a_get(name, program):
    """How many instructions the gateway executes for a proxied GET, without the kernel's."""
    return round((_collected(name, program, MANY) - _collected(name, program, FEW)) / (MANY - FEW))


def _collected(name, program, requests):
    processor, load_processor = machine.two_processors()
    peer = UnderCallgrind(name, "gateway.toml", str(program))
    with folder("pgo-") as directory:
        with (
            peers.origins(directory, load_processor) as origins,
            peers.running(peer, origins, directory, processor) as running,
        ):
            url = f"http://{HOST}:{running.port}{work.SMALL}"
            output(pinned(load_processor, ["h2load", "--h1", "-c4", f"-n{requests}", url]))
        said = (directory / f"{name}.log").read_text()
    found = re.search(r"Collected : (\d+)", said)
    if not found:
        raise Failure(f"callgrind has counted nothing:\n{said}")
    return int(found[1])
