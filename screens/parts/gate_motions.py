"""Move a metro gate's doors, and the card that is held to its reader."""

from __future__ import annotations

from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.parts.picture_pen import LAMP, METAL, Pen

LEAF = (118.0, 78.0)


def gate_posts(pen: Pen) -> None:
    """Draw the two posts, seen from where one stands."""
    for x in (0, 272):
        pen.box(x, 10, 48, 116, 10, "#DDE4EA", "#1C252D")
        pen.box(x + 12, 22, 24, 14, 4, "#1C252D")


def _leaf(pen: Pen) -> None:
    pen.box(0, 0, *LEAF, 10, "#BFD3E0", "#1C252D")


def gate_shut(pen: Pen) -> None:
    """Draw posts and doors, which bar the way."""
    gate_posts(pen)
    for x in (160 - LEAF[0], 160):
        pen.box(x, 34, *LEAF, 10, "#BFD3E0", "#1C252D")


def _doors() -> Motion:
    """Let the doors slide into the posts."""
    leaves = tuple(
        Sprite((x, 34, *LEAF), (Pose(0), Pose(500), Pose(1300, way), Pose(1600, way)), draw=_leaf)
        for x, way in ((160 - LEAF[0], -104), (160, 104))
    )
    return Motion(leaves, 1600, 1600, 1, 320, 130)


DOORS_OPEN = _doors()


def reader(pen: Pen) -> None:
    """Draw a gate's reader with its waves."""
    pen.box(15, 145, 220, 80, 18, METAL, "#8FA3B5")
    pen.disc(209, 167, 7, LAMP)
    for radius in (26, 44, 62):
        x, y, unit = pen.left + 125 * pen.unit, pen.top + 199 * pen.unit, pen.unit
        pen.painter.arc(x, y, radius * unit, (-48, 48), "#FFFFFF", 7 * unit)


def _pass(pen: Pen) -> None:
    pen.box(0, 0, 168, 104, 14, pen.look.accent, "#FFFFFF")
    pen.box(2, 28, 164, 20, 0, "#FFFFFF")


def _to_reader(moves: bool) -> Motion:
    """Let a card come flat to the reader, lie there, and go; or only lie there."""
    way = (Pose(0), Pose(300), Pose(1000, 0, 92), Pose(2200, 0, 92), Pose(2900), Pose(3400))
    lies = 1600
    card = Sprite((41, 3, 168, 104), way, draw=_pass)
    wanted = (Pose(0), Pose(1000, shown=False), Pose(2900))
    arrow = Sprite((95, 100, 60, 88), wanted, draw=lambda pen: pen.arrow(30, 44, up=False))
    return Motion((card, arrow), 3400, 0 if moves else lies, 4 if moves else 0, 250, 230)


READER_WANTS, READER_HOLDS = _to_reader(moves=True), _to_reader(moves=False)
