"""A PIN pad on a GPIO matrix as the unit's PIN pad.

Others hear how many digits stand (`PinKeyPressed`) and what came of them (`PinEntered`); the digits themselves are in
the entry (`pin_entry`) and nowhere else.

Scanning costs nothing while nobody presses: at rest all rows are pulled low and the columns wait for an edge; only
then rows are driven one at a time until all keys are up again. Rows that are not driven float (input with pull-up),
so that two keys in a column never short two outputs. Outside `ReadPin` the pad is not scanned at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from gpiozero import GPIODevice

from hardware.drivers.gpio_device import Edge, PinDevice, Post, Watched, now_ms
from hardware.drivers.pin_entry import PinEntry
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.pin_pads import Matrix
from hardware.protocols import matrix_keypad
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, ReadPin


class PinPadMatrix(PinDevice):
    """The driver. It answers `ReadPin`; keys are digits, E (确认), C (更正: all digits away) and X (取消)."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_pins"})

    def __init__(self, settings: Matrix, post: Post, factory: Factory, store: PinStore | Path) -> None:
        """`store`: the PINs, or the folder that they lie in."""
        super().__init__("pin_pad", post, factory)
        self._settings = settings
        self._entry = PinEntry("pin_pad", store, post)
        self._scanner = matrix_keypad.Scanner(settings.debounce_ms)
        self._scanning = False

    def __repr__(self) -> str:
        return f"PinPadMatrix(at={self.at!r})"

    def begin(self, fresh: bool) -> None:
        """A run begins; `fresh` drops the PINs that earlier runs changed."""
        self._entry.run(fresh)

    def health(self) -> dict[str, Any]:
        """As all, with how many keys were pressed, and scans with two or more closed contacts."""
        return {**super().health(), "keys": self._entry.keys_pressed, "noise": {"crowded": self._scanner.crowded}}

    def _open(self) -> None:
        self._columns = [Watched(pin, self._stirred, self._factory) for pin in self._settings.columns]
        self._rows = [GPIODevice(pin, pin_factory=self._factory) for pin in self._settings.rows]
        self._pins += [*self._columns, *self._rows]
        self._rest()

    def stop(self) -> None:
        """As all; what was typed is overwritten."""
        super().stop()
        self._entry.forget()

    # -- the entry ----------------------------------------------------------------------------------------------------

    def _effect(self, effect: AnyEffect) -> None:
        if isinstance(effect, ReadPin):
            self._entry.open(effect)
        else:
            self._answer_as("unsupportedCommand")

    def _cancel(self) -> None:
        self._entry.close()
        self._answer_as("canceled")

    def _press(self, key: str) -> None:
        answer = self._entry.press(key)
        if answer is not None:
            self._answer(answer)

    def _stumbled(self) -> None:
        self._entry.forget()
        super()._stumbled()

    # -- the matrix ---------------------------------------------------------------------------------------------------

    def _stirred(self, edge: Edge) -> None:
        # While scans go on, the columns move because rows are driven; only at rest an edge is news.
        if not self._scanning:
            self._loop.put(edge)

    def _edge(self, edge: Edge) -> None:
        pass  # the tick that follows scans

    def _tick(self) -> float | None:
        # After an entry the scan goes on until all keys are up: the key that ended it must not begin the next one.
        reading = self._open_effect is not None
        if not reading and self._scanner.idle:
            return None
        self._scanning = True
        closed = self._scan()
        for message in self._scanner.scan(closed, now_ms()):
            row, column = message.contact
            if reading:
                self._press(self._settings.keys[row][column])
        self._scanning = not self._scanner.idle
        # A key that went down just before scanning ended made an edge that nobody heard.
        return self._settings.scan_ms if self._scanning or (reading and self._any_down()) else None

    def _scan(self) -> frozenset[matrix_keypad.Contact]:
        if self._scanner.idle and not self._any_down():
            return frozenset()
        for row in self._rows:
            row.pin.input_with_pull("up")
        closed = set()
        for r, row in enumerate(self._rows):
            row.pin.output_with_state(0)
            closed |= {(r, c) for c, column in enumerate(self._columns) if not column.level}
            row.pin.input_with_pull("up")
        self._rest()
        return frozenset(closed)

    def _any_down(self) -> bool:
        """At rest every row is low, so a key that is down shows in its column."""
        return not all(column.level for column in self._columns)

    def _rest(self) -> None:
        for row in self._rows:
            row.pin.output_with_state(0)
