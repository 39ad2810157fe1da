"""The one door: whatever happens, on whatever thread, comes in here and is taken out in order by the engine's thread.

Devices speak on their own threads, the database's writer on another; nothing of the engine is locked because nothing
but this queue is shared. `wake` tells the engine's loop (Kivy's clock) that something waits; it is called once per
filling, not once per event, so a burst of pulses costs one wake-up.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator


class Inbox:
    """A queue that any thread may fill and one thread drains."""

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        """Take `wake`, called on the posting thread whenever the empty queue gets its first item; it must not block."""
        self._items: deque[object] = deque()
        self._lock = threading.Lock()
        self._wake = wake

    def post(self, item: object) -> None:
        """Add an item at the end; never blocks for long, never refuses."""
        with self._lock:
            first = not self._items
            self._items.append(item)
        if first:
            self._wake()

    def drain(self, most: int = 1000) -> Iterator[object]:
        """Take items out, oldest first, those included that are posted meanwhile; at most `most`, so that a flood
        cannot starve the glass. What is left wakes again.
        """
        for _ in range(most):
            with self._lock:
                if not self._items:
                    return
                item = self._items.popleft()
            yield item
        if len(self):
            self._wake()

    def __len__(self) -> int:
        """Return how many items wait."""
        with self._lock:
            return len(self._items)
