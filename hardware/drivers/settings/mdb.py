"""An MDB coin changer behind an adapter of the Qibixx kind, in either of its roles."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hardware.drivers.settings.base import Fen, Table


class MdbCoins(Table, frozen=True, tag="mdb"):
    """The coin slot of an MDB changer, on the USB serial `port` of its adapter (Qibixx MDB-USB or Pi Hat).

    `coins`: coin type 0…15 (as text) → fen; empty: what the changer says of its types. Only the values of `[money]
    tokens_fen` are let in.
    """

    port: str = "tty-mdb"
    baud: int = 115_200
    coins: dict[str, Fen] = msgspec.field(default_factory=dict)

    def shares(self, other: Table) -> bool:
        """Return whether *other* is its tubes, which share the port."""
        return isinstance(other, MdbTubeSettings)

    def problems(self) -> Iterator[str]:
        """Yield a problem for each type that is not one of the protocol's sixteen."""
        for kind in self.coins:
            if not kind.isdecimal() or int(kind) > 15:
                yield f"coins = {kind!r}: allowed are types 0 to 15"


class MdbTubeSettings(Table, frozen=True, tag="mdb"):
    """The tubes of an MDB changer, which pay tokens into an open cup; on the `port` of its slot."""

    port: str = "tty-mdb"
    baud: int = 115_200

    def shares(self, other: Table) -> bool:
        """Return whether *other* is its slot, which shares the port."""
        return isinstance(other, MdbCoins)
