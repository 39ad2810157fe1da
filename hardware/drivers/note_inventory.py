"""Answer as every note acceptor does when it is asked what it holds."""

from __future__ import annotations

import msgspec


class NoteInventory(msgspec.Struct, frozen=True):
    """The stock of a validator: fen in escrow, fen credited that no StoreItems was open for, and its stacked count."""

    escrow_fen: int
    unclaimed_fen: int
    stacked: int
