"""The first page of a telephone, with its apps, and the first page of an app, with what it can do.

The telephone's own has its apps on a coloured ground, three a row, and the lock at the top. An app's (`Body.icon`) has
the three that are used most on a coloured band, the rest on white below.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.parts import app_bar, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

ACROSS = 3
BAND, ROW = 190.0, 160.0
"""What the band and a row of apps want."""
GAP, PAD = 12.0, 12.0


def draw(scene: PageCanvas, room: Rect, unit: float = 1.0) -> bool:
    """Draw the whole glass below the status bar. Return whether what the page says found room there."""
    look, own = scene.look, not scene.page.body.icon
    room = app_bar.title(scene, room, unit)
    found = [key for key in scene.page.keys if key.name not in app_bar.OWN]
    if own:
        scene.painter.fill(Rect(room.x, room.y, room.w, room.h - 34), look.header.ground)
        scene.painter.box(Rect(room.x, room.bottom - 68, room.w, 68), 30, look.header.ground)
    said, banded = _said_high(scene, room, unit), not own and len(found) > ACROSS
    shown = scene.frame.tall or said + (BAND if banded else 0) + ROW * (-(-len(found) // ACROSS) - banded) <= room.h
    if shown:
        room = _said(scene, room, look.header.ink if own else look.panel.ink, unit)
    if banded:
        room = _band(scene, found[:ACROSS], room, unit)
        found = found[ACROSS:]
    _grid(scene, found, room, look.header.ink if own else look.panel.ink, unit)
    return shown


def _band(scene: PageCanvas, found: list[Key], room: Rect, unit: float) -> Rect:
    """Draw what is used most, on a coloured band; the room below."""
    look, high = scene.look, BAND * unit
    wide = (room.w - 2 * PAD - GAP * (ACROSS - 1)) / ACROSS
    scene.painter.fill(Rect(room.x, room.y, room.w, high), look.header.ground)
    for at, key in enumerate(found):
        rect = Rect(room.x + PAD + at * (wide + GAP), room.y + 12, wide, high - 20)
        app_bar.app(scene, key, rect, look.header.ground, look.header.ink)
    return Rect(room.x, room.y + high + 16, room.w, room.h - high - 16)


def _said_high(scene: PageCanvas, room: Rect, unit: float) -> float:
    lines = (scene.write(line) for line in scene.page.body.lines)
    found = [page_content.sentence(scene, line, room.w - 2 * PAD, "left", round(34 * unit), 34) for line in lines]
    return 34 + page_content.total(found) + 6 * len(found)


def _said(scene: PageCanvas, room: Rect, ink: str, unit: float) -> Rect:
    """Draw what the page says, small above the apps; the room below."""
    y = room.y + 10
    for line in scene.page.body.lines:
        piece = page_content.sentence(scene, scene.write(line), room.w - 2 * PAD, "left", round(34 * unit), 34, ink)
        piece.draw(Rect(room.x + PAD, y, room.w - 2 * PAD, piece.high))
        y += piece.high + 6
    return Rect(room.x, y + 8, room.w, room.bottom - y - 20)


def _grid(scene: PageCanvas, found: list[Key], room: Rect, ink: str, unit: float) -> None:
    """Draw three a row, each row as high as its names want."""
    rows = max(1, -(-len(found) // ACROSS))
    wide = (room.w - 2 * PAD - GAP * (ACROSS - 1)) / ACROSS
    high = min(200 * unit, (room.h - GAP * (rows - 1)) / rows)
    for at, key in enumerate(found):
        x, y = room.x + PAD + at % ACROSS * (wide + GAP), room.y + at // ACROSS * (high + GAP)
        app_bar.app(scene, key, Rect(x, y, wide, high), app_bar.GROUNDS[at % len(app_bar.GROUNDS)], ink)
