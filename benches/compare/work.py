"""The kinds of work that the proxies are measured with."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import ClassVar

from failure import Failure
from load import idle_kib, idlers, paced, wrk
from peers import CONFIG

IDLE_CONNECTIONS = 4000
CROWD = 5000
PACE = 2000  # requests a second
SMALL = "/static/x.png"
TOKEN = "X-Admin-Token: letmein"


@dataclass(frozen=True)
class Work:
    name: str
    about: str
    path: str = SMALL
    options: dict = field(default_factory=dict)
    is_refused: bool = False
    # At full speed, latency only says how long requests wait for each other.
    tells_latency: ClassVar[bool] = False

    def surroundings(self, _port):
        """A context that is open during the measurement, such as other connections."""
        return nullcontext()

    def load(self, port, seconds, processor, _directory):
        return wrk(port, self.path, seconds, processor, **self.options)

    def check(self, peer, load):
        """Fails unless all answers are the expected ones, since other figures would mean nothing."""
        wrong = load.broken + (load.requests - load.not_2xx if self.is_refused else load.not_2xx)
        if wrong or not load.requests:
            raise Failure(f"{peer}, {self.name}: {wrong} of {load.requests} answers are wrong or missing")


class Paced(Work):
    tells_latency = True

    def load(self, port, seconds, processor, directory):
        return paced(port, self.path, seconds, processor, PACE, directory / "h2load.log")


class Crowd(Work):
    def surroundings(self, port):
        return idlers(port, self.path, CROWD)


class Idle(Work):
    def kib(self, running):
        return idle_kib(running, self.path, IDLE_CONNECTIONS)


ALL = {
    work.name: work
    for work in (
        Work("small", "GET, 64 connections"),
        Work(
            "headers",
            "the same with 20 more request headers",
            options={"headers": [f"X-Header-{number}: {'v' * 40}" for number in range(20)]},
        ),
        Work("api", "GET, round robin over two upstreams", "/api/users?id=7"),
        Work("admin", "GET, with a token that is checked", "/admin/dashboard", {"headers": [TOKEN]}),
        Work("deny", "GET, refused without it", "/admin/dashboard", is_refused=True),
        Work("post", "POST of 16 KiB", "/api/upload", {"script": CONFIG / "post.lua"}),
        Work("64k", "GET of 64 KiB, 32 connections", "/static/64k", {"connections": 32}),
        Work("big", "GET of 8 MiB, 4 connections", "/static/big", {"connections": 4}),
        Work("close", "GET, a connection a request", options={"script": CONFIG / "close.lua"}),
        Crowd("crowd", f"GET, 64 connections beside {CROWD} that idle"),
        Paced("paced", f"GET, {PACE} a second"),
        Idle("idle", f"{IDLE_CONNECTIONS} connections that do nothing"),
    )
}
