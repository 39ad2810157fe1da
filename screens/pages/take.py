"""Take: something lies ready and must be taken, before anything else happens."""

from __future__ import annotations

from screens.parts import key_layout, page_content
from screens.stage.page_canvas import PageCanvas


class Take:
    """Draws pages of kind Take."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, panel with the picture, keys."""
        scene.title()
        page_content.fill(scene, key_layout.place(scene, key_layout.machine_keys(scene)))
