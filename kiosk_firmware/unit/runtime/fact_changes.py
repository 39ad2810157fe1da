"""Keep which facts a run has changed, and whose act each change goes back to: a debrief praises nothing else.

What was so before the run began is nobody's merit, and neither is what a time-out did. An answer of a device or of the
host goes back to the act before it: who pressed "withdraw" made the notes come.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    DoorClosed,
    GatePassed,
    ItemsInserted,
    ItemsTaken,
    MediaDetected,
    MediaInserted,
    MediaTaken,
    PinEntered,
    PinKeyPressed,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.facts import Facts, Hand, Value

BY_HAND = (
    Tapped,
    Typed,
    MediaInserted,
    MediaDetected,
    MediaTaken,
    ItemsInserted,
    ItemsTaken,
    PinKeyPressed,
    PinEntered,
    BarcodeRead,
    DoorClosed,
    GatePassed,
)
"""What only somebody who is there does."""


class Changes:
    """The changes of one run, from its first situation on."""

    def __init__(self, facts: Facts) -> None:
        """Begin with nothing changed yet."""
        self.by: dict[str, Hand] = {}
        """Facts whose value was come to in this run, with whose act brought the last change."""
        self.coached = 0
        """How many acts were the coach's."""
        self._facts: Mapping[str, Value] = facts
        self._hand: Hand = "time"
        self._coach_acts = False

    def coach_acts(self) -> None:
        """Count the next act as the coach's."""
        self._coach_acts = True

    def begin(self, facts: Facts) -> None:
        """Take what has been told so far as how the run found things."""
        self._facts, self.by = facts, {}

    def heard(self, event: AnyEvent, facts: Facts) -> None:
        """Take all facts after `event`."""
        if isinstance(event, BY_HAND):
            self.coached += self._coach_acts
            self._hand, self._coach_acts = "coach" if self._coach_acts else "learner", False
        elif isinstance(event, TimerExpired):
            self._hand = "time"
        for name, value in facts.items():
            if self._facts.get(name) != value:
                self.by[name] = self._hand
        self._facts = facts
