"""Write what programs and wires say as rows of the technician's pages; a long line is broken as on receipts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.unit.runtime.receipt_lines import wrap_line

COLUMNS = 50
"""Letters of a row; a Chinese sign is as wide as two."""
Mark = Literal["", "ok", "warn", "bad", "next"]


def plain(said: str) -> Text:
    """Return a text that says just this."""
    return text("tech.line.plain", line=said)


def rows(said: str, mark: Mark = "") -> Iterator[Row]:
    """Yield the rows of a line; the first has the mark."""
    for at, part in enumerate(wrap_line(said.strip(), COLUMNS) if said.strip() else ["…"]):
        yield Row(plain(part), None, mark if not at else "")
