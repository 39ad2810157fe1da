"""Coin acceptors, and the hoppers that pay tokens out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from hardware.tables.base import Fen, Gpio, Kit, Ms, Table, amounts


class Pulse(Table, frozen=True, tag="pulse"):
    """Pulse coin acceptor. `pin` counts, `inhibit_pin` refuses tokens while it is not driven active.

    `enabled_level` is the inhibit output's level that lets tokens in; it must be the one that a dead process does not
    give (wire a pull the other way). `inhibit` "power": a relay cuts the 12 V (CH-92x), so the acceptor is deaf for a
    while after. `idle` 1: line high at rest. `width_ms`: nominal pulse width (20, 50, 100; DG600F 25, 45, 65, 100).
    """

    pin: Gpio
    inhibit_pin: Gpio
    enabled_level: Literal[0, 1] = 1
    inhibit: Literal["power", "line"] = "power"
    idle: Literal[0, 1] = 1
    width_ms: Annotated[int, msgspec.Meta(ge=20, le=300)] = 50
    train_gap_ms: Ms = 250
    stuck_ms: Ms = 1000
    deaf_ms: Ms = 1000

    def make(self, kit: Kit) -> Any:
        """An acceptor that counts pulses."""
        from hardware.devices.coins_pulse import CoinsPulse

        return CoinsPulse(self, kit.money, kit.post, kit.pins(), kit.state / "coins.json")

    def wired(self) -> Iterator[tuple[str, int]]:
        """The counting line and the one that refuses."""
        yield from (("pin", self.pin), ("inhibit_pin", self.inhibit_pin))

    def problems(self) -> Iterator[str]:
        """A pulse must be over long before the line counts as stuck."""
        if self.width_ms * 3 >= self.stuck_ms:
            yield f"stuck_ms = {self.stuck_ms}: allowed is more than three widths ({self.width_ms * 3})"


def _bus(table: CctalkCoins | CctalkHoppers, kit: Kit) -> Any:
    """The bus behind the table's port; whoever asks first makes it."""
    from hardware.devices.cctalk_bus import Bus

    if table.port not in kit.buses:
        kit.buses[table.port] = Bus(kit.port(table.port, table.baud), kit.clock)
    return kit.buses[table.port]


class CctalkCoins(Table, frozen=True, tag="cctalk"):
    """ccTalk coin acceptor at `address` on the bus `port`, which hoppers may share.

    `coins`: position 1…16 (as text) → fen; empty: the acceptor's own identities (CN100A), whose unit is worth
    `unit_fen`. Only the values of `[money] tokens_fen` are let in. `crc`: it speaks in CRC mode.
    """

    port: str = "tty-cctalk"
    baud: int = 9600
    address: Annotated[int, msgspec.Meta(ge=2, le=255)] = 2
    coins: dict[str, Fen] = msgspec.field(default_factory=dict)
    unit_fen: Fen = 1
    crc: bool = False

    def make(self, kit: Kit) -> Any:
        """An acceptor that tells events by number."""
        from hardware.devices.coins_cctalk import CoinsCctalk

        return CoinsCctalk(
            _bus(self, kit), kit.post, kit.clock, tokens_fen=kit.money.tokens_fen, unit_fen=self.unit_fen,
            coins={int(position): fen for position, fen in self.coins.items()}, address=self.address, crc=self.crc,
            memory=kit.state / "coins-cctalk.json",
        )

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Its one address."""
        yield "address", self.address

    def problems(self) -> Iterator[str]:
        """Positions are the sixteen of the protocol."""
        for position in self.coins:
            if not position.isdecimal() or not 1 <= int(position) <= 16:
                yield f"coins = {position!r}: allowed are positions 1 to 16"


class Hopper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One hopper at `address`. `stock`: pieces in it at first. `fed`: the acceptor's sorter drops its tokens into it.
    `security`: what its firmware wants before the count, its `serial` number or eight `zeros`.
    """

    address: Annotated[int, msgspec.Meta(ge=2, le=255)] = 3
    stock: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 200
    fed: bool = False
    security: Literal["serial", "zeros"] = "serial"


class CctalkHoppers(Table, frozen=True, tag="cctalk"):
    """ccTalk hoppers on the bus `port`, which the acceptor may share: they pay tokens into an open cup.

    `hoppers`: fen (as text) → where it is on the bus (`address`), the pieces in it at first (`stock`), whether the
    acceptor's sorter drops its tokens into it (`fed`), and what its firmware wants (`security`: serial, zeros).
    `most`: pieces a time. `crc`: they speak in CRC mode.
    """

    port: str = "tty-cctalk"
    baud: int = 9600
    hoppers: Annotated[dict[str, Hopper], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: {"100": Hopper()}
    )
    most: Annotated[int, msgspec.Meta(ge=1, le=255)] = 100
    crc: bool = False

    def make(self, kit: Kit) -> Any:
        """Hoppers that count what they pay."""
        from hardware.devices.change_hopper import ChangeHopper

        hoppers = {int(fen): hopper for fen, hopper in self.hoppers.items()}
        return ChangeHopper(
            _bus(self, kit), hoppers, kit.post, kit.clock, most=self.most, crc=self.crc,
            memory=kit.state / "hoppers.json",
        )

    def addresses(self) -> Iterator[tuple[str, int]]:
        """An address a hopper."""
        for fen, hopper in self.hoppers.items():
            yield f"hoppers.{fen}.address", hopper.address

    def problems(self) -> Iterator[str]:
        """Hoppers are told apart by what they pay."""
        yield from amounts("hoppers", self.hoppers)
