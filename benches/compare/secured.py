"""The proxies with TLS in front of them: new handshakes, and requests on connections that are kept."""

import subprocess
from contextlib import contextmanager

import peers
import same_work
from failure import Failure
from peers import CONFIG
from work import Work

SCHEME = "https"

# What is replaced in each configuration, so that it listens with TLS.
CHANGES = {
    "nginx.conf": {
        "listen 127.0.0.1:@LISTEN@ backlog=4096;": "listen 127.0.0.1:@LISTEN@ ssl backlog=4096;"
        " ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;"
    },
    "gateway.toml": {
        'listen = "127.0.0.1:@LISTEN@"': 'listen = [{ address = "127.0.0.1:@LISTEN@",'
        ' tls = { cert = "cert.pem", key = "key.pem" } }]'
    },
}

WORKS = {
    work.name: work
    for work in (
        Work("kept", "GET, 64 connections", options={"scheme": SCHEME}),
        Work(
            "handshakes",
            "GET, a connection and a handshake a request",
            options={"scheme": SCHEME, "script": CONFIG / "close.lua"},
        ),
        Work(
            "64k", "GET of 64 KiB, 32 connections", "/static/64k", {"scheme": SCHEME, "connections": 32}
        ),
    )
}


@contextmanager
def behind(directory, processor):
    """The origins, and a certificate with an ECDSA P-256 key."""
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-subj", f"/CN={same_work.CLIENT_HOST}", "-addext", f"subjectAltName=DNS:{same_work.CLIENT_HOST}"]
    argv += ["-days", "2", "-keyout", directory / "key.pem", "-out", directory / "cert.pem"]
    made = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Failure(f"openssl makes no certificate:\n{made.stderr}")
    with peers.origins(directory, processor) as upstreams:
        yield upstreams


def running(peer, upstreams, directory, processor):
    return peers.running(peer, upstreams, directory, processor, CHANGES[peer.template])


def check(name, port, upstreams):
    same_work.check(name, port, upstreams, SCHEME)
