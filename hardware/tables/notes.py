"""Note acceptors."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from hardware.tables.base import Kit, Table


class Ssp(Table, frozen=True, tag="ssp"):
    """Note validator on a serial `port`; practice notes are barcode tickets of `ticket_digits` digits (interleaved 2 of
    5), valued by `[money] tickets`.
    """

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0
    ticket_digits: Annotated[int, msgspec.Meta(ge=6, le=24)] = 18

    def make(self, kit: Kit) -> Any:
        """A validator that holds a note in escrow."""
        from hardware.devices.notes_ssp import NotesSsp

        return NotesSsp(
            kit.port(self.port, self.baud, stop_bits=2), kit.post, kit.clock, tickets=kit.money.tickets,
            currency=bool(kit.money.notes_fen), address=self.address, digits=self.ticket_digits,
        )
