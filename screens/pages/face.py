"""Face: a check of the face at a counter's or a machine's own glass; on a telephone `phone` draws the same picture.

The frame with a drawn person at the left; beside it what is asked in words, and what one can do as keys.
"""

from __future__ import annotations

from screens.parts import face_picture, key_layout, page_content
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect


class Face:
    """Draws pages of kind Face."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, frame, words, what one can do, and the way out."""
        scene.title()
        body, area, top = scene.page.body, scene.area, scene.body_top
        room = Rect(area.x, top, area.w, PAGE.bottom - 20 - top)
        wide = min(room.h, room.w * 0.34)
        face_picture.draw(scene.painter, body.icon, Rect(room.x, room.y, wide, room.h), body.digits, body.length)
        right = Rect(room.x + wide + 24, room.y, room.w - wide - 24, room.h)
        keys = key_layout.machine_keys(scene)
        high = -(-len(keys) // 2) * 104.0
        key_layout.grid(scene, keys, Rect(right.x, right.bottom - high, right.w, high), 2, 96)
        page_content.fill(scene, Rect(right.x, right.y, right.w, right.h - high - 14), picture="")
