"""Barcode scanners."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Table


class ScannerSettings(Table, frozen=True, tag="scanner"):
    """Barcode scanner on a serial `port`, 8N1. `model`: plain (reads all the time), honeywell (also Mindeo, Datalogic:
    a text trigger), gm65 (Grow GM65/GM861 frames), ssi (Grow GM72, Zebra).

    `suffix` as the scanner is set: cr or crlf. Codes that are longer than `longest` characters or begin with none of
    `starts` are none of ours: machines hear that something was read, and not what. No `starts`: every code is ours.
    """

    model: Literal["plain", "honeywell", "gm65", "ssi"] = "plain"
    port: str = "tty-scanner"
    baud: int = 9600
    suffix: Literal["cr", "crlf"] = "cr"
    longest: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 512
    starts: tuple[str, ...] = ("kiosk-practice:",)

    @property
    def ending(self) -> bytes:
        """The suffix's bytes."""
        return b"\r\n" if self.suffix == "crlf" else b"\r"

    def problems(self) -> Iterator[str]:
        """Yield a problem where a beginning is empty or too long."""
        if any(not start or len(start) > self.longest for start in self.starts):
            yield f"starts = {list(self.starts)}: allowed are texts of 1 to longest = {self.longest} characters"
