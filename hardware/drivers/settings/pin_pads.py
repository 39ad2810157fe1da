"""PIN pads and the keys beside the glass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Ms, Table

_HEX = re.compile(r"([0-9A-Fa-f]{2}){0,64}")


class Matrix(Table, frozen=True, tag="matrix"):
    """PIN pad as a GPIO matrix. `keys` has one text a row: digits, E = 确认, C = 更正, X = 取消, - = no key."""

    rows: tuple[Gpio, ...]
    columns: tuple[Gpio, ...]
    keys: tuple[str, ...] = ("123X", "456C", "789-", "-0-E")
    debounce_ms: Ms = 30
    scan_ms: Ms = 10

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of rows and columns."""
        yield from (("rows", pin) for pin in self.rows)
        yield from (("columns", pin) for pin in self.columns)

    def problems(self) -> Iterator[str]:
        """Yield problems of the keys: a text a row, a character a column, and every key that a PIN needs."""
        wanted = (len(self.rows), len(self.columns))
        if len(self.keys) != wanted[0] or any(len(row) != wanted[1] for row in self.keys):
            yield f"keys = {list(self.keys)}: allowed are {wanted[0]} texts of {wanted[1]} characters each"
        missing = set("0123456789EC") - set("".join(self.keys))
        if missing:
            yield f"keys = {list(self.keys)}: lacks {''.join(sorted(missing))}"


class SerialPad(Table, frozen=True, tag="serial"):
    """PIN pad on a serial `port`, 8N1. `model`: gz (GZ steel keypads), epp (GZ-B encrypting pads), idtech, hcc960.

    gz and epp: `opening` and `closing` are the bodies (hex) of the maker's commands that let keys through and stop
    them; empty: the pad sends its keys from power-on.
    """

    model: Literal["gz", "epp", "idtech", "hcc960"]
    port: str = "tty-pinpad"
    baud: int = 9600
    opening: str = ""
    closing: str = ""

    def problems(self) -> Iterator[str]:
        """Yield problems of the commands: hex, of a model that needs them."""
        for key, text in (("opening", self.opening), ("closing", self.closing)):
            if text and self.model not in ("gz", "epp"):
                yield f"{key} = {text!r}: allowed is none, {self.model} has its own"
            elif not _HEX.fullmatch(text):
                yield f"{key} = {text!r}: allowed are up to 64 bytes as pairs of hex digits"


class SideKeys(Table, frozen=True, tag="side_keys"):
    """Eight keys beside the glass: four on the left from the top, then four on the right; closed = low."""

    pins: Annotated[tuple[Gpio, ...], msgspec.Meta(min_length=8, max_length=8)]
    debounce_ms: Ms = 25

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of all eight keys."""
        yield from (("pins", pin) for pin in self.pins)


class SideKeyMatrix(Table, frozen=True, tag="side_key_matrix"):
    """Eight keys beside the glass as a matrix, six pins: `rows` are left and right, `columns` go from the top down."""

    rows: Annotated[tuple[Gpio, ...], msgspec.Meta(min_length=2, max_length=2)]
    columns: Annotated[tuple[Gpio, ...], msgspec.Meta(min_length=4, max_length=4)]
    debounce_ms: Ms = 25
    scan_ms: Ms = 10

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of rows and columns."""
        yield from (("rows", pin) for pin in self.rows)
        yield from (("columns", pin) for pin in self.columns)
