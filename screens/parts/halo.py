"""The hint: a halo on the very key. A yellow ring between two dark ones stands out on every ground; a finger mark
says "press".

It pulses slowly, by brightness only: nothing moves, so nothing has to be chased.
"""

from __future__ import annotations

from math import pi, sin
from typing import Any

from kivy.graphics import Color

from screens.parts import icons
from screens.stage.painter import Painter, Rect
from screens.stage.skin import rgba

DARK, SUN, PALE = "#3A2E05", "#FFC533", "#FFEFB8"
PERIOD_S = 2.4
FRAMES_S = 0.2
"""A step of the pulse: a halo that stands must not keep the unit busy."""


def draw(painter: Painter, rect: Rect, radius: float, right_side: bool = False) -> Any:
    """Draw the halo around a key; the finger mark stands on its inner lower corner. Gives the colour that pulses."""
    pulse = _rings(painter, rect, radius)
    x = rect.x + 4 if right_side else rect.right - 4
    y = rect.bottom + 2
    size = 30 if rect.w > 130 else 22
    painter.disc(x, y, size, DARK)
    painter.disc(x, y, size - 4, SUN)
    icons.draw(painter, "hand", Rect(x - size * 0.6, y - size * 0.62, size * 1.2, size * 1.2), DARK, 10)
    return pulse


def around(painter: Painter, picture: Rect) -> Any:
    """Draw the halo around the picture of a slot, where the hand goes to the machine and not to the glass; just inside
    its room, as words stand beside it. Gives the colour that pulses.
    """
    return _rings(painter, picture.grown(-20), 24)


def _rings(painter: Painter, rect: Rect, radius: float) -> Any:
    painter.box(rect.grown(18), radius + 18, border=DARK, thick=4)
    before = len(painter.group.children)
    painter.box(rect.grown(14), radius + 14, border=SUN, thick=9)
    pulse = next(child for child in painter.group.children[before:] if isinstance(child, Color))
    painter.box(rect.grown(5), radius + 5, border=DARK, thick=5)
    return pulse


def shade(at_s: float) -> tuple[float, float, float, float]:
    """Return the ring's colour at a moment of its pulse."""
    part = 0.5 - 0.5 * sin(2 * pi * at_s / PERIOD_S)
    first, last = rgba(SUN), rgba(PALE)
    red, green, blue = (a + (b - a) * part for a, b in zip(first[:3], last[:3], strict=True))
    return red, green, blue, 1.0
