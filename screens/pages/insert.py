"""Insert: put something in. The picture shows the slot and the direction; the halo or the lamp shows where it is."""

from __future__ import annotations

from screens.parts import content, placing
from screens.scene import Scene


class Insert:
    """Draws pages of kind Insert."""

    def draw(self, scene: Scene) -> None:
        """Title, panel with the picture, keys."""
        scene.title()
        content.fill(scene, placing.place(scene, placing.machine_keys(scene)))
