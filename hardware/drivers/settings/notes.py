"""Note acceptors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Fen, Gpio, MoneyChannels, Ms, Table
from hardware.drivers.settings.coins import PulseShape

Digits = Annotated[int, msgspec.Meta(ge=6, le=24)]
Key = Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{16}$")]


class Ssp(Table, frozen=True, tag="ssp"):
    """Note validator on a serial `port`; practice notes are barcode tickets of `ticket_digits` digits (interleaved 2 of
    5), valued by `[money] tickets`.
    """

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0
    ticket_digits: Digits = 18


class EsspNotes(Table, frozen=True, tag="essp"):
    """Note recycler on a serial `port`, as the note acceptor; as the cash dispenser it has the same port. `key`: the
    fixed half of its key, 16 hex digits; the factory's unless somebody set another. Tickets as for `ssp`.
    """

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0
    key: Key = "0123456701234567"
    ticket_digits: Digits = 18

    def shares(self, other: Table) -> bool:
        """Return whether *other* is its own other role, which shares the port."""
        return isinstance(other, EsspPayout) and (other.address, other.key) == (self.address, self.key)


class EsspPayout(Table, frozen=True, tag="essp"):
    """Note recycler on a serial `port`, as the cash dispenser; as the note acceptor it has the same port.

    `recycled`: the values (fen) that go into its payout store, empty: all that `[money] notes_fen` lists. `most`: notes
    a time. `key`, `address`: as the other role's.
    """

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0
    key: Key = "0123456701234567"
    recycled: tuple[Fen, ...] = ()
    most: Annotated[int, msgspec.Meta(ge=1, le=70)] = 20

    def shares(self, other: Table) -> bool:
        """Return whether *other* is its own other role, which shares the port."""
        return isinstance(other, EsspNotes) and (other.address, other.key) == (self.address, self.key)

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield a problem where the recycler could not take the notes that it pays with."""
        if not money.notes_fen:
            yield "money.notes_fen = []: a recycler pays with notes; allowed are the values of its channels"
        for fen in self.recycled:
            if fen not in money.notes_fen:
                yield f"money.notes_fen = {list(money.notes_fen)}: lacks {fen}, which the recycler shall keep"


class CctalkBills(Table, frozen=True, tag="cctalk"):
    """ccTalk bill validator at `address` on the bus `port`, which coins and hoppers may share.

    `bills`: type 1…16 (as text) → fen; empty: the validator's own identities (`CN0010A`) of `country`. Only the values
    of `[money] notes_fen` are let in. `crc`: it speaks in CRC mode, as many do; it must not be set to encryption.
    """

    port: str = "tty-cctalk"
    baud: int = 9600
    address: Annotated[int, msgspec.Meta(ge=2, le=255)] = 40
    bills: dict[str, Fen] = msgspec.field(default_factory=dict)
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "CN"
    crc: bool = False

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Yield its one address."""
        yield "address", self.address

    def problems(self) -> Iterator[str]:
        """Yield a problem for each type that is not one of the sixteen of the protocol's mask."""
        for kind in self.bills:
            if not kind.isdecimal() or not 1 <= int(kind) <= 16:
                yield f"bills = {kind!r}: allowed are types 1 to 16"

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield a problem where no bill would be let in."""
        if not money.notes_fen:
            yield "money.notes_fen = []: a ccTalk validator reads bills; allowed are the values that it shall let in"


class PulseNotes(Table, frozen=True, tag="pulse"):
    """Pulse note acceptor (ICT, TP70 and their kin): `pin` counts, `inhibit_pin` refuses notes while it is not driven
    to `enabled_level` (the level that a dead process does not give). It has no escrow: what it takes is in its box.

    `pulses`: pulses → fen, as its switches stand; at least two a note, since a lone pulse is noise. `polarity`: NO
    idles high. `width_ms`: one pulse; `train_gap_ms` of rest end a note. Only the values of `[money] notes_fen` are
    credited.
    """

    pin: Gpio
    inhibit_pin: Gpio
    pulses: Annotated[dict[str, Fen], msgspec.Meta(min_length=1)]
    polarity: Literal["NO", "NC"] = "NO"
    enabled_level: Literal[0, 1] = 0
    width_ms: Annotated[int, msgspec.Meta(ge=20, le=300)] = 50
    train_gap_ms: Ms = 300
    stuck_ms: Ms = 1000

    @property
    def shape(self) -> PulseShape:
        """The line as it is set."""
        idle: Literal[0, 1] = 1 if self.polarity == "NO" else 0
        return PulseShape(self.width_ms, idle, "line", self.enabled_level, self.train_gap_ms, self.stuck_ms, 0)

    def by_pulses(self, money: MoneyChannels) -> dict[int, int]:
        """Return pulses → fen, of the notes that are credited."""
        return {int(count): fen for count, fen in self.pulses.items() if fen in money.notes_fen}

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of the counting line and the one that refuses."""
        yield from (("pin", self.pin), ("inhibit_pin", self.inhibit_pin))

    def problems(self) -> Iterator[str]:
        """Yield problems of time: pulses and their pauses must be told apart."""
        if self.width_ms * 3 >= self.stuck_ms:
            yield f"stuck_ms = {self.stuck_ms}: allowed is more than three widths ({self.width_ms * 3})"
        if self.train_gap_ms < self.width_ms * 2:
            yield f"train_gap_ms = {self.train_gap_ms}: allowed are two widths ({self.width_ms * 2}) and more"
        for count in self.pulses:
            if not count.isdecimal() or not 2 <= int(count) <= 255:
                yield f"pulses = {count!r}: allowed are 2 to 255 pulses; a lone pulse is noise"

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield a problem for each accepted note that has no number of pulses."""
        if not money.notes_fen:
            yield "money.notes_fen = []: a pulse acceptor takes notes; allowed are the values of its pulses"
        for fen in money.notes_fen:
            if fen not in self.pulses.values():
                yield f"money.notes_fen = {fen}: allowed are the values in devices.note_acceptor.pulses"
