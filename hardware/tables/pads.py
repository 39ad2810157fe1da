"""PIN pads and the keys beside the glass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from hardware.tables.base import Gpio, Kit, Ms, Table


class Matrix(Table, frozen=True, tag="matrix"):
    """PIN pad as a GPIO matrix. `keys` has one text a row: digits, E = 确认, C = 更正, X = 取消, - = no key."""

    rows: tuple[Gpio, ...]
    columns: tuple[Gpio, ...]
    keys: tuple[str, ...] = ("123X", "456C", "789-", "-0-E")
    debounce_ms: Ms = 30
    scan_ms: Ms = 10

    def make(self, kit: Kit) -> Any:
        """A pad that keeps the digits to itself."""
        from hardware.devices.pinpad_matrix import PinPadMatrix

        return PinPadMatrix(self, kit.post, kit.pins(), kit.state)

    def wired(self) -> Iterator[tuple[str, int]]:
        """Rows and columns."""
        yield from (("rows", pin) for pin in self.rows)
        yield from (("columns", pin) for pin in self.columns)

    def problems(self) -> Iterator[str]:
        """A text a row, a character a column, and every key that a PIN needs."""
        wanted = (len(self.rows), len(self.columns))
        if len(self.keys) != wanted[0] or any(len(row) != wanted[1] for row in self.keys):
            yield f"keys = {list(self.keys)}: allowed are {wanted[0]} texts of {wanted[1]} characters each"
        missing = set("0123456789EC") - set("".join(self.keys))
        if missing:
            yield f"keys = {list(self.keys)}: lacks {''.join(sorted(missing))}"


class SideKeys(Table, frozen=True, tag="side_keys"):
    """Eight keys beside the glass: four on the left from the top, then four on the right; closed = low."""

    pins: Annotated[tuple[Gpio, ...], msgspec.Meta(min_length=8, max_length=8)]
    debounce_ms: Ms = 25

    def wired(self) -> Iterator[tuple[str, int]]:
        """All eight."""
        yield from (("pins", pin) for pin in self.pins)
