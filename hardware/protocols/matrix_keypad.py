"""A matrix keypad: which row-column contacts are closed -> keys pressed. 4x3 or 4x4, no diodes.

The theory. A scan pulls one row low at a time and reads the columns; contacts bounce for some ms, and with three of
them closed in a rectangle the fourth seems closed too (ghosting). So nothing is believed until it has been the same
for `debounce_ms`, and then only if exactly one contact is closed: that is a key, said once, when it goes down. Two or
more closed contacts are no key at all, and the pad must be let go entirely before it is believed again: of two keys
nobody can say which was meant.

A key's position tells a digit, so `Pressed` does not show it in its repr.
Source: `reference/protocols.md` section 5.
"""

from __future__ import annotations

import msgspec

Contact = tuple[int, int]
"""(row, column), both from 0."""


class Pressed(msgspec.Struct, frozen=True):
    """A key went down, alone, and stayed for the debounce time."""

    contact: Contact

    def __repr__(self) -> str:
        return "Pressed(…)"


class Scanner:
    """Debounces whole scans. `crowded` counts how often two or more contacts were closed at once."""

    def __init__(self, debounce_ms: float = 30) -> None:
        self.crowded = 0
        self._debounce_ms = debounce_ms
        self._seen: frozenset[Contact] = frozenset()
        self._since_ms = float("-inf")
        self._armed = True

    @property
    def idle(self) -> bool:
        """All keys are up and believed to be."""
        return self._armed and not self._seen

    def scan(self, closed: frozenset[Contact], now_ms: float) -> list[Pressed]:
        """Take one whole scan, at `now_ms`; return at most one key."""
        if closed != self._seen:
            self._seen, self._since_ms = closed, now_ms
        if now_ms - self._since_ms < self._debounce_ms:
            return []
        if not closed:
            self._armed = True
        elif self._armed:
            self._armed = False
            if len(closed) == 1:
                return [Pressed(next(iter(closed)))]
            self.crowded += 1
        return []
