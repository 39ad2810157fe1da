"""Printers."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Ms, Table

COLUMNS = {"80mm": 48, "58mm": 32}
"""Half-width characters a line (font A, 12 dots), by paper."""


class Escpos(Table, frozen=True, tag="escpos"):
    """ESC/POS receipt printer on a serial `port`.

    `profile`: its paper, which says how many half-width characters a line has; `columns` overrides it. A line takes
    `line_ms`. `automatic`: it is asked to tell by itself what changes (GS a); false for one that prints the command.
    """

    port: str = "tty-printer"
    baud: int = 9600
    profile: Literal["80mm", "58mm"] = "80mm"
    columns: Annotated[int, msgspec.Meta(ge=16, le=96)] | None = None
    line_ms: Ms = 40
    automatic: bool = True
