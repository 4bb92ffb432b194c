"""Measures what scrapes of /metrics cost. See README.md."""

import argparse
import statistics
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager, nullcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Servers and loads are those of the comparison.
sys.path.append(str(ROOT / "benches" / "compare"))

import machine  # noqa: E402
import peers  # noqa: E402
from failure import Failure  # noqa: E402
from load import wrk  # noqa: E402
from net import HOST, free_ports  # noqa: E402
from process import folder  # noqa: E402

ENDPOINTS = 1000
SCRAPES = 50
EVERY = 0.1  # seconds


def arguments():
    parser = argparse.ArgumentParser(prog="python3 benches/scrapes", description=__doc__)
    parser.add_argument("--gateway", help="a program that is built; without it, a release build is made")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="how long a load takes")
    return parser.parse_args()


def main():
    given = arguments()
    try:
        machine.find_tools(["nginx", "wrk", "taskset"])
        processors = machine.two_processors()
        gateway = peers.gateway("gateway", given.gateway or machine.build("--bin", "gateway"))
        with folder("scrapes-") as place, peers.origins(place, processors[1]) as upstreams:
            many_endpoints(gateway, upstreams, place, processors[0])
            under_load(gateway, upstreams, place, processors, given)
    except Failure as failure:
        sys.exit(f"{failure}")


def many_endpoints(gateway, upstreams, place, processor):
    added = ", ".join(f'"http://127.0.0.1:{port}"' for port in range(1, ENDPOINTS + 1))
    pool = f"[pools.many]\nupstreams = [{added}]\n"
    with observed(gateway, upstreams, place, processor, pool) as (_, metrics):
        took = sorted(timed(metrics) for _ in range(SCRAPES))
        bytes_of = len(scrape(metrics))
    best, median = took[0] * 1e3, statistics.median(took) * 1e3
    print(f"{ENDPOINTS} endpoints: {best:.1f} ms at best, {median:.1f} ms in the median, {bytes_of / 1024:.0f} KiB")


def under_load(gateway, upstreams, place, processors, given):
    quiet, scraped = [], []
    with observed(gateway, upstreams, place, processors[0]) as (running, metrics):
        for _ in range(given.rounds):
            for found, is_scraped in ((quiet, False), (scraped, True)):
                with scraping(metrics) if is_scraped else nullcontext():
                    found.append(wrk(running.port, "/static/x.png", given.seconds, processors[1]))
    told = {"requests a second": lambda load: load.requests / load.seconds, "p99, us": lambda load: load.p99_us}
    for what, of in told.items():
        without, with_scrapes = (statistics.median(map(of, loads)) for loads in (quiet, scraped))
        change = (with_scrapes / without - 1) * 100
        print(f"{what}: {without:.0f} without scrapes, {with_scrapes:.0f} with {1 / EVERY:.0f} a second ({change:+.1f} %)")


@contextmanager
def observed(gateway, upstreams, place, processor, more=""):
    """A running gateway, and the URL of its metrics."""
    (port,) = free_ports(1)
    admin = f'[admin]\nlisten = "{HOST}:{port}"\nready = "none"\n{more}\n[pools.api]'
    with peers.running(gateway, upstreams, place, processor, {"[pools.api]": admin}) as running:
        yield running, f"http://{HOST}:{port}/metrics"


@contextmanager
def scraping(metrics):
    """Scrapes again and again while it is open."""
    done = threading.Event()
    thread = threading.Thread(target=lambda: scrape_until(done, metrics))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def scrape_until(done, metrics):
    while not done.wait(EVERY):
        scrape(metrics)


def timed(metrics):
    began = time.monotonic()
    scrape(metrics)
    return time.monotonic() - began


def scrape(metrics):
    with urllib.request.urlopen(metrics, timeout=5) as answer:
        return answer.read()


if __name__ == "__main__":
    main()
