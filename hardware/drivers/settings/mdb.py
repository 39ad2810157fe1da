"""An MDB coin changer behind an adapter of the Qibixx kind, in either of its roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hardware.drivers.settings.base import Fen, Kit, Table


def _changer(table: MdbCoins | MdbTubes, kit: Kit) -> Any:
    """The changer behind the table's port; whichever role is made first makes it."""
    from hardware.drivers.mdb_payout import PayingChanger

    if table.port not in kit.buses:
        kit.buses[table.port] = PayingChanger(
            kit.port(table.port, table.baud),
            kit.post,
            kit.clock,
            tokens_fen=kit.money.tokens_fen,
            memory=kit.state / "changer.json",
        )
    return kit.buses[table.port]


class MdbCoins(Table, frozen=True, tag="mdb"):
    """The coin slot of an MDB changer, on the USB serial `port` of its adapter (Qibixx MDB-USB or Pi Hat).

    `coins`: coin type 0…15 (as text) → fen; empty: what the changer says of its types. Only the values of `[money]
    tokens_fen` are let in.
    """

    port: str = "tty-mdb"
    baud: int = 115_200
    coins: dict[str, Fen] = msgspec.field(default_factory=dict)

    def make(self, kit: Kit) -> Any:
        """A slot whose tokens go into tubes or box."""
        from hardware.drivers.mdb_roles import MdbSlot

        changer = _changer(self, kit)
        changer.coins = {int(kind): fen for kind, fen in self.coins.items()}
        return MdbSlot(changer, kit.at)

    def shares(self, other: Table) -> bool:
        """With its tubes."""
        return isinstance(other, MdbTubes)

    def problems(self) -> Iterator[str]:
        """Types are the sixteen of the protocol."""
        for kind in self.coins:
            if not kind.isdecimal() or int(kind) > 15:
                yield f"coins = {kind!r}: allowed are types 0 to 15"


class MdbTubes(Table, frozen=True, tag="mdb"):
    """The tubes of an MDB changer, which pay tokens into an open cup; on the `port` of its slot."""

    port: str = "tty-mdb"
    baud: int = 115_200

    def make(self, kit: Kit) -> Any:
        """Tubes that count what they pay."""
        from hardware.drivers.mdb_roles import MdbTubes as Tubes

        return Tubes(_changer(self, kit), kit.at)

    def shares(self, other: Table) -> bool:
        """With its slot."""
        return isinstance(other, MdbCoins)
