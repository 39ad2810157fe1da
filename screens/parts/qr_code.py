"""A code on the glass: what `Body.code` says, as a QR code that a practice phone reads from the window.

Dark on white in every look, with the quiet border of four modules that readers need. Modules are whole pixels, so that
none is a shade of grey. Source: ISO/IEC 18004, as the `qrcode` library has it; error correction M.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby

from screens.stage.painter import Painter, Rect

QUIET = 4
DARK = "#000000"
LIGHT = "#FFFFFF"


@cache
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Encode the text as the QR code's rows, the quiet border included; True is dark."""
    import qrcode  # brings an image library, so only pages with a code pay for it

    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def place(text: str, rect: Rect) -> tuple[Rect, float]:
    """Return where the code lies, in the middle of `rect`, and how wide a module is."""
    count = len(modules(text))
    side = float(min(rect.w, rect.h) // count)
    x, y = rect.centre[0] - side * count / 2, rect.centre[1] - side * count / 2
    return Rect(round(x), round(y), side * count, side * count), side


def draw(painter: Painter, text: str, rect: Rect) -> None:
    """Draw the code, dark modules in runs."""
    where, side = place(text, rect)
    painter.fill(where, LIGHT)
    for down, row in enumerate(modules(text)):
        across = 0
        for dark, run in groupby(row):
            count = len(list(run))
            if dark:
                painter.fill(Rect(where.x + across * side, where.y + down * side, count * side, side), DARK)
            across += count
