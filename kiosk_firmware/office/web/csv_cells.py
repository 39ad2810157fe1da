"""Write cells that no spreadsheet takes for a formula (CWE-1236, OWASP "CSV injection")."""

from __future__ import annotations

from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain(row: Iterable[object]) -> list[object]:
    """Return the row with an apostrophe before each text that a spreadsheet would reckon; numbers stay numbers."""
    return [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row]
