"""Message: something is said; the keys answer it. Also what waiting and being out of service look like."""

from __future__ import annotations

from screens.parts import key_layout, page_content
from screens.stage.page_canvas import PageCanvas


class Message:
    """Draws pages of kind Message."""

    def draw(self, scene: PageCanvas) -> None:
        """Title, panel, keys."""
        scene.title()
        page_content.fill(scene, key_layout.place(scene, key_layout.machine_keys(scene)))
