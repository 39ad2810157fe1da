"""Boards of a ticket machine: places by hot names and letters, and the timetable with a key for each class.

Keys are placed by their area, which is equal in all skins: `day` above the list, `filter` as chips, `letter` as a board
of letters; up and down turn the page; whatever is left stands in the row below. A timetable is drawn in rows, times
beside classes, or as cards, two by two, classes below times.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.pages import Key, Row, Text
from screens.parts import keys, page_content
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

LOW = 14.0
"""Air below the lowest row."""
ROW_KEYS_HIGH = 76.0
_GAP = 8.0
_ARROW_WIDE = 102.0


def is_timetable(scene: PageCanvas) -> bool:
    """Return whether the page has lines with keys in them."""
    areas = {key.name.partition(".")[0] for key in scene.page.keys}
    return any(row.keys for row in scene.page.body.rows) or "filter" in areas


def is_places(scene: PageCanvas) -> bool:
    """Return whether the page has letters to search a place by."""
    return any(key.name.startswith("letter.") for key in scene.page.keys)


def _of(scene: PageCanvas, *areas: str) -> list[Key]:
    return [key for key in scene.page.keys if key.name.partition(".")[0] in areas]


# -- places ------------------------------------------------------------------------------------------------------------


def places(scene: PageCanvas) -> None:
    """Draw hot places large, letters below, then what else there is."""
    area = scene.area
    hot, letters = _of(scene, "station"), _of(scene, "letter")
    across = 4 if area.w > 1100 and len(hot) > 6 else 3
    down = max(1, -(-len(hot) // across))
    per_row = 11
    low = Rect(area.x, PAGE.bottom - LOW - ROW_KEYS_HIGH, area.w, ROW_KEYS_HIGH)
    lines = -(-len(letters) // per_row)
    board = Rect(area.x, low.y - 14 - lines * 80 + 8, area.w, lines * 80 - 8)
    said = Rect(area.x + 12, board.y - 46, area.w - 24, 42)
    high = min(104.0, (said.y - 8 - scene.body_top - (down - 1) * 12) / down)
    grid(scene, hot, Rect(area.x, scene.body_top, area.w, down * (high + 12) - 12), across, 12)
    for line in scene.page.body.lines:
        scene.painter.text(scene.write(line), said, 34, scene.look.ink_soft, align="left")
    grid(scene, letters, board, per_row, _GAP)
    spread(scene, _rest(scene, "station", "letter"), low)


def grid(scene: PageCanvas, found: Sequence[Key], rect: Rect, across: int, gap: float) -> None:
    """Draw equal keys that fill a box row by row."""
    down = max(1, -(-len(found) // across))
    wide, high = (rect.w - gap * (across - 1)) / across, (rect.h - gap * (down - 1)) / down
    for at, key in enumerate(found):
        x, y = rect.x + at % across * (wide + gap), rect.y + at // across * (high + gap)
        keys.button(scene, key, Rect(x, y, wide, high))


def _rest(scene: PageCanvas, *areas: str) -> list[Key]:
    """Return the keys of no such area, the way out first."""
    found = [key for key in scene.page.keys if key.name.partition(".")[0] not in areas]
    return sorted(found, key=lambda key: key.role != "back")


def spread(scene: PageCanvas, found: Sequence[Key], rect: Rect) -> None:
    """Draw keys as wide as their words, the first at the left, the others at the right."""
    right = rect.right
    for key in reversed(found[1:]):
        wide = _wide(scene, key, 60)
        keys.button(scene, key, Rect(right - wide, rect.y, wide, rect.h))
        right -= wide + 16
    if found:
        keys.button(scene, found[0], Rect(rect.x, rect.y, max(180.0, _wide(scene, found[0], 60)), rect.h))


def _wide(scene: PageCanvas, key: Key, air: float) -> float:
    beside = 84 if key.icon else 0
    return scene.painter.letters.width(scene.write(key.text), 39, key.role != "back") + air + beside


# -- timetable ---------------------------------------------------------------------------------------------------------


def timetable(scene: PageCanvas) -> None:
    """Draw title with the days beside it, the filter, and the trains of this page."""
    scene.title_beside(_days(scene))
    if scene.look.layout == "rail-cards":
        _in_cards(scene)
    else:
        _in_rows(scene)


def _days(scene: PageCanvas) -> float:
    """Draw keys of the days at the right of the title; return where they begin."""
    found, area = _of(scene, "day"), scene.area
    wide, right = 190.0, area.right
    for key in reversed(found):
        keys.day(scene, key, Rect(right - wide, area.y + 2, wide, 76))
        right -= wide + _GAP
    return right - 12


def _chips(scene: PageCanvas, rect: Rect) -> None:
    """Draw chips as wide as their words; the air is shared."""
    found = _of(scene, "filter")
    words = [max(58.0, scene.painter.letters.width(scene.write(key.text), 34, True)) for key in found]
    air = (rect.w - sum(words) - _GAP * (len(found) - 1)) / max(1, len(found))
    x = rect.x
    for key, wide in zip(found, words, strict=True):
        keys.chip(scene, key, Rect(x, rect.y, wide + air, rect.h))
        x += wide + air + _GAP


def _none(scene: PageCanvas, rect: Rect) -> bool:
    """Draw the reason why the list is empty, if it is; return whether it is."""
    rows = scene.page.body.rows
    if not rows:
        page_content.panel(scene, rect)
        page_content.stack(scene, rect.grown(-24), page_content.pieces(scene, rect.w - 48, (), "centre"))
    return not rows


def _in_rows(scene: PageCanvas) -> None:
    area, low = scene.area, PAGE.bottom - LOW - ROW_KEYS_HIGH
    back = _rest(scene, "day", "train", "trains", "filter") + _of(scene, "trains")
    out = [key for key in back if key.role == "back"]
    spread(scene, out, Rect(area.x, low, 180, ROW_KEYS_HIGH))
    _chips(scene, Rect(area.x + 196, low, area.w - 196, ROW_KEYS_HIGH))
    room = Rect(area.x, scene.body_top + 6, area.w, low - 8 - scene.body_top - 6)
    turning = [key for key in back if key.role != "back"]
    if turning:
        _turn(scene, turning, Rect(area.right - _ARROW_WIDE, room.y, _ARROW_WIDE, room.h))
        room = Rect(room.x, room.y, room.w - _ARROW_WIDE - 12, room.h)
    if not _none(scene, room):
        high = (room.h - 3 * _GAP) / 4
        for at, row in enumerate(scene.page.body.rows):
            _line(scene, row, Rect(room.x, room.y + at * (high + _GAP), room.w, high))


def _turn(scene: PageCanvas, found: Sequence[Key], rect: Rect) -> None:
    """Draw up in the upper half, down in the lower one, whether the other is there or not."""
    half = (rect.h - 12) / 2
    for key in found:
        keys.arrow(scene, key, Rect(rect.x, rect.y if key.icon == "up" else rect.y + half + 12, rect.w, half))


def _line(scene: PageCanvas, row: Row, rect: Rect) -> None:
    """Draw a train in a row: number and how long, from and to with their times, then its classes."""
    scene.painter.box(rect, 14, scene.look.panel.ground, scene.look.panel.border, 2)
    x, widths = rect.x + 16, (138.0, 170.0, 156.0)
    for at, (cell, wide) in enumerate(zip(row.cells, widths, strict=False)):
        _cell(scene, cell, Rect(x, rect.y, wide - 8, rect.h), at == 0)
        if at == 1:
            tip = Rect(x + 112, rect.y + rect.h / 2 - 40, 40, 42)
            scene.painter.text("→", tip, 30, scene.look.panel.ink_soft, use="read")
        x += wide
    _classes(scene, row, Rect(x, rect.y + 6, rect.right - x - 8, rect.h - 12), 3)


def _cell(scene: PageCanvas, cell: tuple[Text, Text], rect: Rect, number: bool) -> None:
    painter, look = scene.painter, scene.look
    middle = rect.centre[1]
    ink = look.accent if number else look.panel.ink
    painter.text(scene.write(cell[0]), Rect(rect.x, middle - 40, rect.w, 42), 36, ink, bold=True, align="left")
    under = scene.write(cell[1])
    if painter.letters.fit(under, rect.w, 28, 28).fits:  # a long name stands in the title
        room = Rect(rect.x, middle + 4, rect.w, 32)
        painter.text(under, room, 28, look.panel.ink_soft, use="read", align="left")


def _classes(scene: PageCanvas, row: Row, rect: Rect, least: int) -> None:
    """Draw the row's keys, in so many places at least, so that the same class stands below itself."""
    found = [key for key in scene.page.keys if key.name in row.keys]
    places = max(least, len(found))
    wide = (rect.w - _GAP * (places - 1)) / places
    for at, key in enumerate(found):
        keys.seat(scene, key, Rect(rect.x + at * (wide + _GAP), rect.y, wide, rect.h))


def _in_cards(scene: PageCanvas) -> None:
    area, low = scene.area, PAGE.bottom - LOW - ROW_KEYS_HIGH
    _chips(scene, Rect(area.x, scene.body_top + 4, area.w, 72))
    spread(scene, _rest(scene, "day", "train", "filter"), Rect(area.x, low, area.w, ROW_KEYS_HIGH))
    top = scene.body_top + 84
    room = Rect(area.x, top, area.w, low - 10 - top)
    if not _none(scene, room):
        wide, high = (room.w - 10) / 2, (room.h - 10) / 2
        for at, row in enumerate(scene.page.body.rows):
            _card(scene, row, Rect(room.x + at % 2 * (wide + 10), room.y + at // 2 * (high + 10), wide, high))


def _card(scene: PageCanvas, row: Row, rect: Rect) -> None:
    """Draw a train on a card: number, times and how long above its classes."""
    painter, look = scene.painter, scene.look
    painter.box(rect, 18, look.panel.ground, look.panel.border, 2)
    (number, lasts), *calls = row.cells
    top = Rect(rect.x + 14, rect.y + 6, rect.w - 28, 38)
    painter.text(scene.write(number), Rect(top.x, top.y, 110, top.h), 34, look.accent, bold=True, align="left")
    times = "–".join(scene.write(upper) for upper, _ in calls)
    painter.text(times, Rect(top.x + 116, top.y, 212, top.h), 34, look.panel.ink, bold=True, align="left")
    room = Rect(top.x + 330, top.y, top.w - 330, top.h)
    painter.text(scene.write(lasts), room, 28, look.panel.ink_soft, use="read", align="right")
    _classes(scene, row, Rect(rect.x + 8, top.bottom + 6, rect.w - 16, rect.bottom - top.bottom - 14), 2)
