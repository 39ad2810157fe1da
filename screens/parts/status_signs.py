"""States are a shape, a word and a colour, never colour alone: a filled disc with a tick, a cross, a warning or an
arrow.
"""

from __future__ import annotations

from screens.parts import icons
from screens.stage.painter import Painter, Rect
from screens.stage.skin import STATUS


def badge(painter: Painter, mark: str, x: float, y: float, radius: float = 28) -> None:
    """Draw the sign of a state, its middle at (x, y). Wrong is a square, careful a triangle, the others discs."""
    status = STATUS[mark]
    if mark == "warn":
        high = radius * 1.9
        tip, base = y - high * 0.58, y + high * 0.42
        painter.shape([(x, tip), (x + radius * 1.12, base), (x - radius * 1.12, base)], status.ground)
        icons.draw(
            painter,
            status.drawing,
            Rect(x - radius * 0.55, y - radius * 0.52, radius * 1.1, radius * 1.1),
            status.ink,
            11,
        )
        return
    painter.box(Rect(x - radius, y - radius, 2 * radius, 2 * radius), 10 if mark == "bad" else radius, status.ground)
    icons.draw(
        painter,
        status.drawing,
        Rect(x - radius, y - radius, 2 * radius, 2 * radius).grown(-radius * 0.42),
        status.ink,
        13,
    )
