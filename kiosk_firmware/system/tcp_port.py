"""Ask whether a TCP port answers: the parts of an office and a demo wait for one another by that."""

from __future__ import annotations

import socket


def listens(port: int, at: str = "127.0.0.1") -> bool:
    """Return whether somebody answers at a port of this computer, within half a second."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((at, port)) == 0
