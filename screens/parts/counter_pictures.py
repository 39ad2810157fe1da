"""Pictures of a counter: somebody behind a window, a line to sign on, before and after.

Nobody in particular is drawn, and no signature is anybody's: the stroke on the line is always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.parts.picture_pen import LAMP, METAL, PAPER, PAPER_INK, SKIN, Pen

GLASS, FRAME, WOOD, COAT, HAIR = "#D9E8EE", "#5F7480", "#8A6A48", "#2F5573", "#2C343C"


def _clerk(pen: Pen) -> None:
    """Draw a window with a lit number over it, somebody behind the desk, a paper in front."""
    pen.box(36, 12, 248, 206, 14, FRAME)
    pen.box(48, 44, 224, 162, 8, GLASS)
    pen.box(118, 16, 84, 24, 6, METAL)
    pen.box(126, 20, 68, 16, 3, LAMP)
    pen.box(104, 132, 112, 74, 30, COAT)
    pen.disc(160, 100, 34, HAIR)
    pen.disc(160, 106, 29, SKIN)
    pen.disc(149, 104, 3.5, HAIR)
    pen.disc(171, 104, 3.5, HAIR)
    pen.line(149, 118, 160, 123, 171, 118, colour=HAIR, thick=4)
    pen.shape(148, 140, 172, 140, 160, 158, colour=PAPER)
    pen.box(20, 194, 280, 32, 8, WOOD)
    pen.box(96, 186, 64, 20, 3, PAPER, PAPER_INK)


def _form(pen: Pen) -> None:
    pen.box(62, 14, 196, 212, 6, PAPER, PAPER_INK)
    for y, right in ((44, 220), (68, 236), (92, 206), (116, 228)):
        pen.line(86, y, right, y, colour="#A9B3BB", thick=6)
    pen.line(86, 190, 234, 190, colour=PAPER_INK, thick=4)


def _sign(pen: Pen) -> None:
    """Draw an empty line to sign on, a pen beside it."""
    _form(pen)
    pen.line(120, 182, 186, 128, colour="#1F3A93", thick=12)
    pen.line(120, 182, 128, 174, colour="#10161D", thick=8)


def _signed(pen: Pen) -> None:
    """Draw a line with something on it."""
    _form(pen)
    pen.line(
        100,
        176,
        112,
        156,
        120,
        178,
        132,
        160,
        142,
        178,
        158,
        158,
        166,
        176,
        186,
        162,
        214,
        170,
        colour="#1F3A93",
        thick=6,
    )


DRAWINGS: Mapping[str, Callable[[Pen], None]] = {"clerk": _clerk, "sign": _sign, "signed": _signed}
