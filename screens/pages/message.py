"""Message: something is said; the keys answer it. Also what waiting and being out of service look like."""

from __future__ import annotations

from screens.parts import journey_ticket, key_layout, page_content
from screens.stage.page_canvas import PageCanvas


class Message:
    """Draws pages of kind Message."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, panel, keys."""
        scene.title()
        room = key_layout.place(scene, key_layout.machine_keys(scene))
        if scene.page.body.journey:
            journey_ticket.draw(scene, room, scene.page.body.journey)
        else:
            page_content.fill(scene, room)
