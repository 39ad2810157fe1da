"""A talk on a telephone: who speaks at the left with a face, oneself at the right, red packets, ready words, the bar to
write in.

What one said stands in `Body.rows` (a row without a value is the time), what is said to one in `Body.lines`, whose
face in `Body.face`; `Body.icon`: what one sent that is no words. Keys with the
picture `packet` lie in the talk; `chat.type` is the field, `chat.more` the plus beside it; all others are ready words.
"""

from __future__ import annotations

import re
from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import app_bar, icons, keys, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, PlacedItem, Rect

MINE, THEIRS, GROUND, INK = "#A6E59B", "#FFFFFF", "#ECEEED", "#14201B"
FACE, GAP, PAD = 64.0, 12.0, 18.0
SIZE, MOST = 32, 34
PACKET = (300.0, 116.0)
QUOTED = re.compile(r"[“\"](.+)[”\"]\s*(.*)", re.DOTALL)


def draw(scene: PageCanvas, room: Rect, unit: float = 1.0) -> bool:
    """Draw the whole app below the status bar; return True: what the page says stands there."""
    room = app_bar.title(scene, room, unit)
    scene.painter.fill(Rect(room.x, room.y, room.w, room.h - 34), GROUND)
    room = _bar(scene, room, unit)
    room = _ready(scene, room, unit)
    _talk(scene, room, unit)
    return True


def draw_message(scene: PageCanvas, room: Rect, unit: float = 1.0) -> None:
    """Draw a message from somebody, above the answers: what is quoted is theirs, the rest is asked."""
    scene.painter.fill(room, GROUND)
    y, face = room.y + GAP, scene.page.body.face or "avatar_stranger"
    for line in scene.page.body.lines:
        said = scene.write(line)
        found = QUOTED.fullmatch(said)
        piece = _bubble(scene, room, found[1] if found else said, face, False, unit)
        piece.draw(Rect(room.x, y, room.w, piece.high))
        y += piece.high
        if found and found[2]:
            rest = Rect(room.x + 16, y, room.w - 32, 46 * unit)
            scene.painter.text(found[2], rest, round(34 * unit), "#44504B")
            y = rest.bottom


# -- below -------------------------------------------------------------------------------------------------------------


def _bar(scene: PageCanvas, room: Rect, unit: float) -> Rect:
    """Draw the field, which is a key, and the plus beside it; return the room above."""
    look, side = scene.look, 74 * unit
    band = Rect(room.x, room.bottom - side - 18, room.w, side + 18)
    scene.painter.box(Rect(band.x, band.y - 30, band.w, band.h + 30), 30, "#F6F7F6")
    scene.painter.fill(Rect(band.x, band.y - 30, band.w, 32), GROUND)
    scene.painter.fill(Rect(band.x, band.y, band.w, 2), "#C9CFCC")
    right = band.right - 14
    more, field = scene.page.key("chat.more"), scene.page.key("chat.type")
    if more:
        app_bar.sign(scene, more, Rect(right - side, band.y + 8, side, side), INK, "plus")
        right -= side + 10
    if field:
        rect = Rect(band.x + 14, band.y + 8, right - band.x - 14, side)
        scene.add(field, rect, partial(_field, text=scene.write(field.text), rect=rect, accent=look.accent))
    return Rect(room.x, room.y, room.w, band.y - room.y)


def _field(painter: Painter, pressed: bool, text: str, rect: Rect, accent: str) -> None:
    painter.box(rect, 16, accent if pressed else "#FFFFFF", "#5B6A64", 3)
    room = Rect(rect.x + 22, rect.y, rect.w - 44, rect.h)
    painter.text(text, room, 34, "#FFFFFF" if pressed else "#44504B", align="left")


def _ready(scene: PageCanvas, room: Rect, unit: float) -> Rect:
    """Draw ready words, side by side above the bar; return the room above."""
    found = [key for key in scene.page.keys if key.name.startswith("say.")]
    if not found:
        return room
    high, wide = 74 * unit, (room.w - 28 - GAP * (len(found) - 1)) / len(found)
    top = room.bottom - high - 10
    for at, key in enumerate(found):
        keys.chip(scene, key, Rect(room.x + 14 + at * (wide + GAP), top, wide, high))
    return Rect(room.x, room.y, room.w, top - room.y - 8)


# -- the talk ----------------------------------------------------------------------------------------------------------


def _talk(scene: PageCanvas, room: Rect, unit: float) -> None:
    """Draw the talk, oneself first: what stands there is the answer to it. Money that came lies lowest; what is older
    than the room is high has gone up and out.
    """
    pieces = [*_mine(scene, room, unit), *_theirs(scene, room, unit), *_packets(scene, room, unit)]
    while len(pieces) > 1 and page_content.total(pieces) + GAP > room.h:
        pieces.pop(0)
    y = room.y + GAP
    for piece in pieces:
        piece.draw(Rect(room.x, y, room.w, piece.high))
        y += piece.high
    if y > room.bottom + GAP + 1:  # so that a test finds it
        scene.painter.notes.append(PlacedItem("text", room, room, "too much for the talk", fits=False))


def _mine(scene: PageCanvas, room: Rect, unit: float) -> list[page_content.ContentPart]:
    """Return the pieces of what one said or sent, each with its time."""
    icon, found = scene.page.body.icon, []
    for row in scene.page.body.rows:
        if row.value is None:
            found.append(page_content.ContentPart(34 * unit + 6, partial(_time, scene, scene.write(row.label), unit)))
        elif icon.startswith("photo"):
            found.append(page_content.ContentPart(130 * unit + GAP, partial(_photo, scene, icon, unit)))
        else:
            found.append(_bubble(scene, room, scene.write(row.value), "avatar_me", True, unit, icon))
    return found


def _theirs(scene: PageCanvas, room: Rect, unit: float) -> list[page_content.ContentPart]:
    body = scene.page.body
    return [_bubble(scene, room, scene.write(line), body.face, False, unit) for line in body.lines]


def _packets(scene: PageCanvas, room: Rect, unit: float) -> list[page_content.ContentPart]:
    found = [key for key in scene.page.keys if key.icon == "packet"]
    return [page_content.ContentPart(PACKET[1] * unit + GAP, partial(_gift, scene, key, unit)) for key in found]


def _gift(scene: PageCanvas, key: Key, unit: float, rect: Rect) -> None:
    """Draw money that came, with the face of who gave it."""
    _face(scene, scene.page.body.face, rect.x + 14, rect.y, unit)
    place = Rect(rect.x + 14 + FACE * unit + GAP, rect.y, PACKET[0] * unit, PACKET[1] * unit)
    scene.add(key, place, partial(_packet, text=scene.write(key.text), rect=place, unit=unit))


def _time(scene: PageCanvas, said: str, unit: float, rect: Rect) -> None:
    scene.painter.text(said, Rect(rect.x, rect.y, rect.w, 34 * unit), 28, "#5A625E", use="read")


def _face(scene: PageCanvas, name: str, x: float, y: float, unit: float) -> None:
    scene.painter.picture(name, Rect(x, y, FACE * unit, FACE * unit))


def _bubble(
    scene: PageCanvas, room: Rect, said: str, face: str, mine: bool, unit: float, icon: str = ""
) -> page_content.ContentPart:
    """Return the piece of one sentence with its face; `icon` before it, where it is a voice."""
    side, size, lead = FACE * unit, round(SIZE * unit), 52 * unit if icon else 0.0
    most = room.w - side - 14 - 2 * GAP - 2 * PAD - 40 * unit - lead
    laid = scene.painter.letters.fit(said, most, size, size, 5)
    wide = max(laid.widths, default=0) + 2 * PAD + lead
    high = max(side, len(laid.lines) * size * 1.32 + 2 * 13)

    def drawn(rect: Rect) -> None:
        face_x = rect.right - 14 - side if mine else rect.x + 14
        x = face_x - GAP - 4 - wide if mine else face_x + side + GAP + 4
        _face(scene, face, face_x, rect.y, unit)
        _balloon(scene.painter, Rect(x, rect.y, wide, high), mine, rect.y + side / 2)
        icons.draw(scene.painter, icon, Rect(x + PAD - 4, rect.y + (high - 44) / 2, 44, 44), INK)
        words = Rect(x + PAD + lead, rect.y + 6, wide - lead - 2 * PAD + 2, high - 12)
        scene.painter.text(said, words, size, INK, use="read", least=size, align="left", most=5)

    return page_content.ContentPart(high + GAP, drawn)


def _balloon(painter: Painter, rect: Rect, mine: bool, tip_y: float) -> None:
    """Draw a bubble and its tip towards the face."""
    colour, tip, away = (MINE, rect.right, 10) if mine else (THEIRS, rect.x, -10)
    painter.shape([(tip - away / 2, tip_y - 10), (tip + away, tip_y), (tip - away / 2, tip_y + 10)], colour)
    painter.box(rect, 18, colour)


def _photo(scene: PageCanvas, name: str, unit: float, rect: Rect) -> None:
    """Draw a picture that one sent."""
    high, right = 130 * unit, rect.right - 14 - FACE * unit
    _face(scene, "avatar_me", right, rect.y, unit)
    wide = high * 280 / 180
    scene.painter.picture(name, Rect(right - GAP - wide, rect.y, wide, high))


def _packet(painter: Painter, pressed: bool, text: str, rect: Rect, unit: float) -> None:
    painter.box(rect, 16, "#7E2008" if pressed else "#B93A17", "#7E2008", 3)
    icons.draw(painter, "packet", Rect(rect.x + 16, rect.y + 14, 74 * unit, rect.h - 28), "#FFFFFF")
    words = Rect(rect.x + 96 * unit, rect.y + 6, rect.w - 96 * unit - 14, rect.h - 12)
    painter.text(text, words, round(34 * unit), "#FFFFFF", bold=True, align="left", most=2, gap=1.1)
