"""A PIN pad on a GPIO matrix as the unit's PIN pad.

Others hear how many digits stand (`PinKeyPressed`) and what came of them (`PinEntered`); the digits themselves are in
the entry (`pin_entry`) and nowhere else.

Outside `ReadPin` the pad is not scanned at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from hardware.drivers.gpio_device import Edge, PinDevice, Post
from hardware.drivers.key_matrix import KeyMatrix
from hardware.drivers.pin_entry import PinPadEntry
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.pin_pads import Matrix
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.effects import AnyEffect, ReadPin


class PinPadMatrix(PinDevice):
    """The driver. It answers `ReadPin`; keys are digits, E (确认), C (更正: all digits away) and X (取消)."""

    CAN: ClassVar[frozenset[str]] = frozenset({"reads_pins"})

    def __init__(self, settings: Matrix, post: Post, factory: Factory, store: PinStore | Path) -> None:
        """Take `store`: the PINs, or the folder that they lie in."""
        super().__init__("pin_pad", post, factory)
        self._settings = settings
        self._entry = PinPadEntry("pin_pad", store, post)
        self._matrix = KeyMatrix(settings.rows, settings.columns, settings.debounce_ms, self._loop.put)

    def __repr__(self) -> str:
        return f"PinPadMatrix(at={self.at!r})"

    def begin(self, fresh: bool) -> None:
        """Begin a run; `fresh` drops the PINs that earlier runs changed."""
        self._entry.run(fresh)

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, with how many keys were pressed, and scans with two or more closed contacts."""
        return {**super().health(), "keys": self._entry.keys_pressed, "noise": {"crowded": self._matrix.crowded}}

    def _open(self) -> None:
        self._pins += self._matrix.open(self._factory)

    def stop(self) -> None:
        """Stop as every pin device; what was typed is overwritten."""
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

    def _edge(self, edge: Edge) -> None:
        pass  # the tick that follows scans

    def _tick(self) -> float | None:
        # After an entry the scan goes on until all keys are up: the key that ended it must not begin the next one.
        reading = self._open_effect is not None
        if not reading and self._matrix.idle:
            return None
        for row, column in self._matrix.scan():
            if reading:
                self._press(self._settings.keys[row][column])
        # A key that went down just before scanning ended made an edge that nobody heard.
        return self._settings.scan_ms if self._matrix.scanning or (reading and self._matrix.any_down()) else None
