"""A CRT-591 as the unit's ticket dispenser: from the stack to the RF position, and from there into the gate.

It says of each move whether it was carried out; the gate's entry stays closed, so nobody puts a card in. A card in the
gate that nobody takes goes into the error bin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.drivers.card_dispenser import CardDispenser, DispenserReport, Goal, Steps
from hardware.drivers.serial_device import DeviceCommand
from hardware.protocols import crt591
from hardware.transport.serial_port import PortSettings
from kiosk_firmware.core.events import AnyEvent

MOVE_MS = 8000
MOVES: dict[Goal, bytes] = {"inside": crt591.MOVE_RF, "gate": crt591.MOVE_HOLD, "bin": crt591.MOVE_BIN}


class DispenserCrt591(CardDispenser):
    """The driver; *address* is the device's on its line."""

    def __init__(
        self, port: PortSettings, post: Callable[[AnyEvent], None], *args: Any, address: int = 0, **options: Any
    ) -> None:
        """Set up as ``CardDispenser``, for the dispenser at *address*."""
        self._address = address
        super().__init__(port, post, *args, **options)

    def _new_host(self) -> crt591.Host:
        return crt591.Host(self._address)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, crt591.NoAnswer)

    def _wake(self) -> Steps:
        for command in (crt591.INIT_LEAVE, crt591.ENTRY_CLOSED):
            outcome = yield DeviceCommand(command, MOVE_MS)
            if not isinstance(outcome, crt591.Answer):
                self._fail()
                return

    def _see(self) -> Steps:
        outcome = yield DeviceCommand(crt591.STATUS)
        if not isinstance(outcome, crt591.Answer):
            self._fail()
            return None
        return DispenserReport(outcome.place, outcome.stack == "empty", outcome.stack == "low", outcome.bin_full)

    def _move(self, goal: Goal) -> Steps:
        outcome = yield DeviceCommand(MOVES[goal], MOVE_MS, acts=True)
        if isinstance(outcome, crt591.Refused):
            return outcome.error
        return "" if isinstance(outcome, crt591.Answer) else "doubt" if goal == "bin" else ""
