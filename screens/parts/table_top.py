"""Draw what lies beside a telephone: a table with a paper of what is to be known, or the place where one stands.

Nothing on it is a key, and it repeats nothing of the telephone.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Place
from screens.parts import page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

INK = "#2B2200"
WOOD, WOOD_EDGE, PAPER, PAPER_TOP = "#C4945F", "#A97C4A", "#FFF7D6", "#EBDDA0"


def table(scene: PageCanvas, rect: Rect) -> Rect:
    """Draw the table; return the room on it."""
    scene.painter.box(rect, 26, WOOD, WOOD_EDGE, 3)
    return rect.grown(-26)


def note(scene: PageCanvas, rect: Rect) -> None:
    """Draw the page's sentences on a paper."""
    inner = Rect(rect.x + 28, rect.y + 26, rect.w - 56, rect.h - 44)
    found = _written(scene, inner)
    high = min(rect.h, page_content.total(found) + 20 * len(found) + 56)
    paper = Rect(rect.x, rect.y, rect.w, high)
    scene.painter.fill(paper, PAPER)
    scene.painter.fill(Rect(paper.x, paper.y, paper.w, 14), PAPER_TOP)
    page_content.stack(scene, Rect(inner.x, inner.y, inner.w, high - 44), found, 20)


def _written(scene: PageCanvas, room: Rect) -> list[page_content.Piece]:
    """Return the sentences as pieces, large where the paper holds them."""
    lines = [scene.write(line) for line in scene.page.body.lines]
    found: list[page_content.Piece] = []
    for least in (page_content.LARGE, page_content.LEAST):
        found = [page_content.sentence(scene, line, room.w, "left", 42, least, INK) for line in lines]
        if page_content.total(found) + 20 * len(found) <= room.h:
            break
    return found


MOST = 9
"""So many pieces of one kind are drawn."""


def carried(scene: PageCanvas, rect: Rect) -> None:
    """Draw each piece that the person has with them: cards above, notes as a fan that can be counted, coins below."""
    found, painter = scene.page.body.carried, scene.painter
    cards = [name for name in found if name.endswith("_card")]
    notes = [name for name in found if name.startswith("note")][:MOST]
    coins = [name for name in found if name.startswith("coin")][:MOST]
    high = min(180.0, rect.h * 0.36)
    for at, name in enumerate(cards[:2]):
        painter.picture(name, Rect(rect.x + at * (rect.w + 24) / 2, rect.y, (rect.w - 24) / 2, high))
    top = rect.y + (high + 24 if cards else 0)
    top = _fan(scene, notes, Rect(rect.x, top, rect.w, rect.h)) + 16
    side = min(64.0, rect.w / (len(coins) or 1))
    if rect.bottom - top >= side:
        for at, name in enumerate(coins):
            painter.picture(name, Rect(rect.x + at * side, rect.bottom - side, side - 4, side - 4))
    if not coins and rect.bottom - top >= 150:
        painter.picture("tea", Rect(rect.right - 210, rect.bottom - 150, 200, 150))


ROW, FREE = 5, 0.48
"""So many notes in a row of a fan; so much of a note's width holds its figure, which stays free."""


def _fan(scene: PageCanvas, notes: list[str], rect: Rect) -> float:
    """Draw notes that overlap in rows, each with its figure free; return where they end."""
    high, bottom = 96.0, rect.y
    wide = high * 240 / 116
    if wide * (1 + FREE * (ROW - 1)) > rect.w:
        wide = rect.w / (1 + FREE * (ROW - 1))
        high = wide * 116 / 240
    for at, name in enumerate(notes):
        x, y = rect.x + at % ROW * wide * FREE, rect.y + at // ROW * (high + 8)
        scene.painter.picture(name, Rect(x, y, wide, high))
        bottom = y + high
    return bottom


def place(scene: PageCanvas, rect: Rect, where: Place) -> None:
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
