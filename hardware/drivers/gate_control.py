"""Decide when a gate opens and may close: asks, beams, PASS contacts and a fire release -> what to say to it.

The theory. One ask at a time opens one way for one person. It ends in exactly one `CommandDone`: somebody went through,
the window is over, or it was canceled. Where more time is given than the gate has (`windows`), the way is opened anew
each time that the gate's own window is over. After each ask, and after a fire release, the gate is to be locked; it is
never told to lock while somebody stands in a beam, nor before the beams have been clear for `CLEAR_MS`, nor while fire
is said: whoever is in the gate always gets out. An ask that is over while somebody stands in the gate is not answered
before it is known how they went: the person that was let in may be the one who is passing. What the beams see besides
is told as alarms. Knows no pins, is told the time. Its gate is `protocols.gate_contacts`'s; lines A and B are named by
the table's ways.
"""

from __future__ import annotations

import msgspec

from hardware.protocols import gate_contacts
from kiosk_firmware.core.events import Completion, GateAlarm, GateWay

CLEAR_MS = 300


class CommandDone(msgspec.Struct, frozen=True):
    """The ask is over."""

    completion: Completion


class Alarmed(msgspec.Struct, frozen=True):
    """As `GateAlarmed`."""

    alarm: GateAlarm


class Cleared(msgspec.Struct, frozen=True):
    """As `GateCleared`."""

    alarm: GateAlarm


GateAction = gate_contacts.Mode | CommandDone | Alarmed | Cleared
"""A mode is to be said to the gate; the rest is for the machine."""


class GateControl:
    """One gate. *lines*: which line opens which way."""

    def __init__(
        self, lines: dict[GateWay, gate_contacts.Ways], window_ms: int = 5000, obstructed_ms: int = 5000
    ) -> None:
        self._lines, self._window_ms = lines, window_ms
        self.windows = 1
        """How many of the gate's own windows an ask lasts."""
        self._again_ms = 0.0
        self._passage = gate_contacts.Passage(obstructed_ms)
        self._passage.open(None)
        self._way: GateWay | None = None
        self._until_ms = 0.0
        self._canceled = False
        self._counted = False  # whoever stands in the beams has been counted by the PASS contact
        self._fire = False
        self._lock_due = False
        self._clear_ms = float("-inf")

    @property
    def occupied(self) -> bool:
        """Return whether somebody or something stands in a beam."""
        return self._passage.occupied

    def open(self, way: GateWay, now_ms: float) -> list[GateAction]:
        """Let one person through. Only when no ask is open."""
        self._way, self._until_ms, self._canceled = way, now_ms + self.windows * self._window_ms, False
        self._again_ms = now_ms + self._window_ms
        self._lock_due = True
        if self._fire:
            return []
        self._passage.open(self._lines[way])
        return [gate_contacts.Mode("single", self._lines[way])]

    def cancel(self, now_ms: float) -> list[GateAction]:
        """End the ask early, unless somebody is passing."""
        self._canceled = self._way is not None
        return self.tick(now_ms)

    def beam(self, name: str, blocked: bool, at_ms: float) -> list[GateAction]:
        """Beam A or B is interrupted, or free again."""
        was = self.occupied
        actions = [action for said in self._passage.beam(name, blocked, at_ms) for action in self._heard(said)]
        if was and not self.occupied:
            self._clear_ms = at_ms
        return actions + self.tick(at_ms)

    def passed(self, line: str, now_ms: float) -> list[GateAction]:
        """Take the gate's PASS contact of that line as a passage by one person."""
        if self._way is None or self._lines[self._way] != line:
            return self.tick(now_ms)
        self._counted = self.occupied
        return [*self._done("success"), *self.tick(now_ms)]

    def interrupted(self) -> None:
        """Send the lock again as soon as may be: it was not heard."""
        self._lock_due = True

    def fire(self, on: bool, now_ms: float) -> list[GateAction]:
        """Open for everybody while the fire contact is closed, and lock again when it opens."""
        if on == self._fire:
            return []
        self._fire = on
        self._lock_due = True
        if on:
            self._passage.open("A+B")
            return [gate_contacts.Mode("free", "A+B"), Alarmed("fire")]
        self._passage.open(self._lines[self._way] if self._way is not None else None)
        return [Cleared("fire"), *self.tick(now_ms)]

    def tick(self, now_ms: float) -> list[GateAction]:
        """Time passed."""
        actions = [action for said in self._passage.tick(now_ms) for action in self._heard(said)]
        if self.occupied:
            return actions
        if self._way is not None and (self._canceled or now_ms >= self._until_ms):
            actions += self._done("canceled" if self._canceled else "timeOut")
        elif self._way is not None and not self._fire and now_ms >= self._again_ms:
            self._again_ms = now_ms + self._window_ms
            actions.append(gate_contacts.Mode("single", self._lines[self._way]))
        if self._lock_due and self._way is None and not self._fire and now_ms - self._clear_ms >= CLEAR_MS:
            self._lock_due = False
            actions.append(gate_contacts.LOCKED)
        return actions

    def due_ms(self) -> float | None:
        """Return after how many ms at most to come again; None when nothing is pending."""
        return 50 if self._way is not None or self._lock_due or self.occupied else None

    def _heard(self, said: gate_contacts.GateReport) -> list[GateAction]:
        match said:
            case gate_contacts.Alarm(what):
                let_in = what == "tailgate" and self._counted and self._way is not None
                return [] if let_in else [Alarmed(what)]
            case gate_contacts.Clear():
                return [Cleared("obstructed")]
            case gate_contacts.Went(how):
                counted, self._counted = self._counted, False
                return self._done("success") if how == self._expected() and not counted else []

    def _expected(self) -> str:
        """Return how the beams see the asked way: A is outside."""
        if self._way is None:
            return ""
        return "entry" if self._lines[self._way] == gate_contacts.A else "exit"

    def _done(self, completion: Completion) -> list[GateAction]:
        self._way = None
        if not self._fire:
            self._passage.open(None)
        return [CommandDone(completion)]
