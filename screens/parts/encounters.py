"""Pictures of what one meets beside the machine: something on the slot, somebody who comes near, a paper with a number,
a telephone that rings, a code that was stuck on, and the mask of a play.

They show what an eye may notice, and give no verdict: neither red nor a sign says which answer is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.parts import icons
from screens.parts.pen import LAMP, METAL, PAPER, PAPER_INK, SLIT, Pen

COAT, HAIR, FACE = "#5B6B7C", "#2C343C", "#E9B98F"
TAPE = "#E8D9A0"


def _skimmer(pen: Pen) -> None:
    """The slot wears a second mouth of another colour, a little askew, with a gap, and a dark dot above it."""
    pen.box(20, 60, 280, 150, 14, METAL)
    pen.disc(285, 76, 6, LAMP)
    pen.shape(70, 106, 254, 98, 262, 182, 76, 192, colour=SLIT)
    pen.shape(64, 96, 252, 88, 260, 168, 72, 178, colour="#7C8577")
    pen.line(64, 96, 252, 88, 260, 168, 72, 178, 64, 96, colour="#B9C0B2", thick=3)
    pen.line(92, 134, 234, 128, colour=SLIT, thick=14)
    pen.disc(160, 104, 5, SLIT)
    pen.line(262, 182, 276, 200, colour="#B9C0B2", thick=3)


def _person(pen: Pen, x: float, y: float, size: float, coat: str) -> None:
    """Head and shoulders, from the front."""
    pen.box(x - size * 0.9, y + size * 0.7, size * 1.8, size * 1.9, size * 0.6, coat)
    pen.disc(x, y, size * 0.62, HAIR)
    pen.disc(x, y + size * 0.14, size * 0.5, FACE)


def _stranger(pen: Pen) -> None:
    """Somebody large stands close behind somebody at the machine, and says something."""
    pen.box(228, 56, 84, 176, 12, METAL)
    pen.box(240, 70, 60, 46, 6, "#9FC3E6")
    for row in range(3):
        for column in range(3):
            pen.box(246 + column * 18, 130 + row * 16, 13, 11, 3, "#D7DEE6")
    _person(pen, 96, 96, 52, COAT)
    _person(pen, 184, 140, 36, "#2F7D6B")
    pen.box(112, 12, 92, 46, 16, PAPER, PAPER_INK)
    pen.shape(126, 54, 146, 54, 124, 72, colour=PAPER)
    for x in (138, 158, 178):
        pen.disc(x, 35, 6, PAPER_INK)


def _sheet(pen: Pen) -> None:
    """A machine's front with a sheet of paper taped on askew."""
    pen.box(28, 24, 264, 196, 18, METAL)
    pen.box(48, 42, 100, 70, 8, "#9FC3E6")
    pen.box(48, 150, 100, 14, 6, SLIT)
    pen.shape(168, 52, 272, 40, 282, 186, 178, 198, colour=PAPER)
    pen.shape(160, 58, 190, 44, 196, 56, 166, 70, colour=TAPE)
    pen.shape(252, 34, 282, 36, 280, 50, 250, 48, colour=TAPE)


def _notice(pen: Pen) -> None:
    _sheet(pen)
    icons.draw(pen.painter, "phone", pen.rect(200, 64, 52, 52), PAPER_INK, 8)
    for y, right in ((132, 262), (150, 266), (168, 246)):
        pen.line(192, y, right, y - 6, colour=PAPER_INK, thick=6)


CODE = ("1110111", "1010101", "1110111", "0001000", "1011010", "1100110", "1110101")


def _sticker(pen: Pen) -> None:
    """A code on paper; it means nothing to any phone."""
    _sheet(pen)
    for y, row in enumerate(CODE):
        for x, dark in enumerate(row):
            if dark == "1":
                pen.box(196 + x * 10, 78 + y * 10, 10, 10, 0, "#1B1F23")
    pen.line(196, 168, 262, 160, colour=PAPER_INK, thick=6)


def _call(pen: Pen) -> None:
    """A telephone that rings; who rings is not said."""
    pen.box(104, 14, 112, 214, 20, SLIT, "#8FA3B5")
    pen.box(114, 34, 92, 160, 8, "#22303C")
    pen.disc(160, 86, 28, "#8FA3B5")
    pen.painter.text("?", pen.rect(132, 58, 56, 56), round(40 * pen.unit), "#FFFFFF", use="print", bold=True)
    pen.disc(136, 166, 16, "#B33A2E")
    pen.disc(184, 166, 16, "#1F8A4C")
    for way in (-1, 1):
        for far in (0, 26):
            x = 160 + way * (74 + far)
            pen.line(x, 72 - far / 2, x + way * 12, 110, x, 148 + far / 2, colour="#FFC533", thick=7)


def _mask(pen: Pen) -> None:
    """Curtains and a friendly face: this is a play."""
    pen.box(40, 20, 240, 204, 14, "#22303C")
    pen.disc(160, 132, 64, "#F3E2B8")
    for x in (138, 182):
        pen.disc(x, 118, 8, "#3A2C0A")
    pen.line(132, 150, 144, 160, 160, 164, 176, 160, 188, 150, colour="#3A2C0A", thick=7)
    for left in (True, False):
        flat = (40, 20, 118, 20, 96, 90, 66, 140, 62, 224, 40, 224)
        points = [x if n % 2 or left else 320 - x for n, x in enumerate(flat)]
        pen.shape(*points, colour="#B33A2E")
    pen.box(40, 20, 240, 26, 8, "#8E2A20")


DRAWINGS: Mapping[str, Callable[[Pen], None]] = {
    "skimmer": _skimmer, "stranger": _stranger, "notice": _notice, "sticker": _sticker, "call": _call, "mask": _mask,
}
