"""A bar code on the glass: what `Body.bar` says, for tills that have only a scanner of bars.

Code 128, as the `zxing-cpp` library makes it: dark on white in every look, whole pixels a module, with the quiet zone
of ten modules that scanners need at both ends. Source: ISO/IEC 15417.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from typing import Any

from screens.parts.qr_code import DARK, LIGHT
from screens.stage.painter import Painter, Rect

HIGH = 64.0


@cache
def modules(text: str) -> tuple[bool, ...]:
    """Encode the text as a bar code from left to right, the quiet zones included; True is dark."""
    import zxingcpp  # only pages with such a code pay for it

    symbol: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    picture: Any = memoryview(symbol.to_image(scale=1))
    return tuple(value == 0 for value in bytes(picture)[: picture.shape[1]])


def draw(painter: Painter, text: str, rect: Rect) -> None:
    """Draw the code in the middle of `rect`, dark modules in runs; nothing where it would be too narrow to read."""
    bars = modules(text)
    side = float(rect.w // len(bars))
    if side < 1:
        return
    x = round(rect.centre[0] - side * len(bars) / 2)
    painter.fill(Rect(x, rect.y, side * len(bars), rect.h), LIGHT)
    across = 0
    for dark, run in groupby(bars):
        count = len(list(run))
        if dark:
            painter.fill(Rect(x + across * side, rect.y + 4, count * side, rect.h - 8), DARK)
        across += count
