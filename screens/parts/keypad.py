"""A number pad on the glass, and the field it fills.

Keys' middles are at least 100 px apart (17 mm). The pad holds the page's digit keys; a page that names a field but
brings no digits gets the usual ten, a double nought and an eraser: they edit the field (`fields`) and never reach the
machine as taps.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.pages import Key, Text
from screens.input.field_editing import ERASE
from screens.parts import keys as parts
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

INK = "#16222B"
"""What is typed stands dark on white in every look."""


def usual() -> tuple[Key, ...]:
    """Return the keys 1-9, 00, 0, eraser."""
    named = [Key(f"digit.{n}", "digit", Text(n), n) for n in ("1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0")]
    return (*named, Key("digit.erase", "digit", Text("digit.erase"), ERASE, icon="erase"))


def digits(scene: PageCanvas) -> tuple[Key, ...]:
    """Return the page's own digit keys, or the usual ones for a field."""
    own = tuple(key for key in scene.page.keys if key.role == "digit")
    return own or (usual() if scene.page.body.field_key else ())


def draw(scene: PageCanvas, keys: Sequence[Key], rect: Rect) -> None:
    """Draw three columns of keys filling a box; the box must allow the pitch. A last row that is not full begins in the
    middle, where the nought is looked for.
    """
    rows = -(-len(keys) // 3)
    gap = 12.0
    across, down = (rect.w + gap) / 3, (rect.h + gap) / rows
    for number, key in enumerate(keys):
        at = number + (len(keys) % 3 > 0 and number >= 3 * (rows - 1))
        x, y = rect.x + at % 3 * across, rect.y + at // 3 * down
        parts.digit(scene, key, Rect(x, y, across - gap, down - gap))


def board(scene: PageCanvas, keys: Sequence[Key], rect: Rect, across: int, gap: float = 10.0) -> None:
    """Draw a keyboard: rows of so many keys, filling the box's width."""
    rows = -(-len(keys) // across)
    wide, high = (rect.w + gap) / across, rect.h / rows
    for at, key in enumerate(keys):
        x, y = rect.x + at % across * wide, rect.y + at // across * high
        parts.digit(scene, key, Rect(x, y, wide - gap, high - gap))


def field(
    painter: Painter, pressed: bool, rect: Rect, text: str, hint: str = "", accent: str = "", private: bool = False
) -> None:
    """Draw the box that shows what is typed, with a caret behind it; `hint` stands before it, as ¥. A press changes
    nothing.
    """
    painter.box(rect, 16, "#FFFFFF", accent, 4)
    room = Rect(rect.x + 22, rect.y, rect.w - 44, rect.h)
    painter.private = private
    laid = painter.text(f"{hint} {text}".strip(), room, int(min(56, rect.h * 0.62)), INK, bold=True, align="left")
    painter.private = False
    x = room.x + (laid.widths[0] if laid.widths else 0.0) + 10
    painter.line([(x, rect.y + rect.h * 0.24), (x, rect.bottom - rect.h * 0.24)], INK, 4)
