"""Ports and sockets of this machine."""

import socket
from contextlib import ExitStack

HOST = "127.0.0.1"


def free_ports(count):
    """Ports that are free now. With port 0, nginx and HAProxy couldn't tell which port they got."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]


def accepts(port):
    try:
        socket.create_connection((HOST, port), timeout=0.5).close()
        return True
    except OSError:
        return False
