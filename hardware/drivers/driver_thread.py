"""A driver's own thread.

`DriverThread` runs one function whenever it is woken or its time has come; everything a driver does happens there, one
thing after the other, so drivers need no locks of their own: effects and edges are put into its queue from any thread.
A step that fails is counted and told to `broken`; the loop goes on, for a device that misbehaves once must not stop the
app.

A process that was stalled (a busy machine) sees its timers before the edges that came meanwhile; `late` says so, and
whoever judges silence waits a little longer then.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

STALL_MS = 60
GRACE_MS = 150


def monotonic_ms() -> float:
    """Return CLOCK_MONOTONIC in ms, the clock that the kernel's and the link's edges carry too."""
    return time.monotonic_ns() / 1e6


class DriverThread:
    """Calls `work(item)` for each queued item, then `idle()`, which says after how many ms to come again, or None."""

    def __init__(
        self,
        name: str,
        work: Callable[[Any], None],
        idle: Callable[[], float | None],
        broken: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        self.failures = 0
        self._name, self._work, self._idle, self._broken = name, work, idle, broken
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._stalled_ms = float("-inf")

    @property
    def late(self) -> bool:
        """The thread was held up just now: silence proves nothing yet."""
        return monotonic_ms() - self._stalled_ms < GRACE_MS

    def put(self, item: Any) -> None:
        """Hand something to the thread; never blocks."""
        self._queue.put(item)

    def start(self) -> None:
        """Start the thread; twice is fine."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread after what is queued; twice is fine, and not starting before."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        self._queue.put(None)
        if thread is not threading.current_thread():
            thread.join(timeout=5)

    def _run(self) -> None:
        wait_ms: float | None = 0
        while not self._stopping:
            item = self._next(wait_ms)
            wait_ms = self._guarded(item)

    def _next(self, wait_ms: float | None) -> Any:
        due_ms = None if wait_ms is None else monotonic_ms() + wait_ms
        try:
            return self._queue.get(timeout=None if wait_ms is None else max(wait_ms, 0) / 1000)
        except queue.Empty:
            return None
        finally:
            if due_ms is not None and monotonic_ms() - due_ms > STALL_MS:
                self._stalled_ms = monotonic_ms()

    def _guarded(self, item: Any) -> float | None:
        try:
            while item is not None:
                self._work(item)
                item = self._queue.get_nowait()
        except queue.Empty:
            pass
        except Exception as error:  # whatever a device makes a driver trip over, the unit goes on without it
            self._failed(error)
        try:
            return self._idle()
        except Exception as error:  # as above
            self._failed(error)
            return 1000.0

    def _failed(self, error: BaseException) -> None:
        self.failures += 1
        self._broken(error)
