"""Define what a unit has once: its pins, lamps, contacts, buzzer and door lock, and the simulated host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Ms, Table


class Lamps(Table, frozen=True, tag="lamps"):
    """A lamp by each slot, by logical device, and the one that calls the teacher."""

    slots: dict[str, Gpio] = msgspec.field(default_factory=dict)
    teacher: Gpio | None = None

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of all lamps."""
        yield from ((f"slots.{name}", pin) for name, pin in self.slots.items())
        if self.teacher is not None:
            yield "teacher", self.teacher


class CabinetContacts(Table, frozen=True, tag="contacts"):
    """The cabinet's contacts: `door` and `tamper` contacts, closed to ground while shut and untouched, so that a cut
    wire counts as open; `presence`, a sensor that gives `presence_level` while somebody stands there.

    A person is gone when the sensor has not seen anybody for `away_ms`.
    """

    door: Gpio | None = None
    tamper: Gpio | None = None
    presence: Gpio | None = None
    presence_level: Literal[0, 1] = 1
    away_ms: Ms = 20_000
    settle_ms: Ms = 50

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of the contacts that there are."""
        for key in ("door", "tamper", "presence"):
            if (pin := getattr(self, key)) is not None:
                yield key, pin


class BuzzerLine(Table, frozen=True, tag="buzzer"):
    """A buzzer that sounds while its line is at `active_level`."""

    pin: Gpio
    active_level: Literal[0, 1] = 1

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pin of its line."""
        yield "pin", self.pin


class DoorLockLine(Table, frozen=True, tag="lock"):
    """The lock of the cabinet's door: it opens while its line is at `open_level`, for `open_ms`, no longer: a solenoid
    burns.
    """

    pin: Gpio
    open_level: Literal[0, 1] = 1
    open_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 3000

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pin of its line."""
        yield "pin", self.pin


class SimulatedHost(Table, frozen=True, tag="simulated"):
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
