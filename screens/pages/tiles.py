"""Tiles: things to choose by their picture. Each `choice` is a large tile: its picture, its name, how far somebody is
in it; at the side stands what the page says, how much of it is done, and every other key, the way out lowest.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import icons, keys, page_content
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import STATUS, SkinLook

ACROSS, GAP, SIDE, KEY_HIGH = 3, 16.0, 316.0, 98.0
PICTURE = 120.0
SHADE, INK, DOTS = "#E1EBF3", "#1B4B78", 3
HIGH_OF = {1: 52.0, 2: 88.0, 3: 130.0}
"""The height of a name by its lines."""
STAGES = (20, 50, 80)
"""From so much progress on a dot is full; all of it has the tick."""


class Tiles:
    """Draws pages of kind Tiles."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title above, tiles at the left, the rest at the right."""
        scene.title_left(Rect(36, 6, PAGE.w - 72, 92))
        room = Rect(36, 104, PAGE.w - 72, PAGE.bottom - 20 - 104)
        tiles(scene, Rect(room.x, room.y, room.w - SIDE - 24, room.h))
        side(scene, Rect(room.right - SIDE, room.y, SIDE, room.h))


def choices(scene: PageCanvas) -> list[Key]:
    """Return the page's tiles."""
    return [key for key in scene.page.keys if key.role == "choice"]


def tiles(scene: PageCanvas, room: Rect) -> None:
    """Draw three tiles a row, each as high as the room allows."""
    found = choices(scene)
    rows = max(2, -(-len(found) // ACROSS))
    wide, high = (room.w - GAP * (ACROSS - 1)) / ACROSS, min(300.0, (room.h - GAP * (rows - 1)) / rows)
    for at, key in enumerate(found):
        rect = Rect(room.x + at % ACROSS * (wide + GAP), room.y + at // ACROSS * (high + GAP), wide, high)
        scene.add(key, rect, partial(_tile, key=key, text=scene.write(key.text), rect=rect, look=scene.look))


def side(scene: PageCanvas, room: Rect) -> None:
    """Draw what the page says, and the other keys from the bottom up."""
    found = [key for key in scene.page.keys if key.role != "choice"]
    bottom = room.bottom
    for key in (*(one for one in found if one.role == "back"), *(one for one in found[::-1] if one.role != "back")):
        keys.button(scene, key, Rect(room.x, bottom - KEY_HIGH, room.w, KEY_HIGH))
        bottom -= KEY_HIGH + GAP
    draw_sentences(scene, Rect(room.x, room.y, room.w, bottom - room.y))


def draw_sentences(scene: PageCanvas, room: Rect) -> None:
    """Draw the page's sentences, and as many discs as there are steps, those that are done filled."""
    lines = [scene.write(line) for line in scene.page.body.lines]
    found = [page_content.sentence(scene, line, room.w, "left", 36, ink=scene.look.ink) for line in lines]
    high = page_content.total(found) + 14 * len(found)
    page_content.stack(scene, Rect(room.x, room.y, room.w, high), found, 14)
    body = scene.page.body
    for at in range(body.length):
        colour = scene.look.accent if at < body.digits else "#FFFFFF"
        disc = Rect(room.x + at * 72, room.y + high + 10, 52, 52)
        scene.painter.box(disc, 26, colour, scene.look.accent, 4)


def _tile(painter: Painter, pressed: bool, key: Key, text: str, rect: Rect, look: SkinLook) -> None:
    ground, border, ink = keys.colours(look.key, pressed)
    painter.box(rect, 24, ground, border, 3)
    low = (46.0 if key.progress >= 0 else 0.0) + _name_high(painter, text, rect) + 8
    shade = Rect(rect.x + 3, rect.y + 3, rect.w - 6, rect.h - low - 6)
    painter.box(shade, 21, border if pressed else SHADE)
    side = min(icons.most(key.icon), PICTURE, shade.h - 16)
    shown = Rect(shade.centre[0] - side / 2, shade.centre[1] - side / 2, side, side)
    icons.draw(painter, key.icon, shown, ink if pressed else INK, 7)
    name = Rect(rect.x + 12, shade.bottom + 4, rect.w - 24, _name_high(painter, text, rect))
    painter.text(text, name, 38, ink, bold=True, most=max(HIGH_OF), gap=1.1)
    if key.progress >= 0:
        _dots(painter, key.progress, Rect(rect.x, rect.bottom - 44, rect.w, 30), ink)
    if key.progress >= 100:
        badge(painter, "ok", rect.right - 38, rect.y + 38, 26)


def _name_high(painter: Painter, text: str, rect: Rect) -> float:
    """Return how high its name stands: in as few lines as hold it."""
    fits = (lines for lines in HIGH_OF if painter.letters.fit(text, rect.w - 24, 38, 34, lines, True).fits)
    return HIGH_OF[next(fits, max(HIGH_OF))]


def _dots(painter: Painter, progress: int, rect: Rect, ink: str) -> None:
    """Draw how far somebody is, as full and empty dots."""
    for at, least in enumerate(STAGES):
        dot = Rect(rect.centre[0] + (at - DOTS / 2) * 40 + 6, rect.y + 1, 28, 28)
        painter.box(dot, 14, STATUS["ok"].ground if progress >= least else "#FFFFFF", STATUS["ok"].ground, 3)
