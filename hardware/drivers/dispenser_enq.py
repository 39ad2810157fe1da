"""An ENQ dispenser (QU-CD-720M, CRT-541) as the unit's ticket dispenser, by its two single steps.

It says nothing after a move; it is asked for its state until it does nothing any more, and the state tells.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hardware.drivers.card_dispenser import CardDispenser, DispenserReport, Goal, Steps
from hardware.drivers.serial_device import DeviceCommand, Wait
from hardware.protocols import dispenser_enq as enq
from hardware.transport.serial_port import PortSettings
from kiosk_firmware.core.events import AnyEvent

LOOK_MS = 100
LOOKS = 80
MOVES: dict[Goal, bytes] = {"inside": enq.TO_READ, "gate": enq.TO_TAKE, "bin": enq.CAPTURE}


class DispenserEnq(CardDispenser):
    """The driver; *address*: the two digits that a CRT-541 wants before each command, or none."""

    def __init__(
        self, port: PortSettings, post: Callable[[AnyEvent], None], *args: Any, address: str = "", **options: Any
    ) -> None:
        """Set up as ``CardDispenser``, for the dispenser at *address*."""
        self._address = address.encode("ascii")
        super().__init__(port, post, *args, **options)

    def _new_host(self) -> enq.Host:
        return enq.Host(self._address)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, enq.NoAnswer)

    def _see(self) -> Steps:
        for _ in range(LOOKS):
            outcome = yield DeviceCommand(enq.STATE)
            state = enq.decode_state(outcome.text) if isinstance(outcome, enq.Answer) else None
            if state is not None and not state.busy:
                return DispenserReport(
                    state.place, state.empty, state.low, state.bin_full, state.jammed, state.captured
                )
            if state is None and not (isinstance(outcome, enq.NoAnswer) and outcome.reason == "garbled"):
                break
            yield Wait(LOOK_MS)
        self._fail()
        return None

    def _move(self, goal: Goal) -> Steps:
        yield DeviceCommand(enq.CLEAR_FLAGS)  # what is said afterwards is said of this move
        outcome = yield DeviceCommand(MOVES[goal], acts=True)
        if isinstance(outcome, enq.NoAnswer):
            return ""  # not acknowledged, so ENQ was never said; `_see` tells
        yield Wait(LOOK_MS)
        return ""
