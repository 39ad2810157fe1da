"""Draw larger pictures with a pen: a box of 320 by 240, scaled to the place it gets, and a few colours.

The pictures themselves stand in `drawings` (what the hands do) and `encounters` (what one meets).
"""

from __future__ import annotations

from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

WIDE, HIGH = 320, 240
METAL, SLIT, LAMP = "#3B4652", "#10161D", "#37D67A"
PAPER, PAPER_INK = "#FFFFFF", "#5A646E"
SKIN = "#E9B98F"


class Pen:
    """A painter scaled into one drawing's box."""

    def __init__(
        self, painter: Painter, rect: Rect, look: SkinLook, card: str, wide: float = WIDE, high: float = HIGH
    ) -> None:
        """Fit `wide` by `high` into `rect`, centred."""
        self.unit = min(rect.w / wide, rect.h / high)
        self.left = rect.x + (rect.w - wide * self.unit) / 2
        self.top = rect.y + (rect.h - high * self.unit) / 2
        self.painter, self.look, self.number = painter, look, card

    def rect(self, x: float, y: float, w: float, h: float) -> Rect:
        """Return a box of the drawing on the page."""
        unit = self.unit
        return Rect(self.left + x * unit, self.top + y * unit, w * unit, h * unit)

    def box(self, x: float, y: float, w: float, h: float, radius: float, colour: str = "", border: str = "") -> None:
        """Draw a rounded box."""
        self.painter.box(self.rect(x, y, w, h), radius * self.unit, colour, border, 2)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Draw a filled circle."""
        self.painter.disc(self.left + x * self.unit, self.top + y * self.unit, radius * self.unit, colour)

    def line(self, *flat: float, colour: str, thick: float = 4) -> None:
        """Draw a polyline."""
        points = [
            (self.left + x * self.unit, self.top + y * self.unit) for x, y in zip(flat[::2], flat[1::2], strict=True)
        ]
        self.painter.line(points, colour, thick * self.unit)

    def shape(self, *flat: float, colour: str) -> None:
        """Draw a filled convex shape."""
        points = [
            (self.left + x * self.unit, self.top + y * self.unit) for x, y in zip(flat[::2], flat[1::2], strict=True)
        ]
        self.painter.shape(points, colour)

    def arrow(self, x: float, y: float, up: bool) -> None:
        """Draw a yellow arrow with a dark rim, so that it shows on every ground."""
        sign = -1 if up else 1
        tip, base = y + sign * 34, y - sign * 26
        for colour, thick in (("#2B2200", 20), ("#FFC533", 12)):
            self.line(x, base, x, tip, colour=colour, thick=thick)
            self.line(x - 22, tip - sign * 24, x, tip, x + 22, tip - sign * 24, colour=colour, thick=thick)


def bank_card(painter: Painter, rect: Rect, look: SkinLook, number: str) -> None:
    """Draw a bank card from the front; proportions 250:160."""
    unit = rect.w / 250
    painter.box(rect, 16 * unit, look.card.ground, look.card.border, 2)
    chip = Rect(rect.x + 24 * unit, rect.y + 44 * unit, 44 * unit, 34 * unit)
    painter.box(chip, 6 * unit, "#E8C15A")
    painter.line([(chip.x, chip.centre[1]), (chip.right, chip.centre[1])], "#8A6A14", 2)
    painter.line([(chip.centre[0], chip.y), (chip.centre[0], chip.bottom)], "#8A6A14", 2)
    if number:
        where = Rect(rect.x + 20 * unit, rect.y + 98 * unit, rect.w - 40 * unit, 40 * unit)
        painter.text(number, where, round(25 * unit), look.card.ink, use="print", align="left")
