"""A driver and its twin on a real pty, and how a test waits for what they do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from hardware.transport.serial_port import PortSettings
from hardware.twins.pseudo_terminal import ServedTwin, serve
from kiosk_firmware.core.events import AnyEvent

DEADLINE_S = 30.0
T = TypeVar("T")
D = TypeVar("D")


class Wired(Generic[T, D]):
    """*twin* served on a pty and the driver that *make* builds from (port, post); ``with`` starts and stops both."""

    def __init__(self, twin: T, make: Callable[[PortSettings, Callable[[AnyEvent], None]], D], link: Path) -> None:
        self.twin = twin
        self.served: ServedTwin = serve(twin, link)  # type: ignore[arg-type]
        self.events: list[AnyEvent] = []
        self._changed = threading.Condition()
        self.driver: D = make(PortSettings(str(link)), self._post)

    def __enter__(self) -> Wired[T, D]:
        self.driver.start()  # type: ignore[attr-defined]
        self.until(lambda: self.driver.health()["ready"])  # type: ignore[attr-defined]
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.stop()  # type: ignore[attr-defined]
        self.served.close()

    def _post(self, event: AnyEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until *holds* is true and return its value; fail after a generous deadline, telling what was heard."""
        end = time.monotonic() + DEADLINE_S
        while True:
            value = holds()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"never happened; heard {self.events}; {self.driver.health()}")  # type: ignore[attr-defined]
            with self._changed:
                self._changed.wait(0.01)

    def heard(self, kind: type, count: int = 1) -> Any:
        """Wait for the *count*-th event of *kind* and return it."""
        self.until(lambda: len(self.all(kind)) >= count)
        return self.all(kind)[count - 1]

    def all(self, kind: type) -> list[Any]:
        """All events of *kind* so far."""
        return [event for event in list(self.events) if isinstance(event, kind)]

    def state(self) -> dict[str, Any]:
        """The twin's state, read under its lock."""
        with self.served.lock:
            return self.served.twin.state()
