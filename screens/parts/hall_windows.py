"""A hall as one who waits sees it: the board with what is called, windows with their people, chairs, one's own number.

Board and windows say the same number. The board is the key *look at the board*, and the window that calls is the key by
which one goes there, where the page has these keys; all else is only looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from kiosk_firmware.core.pages import Key, ServiceWindow, text
from screens.parts import keys as parts
from screens.parts import page_content, service_window
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

BOARD, BOARD_INK, LIT, LIT_INK = "#14191C", "#F2F5F6", "#FFC533", "#1B1400"
FLOOR, FLOOR_INK, SKIRTING = "#D9CFC0", "#241D12", "#A89A84"
BACKS = ("back_long", "back_grey", "back_cap", "back_short")
SEATS = 5
GAP = 14.0
SLIP = 200.0


class _Shown:
    """A window's texts and look, so that its key can be drawn pressed."""

    def __init__(self, scene: PageCanvas, window: ServiceWindow, key: Key | None) -> None:
        self.number, self.called = str(window.number), window.called
        self.serves = scene.write(window.serves)
        self.shows = scene.write(window.shows) if window.shows else ""
        self.clerk = scene.look.clerk(window.number)
        self.ground, self.ink = scene.look.header.ground, scene.look.header.ink
        self.go = scene.write(key.text) if key else ""
        self.primary = scene.look.primary


def windows(scene: PageCanvas, room: Rect, go: Key | None) -> None:
    """Draw the windows side by side; the one that calls is the key `go`."""
    found = scene.page.body.windows
    wide = (room.w - GAP * (len(found) - 1)) / len(found)
    for at, window in enumerate(found):
        rect = Rect(room.x + at * (wide + GAP), room.y, wide, room.h)
        key = go if window.called else None
        draw = partial(_window, shown=_Shown(scene, window, key), rect=rect)
        if key:
            scene.add(key, rect, draw)
        else:
            draw(scene.painter, False)


def _window(painter: Painter, pressed: bool, shown: _Shown, rect: Rect) -> None:
    """Sign, person, desk, display; below them what the key says."""
    low = 66.0 if shown.go else 0.0
    painter.box(rect, 16, service_window.WALL, LIT if shown.called else service_window.RIM, 5)
    if shown.called:
        painter.box(rect.grown(-3), 14, border=BOARD, thick=5)
    head = Rect(rect.x + 5, rect.y + 5, rect.w - 10, min(70.0, rect.h * 0.28))
    painter.box(head, 12, shown.ground)
    plate = Rect(head.x + 8, head.y + 8, 58, head.h - 16)
    painter.box(plate, 10, "#FFFFFF")
    painter.text(shown.number, plate, int(min(40.0, plate.h - 8)), "#14191C", use="read", bold=True)
    name = Rect(plate.right + 8, head.y + 2, head.right - plate.right - 14, head.h - 4)
    painter.text(shown.serves, name, 28, shown.ink, use="read", bold=True, align="left", most=2, gap=1.06)
    desk = Rect(rect.x + 5, rect.bottom - 62 - low, rect.w - 10, 57 + low)
    service_window.person(
        painter, shown.clerk, Rect(rect.x + 20, head.bottom + 6, rect.w - 40, desk.y - head.bottom - 6), shown.called
    )
    painter.box(desk, 10, service_window.DESK)
    painter.fill(Rect(desk.x, desk.y, desk.w, 9), service_window.LEDGE)
    display = Rect(desk.x + 10, desk.y + 12, desk.w - 20, 40)
    painter.box(display, 8, LIT if shown.called else BOARD)
    ink = LIT_INK if shown.called else BOARD_INK
    painter.text(shown.shows, display, 30, ink, use="read", bold=shown.called)
    if shown.go:
        _bar(painter, pressed, shown.go, Rect(desk.x + 8, display.bottom + 8, desk.w - 16, low - 10), shown.primary)


def _bar(painter: Painter, pressed: bool, text: str, rect: Rect, style: Any) -> None:
    """Draw the words of a key inside a picture."""
    ground, ink = (style.pressed, style.pressed_ink) if pressed else (style.ground, style.ink)
    painter.box(rect, min(style.radius, 14), ground, style.border, 2)
    painter.text(text, Rect(rect.x + 10, rect.y + 2, rect.w - 20, rect.h - 4), 38, ink, bold=True)


# -- the board ---------------------------------------------------------------------------------------------------------


def _rows(scene: PageCanvas) -> list[tuple[str, str, bool]]:
    """Return the lines of the board: number, where, and whether it is called now; one's own that was missed
    comes last.
    """
    body, found = scene.page.body, []
    for window in body.windows:
        number = str(dict(window.shows.args).get("number", "")) if window.shows else ""
        found.append((number, scene.write(text("hall.at", window=window.number)), window.called))
    missed = (row.value for row in body.rows if row.mark == "warn" and row.value)
    return [*found, *((scene.write(value), scene.write(text("hall.passed")), False) for value in missed)]


def board(scene: PageCanvas, rect: Rect, look: Key | None) -> None:
    """Draw the board, a key where the page asks to look at it."""
    draw = partial(
        _board,
        rows=_rows(scene),
        title=scene.write(text("hall.board")),
        look=scene.write(look.text) if look else "",
        rect=rect,
        style=scene.look.primary,
    )
    if look:
        scene.add(look, rect, draw)
    else:
        draw(scene.painter, False)


def _board(
    painter: Painter,
    pressed: bool,
    rows: Sequence[tuple[str, str, bool]],
    title: str,
    look: str,
    rect: Rect,
    style: Any,
) -> None:
    painter.box(rect, 16, BOARD, style.border if look else service_window.RIM, 5)
    inner = rect.grown(-12)
    low = 66.0 if look else 0.0
    if rect.w > 2 * rect.h:
        _across(painter, rows, title, Rect(inner.x, inner.y, inner.w - (300 if look else 0), inner.h))
        if look:
            _bar(painter, pressed, look, Rect(inner.right - 280, inner.y, 280, inner.h), style)
        return
    painter.text(title, Rect(inner.x, inner.y - 4, inner.w, 38), 32, LIT, use="read", bold=True)
    top = inner.y + 38
    high = min(62.0, (inner.bottom - top - low) / max(1, len(rows)))
    for at, row in enumerate(rows):
        _line(painter, row, Rect(inner.x, top + at * high, inner.w, high - 4))
    if look:
        _bar(painter, pressed, look, Rect(inner.x, inner.bottom - 60, inner.w, 60), style)


def _across(painter: Painter, rows: Sequence[tuple[str, str, bool]], title: str, rect: Rect) -> None:
    """Draw a board that hangs over the windows: the rows side by side."""
    wide = rect.w / len(rows)
    for at, row in enumerate(rows):
        _line(painter, row, Rect(rect.x + at * wide, rect.y, wide - 8, rect.h), True)


def _line(painter: Painter, row: tuple[str, str, bool], rect: Rect, stacked: bool = False) -> None:
    number, where, called = row
    if called:
        painter.box(rect, 10, LIT)
    ink = LIT_INK if called else BOARD_INK
    if stacked:
        painter.text(number, Rect(rect.x + 4, rect.y + 2, rect.w - 8, rect.h * 0.5), 34, ink, bold=True)
        painter.text(where, Rect(rect.x + 4, rect.y + rect.h * 0.52, rect.w - 8, rect.h * 0.44), 28, ink, use="read")
        return
    painter.text(
        number, Rect(rect.x + 8, rect.y, 118, rect.h), int(min(40.0, rect.h - 2)), ink, bold=True, align="left"
    )
    painter.text(where, Rect(rect.x + 128, rect.y, rect.w - 136, rect.h), 28, ink, use="read", align="right")


# -- the floor ---------------------------------------------------------------------------------------------------------


def floor(scene: PageCanvas, rect: Rect, keys: Sequence[Key]) -> None:
    """Draw the lower part: what is to be done, chairs with whoever waits, one's own number in the hand, and keys."""
    painter, wide = scene.painter, 340.0 if rect.w > 1000 else 300.0
    if keys:
        column = Rect(rect.right - wide - 24, rect.y + 10, wide, rect.h - 24)
        high = min(104.0, (column.h - 12 * (len(keys) - 1)) / len(keys))
        for at, key in enumerate(reversed(keys)):
            parts.button(scene, key, Rect(column.x, column.bottom - (at + 1) * high - at * 12, wide, high))
        rect = Rect(rect.x, rect.y, rect.w - wide - 40, rect.h)
    painter.fill(rect, FLOOR)
    painter.fill(Rect(rect.x, rect.y, rect.w, 4), SKIRTING)
    inner = Rect(rect.x + 24, rect.y + 12, rect.w - 36, rect.h - 12)
    right = inner.right
    _number(scene, Rect(right - SLIP, inner.y, SLIP, rect.bottom - inner.y))
    room = Rect(inner.x, inner.y, right - SLIP - 20 - inner.x, inner.h)
    found = [
        page_content.sentence(scene, scene.write(line), room.w, "left", 38, ink=FLOOR_INK)
        for line in scene.page.body.lines
    ]
    ahead = next((row for row in scene.page.body.rows[1:] if row.value), None)
    high = page_content.total(found)
    page_content.stack(scene, Rect(room.x, room.y, room.w, high), found, 2)
    top = room.y + high + 2
    if ahead and ahead.value:
        said = f"{scene.write(ahead.label)} {scene.write(ahead.value)}"
        painter.text(said, Rect(room.x, top, room.w, 40), 34, FLOOR_INK, bold=True, align="left")
        top += 42
    _seats(painter, Rect(room.x, top, room.w, rect.bottom - top), scene.page.body.seated)


def _seats(painter: Painter, rect: Rect, seated: int) -> None:
    """Draw chairs from behind; on the first so many somebody sits."""
    if rect.h < 44:
        return
    count = max(2, min(SEATS, int(rect.w / 130)))
    wide = min(150.0, rect.w / count - 10)
    seat = min(wide * 0.6, rect.h * 0.56)
    for at in range(count):
        x = rect.x + at * (wide + 10)
        if at < seated:
            high = min(130.0, rect.h - seat * 0.45)
            top = rect.bottom - seat - high + seat * 0.45
            painter.picture(BACKS[at % len(BACKS)], Rect(x, max(rect.y, top), wide, high))
        painter.picture("chair", Rect(x, rect.bottom - seat, wide, seat))


def _number(scene: PageCanvas, rect: Rect) -> None:
    """Draw one's own number on its slip, held in a hand."""
    row = scene.page.body.rows[0] if scene.page.body.rows else None
    if row is None or row.value is None:
        return
    painter, teeth = scene.painter, 8
    paper = Rect(rect.x + 8, rect.y, rect.w - 16, min(150.0, rect.h - 10))
    painter.box(paper, 4, "#FFFFFF", "#8E8778", 2)
    step = paper.w / teeth
    flat = tuple(
        (
            (paper.x + at * step, paper.bottom - 1),
            (paper.x + (at + 0.5) * step, paper.bottom + 8),
            (paper.x + (at + 1) * step, paper.bottom - 1),
        )
        for at in range(teeth)
    )
    painter.shapes(flat, "#FFFFFF")
    painter.text(scene.write(row.label), Rect(paper.x, paper.y + 4, paper.w, 34), 28, "#44504B", use="read")
    painter.text(scene.write(row.value), Rect(paper.x + 2, paper.y + 38, paper.w - 4, 52), 46, "#14201B", bold=True)
    hand = Rect(rect.x, paper.y + 96, rect.w + 10, rect.bottom - paper.y - 96)
    painter.picture("hand_holding", hand)
