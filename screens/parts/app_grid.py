"""The first page of a telephone, with its apps, and the first page of an app, with what it can do.

The telephone's own has its apps on a coloured ground, three a row, and the lock at the top. An app's (`Body.icon`) has
the three that are used most on a coloured band, the rest on white below, and what the page says lowest.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.parts import app_bar, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

ACROSS = 3
BAND, ROW, MOST = 190.0, 160.0, 200.0
"""What the band and a row of apps want, and the most that a row gets."""
TIP, TIP_INK = "#FFF7D6", "#2B2200"
GAP, PAD = 12.0, 12.0


def draw(scene: PageCanvas, room: Rect, unit: float = 1.0) -> bool:
    """Draw the whole glass below the status bar. Return whether what the page says found room there."""
    room = app_bar.title(scene, room, unit)
    found = [key for key in scene.page.keys if key.name not in app_bar.OWN]
    if scene.page.body.icon:
        return _app(scene, found, room, unit)
    ink, said = scene.look.header.ink, _said_high(scene, room, unit)
    _wallpaper(scene, room, unit)
    shown = scene.frame.tall or said + ROW * -(-len(found) // ACROSS) <= room.h
    if shown:
        _said(scene, Rect(room.x, room.y, room.w, said), ink, unit)
        room = Rect(room.x, room.y + said, room.w, room.h - said)
    _grid(scene, found, room, ink, unit)
    return shown


def _app(scene: PageCanvas, found: list[Key], room: Rect, unit: float) -> bool:
    """Draw an app's first page: what is used most on a band, the rest below it, and lowest what the page says."""
    banded, said = len(found) > ACROSS, _said_high(scene, room, unit)
    rows = -(-len(found) // ACROSS) - banded
    shown = scene.frame.tall or said + (BAND if banded else 0) + ROW * rows <= room.h
    if banded:
        room = _band(scene, found[:ACROSS], room, unit)
        found = found[ACROSS:]
    elif shown:
        room = Rect(room.x, room.y + 16, room.w, room.h - 16)
    ink, low = scene.look.panel.ink, said if shown else 0.0
    high = min(room.h - low, (MOST * unit + GAP) * rows)
    _grid(scene, found, Rect(room.x, room.y, room.w, high), ink, unit)
    if shown:
        tip = Rect(room.x + PAD, room.y + high, room.w - 2 * PAD, said - 8)
        scene.painter.box(tip, 18, TIP, "", 0)
        _said(scene, Rect(room.x + PAD, tip.y, room.w - 2 * PAD, said), TIP_INK, unit)
    return shown


def _wallpaper(scene: PageCanvas, room: Rect, unit: float) -> None:
    """Draw the telephone's own ground: its colour, a sun, two hills; no key looks like them."""
    painter, ground = scene.painter, scene.look.header.ground
    painter.fill(Rect(room.x, room.y, room.w, room.h - 34), ground)
    painter.box(Rect(room.x, room.bottom - 68, room.w, 68), 30, ground)
    low, wide = room.bottom - 36, room.w
    painter.disc(room.x + wide * 0.72, low - 190 * unit, 44 * unit, "#FFFFFF2E")
    for left, top, right, colour in ((0.0, 150, 0.78, "#FFFFFF1C"), (0.3, 110, 1.0, "#FFFFFF14")):
        peak = (room.x + wide * (left + right) / 2, low - top * unit)
        painter.shape([(room.x + wide * left, low), peak, (room.x + wide * right, low)], colour)


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
    found = [page_content.sentence(scene, line, room.w - 4 * PAD, "left", round(34 * unit), 34) for line in lines]
    return 34 + page_content.total(found) + 6 * len(found)


def _said(scene: PageCanvas, room: Rect, ink: str, unit: float) -> None:
    """Draw what the page says."""
    y = room.y + 10
    for line in scene.page.body.lines:
        piece = page_content.sentence(scene, scene.write(line), room.w - 2 * PAD, "left", round(34 * unit), 34, ink)
        piece.draw(Rect(room.x + PAD, y, room.w - 2 * PAD, piece.high))
        y += piece.high + 6


def _grid(scene: PageCanvas, found: list[Key], room: Rect, ink: str, unit: float) -> None:
    """Draw three a row, each row as high as its names want."""
    rows = max(1, -(-len(found) // ACROSS))
    wide = (room.w - 2 * PAD - GAP * (ACROSS - 1)) / ACROSS
    high = min(MOST * unit, (room.h - GAP * (rows - 1)) / rows)
    for at, key in enumerate(found):
        x, y = room.x + PAD + at % ACROSS * (wide + GAP), room.y + at // ACROSS * (high + GAP)
        app_bar.app(scene, key, Rect(x, y, wide, high), app_bar.GROUNDS[at % len(app_bar.GROUNDS)], ink)
