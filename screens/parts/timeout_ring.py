"""The time-out ring with "more time" beside it, top right; a ticket machine has it in its header, since days stand
below. The stage shows it only when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk_firmware.core.pages import Key, Text
from screens.parts import handset
from screens.parts.keys import colours
from screens.parts.strip import PREFIX
from screens.stage.kivy_boot import WIDE
from screens.stage.page_canvas import LYING, GlassFrame, TouchTarget
from screens.stage.painter import Painter, PlacedItem, Rect
from screens.stage.skin import KeyLook, SkinLook

RING = Rect(1140, 106, 92, 92)
IN_HEADER = Rect(928, 4, 72, 72)


def tall_at(frame: GlassFrame) -> Rect:
    """Return the ring's place on a glass that stands upright: at the right of the title."""
    return Rect(frame.wide - 116, handset.TALL_STATUS + (handset.TALL_TITLE - 92) / 2, 92, 92)


def wide(painter: Painter, text: Callable[[str], str]) -> float:
    """Return what ring and key take from the right edge, with a margin."""
    return WIDE - RING.x + 16 + _key_wide(painter, text("more")) + 24


def _key_wide(painter: Painter, written: str) -> float:
    return max(150.0, painter.letters.width(written, 34) + 40)


def draw(
    painter: Painter, look: SkinLook, left_ms: int, total_ms: int, text: Callable[[str], str], frame: GlassFrame = LYING
) -> TouchTarget:
    """Draw ring, seconds left, and the key."""
    place = tall_at(frame) if frame.tall else handset.ring_at(look) if look.phone else RING
    ink, soft, bright = look.ink, look.ink_soft, look.accent
    if frame.tall and look.phone:
        ink, soft, bright = look.header.ink, look.header.ink_soft, look.header.ink
    if look.rail and not frame.tall:
        place, ink, soft, bright = (IN_HEADER, look.header.ink, look.header.ink_soft, look.header.ink)
    x, y = place.centre
    radius, thick = (place.w / 2 - 3, 6) if place is IN_HEADER else (41.0, 10)
    part = max(0.0, min(1.0, left_ms / max(1, total_ms)))
    painter.arc(x, y, radius, (0, 360), soft + "50", thick)
    if part > 0.003:
        painter.arc(x, y, radius, (0, 360 * part), bright, thick)
    painter.text(str(-(-left_ms // 1000)), place.grown(-14), 34, ink, bold=True)
    written = text("more")
    across = _key_wide(painter, written)
    high = min(78.0, place.h)
    rect = Rect(place.x - 16 - across, place.y + (place.h - high) / 2, across, high)
    drawn = partial(_more, text=written, rect=rect, style=look.back)
    drawn(painter, False)
    painter.notes.append(PlacedItem("key", rect, frame.page, f"{PREFIX}more", role="strip"))
    return TouchTarget(Key(f"{PREFIX}more", "choice", Text(f"{PREFIX}more")), rect, drawn)


def _more(painter: Painter, pressed: bool, text: str, rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, 18, ground, border, 3)
    painter.text(text, rect.grown(-6), 34, ink)
