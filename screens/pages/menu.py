"""Menu: a choice among up to eight things. Beside the glass the keys stand at its edges around a panel with the card
in use; on the glass they are a grid of large keys, the way out apart from them at the bottom; a ticket machine's first
page has one key that is larger than all others.
"""

from __future__ import annotations

from screens.parts import action_pictures, key_layout, page_content, picture_pen
from screens.parts.key_layout import LEAVING
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect


def across(count: int, wide: float) -> int:
    """Return how many keys stand side by side."""
    if count > 12:
        return 5 if wide > 1100 else 4
    return 3 if count > 4 else 2


class Menu:
    """Draws pages of kind Menu."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, keys, and what the page says, in the layout of the look."""
        scene.title()
        if scene.look.layout == "atm-side":
            self._middle(scene, key_layout.place(scene, key_layout.machine_keys(scene)))
        else:
            self._touch(scene)

    def _middle(self, scene: PageCanvas, room: Rect) -> None:
        body = scene.page.body
        if body.card and not (body.rows or body.amount_fen >= 0):
            page_content.panel(scene, room)
            self._card(scene, room)
        elif body.lines or body.rows or body.amount_fen >= 0 or action_pictures.chosen_picture(scene.page):
            page_content.fill(scene, room)

    def _card(self, scene: PageCanvas, room: Rect) -> None:
        """Draw the card in use, and what the page says of it, as pieces of one stack."""
        drawn = page_content.ContentPart(
            160,
            lambda rect: picture_pen.bank_card(
                scene.painter, Rect(rect.centre[0] - 125, rect.y, 250, 160), scene.look, scene.page.body.card
            ),
        )
        inner = Rect(room.x + 20, room.y + 20, room.w - 40, room.h - 40)
        lines = [
            page_content.sentence(scene, scene.write(line), inner.w, "centre", 36) for line in scene.page.body.lines
        ]
        page_content.stack(scene, inner, [drawn, *lines], 26)

    def _touch(self, scene: PageCanvas) -> None:
        keys = key_layout.machine_keys(scene)
        leaving = [key for key in keys if key.role in LEAVING or key.icon in ("up", "down")]
        choices = [key for key in keys if key not in leaving]
        columns = across(len(choices), scene.area.w)
        spare = -len(choices) % columns
        if len(choices) > 4 and len(leaving) <= spare and not scene.look.rail:
            area, top = scene.area, scene.body_top
            room = Rect(area.x, top, area.w, PAGE.bottom - 20 - top)
        else:
            room = key_layout.place(scene, leaving)
            keys = choices
        room = self._above(scene, room)
        if scene.look.rail and not leaving and keys[0].role == "primary" and len(keys) > 4:
            key_layout.front(scene, keys, room)
        elif scene.look.rail and all(key.icon for key in keys):
            key_layout.tiles(scene, keys, room)
        else:
            key_layout.grid(scene, keys, room, columns, 170)

    def _above(self, scene: PageCanvas, room: Rect) -> Rect:
        """Return what the page says, over the keys; the room that is left for them."""
        body = scene.page.body
        if body.card and not body.rows:
            self._card_line(scene, Rect(room.x, room.y - 8, room.w, 76))
            return Rect(room.x, room.y + 82, room.w, room.h - 82)
        found = page_content.pieces(scene, room.w - 40, body.rows, "centre", ink=scene.look.ink)
        if not found:
            return room
        high = sum(piece.high for piece in found) + 10 * (len(found) - 1)
        page_content.stack(scene, Rect(room.x + 20, room.y - 8, room.w - 40, high), found, 10)
        return Rect(room.x, room.y + high + 12, room.w, room.h - high - 12)

    def _card_line(self, scene: PageCanvas, rect: Rect) -> None:
        """Draw the card in use in one line: a small card, then the words."""
        painter = scene.painter
        words = "　".join(scene.write(line) for line in scene.page.body.lines) or scene.page.body.card
        wide = min(rect.w - 160, painter.letters.width(words, 36))
        left = rect.centre[0] - (wide + 136) / 2
        picture_pen.bank_card(painter, Rect(left, rect.y + 1, 112, 72), scene.look, "")
        painter.text(words, Rect(left + 136, rect.y, wide + 4, rect.h), 36, scene.look.ink, align="left")
