"""Share what drivers of card dispensers do alike: a card leaves the stack in two steps, and each of them can be proved.

The theory. Step one brings the next card from the stack to the reading place, where nobody can take it; step two to
the slot. Between the steps, and whenever an answer was lost or the line broke, the device is asked where the card is:
still none means that step one did not happen, the reading place that step two did not, and after step two an empty
slot means that the person was quicker than we. So a card is never dispensed twice and never counted that did not come.

``dispensed`` and ``captured`` are on the disk before anybody hears of a card; ``moving`` stands there while a card may
be on its way into the slot, for a process that dies in between. A card that stands in the slot belongs to the person:
it is missed when it goes, and taken back only on `RetainMedia`. A card left at the reading place is the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec

from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice, Wait
from hardware.transport.durable_json import DurableJson
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, DispenseMedia, RetainMedia
from kiosk_firmware.core.events import AnyEvent, Completion, Device, MediaDispensed, MediaTaken

Steps = Generator[DeviceCommand | Wait, Any, Any]
Goal = Literal["inside", "gate", "bin"]


class DispenserReport(msgspec.Struct, frozen=True):
    """A device's report of itself. *place* of the card: none, inside (the reading place), gate (the slot); *captured*:
    whether the last one was taken back, where the device tells.
    """

    place: str
    empty: bool = False
    low: bool = False
    bin_full: bool = False
    jammed: bool = False
    captured: bool | None = None


class CardDispenser(SerialDevice):
    """The skeleton; see ``SerialDevice`` for its face. Subclasses ask the device (`_see`) and move cards (`_move`)."""

    CAN: ClassVar[frozenset[str]] = frozenset({"senses_taken"})
    EFFECT_MS = 25_000
    TRIES = 3
    """How often a step is tried that the device did not refuse and did not do."""

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "ticket_dispenser",
        memory: Path | None = None,
    ) -> None:
        """Take *memory*, the file that keeps the counts; None keeps them no longer than the process."""
        self._memory = DurableJson(memory)
        self._seen = DispenserReport("none")
        super().__init__(at, port, post, clock)

    @property
    def counters(self) -> dict[str, int]:
        """Cards ever dispensed into the slot, and taken back from there."""
        return {name: int(self._memory.get(name, 0)) for name in ("dispensed", "captured")}

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with counts, where a card is, and how full stack and box are."""
        seen = self._seen
        stack = "empty" if seen.empty else "low" if seen.low else "enough"
        return {**super().health(), **self.counters, "place": seen.place, "stack": stack, "box_full": seen.bin_full}

    # -- what a device says -------------------------------------------------------------------------------------------

    def _wake(self) -> Steps:
        """Make the device ready; ``self._fail()`` where it is not."""
        yield from ()

    def _see(self) -> Steps:
        """Ask the device; returns ``DispenserReport``, or None after ``self._fail()``."""
        raise NotImplementedError

    def _move(self, goal: Goal) -> Steps:
        """Move the card; returns "" or why the device refused (``jam``, ``empty`` …). Proved by `_see` afterwards."""
        raise NotImplementedError

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        yield from self._wake()
        seen = None if self._failed else (yield from self._see())
        if seen is None:
            return
        if not self._begun:  # a move that the line's breaking cut off is looked after by its own script
            self._settle(seen)
            self._look(seen)

    def _settle(self, seen: DispenserReport) -> None:
        """Book a card that was on its way into the slot when the unit stopped: dispensed, unless it lies inside."""
        if self._memory.get("moving"):
            self._memory.keep(moving=False, dispensed=self.counters["dispensed"] + (seen.place != "inside"))

    def _poll(self) -> Script:
        seen = yield from self._see()
        if seen is not None:
            self._settle(seen)  # of an effect that was given up as unknown
            self._look(seen)

    def _look(self, seen: DispenserReport) -> None:
        before, self._seen = self._seen, seen
        if before.place == "gate" and seen.place == "none":
            self._post(MediaTaken(self.at))

    def _act(self, effect: AnyEffect) -> Script | None:
        match effect:
            case DispenseMedia():
                return self._dispense(effect)
            case RetainMedia():
                return self._retain()
            case _:
                return None

    def _dispense(self, effect: DispenseMedia) -> Script:
        tries = {"none": self.TRIES, "inside": self.TRIES}
        while True:
            seen = yield from self._see()
            if seen is None:
                return
            if not self._begun:
                self._settle(seen)
            if seen.place == "gate" or (seen.place == "none" and self._memory.get("moving")):
                self._out(effect, seen)
                return
            if seen.place == "none" and seen.empty:
                self._no(effect, seen, "empty")
                return
            if not tries.get(seen.place, 0) or (seen.jammed and sum(tries.values()) < 2 * self.TRIES):
                self._no(effect, seen, "jammed")
                return
            tries[seen.place] -= 1
            self._memory.keep(moving=seen.place == "inside")
            why = yield from self._move("gate" if seen.place == "inside" else "inside")
            if why:
                seen = yield from self._see()
                self._no(effect, seen or self._seen, why)
                return

    def _out(self, effect: DispenseMedia, seen: DispenserReport) -> None:
        """Answer that the card stands in the slot, or stood there until just now; refuse where another's lay there
        before.
        """
        if not self._memory.get("moving"):
            self._no(effect, seen, "occupied")
            return
        self._memory.keep(moving=False, dispensed=self.counters["dispensed"] + 1)
        self._seen = msgspec.structs.replace(seen, place="gate")
        self._finish(MediaDispensed(effect.at, effect.ref))
        self._look(seen)

    def _no(self, effect: DispenseMedia, seen: DispenserReport, why: str) -> None:
        reason: Literal["empty", "occupied", "jammed"] = (
            "empty" if why == "empty" else "occupied" if why == "occupied" else "jammed"
        )
        self._memory.keep(moving=False)
        self._finish(MediaDispensed(effect.at, effect.ref, None, "hardwareError", reason))
        self._look(seen)

    def _retain(self) -> Script:
        again = self._begun
        seen = yield from self._see()
        if seen is None:
            return
        if seen.place == "none":
            self._gone_already(seen, "unknown" if again else "userError")
            return
        why = yield from self._move("bin")
        after = yield from self._see()
        if after is None:
            return
        if after.place != "none":
            self._finish_as("hardwareError")
            self._look(after)
        elif after.captured or (after.captured is None and not why):
            self._memory.keep(captured=self.counters["captured"] + 1)
            self._seen = after
            self._finish_as("success")
        else:
            self._gone_already(after, "unknown" if after.captured is None else "userError")

    def _gone_already(self, seen: DispenserReport, completion: Completion) -> None:
        """Answer that no card is there to be taken back: the person has it (userError), or nobody saw who has it
        (unknown).
        """
        self._finish_as(completion)
        if completion == "unknown":
            self._seen = seen
        else:
            self._look(seen)
