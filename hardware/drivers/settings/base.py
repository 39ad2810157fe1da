"""What every `[devices.<logical>]` table is: the words that unit.toml may say of one driver, which pins and which bus
it takes, what is wrong with it beyond its types, and the driver itself.

So a driver is added in one place: its struct, which makes it. The driver's module is imported only when a unit has
such a device. Pins are BCM numbers. Ports are device files; a name without a slash lies in the unit's state folder
(the twins' names); `usb:…` names an adapter by what it is (`hardware/transport/port_names.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec

from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, Device
from kiosk_firmware.core.pages import Text

Gpio = Annotated[int, msgspec.Meta(ge=0, le=27)]
Ms = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
Fen = Annotated[int, msgspec.Meta(ge=1)]


class Driver(Protocol):
    """What the cabinet asks of every driver. All calls may come from any thread and none blocks."""

    CAN: frozenset[str]

    def start(self) -> None:
        """Take the wire and begin; raises where there is none."""

    def stop(self) -> None:
        """Let it go; twice is fine."""

    def perform(self, effect: AnyEffect) -> None:
        """Begin the effect; one event with its ref follows."""

    def enable(self, on: bool) -> None:
        """Whether the page waits on this device."""

    def health(self) -> dict[str, Any]:
        """Counters and state, as JSON values."""


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[money]`: what practice tokens and notes are worth.

    A token is worth pulses × `token_unit_fen`; only the values in `tokens_fen` are credited. `tickets`: the first
    characters of a practice note's barcode → fen. `notes_fen`: the channels of a validator that reads real notes, in
    its order; empty: none.
    """

    token_unit_fen: Fen = 50
    tokens_fen: tuple[Fen, ...] = (100, 500)
    tickets: dict[str, Fen] = msgspec.field(
        default_factory=lambda: {"10000": 10_000, "05000": 5_000, "02000": 2_000, "01000": 1_000}
    )
    notes_fen: tuple[Fen, ...] = ()


class Kit(msgspec.Struct, frozen=True):
    """What a driver is made of besides its table: which logical device it is, where events go, the clock, money, the
    state folder, the pin factory, the run's words, the buses that several drivers share, by port, who overhears serial
    lines, and who hears of the cabinet's own contacts.
    """

    at: Device
    post: Callable[[AnyEvent], None]
    clock: Callable[[], int]
    money: Money
    state: Path
    pins: Callable[[], Any]
    write: Callable[[Text], str]
    buses: dict[str, Any]
    tap: Callable[[str, bytes, bool], None] | None = None
    contact: Callable[[str, bool], None] = lambda name, on: None

    def port(self, path: str, baud: int, stop_bits: int = 1) -> Any:
        """The serial port's settings, as `hardware.transport.serial_port` wants them."""
        from hardware.transport.serial_port import PortSettings  # brings pyserial

        name = path if "/" in path or path.startswith("usb:") else str(self.state / path)
        return PortSettings(name, baud, stop_bits=stop_bits, tap=self.tap, label=path)

    def bus(self, path: str, baud: int) -> Any:
        """The ccTalk bus behind a port; whoever asks first makes it."""
        from hardware.drivers.cctalk_bus import Bus

        if path not in self.buses:
            self.buses[path] = Bus(self.port(path, baud), self.clock)
        return self.buses[path]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver"):
    """Base of all tables. A subclass overrides what is true of its driver."""

    def make(self, kit: Kit) -> Any:
        """The driver, not started; None for what the cabinet plays itself. Raises what the driver's wire raises."""
        return None

    def wired(self) -> Iterator[tuple[str, int]]:
        """Every pin that the device takes, with its key."""
        yield from ()

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Every address that it has on a bus that others may share, with its key; none: the port is its own."""
        yield from ()

    def shares(self, other: Table) -> bool:
        """Whether both may have the same port: by themselves, those that have addresses on one bus."""
        return any(self.addresses()) and any(other.addresses())

    def problems(self) -> Iterator[str]:
        """What types cannot say: "key = value: what is allowed"."""
        yield from ()

    def priced(self, money: Money) -> Iterator[str]:
        """What its wire cannot tell of `[money]`: the whole line, "money.key = value: what is allowed"."""
        yield from ()


def amounts(key: str, values: dict[str, Any]) -> Iterator[str]:
    """The problem of a table whose keys must be values in fen."""
    for value in values:
        if not value.isdecimal() or int(value) < 1:
            yield f"{key} = {value!r}: allowed are values in fen"
