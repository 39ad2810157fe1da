"""Show by a hand what a task is done with, before it begins: a card put in, an ID card laid down, a key pressed, a
token dropped, a telephone tapped, a paper handed over.

The glass, telephone or paper has the pictogram of the lesson, so that the task is told from its neighbours without a
word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from screens.parts import icons
from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.parts.picture_pen import LAMP, METAL, SLIT, Pen, bank_card

HIGH = 320
MOUTH = 214.0
GLASS, WALL, WOOD, INK = "#F4F8FB", "#C3CCD4", "#8A6A48", "#22303C"
COMES, PRESSES, GOES, RESTS = 600, 500, 400, 900
Ground = Callable[[Pen], None]


def _pictogram(pen: Pen, subject: str, x: float, y: float, size: float) -> None:
    size = min(size * pen.unit, icons.most(subject)) / pen.unit
    icons.draw(pen.painter, subject, pen.rect(x - size / 2, y - size / 2, size, size), INK, 7)


def _machine(pen: Pen, subject: str) -> None:
    """Draw a machine: its glass with the pictogram, below it the slot."""
    pen.box(34, 2, 252, 236, 16, METAL)
    pen.box(54, 18, 212, 136, 8, GLASS)
    _pictogram(pen, subject, 160, 86, 118)
    pen.box(92, 176, 136, 50, 9, LAMP)
    pen.box(98, 182, 124, 38, 6, SLIT)
    pen.box(108, 208, 104, 6, 2, "#000000")


def _field(pen: Pen, subject: str) -> None:
    """Draw a machine: its glass with the pictogram, below it a field on which a card is laid."""
    pen.box(34, 2, 252, 248, 16, METAL)
    pen.box(54, 18, 212, 120, 8, GLASS)
    _pictogram(pen, subject, 160, 78, 104)
    pen.box(92, 152, 136, 86, 10, LAMP)
    pen.box(98, 158, 124, 74, 7, SLIT)


def _phone(pen: Pen, subject: str) -> None:
    """Draw a telephone with the pictogram on it."""
    pen.box(86, 2, 148, 268, 22, "#12171C")
    pen.box(95, 16, 130, 238, 12, GLASS)
    _pictogram(pen, subject, 160, 106, 104)
    pen.box(140, 246, 40, 4, 2, "#9AA7B2")


def _desk(pen: Pen, subject: str) -> None:
    """Draw a window with somebody behind it, and a desk."""
    pen.box(34, 2, 252, 200, 14, WALL)
    pen.box(48, 16, 224, 150, 8, "#DFEAF1")
    pen.painter.picture("clerk_bob", pen.rect(95, 20, 130, 146))
    pen.box(20, 164, 280, 38, 8, WOOD)
    pen.box(120, 160, 80, 12, 4, "#5E4630")


def _sheet(pen: Pen, subject: str) -> None:
    """Draw a paper with the pictogram, as large as its box."""
    pen.box(0, 0, 96, 120, 6, "#FFFFFF", INK)
    _pictogram(pen, subject, 48, 44, 60)
    for y in (88, 102):
        pen.line(16, y, 80, y, colour="#A9B3BB", thick=5)


def _card(pen: Pen) -> None:
    bank_card(pen.painter, pen.rect(1, 1, 103, 66), pen.look, pen.number)


def _presses(starts: int, y: float) -> tuple[tuple[Sprite, ...], int]:
    """Return a hand that comes, presses twice and goes, and when it is gone. `y`: where its finger tip rests."""
    there = starts + COMES
    touches = tuple(Pose(there + at * 250, 0, 0 if at % 2 else -12) for at in range(1, 5))
    end = there + 1000 + GOES
    way = (Pose(starts, 60, 130, shown=starts == 0), Pose(starts + 1, 60, 130), Pose(there), *touches)
    hand = Sprite(
        (144, y, 88, 132), (*way, Pose(end - GOES), Pose(end, 60, 150), Pose(end + 1, shown=False)), "hand_point"
    )
    return (hand,), end


def _brings(thing: Callable[..., Sprite], starts: int, goes_in: bool) -> tuple[tuple[Sprite, ...], int]:
    """Return a hand that brings a thing to the slot or field and goes, and when it is gone."""
    there, leaves = starts + COMES, starts + COMES + PRESSES
    far, end = Pose(starts, 0, 130), leaves + GOES
    hand = (Pose(0, shown=False), far, Pose(there), Pose(leaves), Pose(end, 0, 130))
    way = (Pose(0, shown=False), far, Pose(there), Pose(leaves), Pose(end, 0, -110 if goes_in else 0))
    back, front = (Sprite((112, 226, 100, 100), hand, f"hand_pinch_{side}") for side in ("back", "front"))
    return (back, thing(way), front), end


CARD = partial(Sprite, (125.0, 190.0, 70.0, 106.0), draw=_card, mouth=MOUTH, turned=True)
COIN = partial(Sprite, (132.0, 206.0, 56.0, 56.0), name="coin_1", mouth=MOUTH)
IDENT = partial(Sprite, (105.0, 161.0, 110.0, 69.0), name="id_card")


@cache
def task(act: str, subject: str) -> tuple[Ground, Motion]:
    """Return what stands still and what moves for an act (`ACTS`) on a pictogram."""
    ground, first, second = ACTS[act]
    sprites, end = first(0, subject)
    if second is not None:
        more, end = second(end + 200, subject)
        sprites += more
    return partial(ground, subject=subject), Motion(sprites, end + RESTS, COMES + 300, 3, high=HIGH)


Step = Callable[[int, str], tuple[tuple[Sprite, ...], int]]


def _press_glass(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    return _presses(starts, 96)


def _press_phone(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    return _presses(starts, 118)


def _card_in(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    return _brings(CARD, starts, goes_in=True)


def _coin_in(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    return _brings(COIN, starts, goes_in=True)


def _ident_laid(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    return _brings(IDENT, starts, goes_in=False)


def _paper_over(starts: int, subject: str) -> tuple[tuple[Sprite, ...], int]:
    paper = partial(Sprite, (112.0, 144.0, 96.0, 120.0), draw=partial(_sheet, subject=subject))
    return _brings(paper, starts, goes_in=False)


ACTS: Mapping[str, tuple[Callable[..., None], Step, Step | None]] = {
    "act_card": (_machine, _card_in, _press_glass),
    "act_coin": (_machine, _press_glass, _coin_in),
    "act_ident": (_field, _ident_laid, _press_glass),
    "act_phone": (_phone, _press_phone, None),
    "act_paper": (_desk, _paper_over, None),
}
