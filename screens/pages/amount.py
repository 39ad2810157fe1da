"""Amount: a figure is typed on a pad, or chosen from keys with ready figures.

The typed figure stands in a white box with ¥ before it, whatever the machine's colours: it is the one thing to check.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import key_layout, keypad, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect


class Amount:
    """Draws pages of kind Amount."""

    hint = "¥"

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, field, pad, what the page says, keys."""
        scene.title()
        digits = keypad.digits(scene)
        if not digits:
            page_content.fill(scene, key_layout.place(scene, key_layout.machine_keys(scene)))
            return
        room, pad = key_layout.place_with_pad(scene)
        keypad.draw(scene, digits, pad)
        self.beside(scene, room)

    def beside(self, scene: PageCanvas, room: Rect) -> None:
        """Draw what stands left of the pad, or over it where only a line is left."""
        self.field(scene, Rect(room.x, room.y, room.w, min(96, room.h)))
        below = Rect(room.x, room.y + 116, room.w, room.h - 116)
        if below.h > 60 and (scene.page.body.lines or scene.page.body.rows):
            page_content.fill(scene, below, picture="")

    def field(self, scene: PageCanvas, rect: Rect) -> None:
        """Draw the field, which is a key where the page has one for it: a hint can stand on it."""
        page = scene.page
        key = page.key(page.body.field_key) or Key(page.body.field_key, "field", page.title)
        draw = partial(
            keypad.field,
            rect=rect,
            text=page.body.field,
            hint=self.hint,
            accent=scene.look.accent,
            private=page.private,
        )
        if page.key(key.name):
            scene.add(key, rect, draw)
        else:
            draw(scene.painter, False)
