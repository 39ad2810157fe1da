"""Insert: put something in. The picture shows the slot and the direction; the halo or the lamp shows where it is.

A ticket machine shows the people that it has read as cards below.
"""

from __future__ import annotations

from screens.parts import content, people, placing
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect


class Insert:
    """Draws pages of kind Insert."""

    def draw(self, scene: PageCanvas) -> None:
        """Title, panel with the picture, keys."""
        scene.title()
        room = placing.place(scene, placing.machine_keys(scene))
        if not (scene.look.rail and scene.page.body.rows):
            content.fill(scene, room)
            return
        people.cards(scene, Rect(room.x, room.bottom - people.HIGH, room.w, people.HIGH))
        content.fill(scene, Rect(room.x, room.y, room.w, room.h - people.HIGH - 12), rows=())
