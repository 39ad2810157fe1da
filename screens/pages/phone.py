"""Any page on a telephone: the same kinds, drawn inside a handset (`parts.handset`), whatever the kind is called.

In the phone: title, what came in from above (`Body.banner`), figures and rows or a picture, the keys one below the
other, the way out and what confirms lowest; at the very bottom the phone's own keys (`nav.*`). Beside it, large: what
the page says, what the person does with the phone (`face.*` before its camera, `till.*` at a till). The pad of figures
lies in the phone, or beside it where more keys want the room. A field for letters turns the phone on its side: field
and words above, the board over the whole width. First pages and menus whose keys all have pictures are tiles.
"""

from __future__ import annotations

from copy import copy

import msgspec

from kiosk_firmware.core.pages import Key, Page, Text
from screens.input.field_editing import ERASE
from screens.pages.form import draw_field
from screens.parts import action_pictures as pictures
from screens.parts import (
    app_bar,
    app_grid,
    barcode,
    chat_bubbles,
    face_picture,
    goods_shelf,
    handset,
    key_layout,
    keypad,
    page_content,
    qr_code,
    table_top,
)
from screens.parts import keys as parts
from screens.parts.handset import STATUS, Handset
from screens.parts.key_layout import LEAVING
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

KEY_HIGH, GAP = 78.0, 10.0
FIELD = 104.0
ACROSS = 10
PITCH = 101.0
BANNER = 76.0
CLOCK_ENDS = 916.0
PAD_WIDE, PAD_HIGH = 330.0, 420.0
LAID_WIDE, LAID_HIGH = 400.0, 180.0
"""So much room a table needs beside the paper on it, so that what one carries is laid out, too."""
ID_FIGURES = 18
APPS = {"Chat": chat_bubbles.draw, "Goods": goods_shelf.draw, "PhoneHome": app_grid.draw}
"""Kinds that have the whole glass."""
SHOWN = {"PinEntry": 100.0, "Face": 260.0}
"""Height that a kind wants for what it shows."""


class Phone:
    """Draws every kind of page in a phone's layout."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw the phone, and what the page says in it and beside it."""
        lying = scene.page.body.board in ("letters", "pinyin") and bool(scene.page.body.field_key)
        phone = handset.handset_box(scene.look, lying, scene.page.timer is not None)
        handset.draw(scene.painter, scene.look, phone)
        if lying:
            _lying(scene, phone)
            return
        if scene.page.kind in APPS:
            said = APPS[scene.page.kind](scene, below_status(phone.glass))
            _beside(scene, phone.beside, said)
            return
        room = _title(scene, phone.glass)
        if scene.page.kind in LISTED and not _tiled(scene):
            _beside(scene, phone.beside, _listed(scene, room))
            return
        if typed_inside(scene, room):
            _inside(scene, _pad_inside(scene, room))
            _beside(scene, phone.beside, not scene.page.body.lines, padded=True)
            return
        room = _keys(scene, room)
        said = is_written(scene.page)
        if said:
            chat_bubbles.draw_message(scene, Rect(phone.glass.x, room.y - 8, phone.glass.w, room.h))
        else:
            room, said = _said(scene, room)
            _inside(scene, room)
        _beside(scene, phone.beside, said)


def below_status(glass: Rect) -> Rect:
    """Return the glass below its status bar."""
    return Rect(glass.x, glass.y + STATUS, glass.w, glass.h - STATUS)


def is_written(page: Page) -> bool:
    """Return whether the page is a message that somebody wrote."""
    return page.body.icon == "written"


def _said(scene: PageCanvas, room: Rect) -> tuple[Rect, bool]:
    """Draw what the page says, in the telephone where it holds it beside figures and fields; the room below it, and
    whether it stands there.
    """
    lines = scene.page.body.lines
    bare = room.h - _needed(scene) - SHOWN.get(scene.page.kind, 230 if scene.page.body.code else 0)
    found = [page_content.sentence(scene, scene.write(line), room.w - 8, "left", 36) for line in lines]
    high = page_content.total(found) + 8 * len(found)
    if not lines or high > bare or pad(scene):
        return room, not lines
    page_content.stack(scene, Rect(room.x + 4, room.y, room.w - 8, high), found, 8)
    return Rect(room.x, room.y + high + 4, room.w, room.h - high - 4), True


# -- upright -----------------------------------------------------------------------------------------------------------


def is_nav(key: Key) -> bool:
    """Return whether it is one of the phone's own keys."""
    return key.name in app_bar.OWN


def _is_doing(scene: PageCanvas, key: Key) -> bool:
    """Return what the person does with the phone, and not on it, before its camera or a till: it stands beside."""
    return key.name.startswith("face." if scene.page.kind == "Face" else "till.")


def _title(scene: PageCanvas, glass: Rect) -> Rect:
    """Draw the app's bar with the phone's own keys; return the room below it."""
    room = app_bar.title(scene, below_status(glass))
    room = Rect(glass.x + 12, room.y + 8, glass.w - 24, room.h - 8 - 12)
    return _banner(scene, room) if scene.page.body.banner else room


def _banner(scene: PageCanvas, room: Rect) -> Rect:
    assert scene.page.body.banner is not None
    box = Rect(room.x, room.y, room.w, BANNER)
    scene.painter.box(box, 16, "#FFF7DA", "#8A6A00", 3)
    text = scene.write(scene.page.body.banner)
    scene.painter.text(text, Rect(box.x + 14, box.y + 2, box.w - 28, box.h - 4), 34, "#2B2200", most=2, gap=1.04)
    return Rect(room.x, room.y + BANNER + GAP, room.w, room.h - BANNER - GAP)


LISTED = ("List", "Menu")
"""Kinds whose keys stand as a list, from the top."""


def _tiled(scene: PageCanvas) -> bool:
    """Return whether the page's keys are tiles: they all have pictures, and none says more than its name."""
    found = [key for key in scene.page.keys if key.role not in ("digit", "field") and not is_nav(key)]
    return scene.page.kind == "Menu" and len(found) > 1 and all(key.icon and not key.sub for key in found)


def _listed(scene: PageCanvas, room: Rect) -> bool:
    """Return whether what the page says stands above its list, which begins at the top."""
    found = [key for key in scene.page.keys if not is_nav(key) and not _is_doing(scene, key)]
    most = 96.0 if any(key.sub or key.icon for key in found) else KEY_HIGH
    lines = [page_content.sentence(scene, scene.write(line), room.w - 8, "left", 36) for line in scene.page.body.lines]
    high = page_content.total(lines) + 8 * len(lines)
    said = high + 10 + len(found) * (71 + GAP) <= room.h
    if said:
        page_content.stack(scene, Rect(room.x + 4, room.y, room.w - 8, high), lines, 8)
        room = Rect(room.x, room.y + high + 6, room.w, room.h - high - 6)
    each = max(71.0, min(most, (room.h + GAP) / max(1, len(found)) - GAP))
    for at, key in enumerate(found):
        parts.button(scene, key, Rect(room.x, room.y + at * (each + GAP), room.w, each))
    return said


def _keys(scene: PageCanvas, room: Rect) -> Rect:
    """Draw the page's keys from the bottom up; return the room above them."""
    found = [key for key in scene.page.keys if key.role not in ("digit", "field") and not is_nav(key)]
    found = [key for key in found if not _is_doing(scene, key)]
    if _tiled(scene):
        return _tiles(scene, found, room)
    order = [
        *(key for key in found if key.role not in (*LEAVING, "primary")),
        *(key for key in found if key.role == "primary"),
        *(key for key in found if key.role in LEAVING),
    ]
    least = 71.0
    spare = _needed(scene)
    most = 96.0 if any(key.sub for key in order) else KEY_HIGH
    high = max(least, min(most, (room.h - spare + GAP) / max(1, len(order)) - GAP))
    bottom = room.bottom
    for key in reversed(order):
        parts.button(scene, key, Rect(room.x, bottom - high, room.w, high))
        bottom -= high + GAP
    return Rect(room.x, room.y, room.w, bottom - room.y)


def _needed(scene: PageCanvas) -> float:
    """Return the height that figures and fields want for themselves."""
    body = scene.page.body
    fields = sum(key.role == "field" for key in scene.page.keys)
    return len(body.rows) * page_content.ROW_TIGHT + fields * FIELD + (84 if body.amount_fen >= 0 else 0)


def _tiles(scene: PageCanvas, found: list[Key], room: Rect) -> Rect:
    """Draw two tiles a row; a way out among them stands last."""
    rows = -(-len(found) // 2)
    high = min(190.0, (room.h - GAP * (rows - 1)) / rows)
    wide = (room.w - GAP) / 2
    for at, key in enumerate(sorted(found, key=lambda key: key.role in LEAVING)):
        x, y = room.x + at % 2 * (wide + GAP), room.y + at // 2 * (high + GAP)
        parts.tile(scene, key, Rect(x, y, wide, high))
    used = rows * (high + GAP)
    return Rect(room.x, room.y + used, room.w, room.h - used)


def _inside(scene: PageCanvas, room: Rect) -> None:
    """Draw what stands in the phone above the keys: fields, a code, a face, a figure and rows, or a picture."""
    body, page = scene.page.body, scene.page
    y = room.y
    for key in (key for key in page.keys if key.role == "field"):
        draw_field(scene, key, Rect(room.x, y, room.w, FIELD))
        y += FIELD + GAP
    if body.field_key and page.key(body.field_key) is None:
        keypad.field(scene.painter, False, Rect(room.x, y, room.w, 84), body.field, accent=scene.look.accent)
        y += 84 + GAP
    room = Rect(room.x, y, room.w, room.bottom - y)
    if page.kind == "PinEntry":
        dots(scene, room)
    elif page.kind == "Face":
        face_picture.draw(scene.painter, body.icon, room, body.digits, body.length)
    elif body.code:
        low = barcode.HIGH + GAP if body.bar else 0.0
        qr_code.draw(scene.painter, body.code, Rect(room.x, room.y, room.w, room.h - low))
        if body.bar:
            barcode.draw(scene.painter, body.bar, Rect(room.x, room.bottom - barcode.HIGH, room.w, barcode.HIGH))
    elif body.rows or body.amount_fen >= 0:
        _figures(scene, room)
    elif room.h > 90 and not body.field_key and (name := pictures.chosen_picture(page)):
        pictures.draw(scene, name, room.grown(-10))


def _figures(scene: PageCanvas, room: Rect) -> None:
    """Draw a large figure and rows; the air goes where it is tight."""
    bare = unsaid(scene)
    found = page_content.pieces(bare, room.w, scene.page.body.rows, "centre")
    if page_content.total(found) > room.h:
        found = page_content.pieces(bare, room.w, scene.page.body.rows, "centre", tight=True)
    page_content.stack(scene, room, found, 12)


def unsaid(scene: PageCanvas) -> PageCanvas:
    """Return the same scene without its sentences, which stand beside the phone."""
    bare = copy(scene)
    bare.page = msgspec.structs.replace(scene.page, body=msgspec.structs.replace(scene.page.body, lines=()))
    return bare


def dots(scene: PageCanvas, room: Rect) -> None:
    """Draw how many figures of a secret stand, never which."""
    body, count = scene.page.body, max(1, scene.page.body.length or 6)
    wide = (room.w - 8 * (count - 1)) / count
    for at in range(count):
        box = Rect(room.x + at * (wide + 8), room.y + 10, wide, 76)
        scene.painter.box(box, 12, "#FFFFFF", scene.look.key.border, 3)
        if at < body.digits:
            scene.painter.disc(*box.centre, 13, "#16222B")


def typed_inside(scene: PageCanvas, room: Rect) -> bool:
    """Return whether the pad has its place in the telephone, below what it fills: with one key at most beside it."""
    page, digits = scene.page, pad(scene)
    others = [key for key in page.keys if key.role not in ("digit", "field") and not is_nav(key)]
    fields = sum(key.role == "field" for key in page.keys) or bool(page.body.field_key)
    shown = fields * FIELD + (96 if page.kind == "PinEntry" else 0)
    if not digits or len(digits) > 12 or shown + 4 * PITCH > room.h or len(others) > 1 or page.body.rows:
        return False
    return not others or _fits_beside(scene, scene.write(others[0].text), room)


THREE, ASIDE = 3 * 100.2 - 12, 6.0
"""Three columns of figures at their least pitch; so far such a pad with a key beside it goes into the margins."""


def _fits_beside(scene: PageCanvas, word: str, room: Rect) -> bool:
    """Return whether the key beside the pad holds its name: in one line, or in two where it has several words."""
    laid = scene.painter.letters.fit(word, room.w + 2 * ASIDE - THREE - 32, 39, 34, 2, True)
    return laid.fits and (len(laid.lines) == 1 or " " in word)


def _pad_inside(scene: PageCanvas, room: Rect) -> Rect:
    """Draw the pad at the bottom of the telephone, what confirms at its right; return the room above."""
    others = [key for key in scene.page.keys if key.role not in ("digit", "field") and not is_nav(key)]
    high = 4 * PITCH - 12
    low = Rect(room.x, room.bottom - high, room.w, high)
    if others:
        low = Rect(room.x - ASIDE, low.y, THREE, high)
    keypad.draw(scene, pad(scene), low)
    for key in others:
        x = low.right + 12
        parts.button(scene, key, Rect(x, low.y + PITCH, room.right + ASIDE - x, high - PITCH))
    return Rect(room.x, room.y, room.w, room.h - high - GAP)


def _beside(scene: PageCanvas, rect: Rect, said: bool, padded: bool = False) -> None:
    """Draw what lies outside the telephone: the place, or a table; on it what the telephone has no room to say (`said`:
    it had), and the pad where figures are typed, unless it lies in the telephone (`padded`).
    """
    digits = () if padded else pad(scene)
    doings = [key for key in scene.page.keys if _is_doing(scene, key)]
    if doings:
        high = -(-len(doings) // 2) * 112.0
        key_layout.grid(scene, doings, Rect(rect.x, rect.bottom - high, rect.w, high), 2, 100)
        rect = Rect(rect.x, rect.y, rect.w, rect.h - high - 14)
    if digits:
        keypad.draw(scene, digits, Rect(rect.right - PAD_WIDE, rect.bottom - PAD_HIGH, PAD_WIDE, PAD_HIGH))
        rect = Rect(rect.x, rect.y, rect.w - PAD_WIDE - 16, rect.h)
    if scene.page.body.place and said and not digits:
        table_top.place(scene, rect, scene.page.body.place)
        return
    room = table_top.table(scene, rect)
    room = room if said else table_top.note(scene, room)
    if room.w > LAID_WIDE and room.h > LAID_HIGH:
        table_top.draw_carried_things(scene, room)


def pad(scene: PageCanvas) -> tuple[Key, ...]:
    """Return the page's own figures (a secret's), or the pad of an open field: 1-9, X where an ID number may be
    typed, 0, eraser.
    """
    own = tuple(key for key in scene.page.keys if key.role == "digit")
    if own or not scene.page.body.field_key:
        return own
    with_x = scene.page.body.length in (0, ID_FIGURES) and not scene.page.body.field_key.startswith("amount")
    figures = tuple(Key(f"digit.{n}", "digit", Text(n), n) for n in ("123456789X0" if with_x else "1234567890"))
    return (*figures, Key("digit.erase", "digit", Text("digit.erase"), ERASE, icon="erase"))


# -- on its side -------------------------------------------------------------------------------------------------------


def _lying(scene: PageCanvas, phone: Handset) -> None:
    """Draw title, field and words above; the keys at their right; the board over the whole width."""
    glass, typing = phone.glass, scene.typing
    board, found = typing.keys(), typing.choices()
    rows = -(-len(board) // ACROSS)
    low = Rect(glass.x + 8, glass.bottom - rows * PITCH - 4, glass.w - 16, rows * PITCH)
    keypad.board(scene, board, low, ACROSS)
    top = low.y - 8
    if typing.has_candidates:
        top -= 88
        choices(scene, found, Rect(low.x, top, low.w, 82))
    _above(scene, Rect(glass.x + 16, glass.y + STATUS + 4, glass.w - 32, top - 8 - glass.y - STATUS - 4))


def choices(scene: PageCanvas, found: tuple[Key, ...], row: Rect, reads: float = 150) -> None:
    """Draw what has been typed so far, and what it may mean."""
    reading = scene.typing.reading
    label = Rect(row.x, row.y, reads, row.h)
    scene.painter.text(reading or "…", label, 34, scene.look.panel.ink, align="left", most=2, gap=1.0)
    left = row.x + reads + 10
    pitch = (row.right - left) / 8
    for at, key in enumerate(found):
        parts.digit(scene, key, Rect(left + at * pitch, row.y, pitch - 8, row.h))


def _above(scene: PageCanvas, room: Rect) -> None:
    """Draw title and field at the left; what the page says and the keys at the right, below the time-out
    ring's place.
    """
    page, look = scene.page, scene.look
    left = Rect(room.x, room.y, 470, room.h)
    title = Rect(left.x, left.y - 4, left.w, 84)
    scene.painter.text(scene.write(page.title), title, 38, look.panel.ink, bold=True, align="left", most=2, gap=1.06)
    box = Rect(left.x, left.y + 86, left.w, FIELD)
    field = page.key(page.body.field_key)
    if field:
        draw_field(scene, field, box)
    else:
        keypad.field(scene.painter, False, box, page.body.field, accent=look.accent)
    x = left.right + 24
    words = Rect(x, room.y - 4, 900 - x, 100)
    if look.layout == "phone-right":  # the ring stands where the words would, the clock beside it
        words = Rect(CLOCK_ENDS, room.y - 4, room.right - CLOCK_ENDS, 100)
    lines = [page_content.sentence(scene, scene.write(line), words.w, "left", 34) for line in page.body.lines]
    page_content.stack(scene, words, lines, 6)
    found = [key for key in page.keys if key.role not in ("digit", "field")]
    wide = (room.right - x - GAP * (len(found) - 1)) / max(1, len(found))
    for at, key in enumerate(sorted(found, key=lambda key: key.role == "primary")):
        parts.chip(scene, key, Rect(x + at * (wide + GAP), room.y + 106, wide, 84))
