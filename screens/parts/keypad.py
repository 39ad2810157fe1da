"""A number pad on the glass, and the field it fills.

Keys' middles are at least 100 px apart (17 mm). The pad holds the page's digit keys; a page that names a field but
brings no digits gets the usual ten, a double nought and an eraser: they edit the field (`fields`) and never reach the
machine as taps.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.pages import Key, Text
from screens.paint import Rect
from screens.parts import keys as parts
from screens.scene import Scene

PITCH = 100.0
ERASE = "<"
"""The value of a key that takes the last character away."""


def usual() -> tuple[Key, ...]:
    """1-9, 00, 0, eraser."""
    named = [Key(f"digit.{n}", "digit", Text(n), n) for n in ("1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0")]
    return (*named, Key("digit.erase", "digit", Text("digit.erase"), ERASE, icon="erase"))


def digits(scene: Scene) -> tuple[Key, ...]:
    """The page's own digit keys, or the usual ones for a field."""
    own = tuple(key for key in scene.page.keys if key.role == "digit")
    return own or (usual() if scene.page.body.field_key else ())


def draw(scene: Scene, keys: Sequence[Key], rect: Rect) -> None:
    """Three columns of keys filling a box; the box must allow the pitch."""
    rows = -(-len(keys) // 3)
    gap = 12.0
    across, down = (rect.w + gap) / 3, (rect.h + gap) / rows
    for at, key in enumerate(keys):
        x, y = rect.x + at % 3 * across, rect.y + at // 3 * down
        parts.digit(scene, key, Rect(x, y, across - gap, down - gap))


def field(scene: Scene, rect: Rect, text: str, hint: str = "") -> None:
    """The box that shows what is typed, with a caret behind it; `hint` stands before it, as ¥."""
    painter, look = scene.painter, scene.look
    painter.box(rect, 16, "#FFFFFF", look.accent, 4)
    room = Rect(rect.x + 22, rect.y, rect.w - 44, rect.h)
    ink = "#16222B"
    size = int(min(56, rect.h * 0.62))
    painter.private = scene.page.private
    shown = f"{hint} {text}".strip() if text or hint else ""
    laid = painter.text(shown, room, size, ink, bold=True, align="left") if shown else None
    painter.private = False
    wide = laid.widths[0] if laid else 0.0
    painter.line(
        [(room.x + wide + 10, rect.y + rect.h * 0.24), (room.x + wide + 10, rect.bottom - rect.h * 0.24)], ink, 4
    )
