"""Draw large, in colour, what a page's small line icon means: money, a card, a paper, a lock, a suitcase.

A line icon is for keys; alone in a page's panel it says too little. So these have the icons' own names. Money without a
count has no figures: whoever counts what is drawn must never count wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from screens.parts.picture_pen import PAPER, PAPER_INK, Pen, bank_card
from screens.parts.slot_pictures import note

CASE, CASE_RIM, STRAP = "#2F7D6B", "#1D5447", "#E8C15A"


def _picture(pen: Pen, name: str) -> None:
    pen.painter.picture(name, pen.rect(50, 20, 220, 200))


def _notes(pen: Pen) -> None:
    """Draw a heap of notes."""
    for at in range(3):
        note(pen, 20 + at * 44, 34 + at * 42, 192, 92)


def _card(pen: Pen) -> None:
    bank_card(pen.painter, pen.rect(35, 40, 250, 160), pen.look, pen.number)


def _paper(pen: Pen) -> None:
    """Draw a slip as machines print it, torn off below."""
    edge = tuple(n for at in range(17) for n in (240 - at * 10, 212 + (10 if at % 2 else 0)))
    pen.shape(78, 12, 242, 12, 242, 226, 78, 226, colour=PAPER_INK)
    pen.shape(80, 14, 240, 14, *edge, colour=PAPER)
    pen.line(112, 46, 208, 46, colour=PAPER_INK, thick=9)
    for y, right in ((86, 200), (116, 214), (146, 180), (176, 206)):
        pen.line(106, y, right, y, colour="#A9B3BB", thick=7)


def _between(pen: Pen) -> None:
    """Draw somebody at each side, and money that goes from the left to the right."""
    for name, x in (("avatar_liwei", 6), ("avatar_wangfang", 214)):
        pen.painter.picture(name, pen.rect(x, 34, 100, 100))
    note(pen, 96, 142, 128, 62)
    for colour, thick in (("#2B2200", 18), ("#FFC533", 11)):
        pen.line(116, 84, 200, 84, colour=colour, thick=thick)
        pen.line(178, 62, 200, 84, 178, 106, colour=colour, thick=thick)


def _case(pen: Pen) -> None:
    """Draw a suitcase with its tag."""
    pen.box(128, 22, 64, 40, 12, "", CASE_RIM)
    pen.box(132, 26, 56, 40, 10, "", CASE_RIM)
    pen.box(52, 54, 216, 156, 20, CASE, CASE_RIM)
    for x in (92, 212):
        pen.box(x, 54, 16, 156, 2, CASE_RIM)
    pen.box(140, 104, 40, 56, 6, PAPER, PAPER_INK)
    pen.line(148, 122, 172, 122, colour=PAPER_INK, thick=5)
    pen.line(148, 138, 166, 138, colour=PAPER_INK, thick=5)
    for x in (74, 230):
        pen.box(x, 206, 18, 16, 5, "#2C343C")


def _handbag(pen: Pen) -> None:
    """Draw a bag that one keeps on oneself."""
    for x, top in ((112, 20), (208, 20)):
        pen.line(x, 110, 160, top, colour=CASE_RIM, thick=12)
    pen.box(70, 92, 180, 122, 30, STRAP, "#7A5A1E")
    pen.box(70, 92, 180, 52, 26, "#C79A3A", "#7A5A1E")
    pen.disc(160, 144, 11, "#FFF7D6")


DRAWINGS: Mapping[str, Callable[[Pen], None]] = {
    "cash": _notes,
    "balance": _card,
    "card": _card,
    "receipt": _paper,
    "statement": _paper,
    "transfer": _between,
    "bag": _case,
    "carry": _handbag,
    "hand": partial(_picture, name="hand_point"),
    "lock": partial(_picture, name="pick_lock"),
    "clock": partial(_picture, name="pick_clock"),
    "phone": partial(_picture, name="pick_phone"),
}
