"""Printers."""

from __future__ import annotations

from typing import Any

from hardware.tables.base import Kit, Ms, Table


class Escpos(Table, frozen=True, tag="escpos"):
    """Receipt printer on a serial `port`; `columns` half-width characters a line, which takes `line_ms`."""

    port: str = "tty-printer"
    baud: int = 9600
    columns: int = 48
    line_ms: Ms = 40

    def make(self, kit: Kit) -> Any:
        """A printer that tells its paper, cover and cutter."""
        from hardware.devices.printer_escpos import PrinterEscpos

        port = kit.port(self.port, self.baud)
        return PrinterEscpos(port, kit.post, kit.clock, render=kit.write, columns=self.columns, line_ms=self.line_ms)
