"""PinEntry: how many digits stand, never which. Boxes above; below, what to do, with a hand that covers the pad.

Where the unit has no PIN pad the page brings digit keys, and a pad is drawn on the glass; the stage treats its taps
like all others: the digit goes with the tap to the pad's driver, and nothing on the glass remembers it.
"""

from __future__ import annotations

from screens.parts import action_pictures, key_layout, keypad, page_content
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

BOX_WIDE, BOX_HIGH, BOX_GAP = 84.0, 96.0, 26.0


class PinEntry:
    """Draws pages of kind PinEntry."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, boxes, and advice or a pad."""
        scene.title()
        digits = keypad.digits(scene)
        if digits:
            room, pad = key_layout.place_with_pad(scene)
            keypad.draw(scene, digits, pad)
        else:
            room = key_layout.place(scene, key_layout.machine_keys(scene))
        if room.h < 2 * BOX_HIGH:
            self._boxes(scene, room)
            return
        self._boxes(scene, Rect(room.x, room.y, room.w, BOX_HIGH + 30))
        below = Rect(room.x, room.y + BOX_HIGH + 46, room.w, room.h - BOX_HIGH - 46)
        if digits and room.w < 450:
            page_content.stack(scene, below, page_content.pieces(scene, below.w, (), "centre"))
        else:
            page_content.fill(
                scene, below, picture="" if digits else action_pictures.chosen_picture(scene.page) or "pad"
            )

    def _boxes(self, scene: PageCanvas, rect: Rect) -> None:
        body, painter, look = scene.page.body, scene.painter, scene.look
        count = max(1, body.length or 6)
        wide = min(BOX_WIDE, (rect.w - 8 * (count - 1)) / count)
        gap = min(BOX_GAP, (rect.w - wide * count) / max(1, count - 1))
        x = rect.centre[0] - (wide * count + gap * (count - 1)) / 2
        high = min(BOX_HIGH, rect.h)
        y = rect.y + (rect.h - high) / 2
        for at in range(count):
            box = Rect(x + at * (wide + gap), y, wide, high)
            if at == body.digits:
                painter.box(box.grown(6), 22, border=look.accent, thick=5)
            painter.box(box, 18, "#FFFFFF", look.key.border if look.layout != "atm-side" else "#FFFFFF", 3)
            if at < body.digits:
                painter.disc(*box.centre, 15, "#16222B")
