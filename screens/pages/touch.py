"""Touch: one round key to press, three dots for three rounds, and a hand that shows it. Nothing on the page is read.

The key's size is the round's: large, as large as a hand, as large as a machine's key. A hand comes, presses and lifts
(`parts/pressing_hand.py`), until a finger touches the glass.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import icons
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

SIZES = (400, 200, 76)
"""The key's diameter by round, in logical pixels."""
SUN, DARK, PRESSED, GREEN = "#FFC533", "#8A6400", "#F0B400", "#2E7D5B"
DOT, APART = 17, 56
SKIP = 96


class Touch:
    """Draws pages of kind Touch: `digits` rounds are done, of `length`."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw dots, the key in the middle, and an arrow in the corner for a person who can do it."""
        page, room = scene.page, scene.frame.page
        for at in range(page.body.length):
            x = room.centre[0] + (at - (page.body.length - 1) / 2) * APART
            scene.painter.disc(x, room.y + 41, DOT, GREEN)
            if at >= page.body.digits:
                scene.painter.disc(x, room.y + 41, DOT - 5, "#FFFFFF")
        size = SIZES[min(page.body.digits, len(SIZES) - 1)]
        for key in page.keys:
            if key.role == "primary":
                x, y = room.centre
                rect = Rect(x - size / 2, y - size / 2, size, size)
                scene.add(key, rect, partial(_round, rect=rect))
                scene.picture = rect
            else:
                rect = Rect(room.right - SKIP - 24, room.y + 24, SKIP, SKIP)
                scene.add(key, rect, partial(_skip, rect=rect, key=key))


def _round(painter: Painter, pressed: bool, rect: Rect) -> None:
    (x, y), radius = rect.centre, rect.w / 2
    high = 0 if pressed else radius * 0.04
    painter.disc(x, y, radius, DARK)
    painter.disc(x, y - high, radius * 0.93, PRESSED if pressed else SUN)
    painter.arc(x, y - high, radius * 0.72, (0, 360), "#FFE9A8", max(3, radius * 0.05))


def _skip(painter: Painter, pressed: bool, rect: Rect, key: Key) -> None:
    painter.box(rect, 24, DARK if pressed else "#FFFFFF", DARK, 3)
    icons.draw(painter, key.icon, rect.grown(-24), "#FFFFFF" if pressed else DARK, 10)
