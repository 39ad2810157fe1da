"""Move what a machine does while somebody waits: it asks, counts, reads, prints, lets a ticket fall."""

from __future__ import annotations

from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.parts.picture_pen import METAL, PAPER, PAPER_INK, SLIT, Pen
from screens.parts.slot_pictures import note
from screens.parts.thing_motions import CARD, SLIP, TICKET

WAITS = 20
"""Rounds that a page of waiting moves: far longer than anything takes; then it stands still."""
SLOT_HIGH, SLIP_HIGH = 130, 200
"""No hand comes while one waits: the picture ends below the thing, so that slot and thing are large."""


def dots(pen: Pen) -> None:
    """Draw three dots, where nothing says what is waited for."""
    for at in range(3):
        pen.disc(100 + at * 60, 120, 20, pen.look.panel.ink_soft)


def _dot(pen: Pen) -> None:
    pen.disc(26, 26, 25, pen.look.accent)


def waits() -> Motion:
    """Let a dot of another colour go over the three."""
    way = (Pose(0, 0), Pose(500, 60), Pose(700, 60), Pose(1200, 120), Pose(1500, 120), Pose(2000, 0))
    return Motion((Sprite((74, 94, 52, 52), way, draw=_dot),), 2300, 0, WAITS, high=240)


def _machine(pen: Pen) -> None:
    pen.box(14, 62, 92, 140, 12, METAL)
    pen.box(26, 76, 68, 52, 6, "#9FC3E6")
    pen.box(34, 146, 52, 10, 4, SLIT)
    pen.box(34, 170, 52, 12, 4, SLIT)


def bank(pen: Pen) -> None:
    """Draw the machine at the left, the bank at the right, a way between them."""
    _machine(pen)
    pen.shape(206, 92, 258, 56, 310, 92, colour="#7A5A33")
    pen.box(214, 92, 88, 12, 2, "#B08A57")
    for x in (222, 251, 280):
        pen.box(x, 104, 14, 74, 2, "#C9A873")
    pen.box(206, 178, 104, 20, 3, "#B08A57")
    for x in (124, 148, 172, 192):
        pen.disc(x, 132, 4, pen.look.panel.ink_soft)


def _question(pen: Pen) -> None:
    pen.box(0, 0, 46, 34, 8, PAPER, PAPER_INK)
    pen.line(4, 6, 23, 20, 42, 6, colour=PAPER_INK, thick=3)


def asks() -> Motion:
    """Let a letter go to the bank and come back."""
    way = (Pose(0, 0), Pose(1100, 76), Pose(1700, 76), Pose(2800, 0), Pose(3200, 0))
    return Motion((Sprite((96, 114, 48, 36), way, draw=_question),), 3200, 500, WAITS, high=240)


def counter(pen: Pen) -> None:
    """Draw a counting machine: notes go from the left heap to the right one."""
    pen.box(10, 186, 300, 22, 8, METAL)
    for at in range(4):
        note(pen, 16, 150 - at * 10, 110, 56)
    pen.box(128, 66, 64, 120, 12, METAL)
    pen.box(138, 80, 44, 28, 5, SLIT)
    pen.disc(160, 150, 20, SLIT)


def counts() -> Motion:
    """Let one note after another pass; the heap at the right grows by each."""
    each, gone = 500, 400
    notes = tuple(
        Sprite(
            (16, 110, 110, 56),
            (
                Pose(0, shown=False),
                Pose(at * each),
                Pose(at * each + gone, 178, 40 - at * 10),
                Pose(5 * each, 178, 40 - at * 10),
            ),
            draw=lambda pen: note(pen, 1, 1, 108, 54),
        )
        for at in range(4)
    )
    return Motion(notes, 5 * each, 2 * each, WAITS, high=240)


def reads() -> Motion:
    """Let the edge of a card that is in the slot move."""
    way = (Pose(0, 0, -176), Pose(700, 0, -140), Pose(1400, 0, -176), Pose(1700, 0, -176))
    return Motion((CARD(way),), 1700, 700, WAITS, high=SLOT_HIGH)


def prints() -> Motion:
    """Let paper come out line by line."""
    lines = tuple(Pose(at * 300 + late, 0, -160 + (at + bool(late)) * 18) for at in range(7) for late in (0, 120))
    return Motion((SLIP((*lines, Pose(2600, 0, -34))),), 2700, 2400, WAITS, high=SLIP_HIGH)


def drops() -> Motion:
    """Let a ticket fall out of the mouth into the cup, and lie there for a moment."""
    way = (Pose(0, 0, -130), Pose(500, 0, -40), Pose(900, 0, 18), Pose(2000, 0, 18))
    return Motion((TICKET(way),), 2000, 900, WAITS, high=SLIP_HIGH + 10)


def _network(pen: Pen) -> None:
    """Draw a cloud at the right that is asked, and the way there."""
    for x, y, radius in ((232, 118, 26), (262, 102, 32), (290, 122, 22)):
        pen.disc(x, y, radius, "#8FB4D6")
    pen.box(208, 116, 104, 32, 16, "#8FB4D6")
    for x in (136, 156, 176, 194):
        pen.disc(x, 128, 4, pen.look.panel.ink_soft)


def phone_and_network(pen: Pen) -> None:
    """Draw a telephone at the left that asks."""
    _network(pen)
    pen.box(26, 40, 92, 168, 16, METAL)
    pen.box(34, 56, 76, 132, 6, pen.look.accent)
    pen.box(48, 76, 48, 8, 4, "#FFFFFF")
    pen.box(48, 94, 48, 8, 4, "#FFFFFF")
    pen.box(58, 194, 28, 5, 2, "#FFFFFF")


def machine_and_network(pen: Pen) -> None:
    """Draw a machine at the left that asks whoever answers, other than a bank."""
    _network(pen)
    _machine(pen)


def phone_asks() -> Motion:
    """Let a letter go from the telephone to the network and come back."""
    way = (Pose(0), Pose(1100, 92), Pose(1700, 92), Pose(2800), Pose(3200))
    return Motion((Sprite((112, 110, 48, 36), way, draw=_question),), 3200, 500, WAITS, high=240)
