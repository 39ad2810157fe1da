"""Insert: put something in. The picture shows the slot and the direction; the halo or the lamp shows where it is.

A ticket machine shows the people that it has read as cards below.
"""

from __future__ import annotations

from screens.parts import key_layout, page_content, passenger_cards
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect


class Insert:
    """Draws pages of kind Insert."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, panel with the picture, keys."""
        scene.title()
        room = key_layout.place(scene, key_layout.machine_keys(scene))
        if not (scene.look.rail and scene.page.body.rows):
            page_content.fill(scene, room)
            return
        passenger_cards.cards(scene, Rect(room.x, room.bottom - passenger_cards.HIGH, room.w, passenger_cards.HIGH))
        page_content.fill(scene, Rect(room.x, room.y, room.w, room.h - passenger_cards.HIGH - 12), rows=())
