"""Checks, before a proxy is measured, that it does the same work as the others."""

import ssl
from http.client import HTTPConnection, HTTPSConnection

from failure import Failure
from net import HOST
from peers import FILES

CLIENT_HOST = "compare.example"
TOKEN = {"X-Admin-Token": "letmein"}


def check(name, port, upstreams, scheme="http"):
    one, two = map(str, upstreams)
    ask = Asked(name, port, scheme)
    seen = ask.seen("/static/seen")
    ask.expect("/static: the upstream", seen["upstream"], {one})
    ask.expect("/static: the path there", seen["path"], {"/seen"})
    ask.expect("X-Forwarded-For", seen["for"], {HOST})
    ask.expect("X-Forwarded-Host", seen["host"], {CLIENT_HOST})
    ask.expect("X-Forwarded-Proto", seen["proto"], {scheme})
    ask.expect("X-Request-Id here and there", bool(seen["id"]) and seen["id"] == seen["id answered"], {True})
    both = {ask.seen("/api/seen")["upstream"] for _ in range(4)}
    ask.expect("/api: the upstreams", tuple(sorted(both)), {tuple(sorted((one, two)))})
    ask.expect("/admin: the upstream", ask.seen("/admin/seen", TOKEN)["upstream"], {two})
    ask.expect("/admin without a token", ask.answer("/admin/seen")[0], {401, 403})
    ask.expect("/admin with a wrong one", ask.answer("/admin/seen", {"X-Admin-Token": "no"})[0], {401, 403})
    ask.expect("8 MiB", len(ask.answer("/static/big")[2]), {FILES["big.bin"]})


class Asked:
    def __init__(self, name, port, scheme="http"):
        self.name, self.port, self.scheme = name, port, scheme

    def answer(self, path, headers=None, body=None):
        connection = self._connection()
        try:
            method = "GET" if body is None else "POST"
            connection.request(method, path, body, {"Host": CLIENT_HOST, **(headers or {})})
            response = connection.getresponse()
            return response.status, response.getheader("X-Request-Id"), response.read()
        finally:
            connection.close()

    def _connection(self):
        if self.scheme == "http":
            return HTTPConnection(HOST, self.port, timeout=5)
        # The certificate was made for this run.
        anyone = ssl._create_unverified_context()  # noqa: SLF001
        return HTTPSConnection(HOST, self.port, timeout=5, context=anyone)

    def seen(self, path, headers=None):
        """The request as the upstream received it: the answer of /seen in config/origin.conf."""
        status, request_id, body = self.answer(path, headers)
        self.expect(path, status, {200})
        names = ("upstream", "path", "for", "host", "proto", "id")
        return {
            **dict(zip(names, body.decode().rstrip("\n").split("|"), strict=True)),
            "id answered": request_id,
        }

    def expect(self, what, value, allowed):
        if value not in allowed:
            expected = " or ".join(map(str, allowed))
            raise Failure(f"{self.name} doesn't do the same work: {what} is {value!r}, not {expected}")
