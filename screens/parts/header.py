"""The band at the top of a machine: its mark, its name, and that it is for practice. The clock is the overlay's."""

from __future__ import annotations

from kiosk_firmware.core.pages import Text
from screens.parts import handset, icons
from screens.stage.page_canvas import LYING, PAGE, GlassFrame, PageCanvas, header_high
from screens.stage.painter import Rect
from screens.stage.skin import SkinLook

RING_LEFT = 680.0
"""Where the time-out ring with its key begins in a ticket machine's header."""


def clock_at(look: SkinLook, frame: GlassFrame = LYING) -> Rect:
    """Return where the overlay puts the clock."""
    if frame.tall:
        return Rect(24, 0, 130, handset.TALL_STATUS)
    if look.phone:
        return handset.clock_at(look)
    return Rect(1010, (header_high(look) - 68) / 2, 222, 68)


def draw(scene: PageCanvas) -> None:
    """Draw it, where the look has one."""
    if not scene.has_header:
        return
    look, painter = scene.look.header, scene.painter
    high = header_high(scene.look)
    painter.fill(Rect(0, 0, PAGE.w, high), look.ground)
    left = 48.0
    if look.mark != "none":
        square = Rect(48, (high - 60) / 2, 60, 60)
        painter.box(square, 16 if look.mark in ("barn", "ticket") else 30, look.mark_ground)
        icons.draw(painter, look.mark, square.grown(-7), look.mark_ink, 11)
        left = 128
    if scene.look.rail:
        _one_line(scene, left, high)
        return
    room = 850.0
    if look.name:
        painter.text(scene.write(Text(look.name)), Rect(left, 6, room, 46), 34, look.ink, bold=True, align="left")
    if look.sub:
        painter.text(scene.write(Text(look.sub)), Rect(left, 52, room, 36), 28, look.ink_soft, use="read", align="left")


def _one_line(scene: PageCanvas, left: float, high: float) -> None:
    """Name and what it is in one line, whose texts are short enough (the layout test says so): the ring comes to stand
    at its right.
    """
    look, painter = scene.look.header, scene.painter
    name, sub = scene.write(Text(look.name)), scene.write(Text(look.sub))
    wide = painter.letters.width(name, 34, True)
    painter.text(name, Rect(left, 0, wide, high), 34, look.ink, bold=True, align="left")
    room = Rect(left + wide + 20, 0, RING_LEFT - left - wide - 40, high)
    painter.text(sub, room, 28, look.ink_soft, use="read", align="left")
