"""Coin acceptors, and the hoppers that pay tokens out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Fen, Gpio, MoneyChannels, Ms, Table, amounts


class Make(msgspec.Struct, frozen=True):
    """The behaviour of a make of pulse acceptor: `widths_ms` of its speeds (fast, medium, slow), how tokens are
    refused, the inhibit output's level that lets them in, and for how long it is deaf after power-up.
    """

    widths_ms: tuple[int, int, int]
    inhibit: Literal["power", "line"]
    enabled_level: Literal[0, 1]
    deaf_ms: int


SPEEDS = ("fast", "medium", "slow")
MAKES = {
    "ch-92x": Make((20, 50, 100), "power", 1, 1000),
    "dg600f": Make((25, 45, 100), "line", 0, 0),
    "ict": Make((30, 50, 100), "line", 0, 0),
}
"""CH-92x, 616 and their clones have no inhibit wire: a relay cuts the 12 V. DG600F (switch SW4 ON: an open line
refuses) and ICT are let in by a low line, so that a dead process refuses. ICT's widths are judgement: measure them with
`kiosk devices teach`.
"""


class PulseShape(msgspec.Struct, frozen=True):
    """A pulse acceptor's line as it is set, whether the profile or the table says so."""

    width_ms: int
    idle: Literal[0, 1]
    inhibit: Literal["power", "line"]
    enabled_level: Literal[0, 1]
    train_gap_ms: int
    stuck_ms: int
    deaf_ms: int


class Pulse(Table, frozen=True, tag="pulse"):
    """Pulse coin acceptor. `pin` counts, `inhibit_pin` refuses tokens while it is not driven active.

    `profile` and `speed` say what it is and how its speed switch stands; each key that stands below overrides them:
    `width_ms` (nominal pulse width; DG600F also has 65), `inhibit` ("power": a relay cuts the 12 V; "line"),
    `enabled_level` (the inhibit output's level that lets tokens in; it must be the one that a dead process does not
    give), `deaf_ms` after power-up. `polarity` is the acceptor's switch: NO idles high, NC low. `train_gap_ms` of
    rest end a train. `pulses`: pulses → fen, where they are not value / `[money] token_unit_fen`; one pulse is noise.
    """

    pin: Gpio
    inhibit_pin: Gpio
    profile: Literal["ch-92x", "dg600f", "ict"] = "ch-92x"
    speed: Literal["fast", "medium", "slow"] = "medium"
    polarity: Literal["NO", "NC"] = "NO"
    width_ms: Annotated[int, msgspec.Meta(ge=20, le=300)] | None = None
    inhibit: Literal["power", "line"] | None = None
    enabled_level: Literal[0, 1] | None = None
    train_gap_ms: Ms = 250
    stuck_ms: Ms = 1000
    deaf_ms: Ms | None = None
    pulses: dict[str, Fen] = msgspec.field(default_factory=dict)

    @property
    def shape(self) -> PulseShape:
        """The line as it is set."""
        make = MAKES[self.profile]
        inhibit = make.inhibit if self.inhibit is None else self.inhibit
        deaf_ms = (make.deaf_ms or 1000) if self.deaf_ms is None else self.deaf_ms
        return PulseShape(
            make.widths_ms[SPEEDS.index(self.speed)] if self.width_ms is None else self.width_ms,
            1 if self.polarity == "NO" else 0,
            inhibit,
            make.enabled_level if self.enabled_level is None else self.enabled_level,
            self.train_gap_ms,
            self.stuck_ms,
            deaf_ms if inhibit == "power" else 0,
        )

    def by_pulses(self, money: MoneyChannels) -> dict[int, int]:
        """Return pulses → fen, of the tokens that are credited."""
        if not self.pulses:
            return {fen // money.token_unit_fen: fen for fen in money.tokens_fen}
        return {int(count): fen for count, fen in self.pulses.items() if fen in money.tokens_fen}

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of the counting line and the one that refuses."""
        yield from (("pin", self.pin), ("inhibit_pin", self.inhibit_pin))

    def problems(self) -> Iterator[str]:
        """Yield problems of time: a pulse must be over long before the line counts as stuck, and a train must not end
        within itself.
        """
        width_ms = self.shape.width_ms
        if width_ms * 3 >= self.stuck_ms:
            yield f"stuck_ms = {self.stuck_ms}: allowed is more than three widths ({width_ms * 3})"
        if self.train_gap_ms < width_ms * 2:
            yield f"train_gap_ms = {self.train_gap_ms}: allowed are two widths ({width_ms * 2}) and more"
        for count in self.pulses:
            if not count.isdecimal() or not 2 <= int(count) <= 255:
                yield f"pulses = {count!r}: allowed are 2 to 255 pulses; a lone pulse is noise"

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield problems of prices: every token gives two pulses or more, and each value its own number of them."""
        unit_fen = money.token_unit_fen
        for fen in money.tokens_fen:
            if self.pulses and fen not in self.pulses.values():
                yield f"money.tokens_fen = {fen}: allowed are the values in devices.coin_acceptor.pulses"
            elif not self.pulses and (fen % unit_fen or fen // unit_fen < 2):
                yield (
                    f"money.tokens_fen = {fen}: allowed are multiples of token_unit_fen = {unit_fen}, at least two "
                    "pulses a token"
                )


class Dg600fSerial(Table, frozen=True, tag="dg600f-serial"):
    """DG600F coin acceptor in its RS-232 mode on `port`, which also tells tokens of ¥0.10.

    `inhibit_pin` refuses tokens while it is not driven to `enabled_level` (0: its switch SW4 stands ON).
    """

    inhibit_pin: Gpio
    port: str = "tty-coins"
    baud: int = 4800
    enabled_level: Literal[0, 1] = 0

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pin of the line that refuses."""
        yield "inhibit_pin", self.inhibit_pin

    def priced(self, money: MoneyChannels) -> Iterator[str]:
        """Yield a problem for each token that a message (0.1 to 16.0) cannot carry."""
        for fen in money.tokens_fen:
            if fen % 10 or fen > 1600:
                yield f"money.tokens_fen = {fen}: allowed are 10 to 1600 in steps of 10"


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

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Yield its one address."""
        yield "address", self.address

    def problems(self) -> Iterator[str]:
        """Yield a problem for each position that is not one of the protocol's sixteen."""
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

    def addresses(self) -> Iterator[tuple[str, int]]:
        """Yield the bus address of each hopper."""
        for fen, hopper in self.hoppers.items():
            yield f"hoppers.{fen}.address", hopper.address

    def problems(self) -> Iterator[str]:
        """Yield a problem for each hopper that is not named by what it pays."""
        yield from amounts("hoppers", self.hoppers)
