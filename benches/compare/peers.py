"""The proxies that are compared, and the origins behind them. Their configurations are in config/."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from net import free_ports
from process import Process

CONFIG = Path(__file__).parent / "config"
FILES = {"64k.bin": 64 << 10, "big.bin": 8 << 20}


@dataclass(frozen=True)
class Peer:
    name: str
    template: str
    program: str
    version_flag: str = "-v"

    def argv(self, config, directory):
        match self.template:
            case "nginx.conf" | "origin.conf":
                return [self.program, "-e", "stderr", "-p", directory, "-c", config]
            case "haproxy.cfg":
                return [self.program, "-f", config]
            case "gateway.toml":
                return [self.program, "--config", config]


NGINX = Peer("nginx", "nginx.conf", "nginx")
HAPROXY = Peer("haproxy", "haproxy.cfg", "haproxy")
KNOWN = {peer.name: peer for peer in (NGINX, HAPROXY)}
ORIGIN = Peer("origin", "origin.conf", "nginx")


def gateway(name, program):
    return Peer(name, "gateway.toml", str(program), "--version")


@dataclass(frozen=True)
class Running:
    """A running proxy, and the port that it listens on."""

    process: Process
    port: int


@contextmanager
def origins(directory, processor):
    """Starts both upstreams. Gives their ports."""
    one, two = free_ports(2)
    _write_files(directory / "www")
    with _started(ORIGIN, directory, processor, {"ONE": one, "TWO": two}) as process:
        process.wait_until_it_accepts(one)
        process.wait_until_it_accepts(two)
        yield one, two


@contextmanager
def running(peer, upstreams, directory, processor, changes=None):
    """Starts a proxy in front of the upstreams. `changes` are texts of its configuration, and what replaces them."""
    (port,) = free_ports(1)
    one, two = upstreams
    values = {"LISTEN": port, "ONE": one, "TWO": two}
    with _started(peer, directory, processor, values, changes) as process:
        process.wait_until_it_accepts(port)
        yield Running(process, port)


def _started(peer, directory, processor, values, changes=None):
    text = (CONFIG / peer.template).read_text()
    for before, after in (changes or {}).items():
        text = text.replace(before, after)
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    config = directory / f"{peer.name}-{peer.template}"
    config.write_text(text)
    # nginx and HAProxy are configured not to log requests. The gateway doesn't with "warn", and does with "info".
    environment = {"RUST_LOG": os.environ.get("RUST_LOG", "warn")}
    return Process(
        peer.name, peer.argv(config, directory), processor, directory / f"{peer.name}.log", environment
    )


def _write_files(directory):
    directory.mkdir()
    for name, size in FILES.items():
        (directory / name).write_bytes(os.urandom(size))
