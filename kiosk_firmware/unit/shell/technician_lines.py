"""Write what programs and wires say as rows of the technician's pages: a long line takes several rows, cut at words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.unit.runtime.receipt_lines import width

COLUMNS = 50
"""Letters of a row; a Chinese sign is as wide as two."""
Mark = Literal["", "ok", "warn", "bad", "next"]


def plain(said: str) -> Text:
    """A text that says just this."""
    return text("tech.line.plain", line=said)


def rows(said: str, mark: Mark = "") -> Iterator[Row]:
    """The rows of a line; the first has the mark."""
    for at, part in enumerate(_parts(said) or ["…"]):
        yield Row(plain(part), None, mark if not at else "")


def _parts(said: str) -> list[str]:
    parts = [""]
    for word in _words(said):
        joined = f"{parts[-1]} {word}".strip()
        if width(joined) <= COLUMNS:
            parts[-1] = joined
        else:
            parts.append(word)
    return [part for part in parts if part]


def _words(said: str) -> Iterator[str]:
    """Words; what is wider than a row in pieces."""
    for word in said.split():
        while width(word) > COLUMNS:
            most = next(n for n in range(len(word), 0, -1) if width(word[:n]) <= COLUMNS)
            yield word[:most]
            word = word[most:]
        yield word
