"""Seats: a part of an aircraft's cabin from above, the nose at the left, a key for each seat.

Rows of the page are the cabin's rows: each names the keys of its seats from window to window, "" for the aisle. Ten
rows stand side by side, so that every seat is as large as a finger; keys of the area `part` show another part of the
cabin. A seat that is free shows its name in a strong rim; all others show their key's sign and a word: one's own is
filled, those that cannot be had are dull. At the right stands what was chosen, or why not.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import icons, keys, page_content
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

SIDE_WIDE = 252.0
PART_WIDE, PART_HIGH = 168.0, 74.0
RING_WIDE = 300.0
"""Of the ring and the key beside it, which stand at the top right where there is a telephone and no header."""
CLOCK_WIDE = 130.0
_LOW, _AIR = 14.0, 16.0
_LETTERS_WIDE, _AISLE_HIGH, _GAP = 46.0, 40.0, 6.0
_KEY_HIGH = 84.0


class Seats:
    """Draws pages of kind Seats."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title with the parts of the cabin beside it, the cabin, and the panel with the way on and
        the way out.
        """
        self._title(scene, self._parts(scene))
        area, top = scene.area, scene.body_top
        whole = Rect(area.x, top, area.w, PAGE.bottom - _LOW - top)
        self._side(scene, Rect(whole.right - SIDE_WIDE, whole.y, SIDE_WIDE, whole.h))
        _cabin(scene, Rect(whole.x, whole.y, whole.w - SIDE_WIDE - _AIR, whole.h))

    def _title(self, scene: PageCanvas, right: float) -> None:
        """Draw the title before the parts; where there is a telephone and no header, the clock stands before it."""
        clock = CLOCK_WIDE if scene.look.phone else 0
        scene.title_beside(right, clock)

    def _parts(self, scene: PageCanvas) -> float:
        """Draw front, middle, rear at the right of the title; return where they begin."""
        found, area = _of(scene, "part"), scene.area
        left = area.right - (RING_WIDE if scene.look.phone else 0) - len(found) * (PART_WIDE + 8)
        for at, key in enumerate(found):
            keys.chip(scene, key, Rect(left + 8 + at * (PART_WIDE + 8), area.y + 3, PART_WIDE, PART_HIGH))
        return left

    def _side(self, scene: PageCanvas, rect: Rect) -> None:
        """Draw what was chosen or refused, then the keys that are no seats, the way on lowest."""
        rest = [key for key in scene.page.keys if key.name.partition(".")[0] not in ("seat", "part")]
        bottom = rect.bottom
        for key in sorted(rest, key=lambda key: key.role != "primary"):
            keys.button(scene, key, Rect(rect.x, bottom - _KEY_HIGH, rect.w, _KEY_HIGH))
            bottom -= _KEY_HIGH + 14
        said = Rect(rect.x, rect.y, rect.w, bottom - rect.y)
        page_content.panel(scene, said)
        inner = said.grown(-18)
        found = [page_content.sentence(scene, scene.write(line), inner.w, "left") for line in scene.page.body.lines]
        page_content.stack(scene, inner, found)


def _of(scene: PageCanvas, area: str) -> list[Key]:
    return [key for key in scene.page.keys if key.name.partition(".")[0] == area]


def _cabin(scene: PageCanvas, rect: Rect) -> None:
    """Draw the hull, row numbers along the aisle, letters at the left, and the seats."""
    page_content.panel(scene, rect, 34)
    rows = scene.page.body.rows
    by_name = {key.name: key for key in _of(scene, "seat")}
    places = rows[0].keys
    inner = Rect(rect.x + _LETTERS_WIDE, rect.y + 6, rect.w - _LETTERS_WIDE - 14, rect.h - 12)
    seats = sum(1 for name in places if name)
    high = (inner.h - _AISLE_HIGH * (len(places) - seats) - _GAP * (seats - 1)) / seats
    pitch = inner.w / len(rows)
    wide = min(pitch - _GAP, 1.5 * high)
    y = inner.y
    for at, name in enumerate(places):
        line = Rect(rect.x + 6, y, _LETTERS_WIDE - 8, high if name else _AISLE_HIGH)
        if name:
            scene.painter.text(name[-1], line, 34, scene.look.panel.ink_soft, bold=True)
        for column, row in enumerate(rows):
            place = Rect(inner.x + column * pitch + (pitch - wide) / 2, y, wide, line.h)
            if row.keys[at]:
                _place(scene, by_name[row.keys[at]], place)
            else:
                number = row.keys[0].partition(".")[2][:-1]
                scene.painter.text(number, place, 30, scene.look.panel.ink_soft, use="read")
        y += line.h + (_GAP if name and at + 1 < len(places) and places[at + 1] else 0)


def _place(scene: PageCanvas, key: Key, rect: Rect) -> None:
    words = (scene.write(key.text), scene.write(key.sub) if key.sub else "")
    scene.add(key, rect, partial(_seat, key=key, words=words, rect=rect, look=scene.look))


def _seat(painter: Painter, pressed: bool, key: Key, words: tuple[str, str], rect: Rect, look: SkinLook) -> None:
    """Draw a seat from above, its back towards the tail: what it is in a sign and a word, or its name where
    it is free.
    """
    style = look.primary if key.state == "on" else look.back if key.state == "off" else look.key
    ground, border, ink = keys.colours(style, pressed)
    painter.box(rect, 12, ground, border, 2 if key.state == "off" else 3)
    if not words[1]:
        painter.text(words[0], rect.grown(-3), 34, ink, bold=True)
        return
    _sign(painter, key.icon, Rect(rect.centre[0] - 13, rect.y + 6, 26, 26), ink)
    low = Rect(rect.x + 2, rect.bottom - 39, rect.w - 4, 34)
    painter.text(words[1], low, 28, ink, use="read", bold=key.state == "on")


def _sign(painter: Painter, icon: str, box: Rect, ink: str) -> None:
    """Draw head and shoulders where somebody sits, as two filled shapes: there are dozens of them, and
    lines cost most.
    """
    if icon != "person":
        icons.draw(painter, icon, box, ink, 12)
        return
    painter.disc(box.centre[0], box.y + 6, 6, ink)
    painter.box(Rect(box.x + 2, box.y + 13, box.w - 4, 10), 5, ink)
