"""The band at the top of a machine: its mark, its name, and that it is for practice. The clock is the overlay's."""

from __future__ import annotations

from kiosk_firmware.core.pages import Text
from screens.paint import Rect
from screens.parts import icons
from screens.scene import HEADER_HIGH, PAGE, Scene

CLOCK = Rect(1010, 14, 222, 68)
"""Where the overlay puts the clock."""


def draw(scene: Scene) -> None:
    """Draw it, where the look has one."""
    if not scene.has_header:
        return
    look, painter = scene.look.header, scene.painter
    painter.fill(Rect(0, 0, PAGE.w, HEADER_HIGH), look.ground)
    left = 48.0
    if look.mark != "none":
        square = Rect(48, 18, 60, 60)
        painter.box(square, 30 if look.mark == "wave" else 16, look.mark_ground)
        icons.draw(painter, look.mark, square.grown(-7), look.mark_ink, 11)
        left = 128
    room = 850.0
    if look.name:
        painter.text(scene.write(Text(look.name)), Rect(left, 6, room, 46), 34, look.ink, bold=True, align="left")
    if look.sub:
        painter.text(scene.write(Text(look.sub)), Rect(left, 52, room, 36), 28, look.ink_soft, use="read", align="left")
