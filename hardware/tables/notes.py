"""Note acceptors."""

from __future__ import annotations

from typing import Any

from hardware.tables.base import Kit, Table


class Ssp(Table, frozen=True, tag="ssp"):
    """Note validator on a serial `port`; practice notes are barcode tickets, valued by `[money] tickets`."""

    port: str = "tty-notes"
    baud: int = 9600
    address: int = 0

    def make(self, kit: Kit) -> Any:
        """A validator that holds a note in escrow."""
        from hardware.devices.notes_ssp import NotesSsp

        return NotesSsp(
            kit.port(self.port, self.baud, stop_bits=2), kit.post, kit.clock, tickets=kit.money.tickets,
            currency=bool(kit.money.notes_fen), address=self.address,
        )
