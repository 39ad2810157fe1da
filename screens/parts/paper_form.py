"""Papers on a desk: a form as forms are, a slip torn off, a line to sign on, the documents out of one's own bag.

The field that is being filled is yellow in a dark frame, a pen beside it; what one wrote is blue. A form is drawn in
ink on paper whatever the machine's colours are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kiosk_firmware.core.pages import Key, Row, text
from screens.parts import keys as parts
from screens.parts import page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

SHEET, LINE, LABEL, INK, SOFT = "#FFFEFA", "#2A2F33", "#F1ECE0", "#1B1F23", "#50585F"
WRITTEN, OPEN, FRAME = "#1D3E96", "#FFE27A", "#5A4300"
BAG, BAG_RIM, BAG_EDGE = "#E6D3AC", "#8A6A34", "#C9AE78"
HEAD = 56.0
ROW_MOST, ROW_LEAST = 104.0, 74.0
FOOT = 30.0
UPRIGHT = 172.0
"""From this height on a paper's name stands below it."""


def sheet(scene: PageCanvas, rect: Rect) -> Rect:
    """Draw a sheet of paper with what stands at its head and foot; return the room between."""
    painter, body = scene.painter, scene.page.body
    painter.box(rect, 6, SHEET, "#8E8778", 2)
    head = Rect(rect.x + 20, rect.y + 6, rect.w - 40, HEAD - 8)
    if body.heading:
        painter.text(scene.write(body.heading), head, 36, INK, use="read", bold=True)
    foot = Rect(rect.x + 24, rect.bottom - FOOT, rect.w - 48, FOOT - 6)
    painter.text(scene.write(text("slip.practice")), foot, 22, "#6B2E2A", use="print", align="right")
    return Rect(rect.x + 22, rect.y + HEAD, rect.w - 44, rect.h - HEAD - FOOT - 4)


def form(scene: PageCanvas, rect: Rect) -> None:
    """Draw the form: a line for each field, drawn as a table."""
    room = sheet(scene, rect)
    rows = _near(scene.page.body.rows, max(1, int(room.h // ROW_LEAST)))
    high = min(ROW_MOST, max(ROW_LEAST, room.h / max(1, len(rows))))
    named = _named(scene, rows, room.w)
    for at, row in enumerate(rows):
        _row(scene, row, Rect(room.x, room.y + at * high, room.w, high), named)


def _named(scene: PageCanvas, rows: Sequence[Row], wide: float) -> float:
    """Return how wide the names' cells are: as the longest wants, but what is written keeps its room."""
    letters, body = scene.painter.letters, scene.page.body
    names = max((letters.width(scene.write(row.label), 34) for row in rows), default=0) + 24
    values = [letters.width(scene.write(row.value), 34, True) for row in rows if row.value]
    values.append(letters.width("0" * body.length, 34, True) if body.field_key else 0)
    return max(wide * 0.24, min(names, wide - max(values) - 44, wide * 0.6))


def _near(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """Return as many lines as the sheet holds, the one being filled among them."""
    now = next((at for at, row in enumerate(rows) if row.mark == "next"), 0)
    first = max(0, min(now - most + 2, len(rows) - most))
    return rows[first : first + most]


def _row(scene: PageCanvas, row: Row, rect: Rect, named: float) -> None:
    """Draw its name in a tinted cell, what stands there beside it; the open one is the field's key."""
    painter = scene.painter
    left = Rect(rect.x, rect.y, named, rect.h)
    right = Rect(left.right, rect.y, rect.w - left.w, rect.h)
    painter.fill(left, LABEL)
    for cell in (left, right):
        painter.line(
            [(cell.x, cell.y), (cell.right, cell.y), (cell.right, cell.bottom), (cell.x, cell.bottom)], LINE, 2, True
        )
    label = Rect(left.x + 8, left.y + 2, left.w - 12, left.h - 4)
    painter.text(scene.write(row.label), label, 34, INK, align="left", most=2, gap=1.02)
    if row.mark != "next":
        _value(painter, scene.write(row.value) if row.value else "", right, scene.page.private)
        return
    body = scene.page.body
    draw = partial(_open, value=body.field, rect=right.grown(-1), private=scene.page.private)
    key = scene.page.key(body.field_key)
    if key:
        scene.add(key, right, draw)
    else:
        draw(painter, False)


def _value(painter: Painter, written: str, cell: Rect, private: bool) -> None:
    painter.private = private
    room = Rect(cell.x + 14, cell.y + 2, cell.w - 24, cell.h - 4)
    painter.text(written, room, 38, WRITTEN, bold=True, align="left", most=2, gap=1.1)
    painter.private = False


def _open(painter: Painter, pressed: bool, value: str, rect: Rect, private: bool) -> None:
    """Draw the field that is filled now, with a caret and a pen."""
    painter.box(rect, 4, OPEN, FRAME, 5)
    room = Rect(rect.x + 12, rect.y + 4, rect.w - 28, rect.h - 8)
    painter.private = private
    laid = painter.text(value, room, 40, WRITTEN, bold=True, align="left")
    painter.private = False
    x = min(room.x + (laid.widths[0] if laid.widths else 0) + 6, rect.right - 62)
    painter.line([(x, rect.centre[1] - 22), (x, rect.centre[1] + 22)], WRITTEN, 4)
    if rect.right - x > 120:
        pen(painter, x + 22, rect.centre[1] + 20)


def pen(painter: Painter, x: float, y: float, size: float = 1.0) -> None:
    """Draw a pen whose tip lies at a point."""
    for a, b, colour, thick in ((0, 18, "#9AA3AB", 7), (16, 62, "#22272C", 17), (62, 84, "#3A4148", 17)):
        points = [(x + a * size, y - a * 0.62 * size), (x + b * size, y - b * 0.62 * size)]
        painter.line(points, colour, thick * size)


def draw_signature_sheet(scene: PageCanvas, rect: Rect, keys: Sequence[Key]) -> list[Key]:
    """Draw the sheet with its line to sign on, which is a key as long as nothing stands on it; return the keys that are
    left.
    """
    room = sheet(scene, rect)
    painter, high = scene.painter, min(120.0, room.h * 0.36)
    line = Rect(room.x, room.bottom - high - 6, room.w, high)
    y = room.y + 8
    while y + 30 < line.y - 10:
        wide = room.w * (0.96 if y < line.y - 70 else 0.6)
        painter.box(Rect(room.x, y, wide, 8), 4, "#C9CDD0")
        y += 30
    here = next((key for key in keys if key.name == "sign.here"), None)
    if here:
        scene.add(here, line, partial(_line, said=scene.write(here.text), rect=line))
        return [key for key in keys if key is not here]
    painter.box(line, 4, "#FFFFFF", LINE, 2)
    _scrawl(painter, Rect(line.x + 40, line.y + 20, line.w * 0.5, line.h - 40))
    return list(keys)


def _line(painter: Painter, pressed: bool, said: str, rect: Rect) -> None:
    painter.box(rect, 4, WRITTEN if pressed else OPEN, FRAME, 5)
    room = Rect(rect.x + 18, rect.y + 4, rect.w - 140, rect.h - 8)
    painter.text(said, room, 40, "#FFFFFF" if pressed else INK, bold=True, align="left", most=2, gap=1.1)
    pen(painter, rect.right - 112, rect.centre[1] + 26)


def _scrawl(painter: Painter, rect: Rect) -> None:
    """Draw a signature: the same stroke for everybody."""
    ways = (
        (0, 0.6),
        (0.1, 0.2),
        (0.16, 0.9),
        (0.28, 0.3),
        (0.36, 0.8),
        (0.5, 0.35),
        (0.58, 0.75),
        (0.76, 0.3),
        (1, 0.55),
    )
    painter.line([(rect.x + x * rect.w, rect.y + y * rect.h) for x, y in ways], WRITTEN, 6)


def slip(scene: PageCanvas, rect: Rect) -> None:
    """Draw the slip out of the printer, torn off above and below."""
    painter, rows = scene.painter, scene.page.body.rows
    painter.fill(Rect(rect.x, rect.y + 12, rect.w, rect.h - 24), SHEET)
    count = 18
    step = rect.w / count
    for y, way in ((rect.y + 13, -12), (rect.bottom - 13, 12)):
        teeth = (
            ((rect.x + at * step, y), (rect.x + (at + 0.5) * step, y + way), (rect.x + (at + 1) * step, y))
            for at in range(count)
        )
        painter.shapes(tuple(teeth), SHEET)
    head = Rect(rect.x + 20, rect.y + 18, rect.w - 40, 54)
    if scene.page.body.heading:
        painter.text(scene.write(scene.page.body.heading), head, 38, INK, use="read", bold=True)
    painter.dashes(Rect(rect.x + 24, head.bottom + 4, rect.w - 48, 1), 0, "#8E8778", 2)
    foot = Rect(rect.x + 24, rect.bottom - 48, rect.w - 48, 28)
    painter.text(scene.write(text("slip.practice")), foot, 22, "#6B2E2A", use="print")
    found = [_printed(scene, row, rect.w - 56) for row in rows]
    room = Rect(rect.x + 28, head.bottom + 10, rect.w - 56, foot.y - head.bottom - 16)
    page_content.stack(scene, room, found, 12)


def _printed(scene: PageCanvas, row: Row, wide: float) -> page_content.ContentPart:
    """Lay a line of the slip: in one line where it fits, else its value below its name."""
    painter = scene.painter
    label, value = scene.write(row.label), scene.write(row.value) if row.value else ""
    one = painter.letters.width(label, 34) + painter.letters.width(value, 38, True) + 30 <= wide

    def draw(rect: Rect) -> None:
        upper = Rect(rect.x, rect.y, rect.w, rect.h if one else 40)
        painter.text(label, upper, 34, SOFT, align="left")
        painter.private = scene.page.private
        lower = upper if one else Rect(rect.x, rect.y + 40, rect.w, rect.h - 40)
        painter.text(value, lower, 38, INK, bold=True, align="right", most=1 if one else 2, gap=1.1)
        painter.private = False

    return page_content.ContentPart(50 if one else 84, draw)


# -- the bag -----------------------------------------------------------------------------------------------------------


def bag(scene: PageCanvas, rect: Rect, keys: Sequence[Key]) -> None:
    """Draw one's own bag with the papers that are in it, each a key."""
    painter = scene.painter
    painter.box(rect, 18, BAG, BAG_RIM, 3)
    painter.fill(Rect(rect.x + 3, rect.y + 14, rect.w - 6, 8), BAG_EDGE)
    title = Rect(rect.x + 24, rect.bottom - 44, rect.w - 48, 38)
    painter.text(scene.write(text("papers.bag")), title, 30, "#4A3512", use="read", bold=True, align="right")
    spread(scene, Rect(rect.x + 16, rect.y + 28, rect.w - 32, rect.h - 74), keys)


def spread(scene: PageCanvas, room: Rect, keys: Sequence[Key]) -> None:
    """Draw papers in rows, the picture over the name, or beside it where there are many."""
    if not keys:
        return
    columns, wide, high = _shape(room, len(keys))
    rows = -(-len(keys) // columns)
    top = room.y + (room.h - rows * high - 12 * (rows - 1)) / 2
    for at, key in enumerate(keys):
        rect = Rect(room.x + at % columns * (wide + 14), top + at // columns * (high + 12), wide, high)
        style = parts.style_of(scene.look, key)
        scene.add(
            key, rect, partial(_document, name=key.icon, said=scene.write(key.text), rect=rect, dark=style.pressed)
        )


def _shape(room: Rect, count: int) -> tuple[int, float, float]:
    """Return how many papers stand side by side, and how large each may be, so that its name has room."""
    columns, wide, high = count, 0.0, 0.0
    for columns in range(min(count, 4), 1, -1):
        rows = -(-count // columns)
        wide = min(310.0, (room.w - 14 * (columns - 1)) / columns)
        high = min(230.0, (room.h - 12 * (rows - 1)) / rows)
        if (wide >= 200 and high >= UPRIGHT) or (wide >= 270 and high >= 84):
            break
    return columns, wide or min(310.0, room.w), high or min(230.0, room.h)


def _document(painter: Painter, pressed: bool, name: str, said: str, rect: Rect, dark: str) -> None:
    """Draw a paper that one can take: it lies on a light ground; pressed, it is framed and dark."""
    painter.box(rect, 14, WRITTEN if pressed else "#FFF9EA", "#5A4A2A", 3)
    ink = "#FFFFFF" if pressed else INK
    if rect.h >= UPRIGHT:
        high = rect.h - 96
        painter.picture(name, Rect(rect.x + 12, rect.y + 10, rect.w - 24, high))
        painter.text(said, Rect(rect.x + 8, rect.y + high + 12, rect.w - 16, 80), 36, ink, bold=True, most=2, gap=1.1)
        return
    painter.picture(name, Rect(rect.x + 8, rect.y + 8, 72, rect.h - 16))
    room = Rect(rect.x + 88, rect.y + 4, rect.w - 94, rect.h - 8)
    size, most, gap = (34, 2, 1.0) if rect.h < 100 else (36, 2 if rect.h < 130 else 3, 1.1)
    painter.text(said, room, size, ink, bold=True, align="left", most=most, gap=gap)


def draw_lying_papers(scene: PageCanvas, room: Rect) -> None:
    """Draw papers that lie on the desk, each with its name: nothing to press."""
    names, rows = scene.page.body.carried, scene.page.body.rows
    painter = scene.painter
    painter.box(room, 18, "#A67A4C", "#6E4C2A", 3)
    inner = room.grown(-18)
    count = max(1, len(names))
    wide = min(230.0, (inner.w - 14 * (count - 1)) / count)
    for at, (name, row) in enumerate(zip(names, rows, strict=True)):
        rect = Rect(inner.x + at * (wide + 14), inner.y, wide, inner.h)
        painter.picture(name, Rect(rect.x, rect.y, rect.w, rect.h - 96))
        label = Rect(rect.x, rect.bottom - 90, rect.w, 88)
        painter.box(label, 12, "#FFF9EA", "#6E4C2A", 2)
        painter.text(scene.write(row.label), label.grown(-6), 34, INK, bold=True, most=2, gap=1.1)
