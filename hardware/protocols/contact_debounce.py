"""One contact on one line: a button, or a light barrier. Edges -> settled changes.

A level is believed when it has stood for `settle_ms`; what was shorter never was. `Change.at_ms` is when it began.
"""

from __future__ import annotations

import msgspec


class Change(msgspec.Struct, frozen=True):
    """The contact is `closed` (or not) since `at_ms`."""

    closed: bool
    at_ms: float


class Contact:
    """Debounces one line; `closed` is what is believed now."""

    def __init__(self, settle_ms: float = 25, closed: bool = False, now_ms: float = 0.0) -> None:
        self.closed = closed
        self.since_ms = now_ms
        self._settle_ms = settle_ms
        self._pending_ms: float | None = None

    @property
    def settling(self) -> bool:
        """A change stands and waits to be believed."""
        return self._pending_ms is not None

    def edge(self, closed: bool, at_ms: float) -> list[Change]:
        """Take an edge of the line at `at_ms`; return the changes that have settled."""
        said = self.tick(at_ms)
        if closed == self.closed:
            self._pending_ms = None
        elif self._pending_ms is None:
            self._pending_ms = at_ms
        return said

    def tick(self, now_ms: float) -> list[Change]:
        """Time passed."""
        if self._pending_ms is None or now_ms - self._pending_ms < self._settle_ms:
            return []
        self.closed, self.since_ms, self._pending_ms = not self.closed, self._pending_ms, None
        return [Change(self.closed, self.since_ms)]
