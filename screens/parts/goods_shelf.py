"""Things to buy on a telephone: a shelf of tiles with pictures and prices, or one of them (a product, an order).

Each tile is one key; what people give it stands in the row that names the key. One thing (`Body.icon`) has its picture,
its price (`Body.amount_fen`), facts, and the keys as shops have them: what buys lowest, at the right.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key, Row
from kiosk_firmware.core.texts import yuan
from screens.parts import app_bar, keys, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, PlacedItem, Rect
from screens.stage.skin import SkinLook

PRICE, STAR, GROUND = "#A62F0B", "#B36B00", "#F1F1EF"
GAP, KEY_HIGH, TILE = 10.0, 76.0, 205.0


def draw(scene: PageCanvas, room: Rect, unit: float = 1.0) -> bool:
    """Draw the whole app below the status bar. Return whether what the page says found room there."""
    room = app_bar.title(scene, room, unit)
    scene.painter.box(Rect(room.x, room.bottom - 68, room.w, 68), 30, GROUND)
    scene.painter.fill(Rect(room.x, room.y, room.w, room.h - 34), GROUND)
    found = [key for key in scene.page.keys if key.name not in app_bar.OWN]
    if scene.page.body.icon:
        return _one(scene, found, room, unit)
    return _shelf(scene, found, room, unit)


# -- the shelf ---------------------------------------------------------------------------------------------------------


def _shelf(scene: PageCanvas, found: list[Key], room: Rect, unit: float) -> bool:
    """Draw what the page says in a line, then two tiles a row."""
    if not found:
        _told(scene, Rect(room.x + 14, room.y + GAP, room.w - 28, room.h - 2 * GAP), unit)
        return True
    rows, top, wide = max(2, -(-len(found) // 2)), room.y + GAP, room.w - 32
    lines = (scene.write(line) for line in scene.page.body.lines)
    pieces = [page_content.sentence(scene, line, wide, "left", round(34 * unit), 34, "#3A3A36") for line in lines]
    said = scene.frame.tall or room.h - page_content.total(pieces) - 40 >= rows * TILE
    for piece in pieces if said else ():
        piece.draw(Rect(room.x + 16, top, wide, piece.high))
        top += piece.high + 4
    high = min(260 * unit, (room.bottom - 14 - top - GAP * (rows - 1)) / rows)
    wide = (room.w - 28 - GAP) / 2
    for at, key in enumerate(found):
        rect = Rect(room.x + 14 + at % 2 * (wide + GAP), top + at // 2 * (high + GAP), wide, high)
        tile(scene, key, rect, unit)
    return said


def _told(scene: PageCanvas, room: Rect, unit: float) -> None:
    """Draw what people say of it, each beside a face, and what they give."""
    painter, y, side = scene.painter, room.y, 64 * unit
    for row in scene.page.body.rows:
        _fact(scene, row, unit, Rect(room.x, y, room.w, 50 * unit))
        y += 50 * unit
    y += GAP
    for line in scene.page.body.lines:
        said = page_content.sentence(
            scene, scene.write(line), room.w - side - 48, "left", round(36 * unit), 34, "#201A14"
        )
        card = Rect(room.x, y, room.w, max(side, said.high) + 28)
        painter.box(card, 16, "#FFFFFF")
        painter.picture(scene.page.body.face, Rect(card.x + 14, card.y + 14, side, side))
        said.draw(Rect(card.x + side + 30, card.y + (card.h - said.high) / 2, card.w - side - 44, said.high))
        y = card.bottom + GAP


def tile(scene: PageCanvas, key: Key, rect: Rect, unit: float) -> None:
    """Draw a thing with its picture, name, price and what people give it."""
    row = next((row for row in scene.page.body.rows if key.name in row.keys), None)
    stars = scene.write(row.value) if row and row.value else ""
    texts = (scene.write(key.text), scene.write(key.sub) if key.sub else "", stars)
    scene.add(key, rect, partial(_tile, icon=key.icon, texts=texts, rect=rect, look=scene.look, unit=unit))


def _tile(
    painter: Painter, pressed: bool, icon: str, texts: tuple[str, str, str], rect: Rect, look: SkinLook, unit: float
) -> None:
    name, price, stars = texts
    painter.box(rect, 16, look.key.pressed if pressed else "#FFFFFF", look.key.border, 2)
    ink, red = (look.key.pressed_ink,) * 2 if pressed else ("#201A14", PRICE)
    line, low = 40 * unit, 34 * unit
    top = rect.bottom - 8 - (line + low if stars else line) - line
    painter.picture(icon, Rect(rect.x + 10, rect.y + 10, rect.w - 20, top - rect.y - 12))
    painter.text(
        name, Rect(rect.x + 10, top, rect.w - 20, line), round(34 * unit), ink, use="read", bold=True, align="left"
    )
    painter.text(
        price, Rect(rect.x + 12, top + line, rect.w - 24, line), round(34 * unit), red, bold=True, align="left"
    )
    if stars:
        y = top + 2 * line
        painter.picture("star", Rect(rect.x + 12, y + 2, low - 6, low - 6), ink if pressed else STAR)
        words = Rect(rect.x + 14 + low, y, rect.w - 26 - low, low)
        painter.text(stars, words, round(28 * unit), ink, use="read", align="left")


# -- one thing ---------------------------------------------------------------------------------------------------------


def _one(scene: PageCanvas, found: list[Key], room: Rect, unit: float) -> bool:
    """Draw keys below, picture above, and between them price, facts and sentences."""
    body = scene.page.body
    room = _keys(scene, found, Rect(room.x + 14, room.y, room.w - 28, room.h - 14), unit)
    tries = [_told_of(scene, room, size, row, unit) for size, row in ((36, 46), (34, 46), (34, 40))]
    pieces = next((found for found in tries if page_content.total(found) + 70 <= room.h), tries[-1])
    said = page_content.total(pieces) <= room.h or scene.frame.tall
    if not said:
        pieces = pieces[: len(pieces) - len(body.lines)]
    high = min(190 * unit, room.h - page_content.total(pieces) - 6 * len(pieces) - 16)
    if high >= 56:
        shown = Rect(room.x - 14, room.y, room.w + 28, high + 12)
        scene.painter.fill(shown, "#FFFFFF")
        scene.painter.picture(body.icon, Rect(shown.x, shown.y + 6, shown.w, high))
        room = Rect(room.x, shown.bottom + 2, room.w, room.bottom - shown.bottom - 2)
    page_content.stack(scene, room, pieces, 8)
    return said


def _told_of(scene: PageCanvas, room: Rect, size: int, row: float, unit: float) -> list[page_content.ContentPart]:
    """Return the pieces of price, facts and sentences, so large and so far apart."""
    body = scene.page.body
    facts = [page_content.ContentPart(row * unit, partial(_fact, scene, one, unit)) for one in body.rows]
    said = [
        page_content.sentence(scene, scene.write(one), room.w - 8, "left", round(size * unit), 34, "#201A14")
        for one in body.lines
    ]
    return [*([_price(scene, unit)] if body.amount_fen >= 0 else []), *facts, *said]


def _price(scene: PageCanvas, unit: float) -> page_content.ContentPart:
    def shown(rect: Rect) -> None:
        words = f"¥ {yuan(scene.page.body.amount_fen)}"
        scene.painter.text(words, rect, round(52 * unit), PRICE, bold=True, align="left")

    return page_content.ContentPart(60 * unit, shown)


def _fact(scene: PageCanvas, row: Row, unit: float, rect: Rect) -> None:
    """Draw a fact: its name, and what it is. It bears no tick: that is for what was done."""
    painter, value = scene.painter, scene.write(row.value) if row.value else ""
    size = round(34 * unit)
    need = painter.letters.width(value, size, True) + 12
    painter.text(scene.write(row.label), Rect(rect.x, rect.y, rect.w - need, rect.h), size, "#56504A", align="left")
    painter.text(value, Rect(rect.right - need, rect.y, need, rect.h), size, "#201A14", bold=True, align="right")


def _keys(scene: PageCanvas, found: list[Key], room: Rect, unit: float) -> Rect:
    """Draw two keys a row where both names are short, what is wanted most lowest, at the right; return the
    room above.
    """
    order = sorted(found, key=lambda key: {"primary": 1, "danger": 1}.get(key.role, 0))
    high, wide, bottom = KEY_HIGH * unit, (room.w - GAP) / 2, room.bottom
    while order:
        last = order.pop()
        pair = order and _is_short(scene, last, wide) and _is_short(scene, order[-1], wide)
        x, across = (room.x + wide + GAP, wide) if pair else (room.x, room.w)
        keys.button(scene, last, Rect(x, bottom - high, across, high))
        if pair:
            keys.button(scene, order.pop(), Rect(room.x, bottom - high, wide, high))
        bottom -= high + GAP
    if bottom < room.y:  # so that a test finds it
        scene.painter.notes.append(PlacedItem("text", room, room, "too many keys", fits=False))
    return Rect(room.x, room.y, room.w, bottom - room.y)


def _is_short(scene: PageCanvas, key: Key, wide: float) -> bool:
    """Return whether its name has room on half a line."""
    return scene.painter.letters.width(scene.write(key.text), 36, True) <= wide - 24
