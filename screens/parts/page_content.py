"""Draw what a page says: a panel with a picture, a large figure, sentences and a table, fitted to the room the keys
leave.

The pieces are measured first and then spread, so that a short message stands in the middle of its panel and a long one
still fits. Sentences are `LARGE` where there is room and never below `LEAST`, since they tell what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from kiosk_firmware.core.pages import Row
from kiosk_firmware.core.texts import yuan
from screens.parts import action_pictures, qr_code
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Align, PlacedItem, Rect

ROW_HIGH = 58.0
ROW_TIGHT = 44.0
"""A row where the room is short: the text keeps its size, the air goes."""
LARGE, LEAST = 39, 34
"""Sizes of a sentence: where there is room, and the smallest for what tells what to do."""
_PAD = 36.0
_WIDE = 560.0
"""From this width on a picture stands beside the words."""


class ContentPart(msgspec.Struct, frozen=True):
    """A measured part of the content and how to draw it into its box."""

    high: float
    draw: Callable[[Rect], None]


def panel(scene: PageCanvas, rect: Rect, radius: float = 26) -> None:
    """Draw the panel's ground."""
    scene.painter.box(rect, radius, scene.look.panel.ground, scene.look.panel.border, 2)


def fill(scene: PageCanvas, rect: Rect, picture: str | None = None, rows: Sequence[Row] | None = None) -> None:
    """Draw a page's body into `rect`: the picture beside the words where the room is wide, above them where it is
    narrow.
    """
    panel(scene, rect)
    name = action_pictures.chosen_picture(scene.page) if picture is None else picture
    table = scene.page.body.rows if rows is None else rows
    room = rect.grown(-_PAD)
    if rect.w < 600:
        room = Rect(rect.x + 20, rect.y + 20, rect.w - 40, rect.h - 40)
    body = scene.page.body
    if name and not (body.lines or table or body.amount_fen >= 0):
        _picture(scene, name, room)
    else:
        _beside(scene, room, name, table)


def _beside(scene: PageCanvas, room: Rect, name: str, table: Sequence[Row]) -> None:
    """Draw words and picture: large words beside a picture of some size; else words give way, then picture, then the
    air between the rows.
    """
    crowded = bool(table) or len(scene.page.body.lines) > 2
    shares = (0.32 if crowded else 0.44, 0.32, 0.2, 0.0) if name else (0.0,)
    large = [(False, LARGE, share) for share in shares[:2]]
    for tight, least, share in (*large, *((tight, LEAST, share) for tight in (False, True) for share in shares)):
        words, drawn = _split(room, share)
        found = pieces(scene, words.w, table, "left" if room.w >= _WIDE and share else "centre", tight, least)
        has_room = total(found) <= words.h and _rows_fit(scene, table, words.w, tight)
        if has_room or (tight and not share):
            if share:
                _picture(scene, name, drawn)
            stack(scene, words, found)
            return


def _picture(scene: PageCanvas, name: str, rect: Rect) -> None:
    """Draw the picture, or the code that a phone reads in its place."""
    scene.picture = rect
    if scene.page.body.code:
        qr_code.draw(scene.painter, scene.page.body.code, rect)
    else:
        action_pictures.draw(scene, name, rect)


def _split(room: Rect, share: float) -> tuple[Rect, Rect]:
    """Return the room for words and for the picture: side by side where it is wide, else the picture above; share 0 is
    words alone.
    """
    if not share:
        return room, room
    if room.w >= _WIDE:
        wide = min(440.0, room.w * share)
        return Rect(room.x + wide + 36, room.y, room.w - wide - 36, room.h), Rect(room.x, room.y, wide, room.h)
    high = room.h * (share + 0.06)
    return Rect(room.x, room.y + high + 8, room.w, room.h - high - 8), Rect(room.x, room.y, room.w, high)


def pieces(
    scene: PageCanvas,
    wide: float,
    rows: Sequence[Row],
    align: Align,
    tight: bool = False,
    least: int = LEAST,
    ink: str = "",
) -> list[ContentPart]:
    """Return figure, sentences and table, measured for a width; `tight` sets rows closer, and in two columns where it
    is wide. `least`: sentences are no smaller. `ink`: of sentences that do not stand on a panel.
    """
    body, found = scene.page.body, []
    if body.whom:
        found.append(_whom(scene, scene.write(body.whom), align, 42 if tight else 60))
        rows = [row for row in rows if row.value != body.whom]
    if body.amount_fen >= 0:
        found.append(_amount(scene, body.amount_fen, align))
    size = 44 if len(body.lines) == 1 and wide > 420 and not tight else 39
    found += [sentence(scene, scene.write(line), wide, align, size, least, ink) for line in body.lines]
    if tight:
        across = _across(wide, rows, tight)
        found += [_rows(scene, rows[at : at + across], across) for at in range(0, len(rows), across)]
    else:
        found += [ContentPart(ROW_HIGH, partial(draw_row, scene, entry)) for entry in rows]
    return found


def _across(wide: float, rows: Sequence[Row], tight: bool) -> int:
    """Return how many rows stand side by side."""
    return 2 if tight and wide > 640 and len(rows) > 2 else 1


def _rows_fit(scene: PageCanvas, rows: Sequence[Row], wide: float, tight: bool) -> bool:
    """Return whether each row holds its label and its value in one line."""
    across, letters = _across(wide, rows, tight), scene.painter.letters
    room = (wide - 48 * (across - 1)) / across
    needs = (
        letters.width(scene.write(one.label), 34)
        + (letters.width(scene.write(one.value), 34, True) + 20 if one.value else 0)
        + (62 if one.mark else 0)
        for one in rows
    )
    return all(need <= room for need in needs)


def _rows(scene: PageCanvas, entries: Sequence[Row], across: int) -> ContentPart:
    """Return the piece of rows side by side."""

    def draw(rect: Rect) -> None:
        wide = (rect.w - 48 * (across - 1)) / across
        for at, entry in enumerate(entries):
            draw_row(scene, entry, Rect(rect.x + at * (wide + 48), rect.y, wide, rect.h))

    return ContentPart(ROW_TIGHT, draw)


def _amount(scene: PageCanvas, fen: int, align: Align) -> ContentPart:
    def draw(rect: Rect) -> None:
        colour = scene.look.accent
        scene.painter.private = scene.page.private
        scene.painter.text(f"¥ {yuan(fen)}", rect, 72, colour, bold=True, align=align)
        scene.painter.private = False

    return ContentPart(84, draw)


def _whom(scene: PageCanvas, name: str, align: Align, size: int) -> ContentPart:
    """Return the name of who gets the money as a piece, larger than all else."""

    def draw(rect: Rect) -> None:
        scene.painter.private = scene.page.private
        scene.painter.text(name, rect, size, scene.look.panel.ink, bold=True, align=align)
        scene.painter.private = False

    return ContentPart(size + 4.0, draw)


def sentence(
    scene: PageCanvas, text: str, wide: float, align: Align, size: int = LARGE, least: int = LEAST, ink: str = ""
) -> ContentPart:
    """Lay a sentence in two lines, else in as many as it takes at `least`; in the panel's ink if no other is named."""
    letters = scene.painter.letters
    laid = letters.fit(text, wide, size, least, 2)
    if not laid.fits:
        laid = letters.fit(text, wide, least, least, 5)
    high = laid.size * 1.32 * len(laid.lines)

    def draw(rect: Rect) -> None:
        scene.painter.text(text, rect, laid.size, ink or scene.look.panel.ink, align=align, most=len(laid.lines))

    return ContentPart(high, draw)


def sentences(scene: PageCanvas, room: Rect, size: int, gap: float) -> list[ContentPart]:
    """Return all sentences for a box where they stand alone: large where it holds them."""
    for least in (LARGE, LEAST):
        found = [sentence(scene, scene.write(line), room.w, "left", size, least) for line in scene.page.body.lines]
        if total(found) + gap * len(found) <= room.h:
            break
    return found


def draw_row(scene: PageCanvas, entry: Row, rect: Rect) -> None:
    """Draw a table's line into a box."""
    painter, look = scene.painter, scene.look.panel
    left = rect.x
    if entry.mark:
        badge(painter, entry.mark, left + 22, rect.centre[1], 20)
        left += 62
    label = scene.write(entry.label)
    value = scene.write(entry.value) if entry.value else ""
    room = rect.right - left
    need = painter.letters.width(value, 34, True) + 20 if value else 0
    painter.text(label, Rect(left, rect.y, room - need, rect.h), 34, look.ink_soft if value else look.ink, align="left")
    painter.private = scene.page.private
    painter.text(value, Rect(rect.right - need, rect.y, need, rect.h), 34, look.ink, bold=True, align="right")
    painter.private = False


def total(found: Sequence[ContentPart]) -> float:
    """Return the height of pieces without gaps."""
    return sum(piece.high for piece in found)


def stack(scene: PageCanvas, room: Rect, found: Sequence[ContentPart], gap: float = 22) -> None:
    """Draw pieces one below the other, in the middle of the room, the gaps shrinking where it is tight.

    What does not fit at all is noted, so that a test finds it.
    """
    spare = room.h - total(found)
    between = max(0.0, min(gap, spare / max(1, len(found) - 1)))
    y = room.y + max(0.0, (spare - between * (len(found) - 1)) / 2)
    if spare < 0:
        scene.painter.notes.append(PlacedItem("text", room, room, "too much for the page", fits=False))
    for piece in found:
        piece.draw(Rect(room.x, y, room.w, piece.high))
        y += piece.high + between
