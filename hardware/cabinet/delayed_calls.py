"""Things that shall happen after a while, in one thread: a simulated host's answer, a time limit, a card "taken".

One heap of (time, work). Work must be quick; what it raises is counted and dropped, so that one failure stops nothing
else.
"""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable

from hardware.drivers.driver_thread import monotonic_ms

log = logging.getLogger(__name__)


class DelayedCalls:
    """The thread and its heap; stop twice is fine."""

    def __init__(self, name: str) -> None:
        self.failures = 0
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; what was asked for before is not lost."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is still planned does not happen."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def after(self, ms: float, work: Callable[[], None]) -> None:
        """Do `work` in `ms` milliseconds."""
        with self._changed:
            self._count += 1
            heapq.heappush(self._heap, (monotonic_ms() + ms, self._count, work))
            self._changed.notify()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # whatever one of them does, the others are still owed their turn
                self.failures += 1
                log.exception("cabinet work failed")

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._stopping:
                wait_ms = self._heap[0][0] - monotonic_ms() if self._heap else None
                if wait_ms is not None and wait_ms <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(None if wait_ms is None else wait_ms / 1000)
        return None
