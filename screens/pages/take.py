"""Take: something lies ready and must be taken, before anything else happens."""

from __future__ import annotations

from screens.parts import content, placing
from screens.stage.page_canvas import PageCanvas


class Take:
    """Draws pages of kind Take."""

    def draw(self, scene: PageCanvas) -> None:
        """Title, panel with the picture, keys."""
        scene.title()
        content.fill(scene, placing.place(scene, placing.machine_keys(scene)))
