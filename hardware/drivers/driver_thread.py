"""A driver's own thread.

`DriverThread` runs one function whenever it is woken or its time has come; everything a driver does happens there, one
thing after the other, so drivers need no locks of their own: effects and edges are put into its queue from any thread.
A step that fails is counted and told to `broken`; the loop goes on, for a device that misbehaves once must not stop the
app.

`now_ms` is what time it was before everything that is queued by now: whatever came until then has been worked on.

A process that was stalled (a busy machine) sees its timers before the edges that came meanwhile; `late` says so, and
whoever judges silence waits a little longer then.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

STALL_MS = 60
GRACE_MS = 150


def monotonic_ms() -> float:
    """Return CLOCK_MONOTONIC in ms, the clock that the kernel's and the link's edges carry too."""
    return time.monotonic_ns() / 1e6


class _Question(NamedTuple):
    then: Callable[[bool], None]


class DriverThread:
    """Calls `work(item)` for each queued item, then `idle()`, which says after how many ms to come again, or None."""

    def __init__(
        self,
        name: str,
        work: Callable[[Any], None],
        idle: Callable[[], float | None],
        broken: Callable[[BaseException], None] = lambda _: None,
        link: Any = None,
    ) -> None:
        """`link`: what is queued comes over pins that are linked to twins, which have a clock of their own."""
        self.failures = 0
        self._clock: Callable[[], float] = getattr(link, "now_ms", monotonic_ms)
        self._linked: set[DriverThread] = getattr(link, "drivers", set())
        self.now_ms = self._clock()
        self._asked: list[Callable[[bool], None]] = []
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

    def when_done(self, then: Callable[[bool], None]) -> None:
        """Have `then` called when all that is queued by now is done: whether the thread waits for nothing but more."""
        self._queue.put(_Question(then))

    def start(self) -> None:
        """Start the thread; twice is fine."""
        if self._thread is None:
            self._stopping = False
            self._linked.add(self)
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread after what is queued; twice is fine, and not starting before."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping = True
        self._linked.discard(self)
        self._queue.put(None)
        if thread is not threading.current_thread():
            thread.join(timeout=5)

    def _run(self) -> None:
        wait_ms: float | None = 0
        while not self._stopping:
            item = self._next(wait_ms)
            wait_ms = self._guarded(item)
            while self._asked:
                self._asked.pop()(wait_ms is None)

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
        self.now_ms = self._clock()  # before the queue is empty: what happened until then was in it
        try:
            while item is not None:
                self._take(item)
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

    def _take(self, item: Any) -> None:
        if isinstance(item, _Question):
            self._asked.append(item.then)
        else:
            self._work(item)

    def _failed(self, error: BaseException) -> None:
        self.failures += 1
        self._broken(error)
