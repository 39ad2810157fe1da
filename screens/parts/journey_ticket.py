"""A railway ticket as one holds it, before it is bought: from, to, times, train, day, seat, who, and the price.

It is drawn in ink on pale blue paper whatever the machine's colours are, its stub torn off at two notches.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Journey, Text, text
from kiosk_firmware.core.texts import yuan
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

PAPER, RIM, INK, SOFT, TRAIN, PRICE = "#DDEDF9", "#5B8FBF", "#0E1B27", "#3C4D5C", "#0B3A8A", "#A62F0B"
STUB = 0.27
MOST_HIGH = 400.0
SEATS = 2


def draw(scene: PageCanvas, room: Rect, journey: Journey) -> None:
    """Draw the ticket in the middle of a box."""
    painter, high = scene.painter, min(room.h, MOST_HIGH)
    rect = Rect(room.x, room.y + (room.h - high) / 2, room.w, high)
    cut = rect.right - rect.w * STUB
    painter.box(rect, 22, PAPER, RIM, 3)
    _perforation(painter, cut, rect)
    main = Rect(rect.x + 32, rect.y + 16, cut - rect.x - 56, rect.h - 32)
    upper = Rect(main.x, main.y, main.w, main.h * 0.5)
    _ends(scene, upper, journey)
    painter.fill(Rect(main.x, upper.bottom + 4, main.w, 3), RIM)
    _below(scene, Rect(main.x, upper.bottom + 14, main.w, main.bottom - upper.bottom - 14), journey)
    _stub(scene, Rect(cut + 20, rect.y + 16, rect.right - cut - 36, rect.h - 32), journey)


def _perforation(painter: Painter, x: float, rect: Rect) -> None:
    """Draw the line at which the stub is torn off."""
    y = rect.y + 22
    while y < rect.bottom - 22:
        painter.fill(Rect(x - 1.5, y, 3, 12), RIM)
        y += 22


def _ends(scene: PageCanvas, rect: Rect, journey: Journey) -> None:
    """Draw from where to where, when, and between them the train with its arrow."""
    painter, side, top = scene.painter, rect.w * 0.38, rect.h * 0.56
    for x, align, station, time in (
        (rect.x, "left", journey.origin, journey.leaves),
        (rect.right - side, "right", journey.target, journey.arrives),
    ):
        name = Rect(x, rect.y, side, top)
        painter.text(scene.write(station), name, 58, INK, bold=True, align=align, least=34)  # type: ignore[arg-type]
        painter.text(time, Rect(x, rect.y + top, side, rect.h - top), 50, INK, bold=True, align=align)  # type: ignore[arg-type]
    middle = Rect(rect.x + side + 10, rect.y, rect.w - 2 * side - 20, rect.h)
    painter.text(scene.write(journey.train), Rect(middle.x, middle.y, middle.w, top - 6), 42, TRAIN, bold=True)
    y = rect.y + top + 8
    painter.line([(middle.x + 8, y), (middle.right - 10, y)], TRAIN, 6)
    painter.line([(middle.right - 30, y - 18), (middle.right - 10, y), (middle.right - 30, y + 18)], TRAIN, 6)


def _below(scene: PageCanvas, rect: Rect, journey: Journey) -> None:
    """Draw the day and the class; then each seat with who sits there."""
    painter = scene.painter
    lines = journey.seats[:SEATS]
    high = rect.h / (1 + len(lines))
    first = Rect(rect.x, rect.y, rect.w, high)
    kind, wide = scene.write(journey.kind), rect.w * 0.38
    painter.text(
        scene.write(journey.day), Rect(first.x, first.y, first.w - wide - 10, high), 42, INK, bold=True, align="left"
    )
    painter.text(kind, Rect(first.right - wide, first.y, wide, high), 38, INK, align="right")
    for at, (who, place) in enumerate(lines, 1):
        y = rect.y + at * high
        painter.private = scene.page.private
        painter.text(who, Rect(rect.x, y, rect.w * 0.56, high), 34, SOFT, align="left")
        painter.private = False
        seat = Rect(rect.x + rect.w * 0.56, y, rect.w * 0.44, high)
        painter.text(scene.write(place), seat, 40, INK, bold=True, align="right")


def _stub(scene: PageCanvas, rect: Rect, journey: Journey) -> None:
    """Draw the price, for how many, and that it is for practice."""
    painter = scene.painter
    count = len(journey.seats)
    said: tuple[tuple[str, float, int, str], ...] = (
        (scene.write(Text("row.price")), 0.2, 34, SOFT),
        (f"¥{yuan(journey.fen)}", 0.36, 66, PRICE),
        (scene.write(text("people.count", count=count)), 0.22, 36, INK),
    )
    y = rect.y
    for words, share, size, ink in said:
        painter.text(words, Rect(rect.x, y, rect.w, rect.h * share), size, ink, bold=size > 40)
        y += rect.h * share
    painter.text(
        scene.write(Text("slip.practice")), Rect(rect.x, y, rect.w, rect.bottom - y), 24, SOFT, use="print", most=2
    )
