"""Gate: a large sign that is seen from two steps away (arrow or cross, never by colour alone), the doors below it that
open or stand shut, what it means, and the reader at the right where a card is wanted.

The sign's ground is the status: a field at the left of the words, which stand on a panel of the skin's own colours, or
the whole page, with the sign as large as it can be at the right and words and keys at its left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.parts import action_pictures, gate_motions, key_layout, page_content
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect

GO, STOP, WAIT = "#0B7A45", "#B3202C", "#34495E"
GROUNDS: Mapping[str, str] = {"arrow": GO, "cross": STOP, "wait": WAIT}
WHITE = "#FFFFFF"
READER_WIDE = 250.0
WHOLE_SIGN = 440.0


class Gate:
    """Draws pages of kind Gate."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw ground, title, sign, words, reader, keys."""
        if scene.look.layout == "gate-full":
            _whole(scene)
        else:
            _field(scene)


def _field(scene: PageCanvas) -> None:
    """Draw the sign in a field of its own, the words on a panel at its right, the keys below both."""
    scene.title()
    room = key_layout.place(scene, key_layout.machine_keys(scene))
    wide = min(380.0, room.w * 0.34)
    sign = Rect(room.x, room.y, wide, room.h)
    scene.painter.box(sign, 26, GROUNDS[scene.page.body.icon])
    _sign(scene, _over_doors(scene, sign), 0.86)
    words = Rect(sign.right + 20, room.y, room.w - wide - 20, room.h)
    page_content.panel(scene, words)
    _words(scene, Rect(words.x + 28, words.y + 16, words.w - 56, words.h - 32))


def _whole(scene: PageCanvas) -> None:
    """Draw the sign as the page: at the right from title to strip, words over keys at its left."""
    scene.painter.fill(Rect(0, scene.top, PAGE.w, PAGE.h - scene.top), GROUNDS[scene.page.body.icon])
    scene.title()
    area, top = scene.area, scene.body_top
    sign = Rect(area.right - WHOLE_SIGN, top, WHOLE_SIGN, PAGE.bottom - 20 - top)
    _sign(scene, _over_doors(scene, sign), 0.97)
    left = Rect(area.x, top, sign.x - area.x - 40, sign.h)
    _words(scene, key_layout.row(scene, key_layout.machine_keys(scene), left))


def _over_doors(scene: PageCanvas, rect: Rect) -> Rect:
    """Draw the gate's doors at the foot of the sign's place; the room above them."""
    high = min(rect.w * 0.36, rect.h * 0.34)
    doors = Rect(rect.x + 20, rect.bottom - high - 10, rect.w - 40, high)
    if scene.page.body.icon == "arrow" and not scene.page.at:
        action_pictures.move(scene, gate_motions.gate_posts, gate_motions.DOORS_OPEN, doors)
    else:
        gate_motions.gate_shut(action_pictures.pen(scene, gate_motions.DOORS_OPEN, doors))
    return Rect(rect.x, rect.y + 10, rect.w, rect.h - high - 30)


def _sign(scene: PageCanvas, rect: Rect, share: float) -> None:
    size = min(rect.w, rect.h) * share
    x, y = rect.centre
    SIGNS[scene.page.body.icon](scene.painter, Rect(x - size / 2, y - size / 2, size, size))


def _words(scene: PageCanvas, room: Rect) -> None:
    """Draw sentences and figures; the reader at their right, where a card is wanted."""
    if scene.page.at:
        _reader(scene, Rect(room.right - READER_WIDE, room.y, READER_WIDE, room.h))
        room = Rect(room.x, room.y, room.w - READER_WIDE - 20, room.h)
    rows = scene.page.body.rows
    found = page_content.pieces(scene, room.w, rows, "left")
    if page_content.total(found) > room.h:
        found = page_content.pieces(scene, room.w, rows, "left", tight=True)
    page_content.stack(scene, room, found, 14)


def _reader(scene: PageCanvas, rect: Rect) -> None:
    """Draw the reader, and a card that comes to it; while it is being written to, the card lies still."""
    motion = gate_motions.READER_HOLDS if scene.page.body.icon == "wait" else gate_motions.READER_WANTS
    action_pictures.move(scene, gate_motions.reader, motion, rect)


def _arrow(painter: Painter, rect: Rect) -> None:
    x, y, unit = rect.centre[0], rect.y, rect.w
    painter.shape([(x, y), (x + unit * 0.46, y + unit * 0.5), (x - unit * 0.46, y + unit * 0.5)], WHITE)
    painter.box(Rect(x - unit * 0.18, y + unit * 0.46, unit * 0.36, unit * 0.54), 8, WHITE)


def _cross(painter: Painter, rect: Rect) -> None:
    inner, thick = rect.grown(-rect.w * 0.12), rect.w * 0.2
    painter.line([(inner.x, inner.y), (inner.right, inner.bottom)], WHITE, thick)
    painter.line([(inner.right, inner.y), (inner.x, inner.bottom)], WHITE, thick)


def _dots(painter: Painter, rect: Rect) -> None:
    x, y = rect.centre
    for by in (-0.3, 0.0, 0.3):
        painter.disc(x + rect.w * by, y, rect.w * 0.1, WHITE)


SIGNS: Mapping[str, Callable[[Painter, Rect], None]] = {"arrow": _arrow, "cross": _cross, "wait": _dots}
