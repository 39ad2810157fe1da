"""Draw large what a run left in somebody's hands: each note, card and paper once, so that all can be counted.

Notes lie as a fan, each with its figure free, cards and papers above them; the sum of the notes stands below.
"""

from __future__ import annotations

from collections.abc import Sequence

from kiosk_firmware.core.texts import yuan
from screens.pictures import atlas
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

GROUND, BORDER, INK = "#E2F0E7", "#6F9A86", "#1D2B26"
HEAD, SUM = 64.0, 88.0
MOST = 9
"""So many notes are drawn; the sum says the rest."""
ROW, FREE, GAP, NOTE_HIGH = 4, 0.48, 8.0, 130.0
"""So many notes in a row; so much of a note's width holds its figure, which stays free."""


def draw(scene: PageCanvas, rect: Rect) -> None:
    """Draw the panel: what it is, the things, the sum."""
    body, painter = scene.page.body, scene.painter
    painter.box(rect, 28, GROUND, BORDER, 3)
    if body.heading:
        painter.text(scene.write(body.heading), Rect(rect.x + 20, rect.y + 10, rect.w - 40, HEAD), 42, INK, bold=True)
    low, head = SUM if body.amount_fen >= 0 else 16.0, HEAD if body.heading else 0.0
    room = Rect(rect.x + 28, rect.y + head + 16, rect.w - 56, rect.h - head - 20 - low)
    notes = [name for name in body.carried if name.startswith("note_")]
    others = [name for name in body.carried if name not in notes]
    if others:
        high = room.h * (0.42 if notes else 1.0)
        _spread(painter, others, Rect(room.x, room.y, room.w, high))
        room = Rect(room.x, room.y + high + 8, room.w, room.h - high - 8) if notes else room
    _fan(painter, notes[:MOST], room)
    if body.amount_fen >= 0:
        foot = Rect(rect.x + 20, rect.bottom - SUM - 4, rect.w - 40, SUM)
        painter.text(f"¥ {yuan(body.amount_fen)}", foot, 72, INK, bold=True)


def _spread(painter: Painter, names: Sequence[str], room: Rect) -> None:
    """Draw things side by side, at most three in a row, each no larger than it was made twice."""
    across = min(3, len(names))
    rows = -(-len(names) // across)
    wide, high = room.w / across, room.h / rows
    for at, name in enumerate(names):
        place = Rect(room.x + at % across * wide, room.y + at // across * high, wide, high).grown(-6)
        painter.picture(name, _at_most(name, place))


def _at_most(name: str, place: Rect) -> Rect:
    """Return the middle of a place, no larger than twice the picture."""
    made = max((one.high for one in atlas.regions().get(name, ())), default=0) * 2.0
    high = min(place.h, made)
    return Rect(place.x, place.y + (place.h - high) / 2, place.w, high)


def _fan(painter: Painter, notes: Sequence[str], room: Rect) -> None:
    """Draw notes in rows, each over the right half of the one before, so that its figure is free."""
    if not notes:
        return
    shape, rows = atlas.shape(notes[0]), -(-len(notes) // ROW)
    across = -(-len(notes) // rows)
    high = min(room.w / (1 + FREE * (across - 1)) / shape, (room.h - GAP * (rows - 1)) / rows, NOTE_HIGH)
    wide = high * shape
    x = room.x + (room.w - wide * (1 + FREE * (across - 1))) / 2
    y = room.y + (room.h - high * rows - GAP * (rows - 1)) / 2
    for at, name in enumerate(notes):
        painter.picture(name, Rect(x + at % across * wide * FREE, y + at // across * (high + GAP), wide, high))
