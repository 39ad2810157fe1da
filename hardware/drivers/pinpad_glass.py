"""The PIN pad of a telephone: the figures on the glass, for passwords that are typed nowhere else.

As with every pad the digits are in the entry (`pin_entry`) and nowhere else: the stage hands each key straight over,
and no event carries it. The sixth figure ends the entry by itself, as telephones do. Keys: digits, C (all away).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from hardware.drivers.pin_entry import ENTER, PinPadEntry
from kiosk_firmware.core.effects import AnyEffect, Cancel, ReadPin
from kiosk_firmware.core.events import AnyEvent, PinEntered


class PinPadGlass:
    """Answers `ReadPin(on="glass")`. Calls may come from any thread and none blocks."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_pins"})

    def __init__(self, folder: Path, post: Callable[[AnyEvent], None]) -> None:
        """Take `folder`, where the PINs lie; opened when a password is first wanted."""
        self._folder, self._post = folder, post
        self._entry: PinPadEntry | None = None
        self._ref = ""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "PinPadGlass()"

    def perform(self, effect: AnyEffect) -> None:
        """Begin an entry, or end the one that is open."""
        if isinstance(effect, ReadPin):
            with self._lock:
                self._entry = self._entry or PinPadEntry("pin_pad", self._folder, self._post)
                self._ref = effect.ref
                self._entry.open(effect)
        elif isinstance(effect, Cancel) and effect.ref == self._ref:
            self._end(PinEntered("pin_pad", effect.ref, "none", "canceled"))

    def press(self, key: str) -> None:
        """Take a key of the page; outside an entry it means nothing."""
        with self._lock:
            answer = self._entry.press(key) if self._entry else None
            if answer is None and self._entry and self._entry.is_full:
                answer = self._entry.press(ENTER)
        if answer is not None:
            self._end(answer)

    def stop(self) -> None:
        """Overwrite everything; twice is fine."""
        with self._lock:
            if self._entry:
                self._entry.forget()

    def _end(self, answer: PinEntered) -> None:
        with self._lock:
            self._ref = ""
            if self._entry:
                self._entry.close()
        self._post(answer)
