"""A learner's number for a teacher who is in the room, where the site's key is at hand.

The office knows learners by a keyed hash only. A board that is given the site's own key (it never leaves the site) can
find the number behind a hash that it sees, by trying all of them once: a million keyed hashes take a second or two.
Without the key the beginning of the hash stands there, which the unit shows too.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterable
from pathlib import Path

SHORT = 6
GUEST = "guest"


class LearnerNumbers:
    """By pseudonym (16 hex digits): the number `l-` and six digits."""

    def __init__(self, key: bytes = b"") -> None:
        """Take the site's key; without one nothing is ever found."""
        self._key = key
        self._known: dict[str, str] = {}
        self._looking = threading.Lock()

    @classmethod
    def from_file(cls, path: Path | None) -> LearnerNumbers:
        """Read the key as the site's units have it, a file of its own.

        Raises:
            ValueError: there is no key; names the file.
        """
        if path is None:
            return cls()
        try:
            key = path.read_bytes().strip()
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror}") from error
        if not key:
            raise ValueError(f"{path}: is empty; allowed is the site's key, as units have it")
        return cls(key)

    def shown(self, learner: str) -> str:
        """Return what stands on the board for a pseudonym."""
        return learner if learner in ("", GUEST) else self._known.get(learner) or learner[:SHORT]

    def mark(self, number: str) -> str:
        """Return the pseudonym of a number; "" without the key."""
        return hmac.digest(self._key, number.encode(), hashlib.sha256)[:8].hex() if self._key else ""

    def find(self, learners: Iterable[str]) -> None:
        """Look for those that are not known yet: one pass over all numbers, however many are wanted. Slow."""
        with self._looking:
            wanted = {one for one in learners if one not in ("", GUEST) and one not in self._known}
            if not self._key or not wanted:
                return
            for n in range(1_000_000):
                number = f"l-{n:06d}"
                mark = self.mark(number)
                if mark in wanted:
                    self._known[mark] = number
                    wanted.discard(mark)
                    if not wanted:
                        return
            self._known.update({one: one[:SHORT] for one in wanted})
