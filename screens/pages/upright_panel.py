"""Any page on a panel that stands upright, as a telephone's does: the page has the whole glass, and all kinds are laid
out alike.

From the top: a phone's status bar, the title with the time-out ring's place at its right, what the page says; then what
it shows (fields, figures and rows, a code, a face, a picture); at the bottom the pad or board, the keys one below the
other, and a phone's own keys (`nav.*`). Menus whose keys all have pictures, and the unit's first pages, are tiles, two
a row; a real visit has an order of its own (`parts.call`). Where it is tight sentences and keys become smaller, never
below what can be read and met; rows that do not fit are turned by large arrows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kiosk_firmware.core.pages import Key, Row, Text
from screens.input.keyboard_typing import MODE
from screens.pages import home, phone, tiles
from screens.pages.form import PAD_MOST, draw_field
from screens.pages.list import DOWN, UP
from screens.parts import action_pictures as pictures
from screens.parts import (
    app_bar,
    barcode,
    chat_bubbles,
    face_picture,
    hall_windows,
    handset,
    held_things,
    keypad,
    page_content,
    paper_form,
    qr_code,
    service_window,
    video_call,
    week_path,
)
from screens.parts import keys as parts
from screens.parts.handset import TALL_STATUS, TALL_TITLE
from screens.parts.key_layout import LEAVING
from screens.parts.page_content import ContentPart
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import PlacedItem, Rect

EDGE, GAP = 24.0, 12.0
NAV, ARROW, FIELD, BANNER = 92.0, 96.0, 92.0, 80.0
SIZES = ((46, 104.0), (40, 94.0), (36, 84.0), (34, 80.0))
"""Of sentences, and how high keys are: the first with which all fits."""
PAD_HIGH, PAD_WIDE = 400.0, 560.0
BOARD_PITCH, ACROSS = 104.0, 10
TILE_MOST, TILES = 250.0, 6
CODE, FACE, PICTURE, HELD, ACT = 360.0, 340.0, 120.0, 260.0, 180.0
UNIT = 1.35
"""Heights that these want at least; how much larger an app is than on a telephone that lies on the glass."""


class UprightPanel:
    """Draws every kind of page on an upright glass."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw from the outside in: head and feet, keys, words, and what is left for what the page shows."""
        if scene.page.kind in phone.APPS and scene.look.phone:
            _app(scene)
            return
        room = _feet(scene, _head(scene))
        if scene.page.kind == "Home":
            _home(scene, room)
            return
        if scene.page.kind == "Tiles":
            _shelf(scene, room)
            return
        if scene.page.body.icon.startswith(video_call.LIVE):
            video_call.upright(scene, room)
            return
        room = _typed(scene, room)
        found = _stacked(scene)
        size, high = _fitting(scene, found, room)
        tiled = _is_tiled(scene, found)
        if scene.page.kind in phone.LISTED and not tiled and not scene.page.body.rows:
            room = _say(scene, room, size)
            _stack(scene, found, Rect(room.x, room.y, room.w, _stack_high(scene, found, high)), high)
            return
        if not tiled:
            room = _stack(scene, found, room, high)
        if phone.is_written(scene.page) and scene.look.phone:
            chat_bubbles.draw_message(scene, Rect(0, room.y - GAP, scene.frame.page.w, room.h + GAP), UNIT)
            return
        room = _say(scene, room, size)
        if tiled:
            room = _tiles(scene, found, room)
        _inside(scene, room)


def _app(scene: PageCanvas) -> None:
    """Draw an app over the whole glass below the status bar."""
    _status(scene)
    page = scene.frame.page
    phone.APPS[scene.page.kind](scene, Rect(0, TALL_STATUS, page.w, page.h - TALL_STATUS), UNIT)


def _shelf(scene: PageCanvas, room: Rect) -> None:
    """Draw tiles above, and below them what stands at their side on a glass that lies."""
    others = len(scene.page.keys) - len(tiles.choices(scene))
    said = 70.0 * len(scene.page.body.lines) + (80 if scene.page.body.length else 0)
    low = said + others * (tiles.KEY_HIGH + tiles.GAP)
    tiles.tiles(scene, Rect(room.x, room.y, room.w, room.h - low - GAP))
    tiles.side(scene, Rect(room.x, room.bottom - low, room.w, low))


# -- head and feet -----------------------------------------------------------------------------------------------------


def _status(scene: PageCanvas) -> None:
    """Draw the telephone's ground and its status bar."""
    painter, look, page = scene.painter, scene.look, scene.frame.page
    painter.fill(page, look.panel.ground)
    painter.fill(Rect(0, 0, page.w, TALL_STATUS), look.header.ground)
    handset.signs(painter, Rect(0, 4, page.w, TALL_STATUS), look.header.ink)


def _head(scene: PageCanvas) -> Rect:
    """Draw status bar and title; return the room below them."""
    painter, look, page = scene.painter, scene.look, scene.frame.page
    if look.phone:
        _status(scene)
        room = app_bar.title(scene, Rect(0, TALL_STATUS, page.w, page.h - TALL_STATUS), UNIT)
        return _banner(scene, Rect(EDGE, room.y + GAP, page.w - 2 * EDGE, room.h - 2 * GAP))
    ring = scene.ring_wide - 40 if scene.page.timer else 0.0
    room = Rect(EDGE, TALL_STATUS + 2, page.w - 2 * EDGE - ring, TALL_TITLE - 8)
    painter.text(scene.write(scene.page.title), room, 47, look.ink, bold=True, align="left", most=2, gap=1.08)
    top = TALL_STATUS + TALL_TITLE + GAP
    return _banner(scene, Rect(EDGE, top, page.w - 2 * EDGE, page.bottom - GAP - top))


def _banner(scene: PageCanvas, room: Rect) -> Rect:
    if not scene.page.body.banner:
        return room
    box = Rect(room.x, room.y, room.w, BANNER)
    scene.painter.box(box, 16, "#FFF7DA", "#8A6A00", 3)
    text = scene.write(scene.page.body.banner)
    scene.painter.text(text, Rect(box.x + 20, box.y + 2, box.w - 40, box.h - 4), 38, "#2B2200", most=2, gap=1.04)
    return _below(room, BANNER)


def _below(room: Rect, high: float) -> Rect:
    """Return what is left below something so high, and a gap."""
    return Rect(room.x, room.y + high + GAP, room.w, room.h - high - GAP)


def _feet(scene: PageCanvas, room: Rect) -> Rect:
    """Draw a phone's own keys, side by side; return the room above them."""
    found = [key for key in scene.page.keys if phone.is_nav(key)]
    if not found or scene.look.phone:
        return room
    wide = (room.w - GAP * (len(found) - 1)) / len(found)
    for at, key in enumerate(found):
        parts.chip(scene, key, Rect(room.x + at * (wide + GAP), room.bottom - NAV, wide, NAV))
    return Rect(room.x, room.y, room.w, room.h - NAV - GAP)


# -- keys --------------------------------------------------------------------------------------------------------------


def _stacked(scene: PageCanvas) -> list[Key]:
    """Return the keys that stand one below the other: what confirms and the way out lowest."""
    found = [key for key in scene.page.keys if key.role not in ("digit", "field") and not phone.is_nav(key)]
    order = {"primary": 1, **dict.fromkeys(LEAVING, 2)}
    return sorted(found, key=lambda key: order.get(key.role, 0))


def _is_tiled(scene: PageCanvas, found: Sequence[Key]) -> bool:
    return scene.page.kind == "Menu" and len(found) > 1 and all(key.icon for key in found)


def _across(scene: PageCanvas, found: Sequence[Key]) -> int:
    """Return how many stand side by side: many, and those that share the glass with a pad or board, in two columns."""
    typed = bool(scene.page.body.field_key)
    beside = scene.page.kind == "Face" or len(found) > 6 or (typed and len(found) > 1)
    return 2 if beside else 1


def _stack(scene: PageCanvas, found: Sequence[Key], room: Rect, high: float) -> Rect:
    """Draw keys from the bottom up; return the room above them."""
    across = _across(scene, found)
    rows = -(-len(found) // across)
    wide = (room.w - GAP * (across - 1)) / across
    top = room.bottom - rows * (high + GAP) + GAP
    for at, key in enumerate(found):
        last = at == len(found) - 1 and at % across == 0
        place = Rect(room.x + at % across * (wide + GAP), top + at // across * (high + GAP), wide, high)
        parts.button(scene, key, Rect(place.x, place.y, room.w, high) if last else place)
    return Rect(room.x, room.y, room.w, top - GAP - room.y) if found else room


def _stack_high(scene: PageCanvas, found: Sequence[Key], high: float) -> float:
    """Return how high the keys stand."""
    return -(-len(found) // _across(scene, found)) * (high + GAP) - GAP


def _tiles(scene: PageCanvas, found: Sequence[Key], room: Rect) -> Rect:
    """Draw two tiles a row; a way out among them stands last."""
    rows = -(-len(found) // 2)
    high = min(TILE_MOST, (room.h - GAP * (rows - 1)) / rows)
    wide = (room.w - GAP) / 2
    for at, key in enumerate(found):
        parts.tile(scene, key, Rect(room.x + at % 2 * (wide + GAP), room.y + at // 2 * (high + GAP), wide, high))
    return _below(room, rows * (high + GAP) - GAP)


def _typed(scene: PageCanvas, room: Rect) -> Rect:
    """Draw pad or board at the bottom, above the keys' place; the room that is left is the whole, less its height."""
    lying = scene.page.body.board in ("letters", "pinyin") and bool(scene.page.body.field_key)
    digits = () if lying else phone.pad(scene)
    if lying:
        return _board(scene, room)
    if len(digits) > PAD_MOST:
        high = -(-len(digits) // ACROSS) * BOARD_PITCH
        keypad.board(scene, digits, Rect(8, room.bottom - high, scene.frame.wide - 16, high), ACROSS, 6.0)
        return Rect(room.x, room.y, room.w, room.h - high - GAP)
    if digits:
        pad = Rect(room.x + (room.w - PAD_WIDE) / 2, room.bottom - PAD_HIGH, PAD_WIDE, PAD_HIGH)
        keypad.draw(scene, digits, pad)
        return Rect(room.x, room.y, room.w, room.h - PAD_HIGH - GAP)
    return room


def _board(scene: PageCanvas, room: Rect) -> Rect:
    """Draw the board of letters over the whole width, with what a reading may mean above it; return the room above."""
    typing, wide = scene.typing, scene.frame.wide - 16
    board = typing.keys()
    high = -(-len(board) // ACROSS) * BOARD_PITCH
    low = Rect(8, room.bottom - high, wide, high)
    letters = [key for key in board if key.value != MODE]
    keypad.board(scene, letters, low, ACROSS, 6.0)
    for key in (key for key in board if key.value == MODE):  # a word needs the room of two letters
        left = low.x + len(letters) % ACROSS * (wide + 6.0) / ACROSS
        parts.digit(scene, key, Rect(left, low.bottom - BOARD_PITCH, 2 * BOARD_PITCH, BOARD_PITCH - 6))
    if typing.has_candidates:
        phone.choices(scene, typing.choices(), Rect(8, low.y - 104, wide, 96), 120)
        high += 104
    return Rect(room.x, room.y, room.w, room.h - high - GAP)


# -- words -------------------------------------------------------------------------------------------------------------


def _sentences(scene: PageCanvas, wide: float, size: int) -> list[ContentPart]:
    return [page_content.sentence(scene, scene.write(line), wide - 56, "left", size) for line in scene.page.body.lines]


def _said_high(found: Sequence[ContentPart]) -> float:
    return page_content.total(found) + 14 * (len(found) - 1) + 38 if found else 0.0


def _fitting(scene: PageCanvas, found: Sequence[Key], room: Rect) -> tuple[int, float]:
    """Return the sentences' size and the keys' height with which all has its place."""
    across = _across(scene, found)
    for size, high in SIZES:
        low = -(-len(found) // across) * (high + GAP)
        if _is_tiled(scene, found):
            low = -(-len(found) // 2) * (2 * high + GAP)
        said = _said_high(_sentences(scene, room.w, size))
        if said + GAP + low + _wanted(scene, room.w) <= room.h:
            return size, high
    return SIZES[-1]


def _say(scene: PageCanvas, room: Rect, size: int) -> Rect:
    """Return what the page says, on its panel; the room below it."""
    found = _sentences(scene, room.w, size)
    if not found:
        return room
    panel = Rect(room.x, room.y, room.w, _said_high(found))
    page_content.panel(scene, panel)
    page_content.stack(scene, Rect(panel.x + 28, panel.y + 18, panel.w - 56, panel.h - 36), found, 14)
    return _below(room, panel.h)


# -- what the page shows -----------------------------------------------------------------------------------------------


def _wanted(scene: PageCanvas, wide: float) -> float:
    """Return the height that what the page shows wants at least."""
    body, page = scene.page.body, scene.page
    fields = sum(key.role == "field" for key in page.keys) + bool(body.field_key and page.key(body.field_key) is None)
    shown = fields * (phone.FIELD + GAP) + (84 if body.amount_fen >= 0 else 0)
    shown += FACE if page.kind == "Face" else CODE + barcode.HIGH * bool(body.bar) if body.code else 0
    shown += 110 if page.kind == "PinEntry" else 0
    rows = page_content.total(_rows(scene, body.rows, wide))
    return shown + (min(rows, 3 * page_content.ROW_HIGH + ARROW) if page.kind == "List" else rows)


def _inside(scene: PageCanvas, room: Rect) -> None:
    """Draw fields, then dots, a face, a code, figures and rows, or a picture."""
    body, page = scene.page.body, scene.page
    for key in (key for key in page.keys if key.role == "field"):
        draw_field(scene, key, Rect(room.x, room.y, room.w, phone.FIELD))
        room = _below(room, phone.FIELD)
    if body.field_key and page.key(body.field_key) is None:
        box = Rect(room.x, room.y, room.w, FIELD)
        keypad.field(scene.painter, False, box, body.field, accent=scene.look.accent, private=page.private)
        room = _below(room, FIELD)
    if room.h < -GAP:  # so that a test finds it
        scene.painter.notes.append(PlacedItem("text", room, room, "too much for the page", fits=False))
    if page.kind == "PinEntry":
        phone.dots(scene, room)
    elif page.kind == "Face":
        face_picture.draw(scene.painter, body.icon, room, body.digits, body.length)
    elif body.code:
        _code(scene, room)
    elif page.kind == "Debrief" and body.carried:
        _held(scene, room)
    elif page.kind == "Paper" and body.rows and not (body.carried or body.field_key):
        _sheet(scene, Rect(room.x, room.y, room.w, min(room.h, 560.0)))
    elif len(body.windows) > 1 and room.h > 560:
        _figures(scene, _hall(scene, room))
    elif body.rows or body.amount_fen >= 0:
        _figures(scene, _acted(scene, room))
    elif room.h > PICTURE and not body.field_key and (name := pictures.chosen_picture(page)):
        high = min(room.h, 380.0)
        middle = Rect(room.x, room.y + (room.h - high) / 2, room.w, high)
        pictures.draw(scene, name, middle.grown(-10))
    elif room.h > PICTURE and body.windows and not body.field_key:
        service_window.alone(scene, Rect(room.x, room.y, room.w, min(room.h, 420.0)))


def _held(scene: PageCanvas, room: Rect) -> None:
    """Draw the things in somebody's hands over what the run proved; where both have no room, only what it proved."""
    found = _rows(scene, scene.page.body.rows, room.w)
    high = room.h - page_content.total(found) - GAP
    if high < HELD:
        _figures(scene, room)
        return
    held_things.draw(scene, Rect(room.x, room.y, room.w, high))
    page_content.stack(scene, _below(room, high), found, 0)


def _sheet(scene: PageCanvas, room: Rect) -> None:
    """Draw the paper that the page shows."""
    (paper_form.slip if scene.page.body.icon == "slip_out" else paper_form.form)(scene, room)


def _acted(scene: PageCanvas, room: Rect) -> Rect:
    """Draw the hand's act over figures and rows where both have room; the room for these."""
    body = scene.page.body
    name = pictures.chosen_picture(scene.page)
    high = room.h - page_content.total(_rows(scene, body.rows, room.w)) - (84 if body.amount_fen >= 0 else 0) - 3 * GAP
    if not pictures.moves(name) or body.field_key or high < ACT:
        return room
    high = min(high, 380.0)
    pictures.draw(scene, name, Rect(room.x, room.y, room.w, high).grown(-10))
    return _below(room, high)


def _hall(scene: PageCanvas, room: Rect) -> Rect:
    """Draw board and windows; return the room below them."""
    hall_windows.board(scene, Rect(room.x, room.y, room.w, 100), None)
    hall_windows.windows(scene, Rect(room.x, room.y + 100 + GAP, room.w, 320), None)
    return Rect(room.x, room.y + 432 + GAP, room.w, room.h - 432 - GAP)


def _code(scene: PageCanvas, room: Rect) -> None:
    body = scene.page.body
    low = barcode.HIGH + GAP if body.bar else 0.0
    qr_code.draw(scene.painter, body.code, Rect(room.x, room.y, room.w, room.h - low))
    if body.bar:
        barcode.draw(scene.painter, body.bar, Rect(room.x, room.bottom - barcode.HIGH, room.w, barcode.HIGH))


def _rows(scene: PageCanvas, rows: Sequence[Row], wide: float) -> list[ContentPart]:
    """Return rows as pieces: a label and its value in one line where they fit, else in as many as they take."""
    return [_row(scene, entry, wide) for entry in rows]


def _row(scene: PageCanvas, entry: Row, wide: float) -> ContentPart:
    letters, beside = scene.painter.letters, 62 if entry.mark else 0
    label, value = scene.write(entry.label), scene.write(entry.value) if entry.value else ""
    if letters.width(label, 34) + letters.width(value, 34, True) + 30 <= wide - beside:
        return ContentPart(page_content.ROW_HIGH, partial(page_content.draw_row, scene, entry))
    said = page_content.sentence(scene, f"{label}　{value}".strip("　"), wide - beside, "left", 36)

    def draw(rect: Rect) -> None:
        if entry.mark:
            badge(scene.painter, entry.mark, rect.x + 22, rect.centre[1], 20)
        said.draw(Rect(rect.x + beside, rect.y + 6, rect.w - beside, rect.h - 12))

    return ContentPart(said.high + 12, draw)


def _figures(scene: PageCanvas, room: Rect) -> None:
    """Draw a large figure and rows; what does not fit is turned by arrows."""
    body, room = scene.page.body, _on_panel(scene, room)
    large = page_content.pieces(phone.unsaid(scene), room.w, (), "centre")
    found = [*large, *_rows(scene, [row for row in body.rows if not body.whom or row.value != body.whom], room.w)]
    if page_content.total(found) <= room.h:
        page_content.stack(scene, room, found, 14)
        return
    shown = _turned(scene, found, room.h - ARROW - GAP)
    page_content.stack(scene, Rect(room.x, room.y, room.w, room.h - ARROW - GAP), shown, 8)
    _arrows(scene, Rect(room.x, room.bottom - ARROW, room.w, ARROW), scene.scroll > 0, found[-1] not in shown)


def _on_panel(scene: PageCanvas, room: Rect) -> Rect:
    """Draw a panel below rows where their ink is not the ground's own, as on the staff's dark one; the room on it."""
    if scene.look.phone or scene.look.ink == scene.look.panel.ink:
        return room
    page_content.panel(scene, room)
    return room.grown(-20)


def _turned(scene: PageCanvas, found: Sequence[ContentPart], high: float) -> list[ContentPart]:
    """Return the pieces of the part that is looked at now."""
    parts_, used = [[found[0]]], found[0].high
    for piece in found[1:]:
        if used + piece.high > high:
            parts_.append([])
            used = 0.0
        parts_[-1].append(piece)
        used += piece.high
    return parts_[min(scene.scroll, len(parts_) - 1)]


def _arrows(scene: PageCanvas, row: Rect, up: bool, down: bool) -> None:
    wide = (row.w - GAP) / 2
    for name, icon, x, useful in ((UP, "up", row.x, up), (DOWN, "down", row.x + wide + GAP, down)):
        if useful:
            parts.button(scene, Key(name, "choice", Text(""), icon=icon), Rect(x, row.y, wide, row.h))


# -- the unit's first pages --------------------------------------------------------------------------------------------


def _home(scene: PageCanvas, room: Rect) -> None:
    """Draw small keys, the recommended step, six tiles a page."""
    found = [key for key in scene.page.keys if key.role in ("field", "back", "danger")]
    room = _small(scene, found, room)
    if week_path.stations(scene):
        week_path.draw(scene, room, 2)
        return
    room = _say(scene, room, 40)
    for key in (key for key in scene.page.keys if key.role == "primary"):
        parts.button(scene, key, Rect(room.x, room.y, room.w, 130))
        room = _below(room, 130)
    tiles = [key for key in scene.page.keys if key.role == "choice"]
    first_tile = tiles[0].name if tiles else ""
    if len(tiles) > TILES:
        first = scene.scroll * TILES % (-(-len(tiles) // TILES) * TILES)
        _arrows(scene, Rect(room.x, room.bottom - ARROW, room.w, ARROW), first > 0, first + TILES < len(tiles))
        room, tiles = Rect(room.x, room.y, room.w, room.h - ARROW - GAP), tiles[first : first + TILES]
    high = min(220.0, (room.h + GAP) / max(3, -(-len(tiles) // 2)) - GAP)
    wide = (room.w - GAP) / 2
    for at, key in enumerate(tiles):
        rect = Rect(room.x + at % 2 * (wide + GAP), room.y + at // 2 * (high + GAP), wide, high)
        texts = (scene.write(key.text), scene.write(key.sub) if key.sub else "")
        way = scene.page.body.trail if key.name == first_tile else ()
        scene.add(key, rect, partial(home.tile, texts=texts, key=key, rect=rect, look=scene.look, way=way))


def _small(scene: PageCanvas, found: Sequence[Key], room: Rect) -> Rect:
    """Return who is learning, language, the way out: two a row; the room below them."""
    if not found:
        return room
    across = min(2, len(found))
    wide = (room.w - GAP * (across - 1)) / across
    for at, key in enumerate(found):
        parts.button(scene, key, Rect(room.x + at % across * (wide + GAP), room.y + at // across * 100, wide, 88))
    return _below(room, -(-len(found) // across) * 100 - GAP)
