"""What a unit has once: its pins, its lamps, and the simulated host."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hardware.tables.base import Gpio, Ms, Table


class Lamps(Table, frozen=True, tag="lamps"):
    """A lamp by each slot, by logical device, and the one that calls the teacher."""

    slots: dict[str, Gpio] = msgspec.field(default_factory=dict)
    teacher: Gpio | None = None

    def wired(self) -> Iterator[tuple[str, int]]:
        """All lamps."""
        yield from (("slots", pin) for pin in self.slots.values())
        if self.teacher is not None:
            yield "teacher", self.teacher


class Host(Table, frozen=True, tag="simulated"):
    """The host behind a line: simulated; answers after `answer_ms`. `phone`: the socket in the state folder at which a
    desk's practice phone says that it paid a code; empty: none.
    """

    answer_ms: Ms = 900
    phone: str = ""


class Pins(Table, frozen=True, tag="lgpio"):
    """The pins of this Raspberry Pi."""


class LinkedPins(Table, frozen=True, tag="linked"):
    """Mock pins, driven by the twins through a UNIX socket `socket` in the state folder. Never on a unit."""

    socket: str = "pins.sock"
