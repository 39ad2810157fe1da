"""A telephone as it lies in the hand, drawn on the glass: its rim, what stands at its top, its bar of keys below.

Upright it takes a part of the glass (`phone-left`, `phone-right`) and what the page says stands beside it, large; with
letters to type it lies on its side over the whole glass, since letters must be as large as figures. Battery and signal
are drawn for the look of it and say nothing; the clock is the overlay's.
"""

from __future__ import annotations

import msgspec

from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

RIM, SCREEN = "#20262D", 12.0
WIDE, LOW = 500.0, 684.0
STATUS, TALL_STATUS = 38.0, 48.0
TALL_TITLE = 112.0
BAR = 82.0
RING = 96.0
"""Where the time-out ring stands beside an upright phone, so much is left free above what the page says."""


class Handset(msgspec.Struct, frozen=True):
    """The places of a telephone's parts: the whole phone, its glass, and the room beside it (empty where it lies on its
    side).
    """

    rect: Rect
    glass: Rect
    beside: Rect


def handset_box(look: SkinLook, lying: bool, has_ring: bool) -> Handset:
    """Return where the phone lies."""
    if lying:
        rect = Rect(8, 4, 1264, 688)
        return Handset(rect, rect.grown(-SCREEN), Rect(0, 0, 0, 0))
    left = look.layout != "phone-right"
    rect = Rect(24 if left else 1280 - 24 - WIDE, 6, WIDE, LOW)
    x = rect.right + 24 if left else 24.0
    top = 16 + (RING if has_ring else 0)
    return Handset(rect, rect.grown(-SCREEN), Rect(x, top, 1280 - WIDE - 72, 684 - top))


def clock_at(look: SkinLook) -> Rect:
    """Return where the overlay puts the clock: in the bar at the top of an upright phone."""
    glass = handset_box(look, False, False).glass
    return Rect(glass.x + 14, glass.y, 120, STATUS)


def ring_at(look: SkinLook) -> Rect:
    """Return where the time-out ring stands: at the outer corner beside the phone."""
    beside = handset_box(look, False, False).beside
    return Rect(beside.right - 92, 8, 92, 92)


def draw(painter: Painter, look: SkinLook, phone: Handset) -> None:
    """Draw the phone without what its page says. On its side only the clock has a ground: the ring stands
    at its right.
    """
    glass = phone.glass
    painter.box(phone.rect, 44, RIM)
    painter.box(glass, 30, look.panel.ground)
    if not phone.beside.w:
        clock = clock_at(look)  # its words end at the right
        painter.box(Rect(clock.x + 28, clock.y, clock.w - 16, clock.h), 16, look.header.ground)
        return
    top = Rect(glass.x, glass.y, glass.w, STATUS + 30)
    painter.box(top, 30, look.header.ground)
    painter.fill(Rect(glass.x, glass.y + 30, glass.w, STATUS - 30), look.header.ground)
    signs(painter, glass, look.header.ink)


def signs(painter: Painter, glass: Rect, ink: str) -> None:
    """Signal and battery."""
    right = glass.right - 24
    battery = Rect(right - 42, glass.y + 10, 38, 19)
    painter.box(battery, 5, "", ink, 2)
    painter.fill(Rect(battery.x + 4, battery.y + 4, 22, 11), ink)
    painter.fill(Rect(battery.right + 1, battery.y + 6, 3, 7), ink)
    for at in range(4):
        high = 6.0 + 4 * at
        painter.fill(Rect(battery.x - 46 + at * 9, glass.y + 29 - high, 6, high), ink)
