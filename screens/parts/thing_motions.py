"""Move a thing into a slot, out of it, onto a field, or a hand over the keys: the sprites and their ways.

A card goes in by its short edge, chip first and chip up, and comes out the other way round; notes come one by one; a
card without contacts and an ID card only lie on their field. The lamp at the slot is lit while a hand is wanted there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.parts.picture_pen import LAMP, PAPER, PAPER_INK, SLIT, Pen, bank_card
from screens.parts.slot_pictures import note

HIGH = 320
EDGE = "#AEB8C1"
"""Rim of white paper, which may lie on white."""
MOUTH = 56.0
"""Where the slot's mouth is; above it nothing is seen of what is in the slot."""
COMES, PUSHES, GOES, RESTS, OUT, EACH = 700, 500, 400, 900, 500, 250
FANNED, ONE_COLUMN = 9, 4
"""So many notes come out one by one; so many lie one below the other."""


def _lamp(box: tuple[float, float, float, float], poses: tuple[Pose, ...]) -> Sprite:
    """Return the lamp's ring: lit while it is shown."""

    def ring(pen: Pen) -> None:
        pen.box(0, 0, box[2], box[3], 10, "", LAMP)
        for at in range(1, 6):
            pen.box(at, at, box[2] - 2 * at, box[3] - 2 * at, 10, "", LAMP)

    return Sprite(box, poses, draw=ring)


SLOT_RING, FIELD_RING = (56.0, 12.0, 208.0, 58.0), (58.0, 20.0, 204.0, 138.0)
TRAY_RING, CUP_RING = (40.0, 12.0, 240.0, 74.0), (76.0, 96.0, 168.0, 92.0)
HAND, OPEN = (94.0, 172.0, 146.0, 146.0), (88.0, 150.0, 147.0, 170.0)
"""A pinching hand that holds a thing at its lower edge, in the middle of the picture; and an open one."""
HIDDEN = Pose(0, shown=False)


def _arrow(up: bool, poses: tuple[Pose, ...]) -> Sprite:
    def drawn(pen: Pen) -> None:
        pen.arrow(30, 44, up=up)

    return Sprite((250, 130, 60, 88), poses, draw=drawn)


def _hand(poses: tuple[Pose, ...], down: float = 0.0) -> tuple[Sprite, Sprite]:
    """Return the back of a pinching hand, which lies under the thing, and its front."""
    x, y, wide, high = HAND
    back, front = (Sprite((x, y + down, wide, high), poses, f"hand_pinch_{side}") for side in ("back", "front"))
    return back, front


def _card(pen: Pen) -> None:
    bank_card(pen.painter, pen.rect(1, 1, 148, 94), pen.look, pen.number)


def _note(pen: Pen) -> None:
    note(pen, 1, 1, 146, 72)


def _slip(pen: Pen) -> None:
    edge = tuple(n for at in range(13) for n in (120 - at * 10, 150 + (8 if at % 2 else 0)))
    pen.shape(0, 0, 120, 0, 120, 160, 0, 160, colour=EDGE)
    pen.shape(2, 0, 118, 0, *(min(118, max(2, n)) if at % 2 == 0 else n for at, n in enumerate(edge)), colour=PAPER)
    for y, right in ((24, 94), (48, 76), (72, 94), (96, 60), (120, 84)):
        pen.line(22, y, right, y, colour=PAPER_INK, thick=5)


def _ticket(pen: Pen) -> None:
    pen.disc(39, 39, 38, "#0C3F66")
    pen.disc(39, 39, 33, "#2F8FD0")
    pen.disc(39, 39, 13, SLIT)


CARD = partial(Sprite, (112.0, 92.0, 96.0, 150.0), draw=_card, mouth=MOUTH, turned=True)
NOTE_UPRIGHT = partial(Sprite, (123.0, 92.0, 74.0, 148.0), draw=_note, mouth=MOUTH, turned=True)
SLIP = partial(Sprite, (100.0, 50.0, 120.0, 160.0), draw=_slip, mouth=MOUTH)
COIN = partial(Sprite, (124.0, 104.0, 72.0, 72.0), name="coin_1", mouth=MOUTH)
TICKET = partial(Sprite, (121.0, 103.0, 78.0, 78.0), draw=_ticket, mouth=MOUTH)
IDENT = partial(Sprite, (75.0, 36.0, 170.0, 107.0), name="id_card")
TAPPED = partial(Sprite, (85.0, 42.0, 150.0, 96.0), draw=_card)


def into(thing: Callable[..., Sprite], down: float = 0.0) -> Motion:
    """Let a thing go into the slot: it comes with the hand, is pushed, and is drawn in while the hand opens."""
    stands, pushed = COMES + 300, COMES + 300 + PUSHES
    gone, end = pushed + GOES, pushed + GOES + RESTS
    way = (Pose(0, 0, 90), Pose(COMES, 0, 0), Pose(stands, 0, 0), Pose(pushed, 0, -58 + down))
    back, front = _hand((*way[:3], Pose(pushed, 0, -58 + down, shown=False)), down)
    lit = (Pose(0), Pose(gone, shown=False))
    opened = (HIDDEN, Pose(pushed, 0, -24), Pose(gone, 0, 10), Pose(end, 0, 60))
    return Motion(
        (
            _lamp(SLOT_RING, lit),
            back,
            thing((*way, Pose(gone, 0, -200))),
            front,
            Sprite(OPEN, opened, "hand_open"),
            _arrow(True, lit),
        ),
        end,
        COMES + 100,
        high=HIGH,
    )


def out_of(thing: Callable[..., Sprite], ring: tuple[float, ...], starts: float, lies: float, hand: float) -> Motion:
    """Let a thing slide out once, and its lamp be lit; a hand comes and pulls it."""
    out = (Pose(0, 0, starts), Pose(OUT, 0, lies))
    there = OUT + 300 + COMES
    pulled, end = there + 300 + PUSHES, there + 300 + PUSHES + RESTS
    back, front = _hand((HIDDEN, Pose(OUT + 300, 0, 150), *_pull(there, pulled, end)), hand)
    lit = (HIDDEN, Pose(OUT))
    return Motion(
        (
            _lamp((ring[0], ring[1], ring[2], ring[3]), lit),
            back,
            thing((*out, *(Pose(at, x, lies + y) for at, x, y, _ in _pull(there, pulled, end)))),
            front,
            _arrow(False, lit),
        ),
        end,
        there + 100,
        1,
        high=HIGH,
    )


def _pull(there: int, pulled: int, end: int) -> tuple[Pose, ...]:
    """Return how a hand that is there pulls a little, and stays."""
    half = (pulled + end) // 2
    return (Pose(there), Pose(there + 300), Pose(pulled, 0, 50), Pose(half, 0, 0), Pose(end, 0, 0))


def _places(count: int) -> tuple[tuple[float, float], ...]:
    """Return where each of so many notes lies: in one column, else in two."""
    down = count if count <= ONE_COLUMN else -(-count // 2)
    lefts = (98.0,) if down == count else (34.0, 162.0)
    return tuple((lefts[at // down], 52.0 + 36 * (at % down)) for at in range(count))


@cache
def cash_out(names: tuple[str, ...]) -> Motion:
    """Let notes come out one by one, each over the one before with its figure free, up to the true count."""
    shown = names[:FANNED] or ("",)
    places = _places(len(shown))
    notes = tuple(
        Sprite(
            (x + 31, y, 62, 62) if name.startswith("coin_") else (x, y, 124, 62),
            (Pose(0, 0, -y - 40), Pose(EACH * at, 0, -y - 40), Pose(EACH * (at + 1))),
            name,
            None if name else _note,
            40.0,
        )
        for at, (name, (x, y)) in enumerate(zip(shown, places, strict=True))
    )
    lowest = max(y for _, y in places)
    counted = EACH * len(shown)
    comes = (HIDDEN, Pose(counted + 300, 0, 150), Pose(counted + 300 + COMES), Pose(counted + 2400))
    back, front = _hand(comes, min(0.0, lowest - 118))
    lit = (HIDDEN, Pose(counted))
    arrow = (_arrow(False, lit),) if len(shown) <= ONE_COLUMN else ()
    return Motion((_lamp(TRAY_RING, lit), back, *notes, front, *arrow), counted + 2400, counted + 1200, 1, high=HIGH)


def laid(thing: Callable[..., Sprite], takes: bool, stays: bool) -> Motion:
    """Let something flat be laid on the field, held there, or taken off it."""
    there, leaves, end = COMES, COMES + 900, COMES + 900 + COMES
    far, gone = Pose(0, 0, 150), Pose(end, 0, 150)
    held: tuple[Pose, ...] = (far, Pose(there), Pose(there + 200 if takes else leaves), gone)
    way: tuple[Pose, ...] = (far, Pose(there), Pose(leaves), Pose(end) if stays else gone)
    if takes:
        way = (Pose(0), Pose(there + 200), gone)
    back, front = _hand(held, -40)
    lamp = _lamp(FIELD_RING, (Pose(0),))
    return Motion((lamp, back, thing(way), front), end + 400, there + 100, high=HIGH)


def covered() -> Motion:
    """Lay one hand over the keys; the other presses below it."""
    over = (Pose(0, -230), Pose(COMES), Pose(4000), Pose(4600, -230))
    presses = tuple(Pose(COMES + 300 + at * 300, 0, 22 if at % 2 else 0) for at in range(9))
    point = (HIDDEN, Pose(COMES - 100, 0, 120), *presses, Pose(4000, 0, 0), Pose(4600, 0, 120))
    return Motion(
        (
            Sprite((120, 160, 106, 159), point, "hand_point"),
            Sprite((52, 86, 208, 136), over, "hand_cover"),
        ),
        4900,
        COMES + 350,
        high=HIGH,
    )
