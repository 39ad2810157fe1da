"""Define what every `[devices.<logical>]` table has: its keys, the pins and the bus it takes, and what its types cannot
say. `hardware.drivers.registry` makes the driver of a table.

Pins are BCM numbers. Ports are device files; a name without a slash lies in the unit's state folder
(the twins' names); `usb:…` names an adapter by what it is (`hardware/transport/port_names.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

Gpio = Annotated[int, msgspec.Meta(ge=0, le=27)]
Ms = Annotated[int, msgspec.Meta(ge=0, le=600_000)]
Fen = Annotated[int, msgspec.Meta(ge=1)]


class MoneyChannels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver"):
    """Base of all tables. A subclass overrides what is true of its driver."""

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield every pin that the device takes, with its key."""
        yield from ()

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Yield every address that it has on a bus that others may share, with its key; none: the port is its own."""
        yield from ()

    def shares(self, other: Table) -> bool:
        """Return whether both may have the same port: by themselves, those that have addresses on one bus."""
        return any(self.addresses()) and any(other.addresses())

    def problems(self) -> Iterator[str]:
        """Yield what types cannot say: "key = value: what is allowed"."""
        yield from ()

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield what its wire cannot tell of `[money]`: the whole line, "money.key = value: what is allowed"."""
        yield from ()


def amounts(key: str, values: dict[str, Any]) -> Iterator[str]:
    """Yield a problem for each key that is no value in fen."""
    for value in values:
        if not value.isdecimal() or int(value) < 1:
            yield f"{key} = {value!r}: allowed are values in fen"
