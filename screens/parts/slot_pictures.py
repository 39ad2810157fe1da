"""Draw the places of a machine that things go into and come out of, as they stand still; and a
practice note.
"""

from __future__ import annotations

from collections.abc import Callable

from screens.parts.picture_pen import METAL, SLIT, Pen

NOTE, NOTE_INK = "#F2C9A1", "#6B3A12"
DARK_LAMP = "#55636F"


def note(pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a practice note: our own design, nothing like legal tender."""
    pen.box(x, y, w, h, 8, NOTE, NOTE_INK)
    pen.disc(x + w / 2, y + h / 2, h * 0.32, "#FFF3E4")
    pen.painter.text("练", pen.rect(x, y, w, h), round(h * 0.3 * pen.unit), NOTE_INK, use="print", bold=True)


def slot(pen: Pen, sign: Callable[[Pen], None] | None = None) -> None:
    """Draw the slot from the front: its frame, its lamp unlit, its mouth; `sign`: what belongs in it."""
    pen.box(46, 4, 228, 80, 16, METAL)
    pen.box(56, 12, 208, 58, 10, DARK_LAMP)
    pen.box(62, 18, 196, 46, 7, SLIT)
    pen.box(78, 50, 164, 6, 2, "#000000")
    if sign:
        sign(pen)


def card_sign(pen: Pen) -> None:
    """Draw the sign of a card at its slot."""
    pen.box(150, 21, 20, 27, 4, SLIT, "#DDE4EA")
    pen.box(156, 25, 8, 6, 1, "#E8C15A")


def paper_sign(pen: Pen) -> None:
    """Draw the sign of a slip at its slot."""
    pen.box(149, 21, 22, 27, 2, "#DDE4EA")
    for y in (28, 34, 40):
        pen.line(153, y, 167, y, colour=SLIT, thick=2)


def note_sign(pen: Pen) -> None:
    """Draw the sign of a note at its slot."""
    pen.box(142, 23, 36, 21, 3, SLIT, "#DDE4EA")
    pen.disc(160, 33.5, 5, "#DDE4EA")


def coin_sign(pen: Pen) -> None:
    """Draw the sign of a coin at its slot."""
    pen.disc(160, 34, 13, "#DDE4EA")
    pen.disc(160, 34, 9, SLIT)


def field(pen: Pen) -> None:
    """Draw a field on which something is laid: nothing is drawn in."""
    pen.box(46, 8, 228, 162, 18, METAL)
    pen.box(58, 20, 204, 138, 12, DARK_LAMP)
    pen.box(64, 26, 192, 126, 9, SLIT)


def tap_field(pen: Pen) -> None:
    """Draw a field with waves, for a card without contacts."""
    field(pen)
    for radius in (18, 34, 50):
        x, y, unit = pen.left + 160 * pen.unit, pen.top + 116 * pen.unit, pen.unit
        pen.painter.arc(x, y, radius * unit, (-50, 50), "#DDE4EA", 6 * unit)


def tray(pen: Pen) -> None:
    """Draw the tray in which notes lie ready."""
    pen.box(30, 4, 260, 96, 16, METAL)
    pen.box(40, 12, 240, 74, 10, DARK_LAMP)
    pen.box(46, 18, 228, 62, 7, SLIT)
    pen.box(46, 18, 228, 22, 7, "#5B656E")


def cup(pen: Pen) -> None:
    """Draw a mouth above, and the cup below it into which the ticket falls."""
    pen.box(56, 4, 208, 196, 18, METAL)
    pen.box(104, 44, 112, 12, 4, "#000000")
    pen.box(76, 96, 168, 92, 14, DARK_LAMP)
    pen.box(82, 102, 156, 80, 10, SLIT)


def pad(pen: Pen) -> None:
    """Draw the keys of a pad for secrets."""
    pen.box(60, 60, 200, 236, 18, METAL)
    pen.box(78, 76, 164, 40, 8, SLIT)
    for n in range(4):
        pen.disc(108 + n * 34, 96, 7, "#DDE4EA")
    for row in range(4):
        for column in range(3):
            colour = ("#C94B41", "#D7DEE6", "#37A06B")[column] if row == 3 else "#D7DEE6"
            pen.box(80 + column * 56, 130 + row * 40, 48, 32, 6, colour)
