"""A window of an office: who sits there, what they say, the wall behind and the desk before them.

Each window has a person of its own, by the skin (`SkinLook.clerks`); who speaks has the mouth open. Wall and desk are
the same in all offices; the sign has the skin's colours.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Row
from kiosk_firmware.core.texts import yuan
from screens.parts import page_content
from screens.parts.page_content import ContentPart
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect

WALL, LEDGE, DESK = "#DCE8EE", "#B48A5C", "#8A6440"
PAPER, RIM, INK, SOFT, PRICE = "#FFFFFF", "#8295A3", "#14201B", "#44504B", "#A62F0B"
SHAPE = 200 / 220
"""A person's width for a height of 1."""
MOST_HIGH = 330.0
FRONT = 20.0
PAD = 24.0


def person(painter: Painter, name: str, rect: Rect, speaks: bool = False) -> None:
    """Draw a person, as large as the box holds them, at its bottom; the mouth open or shut."""
    high = min(rect.h, rect.w / SHAPE)
    box = Rect(rect.centre[0] - high * SHAPE / 2, rect.bottom - high, high * SHAPE, high)
    painter.picture(name, box)
    unit = high / 220
    mouth = Rect(box.x + 70 * unit, box.y + 106 * unit, 60 * unit, 30 * unit)
    painter.picture("mouth_open" if speaks else "mouth_shut", mouth)


def sign(scene: PageCanvas, rect: Rect) -> None:
    """Draw the window's number over it, and what is done there."""
    window, look, painter = scene.page.body.windows[0], scene.look.header, scene.painter
    painter.box(rect, 16, look.ground)
    side = min(rect.h - 20, 76.0)
    plate = Rect(rect.x + 12, rect.centre[1] - side / 2, max(side, 58.0), side)
    painter.box(plate, 12, PAPER)
    painter.text(str(window.number), plate.grown(-4), round(side * 0.7), INK, use="read", bold=True)
    room = Rect(plate.right + 14, rect.y + 4, rect.right - plate.right - 24, rect.h - 8)
    painter.text(scene.write(window.serves), room, 34, look.ink, use="read", bold=True, align="left", most=2, gap=1.1)


def draw(
    scene: PageCanvas, rect: Rect, mirrored: bool = False, titled: bool = True, wall: tuple[float, float] = (0, 0)
) -> None:
    """Draw wall, desk, person and bubble in a box. `mirrored`: the person at the right; `titled`: the page's title
    stands in the bubble; `wall`: how far the wall goes on to the right, and from where down a wall is drawn there
    already.
    """
    painter, (wall_to, wall_top) = scene.painter, wall
    painter.box(rect, 22, WALL, RIM, 2)
    if wall_to:
        painter.fill(Rect(rect.right - 24, wall_top, 27, rect.bottom - 3 - wall_top), WALL)
    front = 0.0 if scene.page.body.field_key else FRONT  # a pad below leaves no room for a desk
    if front:
        _ledge(painter, Rect(rect.x, rect.bottom - front, max(wall_to, rect.right) - rect.x, front))
    room = Rect(rect.x + PAD, rect.y + 8, rect.w - 2 * PAD, rect.h - front - 8)
    if room.h > 380 and room.w < 720:
        _over(scene, room, titled)
    else:
        _beside(scene, room, mirrored, titled)


def alone(scene: PageCanvas, rect: Rect) -> None:
    """Draw wall, desk and person, where what is said stands elsewhere."""
    scene.painter.box(rect, 22, WALL, RIM, 2)
    _ledge(scene.painter, Rect(rect.x, rect.bottom - FRONT, rect.w, FRONT))
    person(scene.painter, _who(scene), Rect(rect.x, rect.y + 12, rect.w, rect.h - FRONT - 12), _speaks(scene, True))


def _who(scene: PageCanvas) -> str:
    """Return the name of the picture of who sits here."""
    found = scene.page.body.windows
    return scene.look.clerk(found[0].number if found else 0)


def _beside(scene: PageCanvas, room: Rect, mirrored: bool, titled: bool) -> None:
    """Draw the bubble beside the person."""
    wide = _clerk_wide(scene, room, titled)
    if wide:
        x = room.right - wide if mirrored else room.x
        person(scene.painter, _who(scene), Rect(x, room.y, wide, room.h), speaks=_speaks(scene, titled))
    taken = wide + PAD + 12 if wide else 0.0
    within = Rect(room.x + (0 if mirrored else taken), room.y, room.w - taken, room.h - 8)
    mouth = room.bottom - wide / SHAPE * 0.46
    bubble(scene, within, ("right" if mirrored else "left") if wide else "", titled, mouth)


def _over(scene: PageCanvas, room: Rect, titled: bool) -> None:
    """Draw the bubble over the person, where the box is narrow and high."""
    high = min(room.h * 0.6, _high(bubble_pieces(scene, room.w - 2 * PAD, titled)))
    below = Rect(room.x, room.y + high + 34, room.w, room.h - high - 34)
    if below.h > 100:
        size = min(below.h, MOST_HIGH)
        middle = Rect(below.x, below.bottom - size, below.w, size)
        person(scene.painter, _who(scene), middle, speaks=_speaks(scene, titled))
    bubble(scene, Rect(room.x, room.y, room.w, max(high, room.h - 8 if below.h <= 100 else high)), "below", titled, 0)


def _speaks(scene: PageCanvas, titled: bool) -> bool:
    return titled or bool(scene.page.body.lines)


def _ledge(painter: Painter, front: Rect) -> None:
    painter.box(front, 8, LEDGE)
    painter.fill(Rect(front.x, front.y + front.h / 2, front.w, front.h / 2), DESK)


def _clerk_wide(scene: PageCanvas, room: Rect, titled: bool) -> float:
    """Return how wide the person may be: what is said goes before."""
    for high in (min(room.h, MOST_HIGH, room.w * 0.4 / SHAPE), min(room.h, 190.0), min(room.h, 140.0)):
        wide = high * SHAPE
        found = bubble_pieces(scene, room.w - wide - 3 * PAD - 12, titled)
        if _high(found) <= room.h - 8:
            return wide
    return 0.0


def _high(found: list[ContentPart]) -> float:
    return page_content.total(found) + 8 * (len(found) - 1) + 24


def bubble_pieces(scene: PageCanvas, wide: float, titled: bool) -> list[ContentPart]:
    """Return the bubble's pieces: the title bold, a figure, the sentences."""
    body = scene.page.body
    found = [_bold(scene, scene.write(scene.page.title), wide)] if titled else []
    if body.amount_fen >= 0:
        found.append(_figure(scene, body.amount_fen))
    least = page_content.LEAST
    size = least if body.field_key else 38
    found += [page_content.sentence(scene, scene.write(line), wide, "left", size, least, INK) for line in body.lines]
    rows = body.rows if scene.page.kind == "Hall" else ()  # else they stand on the paper
    return [*found, *(ContentPart(50, partial(_line, scene, row)) for row in rows)]


def _line(scene: PageCanvas, row: Row, rect: Rect) -> None:
    """Draw a figure with its name, as it is told."""
    painter, value = scene.painter, scene.write(row.value) if row.value else ""
    need = painter.letters.width(value, 36, True) + 16 if value else 0
    painter.text(scene.write(row.label), Rect(rect.x, rect.y, rect.w - need, rect.h), 34, SOFT, align="left")
    painter.private = scene.page.private
    painter.text(value, Rect(rect.right - need, rect.y, need, rect.h), 36, INK, bold=True, align="right")
    painter.private = False


def _bold(scene: PageCanvas, text: str, wide: float) -> ContentPart:
    size = 36 if scene.page.body.field_key else 42
    laid = scene.painter.letters.fit(text, wide, size, 36, 2, True)
    if not laid.fits:
        laid = scene.painter.letters.fit(text, wide, 36, 36, 3, True)
    high = laid.size * 1.3 * len(laid.lines)
    return ContentPart(
        high,
        lambda rect: _written(scene.painter, text, rect, laid.size, len(laid.lines)),
    )


def _written(painter: Painter, text: str, rect: Rect, size: int, most: int) -> None:
    painter.text(text, rect, size, INK, bold=True, align="left", most=most, gap=1.26)


def _figure(scene: PageCanvas, fen: int) -> ContentPart:
    return ContentPart(76, lambda rect: _price(scene, f"¥ {yuan(fen)}", rect))


def _price(scene: PageCanvas, text: str, rect: Rect) -> None:
    scene.painter.text(text, rect, 64, PRICE, bold=True, align="left")


def bubble(scene: PageCanvas, rect: Rect, tail: str, titled: bool, mouth: float) -> None:
    """Draw the bubble, just as high as it must be, its tail at the height of the mouth of who speaks."""
    found = bubble_pieces(scene, rect.w - 2 * PAD, titled)
    if not found:
        return
    high = min(rect.h, _high(found))
    top = rect.y if tail == "below" else max(rect.y, min(mouth - high * 0.6, rect.bottom - high))
    box = Rect(rect.x, top, rect.w, high)
    scene.painter.box(box, 24, PAPER, RIM, 2)
    _tail(scene.painter, box, tail, mouth)
    inner = Rect(box.x + PAD, box.y + 10, box.w - 2 * PAD, box.h - 20)
    page_content.stack(scene, inner, found, 8)


def _tail(painter: Painter, box: Rect, tail: str, mouth: float) -> None:
    """Draw the bubble's tip, towards who speaks."""
    y = max(box.y + 34, min(mouth, box.bottom - 34))
    x, low = box.centre[0], box.bottom - 2
    match tail:
        case "left":
            painter.shape([(box.x + 2, y - 18), (box.x - 24, y), (box.x + 2, y + 18)], PAPER)
        case "right":
            painter.shape([(box.right - 2, y - 18), (box.right + 24, y), (box.right - 2, y + 18)], PAPER)
        case "below":
            painter.shape([(x - 18, low), (x, low + 24), (x + 18, low)], PAPER)
