"""The gateway's listener beside axum::serve: the same app on each, out of examples/serve_axum.rs."""

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

import work
from net import HOST, free_ports
from peers import CONFIG, Running
from process import Process
from same_work import Asked

HELLO = "/"


@dataclass(frozen=True)
class Server:
    name: str
    program: str
    # What follows the address in the example's arguments.
    options: tuple = ()
    version_flag: None = None


def both(program):
    return [Server("axum::serve", str(program), ("axum",)), Server("ours", str(program))]


WORKS = {
    each.name: each
    for each in (
        work.Work("hello", "GET, 64 connections", HELLO),
        replace(work.ALL["headers"], path=HELLO),
        work.Work("json", "POST of JSON that a handler extracts", "/sum", {"script": CONFIG / "json.lua"}),
        *(replace(work.ALL[name], path=HELLO) for name in ("close", "crowd", "paced", "idle")),
    )
}


def behind(_directory, _processor):
    """Nothing is behind a server."""
    return nullcontext()


@contextmanager
def running(server, _behind, directory, processor):
    (port,) = free_ports(1)
    argv = [server.program, f"{HOST}:{port}", *server.options]
    log = directory / f"{server.name.replace(':', '')}.log"
    with Process(server.name, argv, processor, log) as process:
        process.wait_until_it_accepts(port)
        yield Running(process, port)


def check(name, port, _behind):
    ask = Asked(name, port)
    ask.expect("GET /", ask.answer(HELLO)[::2], {(200, b"hello\n")})
    ask.expect("GET /peer", ask.answer("/peer")[::2], {(200, f"{HOST}\n".encode())})
    posted = ask.answer("/sum", {"Content-Type": "application/json"}, b"[1,2,39]")
    ask.expect("POST /sum", posted[::2], {(200, b"42")})
