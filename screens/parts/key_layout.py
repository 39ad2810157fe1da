"""Place keys, by layout. Rules name keys; only this file knows that one bank has keys beside the glass and one on
it.

Beside the glass (`atm-side`) there are eight positions, 0-3 left and 4-7 right. A menu fills the left, then the
right; other pages keep to the right, bottom up, so that what they say has room; *back* and *danger* lie lowest on the
right, where a hand finds "out" on every page. At a gate whose whole page is the sign (`gate-full`) they stand in a
column at the right, the way out lowest. On the glass (all others) a row of large keys lies at the bottom, the way out
first.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.pages import Key
from screens.parts import keys as parts
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

LEAVING = ("back", "danger")
PAD_WIDE = 408.0
_COLUMN = 400.0
_GAP = 20.0
_HIGH = 104.0
"""A key whose name breaks into two lines is at least so high."""


def machine_keys(scene: PageCanvas) -> list[Key]:
    """Return the page's keys without digits and fields, which have places of their own."""
    return [key for key in scene.page.keys if key.role not in ("digit", "field")]


def place(scene: PageCanvas, keys: Sequence[Key]) -> Rect:
    """Draw a page's keys where its layout has them; the room that is left for what the page says."""
    if scene.look.layout == "atm-side":
        return _beside(scene, keys)
    return _column(scene, keys) if scene.look.layout == "gate-full" else row(scene, keys)


def place_with_pad(scene: PageCanvas) -> tuple[Rect, Rect]:
    """Draw the keys of a page that has a number pad; the room that is left, and the pad's.

    On the glass the pad takes the whole height at the right, since its keys must lie 100 px apart; the others keep
    left.
    """
    keys = machine_keys(scene)
    if scene.look.layout == "atm-side":
        room = _beside(scene, keys)
        if room.w < 600:
            return Rect(room.x, room.y - 12, room.w, 64), Rect(room.x, room.y + 64, room.w, room.h - 64)
        wide = PAD_WIDE if room.w > 900 else 352
        return Rect(room.x, room.y, room.w - wide - 32, room.h), Rect(room.right - wide, room.y, wide, room.h)
    area, top = scene.area, scene.body_top
    pad = Rect(area.right - PAD_WIDE, top, PAD_WIDE, PAGE.bottom - 20 - top)
    return row(scene, keys, Rect(area.x, top, pad.x - area.x - 36, pad.h)), pad


def side_positions(keys: Sequence[Key], menu: bool) -> dict[int, Key]:
    """Return which key has which position beside the glass.

    Raises:
        ValueError: more than eight keys.
    """
    if len(keys) > 8:
        raise ValueError(f"{len(keys)} keys {[key.name for key in keys]}: allowed are at most 8 beside the glass")
    leaving = [key for key in keys if key.role in LEAVING]
    others = [key for key in keys if key.role not in LEAVING]
    right = list(range(7, 3, -1))
    taken = {right.pop(0): key for key in reversed(leaving)} if len(leaving) <= 4 else {}
    free = sorted(set(range(4, 8)) - set(taken))
    if menu:
        half = min(4, max((len(others) + 1) // 2, len(others) - len(free)))
        return {**dict(zip([*range(half), *free], others, strict=False)), **taken}
    if len(others) > len(free):  # ready figures to the left, what confirms stays on the right
        others = [key for key in others if key.role != "primary"] + [key for key in others if key.role == "primary"]
    on_left = max(0, len(others) - len(free))
    if on_left:
        on_left = min(4, sum(key.role != "primary" for key in others))
    on_right = len(others) - on_left
    places = [*range(on_left), *free[len(free) - on_right :]]
    return {**dict(zip(places, others, strict=True)), **taken}


def _beside(scene: PageCanvas, keys: Sequence[Key]) -> Rect:
    positions = side_positions(keys, scene.page.kind == "Menu")
    for side, key in sorted(positions.items()):
        parts.edge(scene, key, side)
    left = 430.0 if any(side < 4 for side in positions) else 48.0
    right = 850.0 if any(side >= 4 for side in positions) else PAGE.w - 48
    return Rect(left, 212, right - left, 464)


def _column(scene: PageCanvas, keys: Sequence[Key]) -> Rect:
    """Draw keys one below the other at the right, the way out lowest; return the room at their left."""
    area, top = scene.area, scene.body_top
    room = Rect(area.x, top, area.w, PAGE.bottom - 20 - top)
    if not keys:
        return room
    ordered = [*(key for key in keys if key.role not in LEAVING), *(key for key in keys if key.role in LEAVING)]
    x, high = room.right - _COLUMN, min(130.0, (room.h - _GAP * (len(keys) - 1)) / len(keys))
    for at, key in enumerate(reversed(ordered)):
        parts.button(scene, key, Rect(x, room.bottom - high - at * (high + _GAP), _COLUMN, high))
    return Rect(room.x, room.y, room.w - _COLUMN - 28, room.h)


def row(scene: PageCanvas, keys: Sequence[Key], within: Rect | None = None) -> Rect:
    """Draw keys in rows from the bottom up: the way out and what confirms lowest, choices above; return the
    room above.
    """
    top, low = scene.body_top, 16 if scene.look.rail else 20
    area = within or Rect(scene.area.x, top, scene.area.w, PAGE.bottom - low - top)
    across = 4 if area.w > 900 else 2
    leaving = [key for key in keys if key.role in LEAVING]
    primary = [key for key in keys if key.role == "primary"]
    others = [key for key in keys if key not in leaving and key not in primary]
    lowest = [*leaving, *primary]
    if len(keys) <= across:
        lowest, others = [*leaving, *others, *primary], []
    bottom, high = area.bottom, 84.0 if scene.look.rail else 104.0
    rows = [others[at : at + across] for at in range(0, len(others), across)] + ([lowest] if lowest else [])
    for row in reversed(rows):
        tall = max(high, _HIGH) if _breaks(scene, row, _wide(scene, row, area.w)) else high
        _spread(scene, row, Rect(area.x, bottom - tall, area.w, tall))
        bottom -= tall + _GAP
        high = 80.0 if scene.look.rail else 92.0
    return Rect(area.x, area.y, area.w, bottom - area.y)


def _spread(scene: PageCanvas, row: Sequence[Key], rect: Rect) -> None:
    """Draw equal keys, the first at the left end, the last at the right; a single one at the right, where hands look
    for it, but a ticket machine's way out is always at the left.
    """
    wide = _wide(scene, row, rect.w)
    between = (rect.w - wide * len(row)) / (len(row) - 1) if len(row) > 1 else 0
    at_left = len(row) > 1 or (scene.look.rail and row[0].role in LEAVING)
    x = rect.x if at_left else rect.right - wide
    for key in row:
        parts.button(scene, key, Rect(x, rect.y, wide, rect.h))
        x += wide + between


def _wide(scene: PageCanvas, row: Sequence[Key], room: float) -> float:
    return min(320.0 if scene.look.rail else 480.0, (room - _GAP * (len(row) - 1)) / len(row))


def _breaks(scene: PageCanvas, row: Sequence[Key], wide: float) -> bool:
    """Return whether a name does not stand on one line of its key, which is then high enough for two."""
    names = (scene.write(key.text) for key in row if key.sub is None and not key.icon)
    return any(len(scene.painter.letters.fit(name, wide - 52, 39, 34, 2, True, gap=1.16).lines) > 1 for name in names)


def grid(scene: PageCanvas, keys: Sequence[Key], rect: Rect, columns: int, most_high: float = 150) -> None:
    """Draw equal keys in rows, in the middle of a box; a way out among them stands in the last place."""
    rows = -(-len(keys) // columns)
    last = rows * columns - sum(key.role in LEAVING for key in keys)
    wide = (rect.w - _GAP * (columns - 1)) / columns
    high = min(most_high, (rect.h - _GAP * (rows - 1)) / rows)
    top = rect.y + (rect.h - rows * high - (rows - 1) * _GAP) / 2
    choices = [key for key in keys if key.role not in LEAVING]
    leaving = [key for key in keys if key.role in LEAVING]
    for at, key in (*enumerate(choices), *enumerate(leaving, last)):
        x, y = rect.x + at % columns * (wide + _GAP), top + at // columns * (high + _GAP)
        parts.button(scene, key, Rect(x, y, wide, high))


def tiles(scene: PageCanvas, keys: Sequence[Key], rect: Rect) -> None:
    """Draw keys with large icons, side by side."""
    wide = min(400.0, (rect.w - _GAP * (len(keys) - 1)) / len(keys))
    high = min(240.0, rect.h)
    x = rect.x + (rect.w - wide * len(keys) - _GAP * (len(keys) - 1)) / 2
    for key in keys:
        parts.tile(scene, key, Rect(x, rect.y + (rect.h - high) / 2, wide, high))
        x += wide + _GAP


def front(scene: PageCanvas, keys: Sequence[Key], rect: Rect) -> None:
    """Draw a ticket machine's first page: what most people want is one large key, at the left or across the top; the
    rest beside or below it.
    """
    first, others = keys[0], keys[1:]
    if scene.look.bar:
        wide, columns = rect.w * 0.4, 2
        parts.tile(scene, first, Rect(rect.x, rect.y, wide, rect.h))
        rest = Rect(rect.x + wide + _GAP, rect.y, rect.w - wide - _GAP, rect.h)
    else:
        high, columns = rect.h * 0.34, 2
        parts.tile(scene, first, Rect(rect.x, rect.y, rect.w, high))
        rest = Rect(rect.x, rect.y + high + _GAP, rect.w, rect.h - high - _GAP)
    rows = -(-len(others) // columns)
    grid(scene, others, rest, columns, (rest.h - _GAP * (rows - 1)) / rows)
