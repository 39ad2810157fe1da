"""Move what goes into a machine and comes out of it: the ground of each picture, and the things that move on it.

A card goes in by its short edge, chip first and chip up, and comes out the other way round; notes come one by one; a
card without contacts and an ID card only lie on their field. The lamp at the slot is lit while a hand is wanted there.
Times and ways are data (`MOTIONS`): what stands still below, and what moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from screens.parts.motion_layer import Motion, Pose, Sprite
from screens.parts.picture_pen import LAMP, METAL, PAPER, PAPER_INK, SLIT, Pen, bank_card

NOTE, NOTE_INK = "#F2C9A1", "#6B3A12"
DARK_LAMP = "#55636F"
HIGH = 320
MOUTH = 56.0
"""Where the slot's mouth is; above it nothing is seen of what is in the slot."""
COMES, PUSHES, GOES, RESTS, OUT, EACH = 700, 500, 400, 900, 500, 250
FANNED, ONE_COLUMN = 9, 4
"""So many notes come out one by one; so many lie one below the other."""


def note(pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a practice note: our own design, nothing like legal tender."""
    pen.box(x, y, w, h, 8, NOTE, NOTE_INK)
    pen.disc(x + w / 2, y + h / 2, h * 0.32, "#FFF3E4")
    pen.painter.text("练", pen.rect(x, y, w, h), round(h * 0.3 * pen.unit), NOTE_INK, use="print", bold=True)


# -- what stands still -------------------------------------------------------------------------------------------------


def _slot(pen: Pen, sign: Callable[[Pen], None] | None = None) -> None:
    """Draw the slot from the front: its frame, its lamp unlit, its mouth; `sign`: what belongs in it."""
    pen.box(46, 4, 228, 80, 16, METAL)
    pen.box(56, 12, 208, 58, 10, DARK_LAMP)
    pen.box(62, 18, 196, 46, 7, SLIT)
    pen.box(78, 50, 164, 6, 2, "#000000")
    if sign:
        sign(pen)


def _card_sign(pen: Pen) -> None:
    pen.box(150, 21, 20, 27, 4, SLIT, "#DDE4EA")
    pen.box(156, 25, 8, 6, 1, "#E8C15A")


def _paper_sign(pen: Pen) -> None:
    pen.box(149, 21, 22, 27, 2, "#DDE4EA")
    for y in (28, 34, 40):
        pen.line(153, y, 167, y, colour=SLIT, thick=2)


def _note_sign(pen: Pen) -> None:
    pen.box(142, 23, 36, 21, 3, SLIT, "#DDE4EA")
    pen.disc(160, 33.5, 5, "#DDE4EA")


def _coin_sign(pen: Pen) -> None:
    pen.disc(160, 34, 13, "#DDE4EA")
    pen.disc(160, 34, 9, SLIT)


def _field(pen: Pen) -> None:
    """Draw a field on which something is laid: nothing is drawn in."""
    pen.box(46, 8, 228, 162, 18, METAL)
    pen.box(58, 20, 204, 138, 12, DARK_LAMP)
    pen.box(64, 26, 192, 126, 9, SLIT)


def _tap_field(pen: Pen) -> None:
    _field(pen)
    for radius in (18, 34, 50):
        x, y, unit = pen.left + 160 * pen.unit, pen.top + 116 * pen.unit, pen.unit
        pen.painter.arc(x, y, radius * unit, (-50, 50), "#DDE4EA", 6 * unit)


def _tray(pen: Pen) -> None:
    pen.box(30, 4, 260, 96, 16, METAL)
    pen.box(40, 12, 240, 74, 10, DARK_LAMP)
    pen.box(46, 18, 228, 62, 7, SLIT)
    pen.box(46, 18, 228, 22, 7, "#5B656E")


def _cup(pen: Pen) -> None:
    """Draw a mouth above, and the cup below it into which the ticket falls."""
    pen.box(56, 4, 208, 196, 18, METAL)
    pen.box(104, 44, 112, 12, 4, "#000000")
    pen.box(76, 96, 168, 92, 14, DARK_LAMP)
    pen.box(82, 102, 156, 80, 10, SLIT)


def _pad(pen: Pen) -> None:
    pen.box(60, 60, 200, 236, 18, METAL)
    pen.box(78, 76, 164, 40, 8, SLIT)
    for n in range(4):
        pen.disc(108 + n * 34, 96, 7, "#DDE4EA")
    for row in range(4):
        for column in range(3):
            colour = ("#C94B41", "#D7DEE6", "#37A06B")[column] if row == 3 else "#D7DEE6"
            pen.box(80 + column * 56, 130 + row * 40, 48, 32, 6, colour)


# -- what moves --------------------------------------------------------------------------------------------------------


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
    pen.shape(0, 0, 120, 0, *edge, colour=PAPER)
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


def _in(thing: Callable[..., Sprite], down: float = 0.0) -> Motion:
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


def _out(thing: Callable[..., Sprite], ring: tuple[float, ...], starts: float, lies: float, hand: float) -> Motion:
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


def _laid(thing: Callable[..., Sprite], takes: bool, stays: bool) -> Motion:
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


def _covered() -> Motion:
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


# -- waiting -----------------------------------------------------------------------------------------------------------
WAITS = 20
"""Rounds that a page of waiting moves: far longer than anything takes; then it stands still."""


def _dots(pen: Pen) -> None:
    for at in range(3):
        pen.disc(100 + at * 60, 120, 20, pen.look.panel.ink_soft)


def _dot(pen: Pen) -> None:
    pen.disc(26, 26, 25, pen.look.accent)


def _waits() -> Motion:
    way = (Pose(0, 0), Pose(500, 60), Pose(700, 60), Pose(1200, 120), Pose(1500, 120), Pose(2000, 0))
    return Motion((Sprite((74, 94, 52, 52), way, draw=_dot),), 2300, 0, WAITS, high=240)


def _bank(pen: Pen) -> None:
    """Draw the machine at the left, the bank at the right, a way between them."""
    pen.box(14, 62, 92, 140, 12, METAL)
    pen.box(26, 76, 68, 52, 6, "#9FC3E6")
    pen.box(34, 146, 52, 10, 4, SLIT)
    pen.box(34, 170, 52, 12, 4, SLIT)
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


def _asks() -> Motion:
    """Let a letter go to the bank and come back."""
    way = (Pose(0, 0), Pose(1100, 76), Pose(1700, 76), Pose(2800, 0), Pose(3200, 0))
    return Motion((Sprite((96, 114, 48, 36), way, draw=_question),), 3200, 500, WAITS, high=240)


def _counter(pen: Pen) -> None:
    """Draw a counting machine: notes go from the left heap to the right one."""
    pen.box(10, 186, 300, 22, 8, METAL)
    for at in range(4):
        note(pen, 16, 150 - at * 10, 110, 56)
    pen.box(128, 66, 64, 120, 12, METAL)
    pen.box(138, 80, 44, 28, 5, SLIT)
    pen.disc(160, 150, 20, SLIT)


def _counts() -> Motion:
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


def _reads() -> Motion:
    """Let the edge of a card that is in the slot move."""
    way = (Pose(0, 0, -176), Pose(700, 0, -140), Pose(1400, 0, -176), Pose(1700, 0, -176))
    return Motion((CARD(way),), 1700, 700, WAITS, high=HIGH)


def _prints() -> Motion:
    """Let paper come out line by line."""
    lines = tuple(Pose(at * 300 + late, 0, -160 + (at + bool(late)) * 18) for at in range(7) for late in (0, 120))
    return Motion((SLIP((*lines, Pose(2600, 0, -34))),), 2700, 2400, WAITS, high=HIGH)


# -- the gate's doors --------------------------------------------------------------------------------------------------
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
Ground = Callable[[Pen], None]
MOTIONS: Mapping[str, tuple[Ground, Motion]] = {
    "card_in": (partial(_slot, sign=_card_sign), _in(CARD)),
    "card_out": (partial(_slot, sign=_card_sign), _out(CARD, SLOT_RING, -190, -50, -50)),
    "note_in": (partial(_slot, sign=_note_sign), _in(NOTE_UPRIGHT)),
    "coin_in": (partial(_slot, sign=_coin_sign), _in(COIN, -52)),
    "slip_out": (partial(_slot, sign=_paper_sign), _out(SLIP, SLOT_RING, -165, 0, -34)),
    "ticket_out": (_cup, _out(TICKET, CUP_RING, -130, 0, -18)),
    "cash_out": (_tray, cash_out(())),
    "ident_in": (_field, _laid(IDENT, takes=False, stays=True)),
    "ident_out": (_field, _laid(IDENT, takes=True, stays=False)),
    "card_tap": (_tap_field, _laid(TAPPED, takes=False, stays=False)),
    "pad": (_pad, _covered()),
    "wait": (_dots, _waits()),
    "wait_bank": (_bank, _asks()),
    "wait_notes": (_counter, _counts()),
    "wait_card": (partial(_slot, sign=_card_sign), _reads()),
    "wait_slip": (partial(_slot, sign=_paper_sign), _prints()),
}
