"""What is compared: proxies in front of the same origins, or listeners with the same app."""

from collections.abc import Callable
from dataclasses import dataclass

import peers
import same_work
import secured
import servers
import work


@dataclass(frozen=True)
class Contest:
    # Starts what is behind all of the compared programs, as a context: (directory, processor).
    behind: Callable
    # Starts one of them, as a context that gives a Running: (peer, behind, directory, processor).
    running: Callable
    # Fails unless it does the same work as the others: (name, port, behind).
    check: Callable
    works: dict
    warm_up: str
    scheme: str = "http"


PROXIES = Contest(peers.origins, peers.running, same_work.check, work.ALL, work.SMALL)
SECURED = Contest(
    secured.behind, secured.running, secured.check, secured.WORKS, work.SMALL, secured.SCHEME
)
SERVERS = Contest(servers.behind, servers.running, servers.check, servers.WORKS, servers.HELLO)
