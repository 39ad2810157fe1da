"""The steps of an errand as a ticket machine shows them: a bar below the header, or a column at the left
that also says what was chosen.

A step that is done has a tick, the present one is filled and bold, the others are outlined: shape and weight tell it,
and colour only helps.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.pages import Row
from screens.parts import icons
from screens.stage.page_canvas import BAR_HIGH, COLUMN_WIDE, PAGE, PageCanvas
from screens.stage.painter import Rect
from screens.stage.skin import STATUS


def draw(scene: PageCanvas) -> None:
    """Draw the page's trail where the layout has a place for it."""
    steps = scene.page.body.trail
    if not steps or not scene.look.rail:
        return
    if scene.look.bar:
        _bar(scene, steps)
    else:
        _column(scene, steps)


def _bar(scene: PageCanvas, steps: Sequence[Row]) -> None:
    painter, look = scene.painter, scene.look
    band = Rect(0, scene.top, PAGE.w, BAR_HIGH)
    painter.fill(band, look.panel.ground)
    painter.fill(Rect(0, band.bottom - 2, PAGE.w, 2), look.panel.border)
    wide = (PAGE.w - 48) / len(steps)
    for at, step in enumerate(steps):
        x, y = 36 + at * wide, band.centre[1]
        _dot(scene, step, at + 1, x + 19, y - 1, 22)
        now = step.mark == "next"
        words = scene.write(step.label)
        room = Rect(x + 52, band.y, wide - 58 - (24 if at + 1 < len(steps) else 0), band.h - 2)
        ink = look.accent if now else look.panel.ink_soft
        laid = painter.text(words, room, 30, ink, use="read", bold=now, align="left")
        rest = Rect(room.x + laid.widths[0] + 12, y - 2, x + wide - room.x - laid.widths[0] - 20, 3)
        if at + 1 < len(steps) and rest.w > 12:
            painter.fill(rest, look.panel.border)


def _column(scene: PageCanvas, steps: Sequence[Row]) -> None:
    painter, look = scene.painter, scene.look
    panel = Rect(0, scene.top, COLUMN_WIDE, PAGE.bottom - scene.top)
    painter.fill(panel, look.panel.ground)
    painter.fill(Rect(panel.right - 2, panel.y, 2, panel.h), look.panel.border)
    high = min(110.0, (panel.h - 24) / len(steps))
    for at, step in enumerate(steps):
        top = panel.y + 16 + at * high
        if at + 1 < len(steps):
            painter.fill(Rect(43, top + 48, 3, high - 52), look.panel.border)
        _dot(scene, step, at + 1, 44.5, top + 24, 23)
        now = step.mark == "next"
        ink = look.accent if now else look.panel.ink
        words = Rect(80, top, panel.right - 92, 48)
        painter.text(scene.write(step.label), words, 34, ink, use="read", bold=now, align="left")
        if step.value:
            _value(scene, scene.write(step.value), Rect(80, top + 46, panel.right - 90, 34))


def _value(scene: PageCanvas, words: str, rect: Rect) -> None:
    """Draw what was chosen, where it can be read; a long name stands on its own page anyway."""
    if scene.painter.letters.fit(words, rect.w, 28, 28).fits:
        scene.painter.text(words, rect, 28, scene.look.panel.ink_soft, use="read", align="left")


def _dot(scene: PageCanvas, step: Row, number: int, x: float, y: float, radius: float) -> None:
    painter, look = scene.painter, scene.look
    box = Rect(x - radius, y - radius, 2 * radius, 2 * radius)
    match step.mark:
        case "ok":
            painter.disc(x, y, radius, STATUS["ok"].ground)
            icons.draw(painter, "tick", box.grown(-radius * 0.42), STATUS["ok"].ink, 13)
        case "next":
            painter.disc(x, y, radius, look.accent)
            painter.text(str(number), box, 28, look.accent_ink, use="read", bold=True)
        case _:
            painter.box(box, radius, border=look.panel.ink_soft, thick=2)
            painter.text(str(number), box, 28, look.panel.ink_soft, use="read")
