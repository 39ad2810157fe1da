"""Passwords as they are kept: argon2id, one at a time, and how long the one under way has taken.

One lane: with two lanes in two threads at once, the build of `cryptography` in use never returns. One at a time, since
each takes 64 MiB; a few may wait, so that a crowd at the door does not take every thread that the pages have.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kiosk_firmware.office.accounts.errors import BusyError

COST = {"length": 32, "iterations": 2, "lanes": 1, "memory_cost": 64 * 1024}
"""Argon2id: 64 MiB, two passes: about 0.15 s here. RFC 9106 asks for at least this of a machine with little memory."""
WAITING = 16
"""How many may hash or wait for it; the pages have 40 threads."""
WAIT_S = 20.0


class _Turns:
    """One at a time, a few waiting; `held_s` tells whether the one under way ever ends."""

    def __init__(self) -> None:
        self._room, self._turn = threading.BoundedSemaphore(WAITING), threading.Lock()
        self._since: float | None = None

    @property
    def held_s(self) -> float:
        """For how long the one under way has taken, in seconds; 0 while nobody is."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the one turn. Raises BusyError: too many wait, or the one under way takes too long."""
        if not self._room.acquire(blocking=False):
            raise BusyError("too many people are coming in at this moment; please try again")
        try:
            if not self._turn.acquire(timeout=WAIT_S):
                raise BusyError("a password that is being checked takes too long; please try again")
            try:
                self._since = time.monotonic()
                yield
            finally:
                self._since = None
                self._turn.release()
        finally:
            self._room.release()


TURNS = _Turns()


def hash_password(word: str) -> str:
    """Return a password as it is kept. Raises BusyError."""
    with TURNS.taken():
        return Argon2id(salt=os.urandom(16), secret=None, ad=None, **COST).derive_phc_encoded(word.encode())


def is_right(word: str, kept: str) -> bool:
    """Return whether a password is the kept one. Raises BusyError."""
    with TURNS.taken():
        try:
            Argon2id.verify_phc_encoded(word.encode(), kept)
        except (InvalidKey, ValueError):
            return False
    return True


def is_old(kept: str) -> bool:
    """Return whether a hash was made at another cost than today's, and is to be made anew when its word is known."""
    return not kept.startswith(f"$argon2id$v=19$m={COST['memory_cost']},t={COST['iterations']},p={COST['lanes']}$")
