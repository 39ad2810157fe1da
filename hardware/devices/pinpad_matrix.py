"""A PIN pad on a GPIO matrix as the unit's PIN pad. The digits live here and nowhere else.

Others hear how many digits stand (`PinKeyPressed`) and what came of them (`PinEntered`); the digits are in one
`bytearray` that is overwritten as soon as it has been compared, and no repr, log, event or health report contains
them.

Scanning costs nothing while nobody presses: at rest all rows are pulled low and the columns wait for an edge; only
then rows are driven one at a time until all keys are up again. Rows that are not driven float (input with pull-up),
so that two keys in a column never short two outputs. Outside `ReadPin` the pad is not scanned at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from gpiozero import GPIODevice

from hardware.devices.pin_device import Edge, PinDevice, Post, Watched, now_ms
from hardware.devices.pins_store import LENGTH, PinStore, weak
from hardware.pins import Factory
from hardware.protocols import matrix
from hardware.tables.pads import Matrix
from kiosk_firmware.core.effects import AnyEffect, ReadPin
from kiosk_firmware.core.events import Completion, PinEntered, PinKeyPressed, PinVerdict


class PinPadMatrix(PinDevice):
    """The driver. It answers `ReadPin`; keys are digits, E (确认), C (更正: all digits away) and X (取消)."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_pins"})

    def __init__(self, settings: Matrix, post: Post, factory: Factory, store: PinStore | Path) -> None:
        """`store`: the PINs, or the folder that they lie in."""
        super().__init__("pin_pad", post, factory)
        self._settings = settings
        self._store = store if isinstance(store, PinStore) else PinStore(store)
        self._scanner = matrix.Scanner(settings.debounce_ms)
        self._digits = bytearray()
        self._chosen = bytearray()
        self._keys_pressed = 0
        self._scanning = False

    def __repr__(self) -> str:
        return f"PinPadMatrix(at={self.at!r})"

    def begin(self, fresh: bool) -> None:
        """A run begins; `fresh` drops the PINs that earlier runs changed."""
        if fresh:
            self._store.fresh()
        _wipe(self._chosen)

    def health(self) -> dict[str, Any]:
        """As all, with how many keys were pressed, and scans with two or more closed contacts."""
        return {**super().health(), "keys": self._keys_pressed, "noise": {"crowded": self._scanner.crowded}}

    def _open(self) -> None:
        self._columns = [Watched(pin, self._stirred, self._factory) for pin in self._settings.columns]
        self._rows = [GPIODevice(pin, pin_factory=self._factory) for pin in self._settings.rows]
        self._pins += [*self._columns, *self._rows]
        self._rest()

    def stop(self) -> None:
        """As all; what was typed is overwritten."""
        super().stop()
        self._forget()

    # -- the entry ----------------------------------------------------------------------------------------------------

    def _effect(self, effect: AnyEffect) -> None:
        if not isinstance(effect, ReadPin):
            self._answer_as("unsupportedCommand")
            return
        if effect.purpose == "choose":
            _wipe(self._chosen)
        _wipe(self._digits)

    def _cancel(self) -> None:
        self._end("none", "canceled")

    def _press(self, key: str) -> None:
        self._keys_pressed += 1
        if key.isdecimal() and len(self._digits) < LENGTH:
            self._digits.append(ord(key))
            self._post(PinKeyPressed(self.at, len(self._digits)))
        elif key == "C":
            _wipe(self._digits)
            self._post(PinKeyPressed(self.at, 0))
        elif key == "X":
            self._end("none", "canceled")
        elif key == "E" and isinstance(self._open_effect, ReadPin):
            self._end(self._judged(self._open_effect))

    def _judged(self, effect: ReadPin) -> PinVerdict:
        if len(self._digits) < LENGTH:
            return "short"
        match effect.purpose:
            case "enter":
                return "right" if self._store.right(effect.number, self._digits) else "wrong"
            case "choose":
                return self._choose()
            case "repeat":
                return self._repeat(effect.number)

    def _choose(self) -> PinVerdict:
        if weak(self._digits):
            return "weak"
        self._chosen += self._digits
        return "right"

    def _repeat(self, number: str) -> PinVerdict:
        if not self._chosen or self._digits != self._chosen:
            return "mismatch"
        self._store.change(number, self._digits)
        _wipe(self._chosen)
        return "right"

    def _end(self, verdict: PinVerdict, completion: Completion = "success") -> None:
        effect = self._open_effect
        _wipe(self._digits)
        if effect is not None:
            self._answer(PinEntered(self.at, effect.ref, verdict, completion))

    def _forget(self) -> None:
        _wipe(self._digits)
        _wipe(self._chosen)

    def _stumbled(self) -> None:
        self._forget()
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

    def _scan(self) -> frozenset[matrix.Contact]:
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


def _wipe(secret: bytearray) -> None:
    """Overwrite, then empty."""
    secret[:] = bytes(len(secret))
    secret.clear()
