"""Pictures of what one meets beside the machine: something on the slot, somebody who comes near, a paper with a number,
a telephone that rings, a code that was stuck on, and the mask of a play.

They show what an eye may notice, and give no verdict: neither red nor a sign says which answer is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.parts import icons
from screens.parts.picture_pen import LAMP, METAL, PAPER, PAPER_INK, SKIN, SLIT, Pen

COAT, HAIR, SCREEN = "#5B6B7C", "#2C343C", "#9FC3E6"
TAPE = "#E8D9A0"


def _skimmer(pen: Pen) -> None:
    """Draw a slot with a second mouth of another colour, a little askew, with a gap, and a dark dot above it."""
    pen.box(20, 60, 280, 150, 14, METAL)
    pen.disc(285, 76, 6, LAMP)
    pen.shape(70, 106, 254, 98, 262, 182, 76, 192, colour=SLIT)
    pen.shape(64, 96, 252, 88, 260, 168, 72, 178, colour="#7C8577")
    pen.line(64, 96, 252, 88, 260, 168, 72, 178, 64, 96, colour="#B9C0B2", thick=3)
    pen.line(92, 134, 234, 128, colour=SLIT, thick=14)
    pen.disc(160, 104, 5, SLIT)
    pen.line(262, 182, 276, 200, colour="#B9C0B2", thick=3)


def _person(pen: Pen, x: float, y: float, size: float, coat: str) -> None:
    """Draw head and shoulders, from the front."""
    pen.box(x - size * 0.9, y + size * 0.7, size * 1.8, size * 1.9, size * 0.6, coat)
    pen.disc(x, y, size * 0.62, HAIR)
    pen.disc(x, y + size * 0.14, size * 0.5, SKIN)


def _draw_talker(pen: Pen) -> None:
    """Draw somebody large close behind somebody, who says something."""
    _person(pen, 96, 96, 52, COAT)
    _person(pen, 184, 140, 36, "#2F7D6B")
    pen.box(112, 12, 92, 46, 16, PAPER, PAPER_INK)
    pen.shape(126, 54, 146, 54, 124, 72, colour=PAPER)
    for x in (138, 158, 178):
        pen.disc(x, 35, 6, PAPER_INK)


def _at_cash(pen: Pen) -> None:
    pen.box(228, 56, 84, 176, 12, METAL)
    pen.box(240, 70, 60, 46, 6, SCREEN)
    for row in range(3):
        for column in range(3):
            pen.box(246 + column * 18, 130 + row * 16, 13, 11, 3, "#D7DEE6")
    _draw_talker(pen)


def _in_hall(pen: Pen) -> None:
    """Draw a window with the number that is called, before it a row of seats."""
    pen.box(214, 14, 98, 150, 10, "#5F7480")
    pen.box(222, 48, 82, 108, 6, "#D9E8EE")
    pen.box(236, 20, 54, 22, 5, SLIT)
    pen.painter.text("07", pen.rect(236, 20, 54, 22), round(17 * pen.unit), LAMP, use="print", bold=True)
    pen.disc(264, 96, 16, HAIR)
    pen.disc(264, 99, 13, SKIN)
    pen.box(240, 116, 48, 40, 14, "#2F5573")
    pen.box(206, 152, 114, 16, 5, "#8A6A48")
    for x in (214, 250, 286):
        pen.box(x, 186, 28, 24, 6, "#3E6F9E")
        pen.box(x, 212, 28, 8, 3, "#27496B")
        pen.line(x + 14, 220, x + 14, 234, colour=METAL, thick=5)
    _draw_talker(pen)


def _at_trains(pen: Pen) -> None:
    """Draw the board of departures, and below it the machine with its rows."""
    pen.box(214, 8, 100, 44, 6, SLIT)
    for y in (20, 32, 44):
        pen.line(222, y - 2, 250, y - 2, colour="#FFC533", thick=5)
        pen.line(258, y - 2, 304, y - 2, colour=LAMP if y == 20 else "#9FB0BF", thick=5)
    pen.box(226, 66, 86, 168, 10, "#B33A2E")
    pen.box(236, 78, 66, 74, 5, "#F4F7FA")
    for y in (90, 108, 126, 144):
        pen.line(243, y - 2, 295, y - 2, colour="#4A6C8C", thick=7)
    pen.box(244, 170, 50, 10, 4, SLIT)
    pen.shape(250, 176, 288, 176, 288, 198, 250, 198, colour="#CDE3F5")
    _draw_talker(pen)


def _at_metro(pen: Pen) -> None:
    """Draw a ticket machine with two lines on its glass, and a tray for tokens."""
    pen.box(224, 50, 88, 184, 10, METAL)
    pen.box(234, 62, 68, 74, 5, "#F4F7FA")
    for flat, colour in (((240, 124, 262, 104, 262, 72), "#1F6FB5"), ((240, 84, 276, 84, 296, 116), "#B8431F")):
        pen.line(*flat, colour=colour, thick=6)
    for x, y in ((240, 124), (262, 84), (296, 116)):
        pen.disc(x, y, 6, PAPER)
        pen.disc(x, y, 3.5, PAPER_INK)
    pen.box(262, 150, 10, 26, 4, SLIT)
    pen.box(240, 192, 58, 26, 8, SLIT)
    pen.disc(262, 208, 9, "#3FA36B")
    _draw_talker(pen)


def _at_check_in(pen: Pen) -> None:
    """Draw a check-in terminal with an aeroplane, a bag beside it."""
    pen.box(240, 62, 70, 76, 10, METAL)
    pen.box(248, 70, 54, 60, 5, "#CDE3F5")
    icons.draw(pen.painter, "plane", pen.rect(255, 80, 40, 40), "#1D4E7A", 8)
    pen.box(266, 138, 18, 66, 2, METAL)
    pen.box(246, 202, 58, 14, 5, METAL)
    pen.line(212, 176, 212, 152, 230, 152, 230, 176, colour=SLIT, thick=5)
    pen.box(202, 174, 40, 56, 8, "#B8431F")
    _draw_talker(pen)


def _at_gate(pen: Pen) -> None:
    """Draw the posts of a gate, its leaf shut, the pad for a card."""
    for x in (216, 284):
        pen.box(x, 110, 32, 124, 8, METAL)
        pen.box(x + 5, 118, 22, 20, 4, "#9FC3E6")
    pen.shape(248, 150, 284, 162, 284, 206, 248, 206, colour="#D9534A")
    pen.line(266, 176, 266, 192, colour=PAPER, thick=5)
    pen.box(232, 40, 68, 54, 8, SLIT)
    pen.line(266, 84, 266, 52, colour=LAMP, thick=8)
    pen.line(248, 68, 266, 50, 284, 68, colour=LAMP, thick=8)
    _draw_talker(pen)


def _in_shop(pen: Pen) -> None:
    """Draw an awning, telephones on a shelf; the person holds one."""
    for n in range(5):
        pen.box(212 + n * 20, 24, 20, 40, 6, "#2B6CB0" if n % 2 else PAPER, "#2B6CB0")
    pen.box(252, 128, 62, 8, 2, METAL)
    for x in (258, 290):
        pen.box(x, 88, 20, 40, 4, SLIT)
        pen.box(x + 3, 93, 14, 28, 2, SCREEN)
    pen.box(248, 176, 66, 58, 6, "#8A6A48")
    _draw_talker(pen)
    pen.box(208, 172, 34, 58, 6, SLIT, "#8FA3B5")
    pen.box(212, 178, 26, 44, 3, SCREEN)
    pen.disc(210, 206, 10, SKIN)


def _sheet(pen: Pen) -> None:
    """Draw a machine's front with a sheet of paper taped on askew."""
    pen.box(28, 24, 264, 196, 18, METAL)
    pen.box(48, 42, 100, 70, 8, SCREEN)
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
    """Draw a code on paper; it means nothing to any phone."""
    _sheet(pen)
    for y, row in enumerate(CODE):
        for x, dark in enumerate(row):
            if dark == "1":
                pen.box(196 + x * 10, 78 + y * 10, 10, 10, 0, "#1B1F23")
    pen.line(196, 168, 262, 160, colour=PAPER_INK, thick=6)


def _call(pen: Pen) -> None:
    """Draw a telephone that rings; who rings is not said."""
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


def _written(pen: Pen) -> None:
    """Draw a telephone that lies still, with what somebody wrote on it; who it is is not said."""
    pen.box(92, 10, 136, 220, 20, SLIT, "#8FA3B5")
    pen.box(102, 30, 116, 174, 8, "#DCE6EE")
    pen.disc(122, 54, 13, "#8FA3B5")
    pen.painter.text("?", pen.rect(108, 40, 28, 28), round(20 * pen.unit), PAPER, use="print", bold=True)
    pen.box(112, 78, 96, 64, 12, PAPER, "#8FA3B5")
    pen.shape(124, 72, 140, 80, 122, 84, colour=PAPER)
    for y, right in ((96, 196), (110, 190), (124, 172)):
        pen.line(124, y, right, y, colour=PAPER_INK, thick=6)
    pen.disc(222, 20, 15, "#B33A2E")
    pen.painter.text("1", pen.rect(207, 5, 30, 30), round(20 * pen.unit), PAPER, use="print", bold=True)


def _mask(pen: Pen) -> None:
    """Draw curtains and a friendly face: this is a play."""
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
    "stranger_cash": _at_cash,
    "stranger_hall": _in_hall,
    "stranger_trains": _at_trains,
    "stranger_metro": _at_metro,
    "stranger_check_in": _at_check_in,
    "stranger_gate": _at_gate,
    "stranger_shop": _in_shop,
    "skimmer": _skimmer,
    "notice": _notice,
    "sticker": _sticker,
    "call": _call,
    "written": _written,
    "mask": _mask,
}
