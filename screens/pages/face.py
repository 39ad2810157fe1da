"""Face: a check of the face at a counter's or a machine's own glass; on a telephone `phone` draws the same picture.

The frame with a drawn person at the left, what is asked in words beside it, and what one can do as keys below.
"""

from __future__ import annotations

from screens.paint import Rect
from screens.parts import content, face, placing
from screens.scene import Scene


class Face:
    """Draws pages of kind Face."""

    def draw(self, scene: Scene) -> None:
        """Title, frame, words, keys."""
        scene.title()
        body = scene.page.body
        room = placing.place(scene, placing.machine_keys(scene))
        wide = min(room.h, room.w * 0.42)
        face.draw(scene.painter, body.icon, Rect(room.x, room.y, wide, room.h), body.digits, body.length)
        content.fill(scene, Rect(room.x + wide + 24, room.y, room.w - wide - 24, room.h), picture="")
