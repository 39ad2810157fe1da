"""The word to systemd that this process does its work: a feed only against proofs, never by a timer alone.

systemd gives a socket (`NOTIFY_SOCKET`) and a period (`WATCHDOG_USEC`) and kills a process that stays silent. Four
times a period the owner is told to prove itself; when each of its proofs came in, one feed goes out, and the next round
begins. Without systemd nothing is sent, and the rounds go on all the same, so a test sees what a unit does.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping

PERIOD_S = 20.0
"""Without systemd's word."""


class Watchdog:
    """Rounds of proofs. `proved` may be called from any thread."""

    def __init__(self, proofs: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> None:
        """Take `proofs`: the names that each round needs."""
        self._address = environ.get("NOTIFY_SOCKET", "")
        usec = environ.get("WATCHDOG_USEC", "")
        self.round_s = (int(usec) / 1e6 if usec.isdecimal() and int(usec) else PERIOD_S) / 4
        self._proofs = frozenset(proofs)
        self._wanted: set[str] = set()
        self._next = 0.0
        self._lock = threading.Lock()
        self.feeds = 0
        """Rounds that were proved whole."""

    def ready(self) -> None:
        """Tell systemd that the first page stands, or the first turn is done."""
        self._say("READY=1")

    def due(self, now: float) -> bool:
        """Return whether a round begins: then each proof is wanted. Not while one is under way: nobody is asked
        twice.
        """
        with self._lock:
            if self._wanted or now < self._next:
                return False
            self._wanted, self._next = set(self._proofs), now + self.round_s
        return True

    @property
    def waiting(self) -> bool:
        """Return whether a round is under way."""
        return bool(self._wanted)

    def proved(self, name: str) -> None:
        """Note that this part is alive."""
        with self._lock:
            if name not in self._wanted:
                return
            self._wanted.discard(name)
            if self._wanted:
                return
            self.feeds += 1
        self._say("WATCHDOG=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.sendto(words.encode(), address)
        except OSError:
            pass  # whoever does not listen will not be told; systemd's own period then decides
