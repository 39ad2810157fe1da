"""Draw what lies beside a telephone: a table with a paper of what is to be known, or the place where one stands.

Nothing on it is a key, and it repeats nothing of the telephone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk_firmware.core.pages import Surroundings
from screens.parts import page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

INK = "#2B2200"
WOOD, WOOD_EDGE, PAPER, PAPER_TOP = "#C4945F", "#A97C4A", "#FFF7D6", "#EBDDA0"


def table(scene: PageCanvas, rect: Rect) -> Rect:
    """Draw the table; return the room on it."""
    scene.painter.box(rect, 26, WOOD, WOOD_EDGE, 3)
    return rect.grown(-26)


def note(scene: PageCanvas, rect: Rect) -> Rect:
    """Draw the page's sentences on a paper; return the room below it."""
    inner = Rect(rect.x + 28, rect.y + 26, rect.w - 56, rect.h - 44)
    found = _written(scene, inner)
    high = min(rect.h, page_content.total(found) + 20 * len(found) + 56)
    paper = Rect(rect.x, rect.y, rect.w, high)
    scene.painter.fill(paper, PAPER)
    scene.painter.fill(Rect(paper.x, paper.y, paper.w, 14), PAPER_TOP)
    page_content.stack(scene, Rect(inner.x, inner.y, inner.w, high - 44), found, 20)
    return Rect(rect.x, paper.bottom, rect.w, rect.bottom - paper.bottom)


def _written(scene: PageCanvas, room: Rect) -> list[page_content.ContentPart]:
    """Return the sentences as pieces, large where the paper holds them."""
    lines = [scene.write(line) for line in scene.page.body.lines]
    found: list[page_content.ContentPart] = []
    for least in (page_content.LARGE, page_content.LEAST):
        found = [page_content.sentence(scene, line, room.w, "left", 42, least, INK) for line in lines]
        if page_content.total(found) + 20 * len(found) <= room.h:
            break
    return found


MOST = 9
"""So many pieces of one kind are drawn."""
CARD_HIGH, NOTE_HIGH, COIN, TEA_HIGH = 200.0, 112.0, 72.0, 150.0
SCALES = (1.0, 0.85, 0.7)
"""How large the things lie there: the first with which all have their place."""
ROW, FREE = 5, 0.48
"""So many notes in a row of a fan; so much of a note's width holds its figure, which stays free."""
Laid = tuple[float, Callable[[Rect], None]]
"""A row of things on the table: how high it is, and how it is drawn into its place."""


def draw_carried_things(scene: PageCanvas, rect: Rect) -> None:
    """Draw each piece that the person has with them, spread over the table: cards above, notes as a fan that can be
    counted, coins below, and a bowl of tea where nothing else fills it.
    """
    found = scene.page.body.carried
    cards = [name for name in found if name.endswith("_card")][:2]
    notes = [name for name in found if name.startswith("note")][:MOST]
    coins = [name for name in found if name.startswith("coin")][:MOST]
    for scale in SCALES:
        rows = [
            *_cards(scene, cards, rect, scale),
            *_fan(scene, notes, rect, scale),
            *_coins(scene, coins, rect, scale),
        ]
        if sum(high for high, _ in rows) + 8 * len(rows) <= rect.h:
            break
    else:  # a part of it would be a false count
        return
    if not coins and rect.h - sum(high for high, _ in rows) >= TEA_HIGH + 30:
        rows.append((TEA_HIGH, lambda box: scene.painter.picture("tea", box)))
    gap = (rect.h - sum(high for high, _ in rows)) / (len(rows) + 1)
    top = rect.y + gap
    for high, drawn in rows:
        drawn(Rect(rect.x, top, rect.w, high))
        top += high + gap


def _cards(scene: PageCanvas, names: list[str], room: Rect, scale: float) -> list[Laid]:
    """Return the row of cards side by side; one alone lies in the middle."""
    if not names:
        return []
    high = CARD_HIGH * scale

    def drawn(rect: Rect) -> None:
        wide = rect.w / len(names)
        for at, name in enumerate(names):
            scene.painter.picture(name, Rect(rect.x + at * wide, rect.y, wide, rect.h).grown(-6))

    return [(high, drawn)]


def _coins(scene: PageCanvas, names: list[str], room: Rect, scale: float) -> list[Laid]:
    """Return the row of coins."""
    side = min(COIN * scale, room.w / (len(names) or 1))

    def drawn(rect: Rect) -> None:
        left = rect.x + (rect.w - side * len(names)) / 2
        for at, name in enumerate(names):
            scene.painter.picture(name, Rect(left + at * side, rect.y, side - 4, side - 4))

    return [(side, drawn)] if names else []


def _fan(scene: PageCanvas, notes: list[str], room: Rect, scale: float) -> list[Laid]:
    """Return rows of notes that overlap, each with its figure free."""
    across = min(ROW, len(notes))
    wide = min(NOTE_HIGH * scale * 240 / 116, room.w / (1 + FREE * (across - 1)) if notes else room.w)
    high = wide * 116 / 240

    def drawn(rect: Rect, row: list[str]) -> None:
        left = rect.x + (rect.w - wide * (1 + FREE * (across - 1))) / 2
        for at, name in enumerate(row):
            scene.painter.picture(name, Rect(left + at * wide * FREE, rect.y, wide, high))

    rows = [notes[at : at + ROW] for at in range(0, len(notes), ROW)]
    return [(high, partial(drawn, row=row)) for row in rows]


def place(scene: PageCanvas, rect: Rect, where: Surroundings) -> None:
    """Draw a shop: its name over the counter, who serves, what one gets, and the till's display."""
    painter = scene.painter
    painter.box(rect, 26, "#FFF3DC", "#8A2E1C", 3)
    board = Rect(rect.x, rect.y, rect.w, 84)
    painter.box(board, 26, "#8A2E1C")
    painter.fill(Rect(board.x, board.y + 40, board.w, 44), "#8A2E1C")
    painter.text(scene.write(where.name), board.grown(-8), 44, "#FFFFFF", bold=True)
    _awning(scene, Rect(rect.x + 3, board.bottom, rect.w - 6, 34))
    top = rect.y + rect.h * 0.66
    if where.who:
        painter.picture(where.who, Rect(rect.x + 40, board.bottom + 40, rect.w * 0.42, top - board.bottom - 40))
    counter = Rect(rect.x + 3, top, rect.w - 6, rect.bottom - top - 3)
    painter.box(counter, 22, "#9B6A3C")
    painter.fill(Rect(counter.x, counter.y, counter.w, 26), "#BC8550")
    if where.due:
        _display(scene, Rect(rect.right - rect.w * 0.46, board.bottom + 50, rect.w * 0.42, 150), top)
    if where.thing:
        painter.picture(where.thing, Rect(rect.x + 60, top + 8, rect.w * 0.36, counter.h - 20))


def _awning(scene: PageCanvas, rect: Rect) -> None:
    wide = rect.w / 12
    for at in range(12):
        scene.painter.box(Rect(rect.x + at * wide, rect.y, wide, rect.h), 14, "#A63D26" if at % 2 == 0 else "#FFF9EC")


def _display(scene: PageCanvas, rect: Rect, foot: float) -> None:
    """Draw the till's display: what is to be paid."""
    due = scene.page.body.place and scene.page.body.place.due
    painter = scene.painter
    painter.fill(Rect(rect.centre[0] - 14, rect.bottom, 28, foot - rect.bottom), "#2A323B")
    painter.box(rect, 16, "#1A222B")
    painter.box(rect.grown(-12), 8, "#0D2A1B")
    if due:
        painter.text(scene.write(due), rect.grown(-18), 52, "#86F7A0", bold=True, most=2, gap=1.1)
