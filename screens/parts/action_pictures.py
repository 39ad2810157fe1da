"""Larger pictures that show what the hands do: card in, card out, notes in the tray, a slip, the covered keypad.

Each is drawn in a box of 320 by 240, scaled to the place it gets. They show the slot from the front with an arrow for
the direction, so that somebody who does not read still sees "in" or "out". Money is drawn as practice notes of our
own design.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk_firmware.core.pages import Page
from screens.parts import counter_pictures, encounter_pictures, icons
from screens.parts.picture_pen import LAMP, METAL, PAPER, PAPER_INK, SKIN, SLIT, Pen, bank_card
from screens.parts.status_signs import badge
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

NOTE, NOTE_INK = "#F2C9A1", "#6B3A12"


def note(pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a practice note: our own design, nothing like legal tender."""
    pen.box(x, y, w, h, 8, NOTE, NOTE_INK)
    pen.disc(x + w / 2, y + h / 2, h * 0.32, "#FFF3E4")
    size = h * 0.3
    pen.painter.text("练", pen.rect(x, y, w, h), round(size * pen.unit), NOTE_INK, use="print", bold=True)


def _slot(pen: Pen, y: float = 150) -> None:
    pen.box(20, y, 280, 66, 14, METAL)
    pen.box(48, y + 24, 224, 16, 6, SLIT)
    pen.disc(285, y + 14, 6, LAMP)


def _card_in(pen: Pen) -> None:
    bank_card(pen.painter, pen.rect(66, 20, 188, 120), pen.look, pen.number)
    _slot(pen)
    pen.arrow(160, 126, up=False)


def _card_out(pen: Pen) -> None:
    _slot(pen, 20)
    bank_card(pen.painter, pen.rect(72, 66, 176, 112), pen.look, pen.number)
    pen.box(48, 44, 224, 16, 6, SLIT)
    pen.arrow(160, 190, up=False)


def _ident(pen: Pen, y: float) -> None:
    """Draw an ID card of our own design on the open reader: nothing is drawn in, it only lies there."""
    pen.box(40, 96, 240, 132, 18, METAL)
    pen.box(56, 112, 208, 100, 12, SLIT)
    pen.disc(264, 108, 6, LAMP)
    pen.box(70, y, 180, 104, 10, "#E9F1F7", "#4A6C8C")
    pen.box(186, y + 18, 48, 62, 6, "#C7D8E6")
    pen.disc(210, y + 40, 13, "#4A6C8C")
    pen.box(194, y + 58, 32, 22, 10, "#4A6C8C")
    for down, wide in ((24, 86), (46, 66), (78, 100)):
        pen.box(86, y + down, wide, 9, 4, "#8FA9BF")


def _ident_in(pen: Pen) -> None:
    _ident(pen, 84)
    pen.arrow(160, 56, up=False)


def _ident_out(pen: Pen) -> None:
    _ident(pen, 84)
    pen.arrow(160, 56, up=True)


def _card_tap(pen: Pen) -> None:
    """Draw a card held flat to a reader that has no slot, and the waves between them."""
    pen.box(60, 150, 200, 76, 18, METAL)
    pen.box(84, 168, 152, 40, 10, SLIT)
    pen.disc(244, 162, 6, LAMP)
    for high in (142, 134, 126):
        pen.line(160 - (high - 110), high, 160 + (high - 110), high, colour=LAMP, thick=4)
    pen.box(86, 22, 148, 92, 12, pen.look.card.ground, pen.look.card.border)
    pen.box(100, 40, 36, 26, 5, "#E8C15A")
    pen.box(100, 84, 92, 10, 4, pen.look.card.ink)
    pen.arrow(272, 96, up=False)


def _ticket_out(pen: Pen) -> None:
    """Draw a ticket, round as a token, in the cup of its slot."""
    pen.box(52, 96, 216, 130, 18, METAL)
    pen.box(76, 120, 168, 86, 14, SLIT)
    pen.disc(252, 110, 6, LAMP)
    pen.disc(160, 150, 44, "#0C3F66")
    pen.disc(160, 150, 39, "#2F8FD0")
    pen.disc(160, 150, 15, SLIT)
    pen.arrow(160, 54, up=True)


def _note_in(pen: Pen) -> None:
    note(pen, 60, 40, 200, 96)
    _slot(pen)
    pen.arrow(228, 122, up=False)


def _cash_out(pen: Pen) -> None:
    pen.box(16, 96, 288, 120, 18, METAL)
    pen.box(36, 112, 248, 88, 10, SLIT)
    for x, y in ((64, 118), (72, 106), (80, 94)):
        note(pen, x, y, 176, 84)
    pen.arrow(160, 54, up=True)


def _slip_out(pen: Pen) -> None:
    _slot(pen, 20)
    pen.shape(
        92,
        52,
        228,
        52,
        228,
        190,
        211,
        200,
        194,
        190,
        177,
        200,
        160,
        190,
        143,
        200,
        126,
        190,
        109,
        200,
        92,
        190,
        colour=PAPER,
    )
    for y, right in ((80, 206), (102, 190), (124, 206), (146, 170)):
        pen.line(112, y, right, y, colour=PAPER_INK, thick=5)
    pen.box(48, 44, 224, 16, 6, SLIT)
    pen.arrow(276, 160, up=False)


def _coin_in(pen: Pen) -> None:
    pen.box(92, 140, 136, 86, 16, METAL)
    pen.box(152, 154, 16, 58, 6, SLIT)
    pen.disc(160, 66, 46, "#8A6400")
    pen.disc(160, 66, 42, "#F3C94B")
    pen.painter.text("练", pen.rect(120, 26, 80, 80), round(40 * pen.unit), "#5A4100", use="print", bold=True)
    pen.arrow(254, 96, up=False)


def _pad(pen: Pen) -> None:
    pen.box(64, 78, 176, 150, 16, METAL)
    for row in range(3):
        for column in range(3):
            pen.box(82 + column * 50, 104 + row * 40, 40, 30, 6, "#D7DEE6")
    pen.shape(
        40, 92, 78, 46, 130, 22, 190, 18, 250, 36, 292, 66, 272, 106, 224, 86, 168, 78, 112, 88, 70, 116, colour=SKIN
    )
    pen.line(40, 92, 78, 46, 130, 22, 190, 18, 250, 36, 292, 66, colour="#8A5A32", thick=3)


def _wait(pen: Pen) -> None:
    ink = pen.look.panel.ink
    for at in range(3):
        pen.disc(100 + at * 60, 120, 20, ink if at == 0 else pen.look.panel.ink_soft)


def _kept(pen: Pen) -> None:
    pen.box(50, 66, 220, 150, 16, METAL)
    bank_card(pen.painter, pen.rect(86, 100, 148, 94), pen.look, pen.number)
    pen.box(70, 84, 180, 12, 5, SLIT)
    badge(pen.painter, "warn", pen.left + 258 * pen.unit, pen.top + 74 * pen.unit, 38 * pen.unit)


def _closed(pen: Pen) -> None:
    pen.box(50, 40, 220, 160, 18, METAL)
    pen.box(70, 60, 180, 90, 8, SLIT)
    icons.draw(pen.painter, "wrench", pen.rect(122, 68, 76, 76), "#FFC533", 9)


def _sign(mark: str) -> Callable[[Pen], None]:
    def drawn(pen: Pen) -> None:
        badge(pen.painter, mark, pen.left + 160 * pen.unit, pen.top + 120 * pen.unit, 76 * pen.unit)

    return drawn


DRAWINGS: Mapping[str, Callable[[Pen], None]] = {
    "card_in": _card_in,
    "card_out": _card_out,
    "ident_in": _ident_in,
    "ident_out": _ident_out,
    "card_kept": _kept,
    "card_tap": _card_tap,
    "ticket_out": _ticket_out,
    "note_in": _note_in,
    "cash_out": _cash_out,
    "slip_out": _slip_out,
    "coin_in": _coin_in,
    "pad": _pad,
    "wait": _wait,
    "closed": _closed,
    "ok": _sign("ok"),
    "warn": _sign("warn"),
    "bad": _sign("bad"),
    **counter_pictures.DRAWINGS,
    **encounter_pictures.DRAWINGS,
}
_BY_PLACE: Mapping[tuple[str, str], str] = {
    ("Insert", "card_reader"): "card_in",
    ("Insert", "note_acceptor"): "note_in",
    ("Insert", "coin_acceptor"): "coin_in",
    ("Take", "card_reader"): "card_out",
    ("Take", "cash_dispenser"): "cash_out",
    ("Take", "note_acceptor"): "cash_out",
    ("Take", "receipt_printer"): "slip_out",
    ("Pay", "coin_acceptor"): "coin_in",
    ("Pay", "note_acceptor"): "note_in",
    ("PinEntry", "pin_pad"): "pad",
}


def chosen(page: Page) -> str:
    """Return the name of the drawing a page shows: its own icon's, else what its kind and slots call for;
    "" for none.
    """
    if page.body.icon in DRAWINGS or icons.known(page.body.icon):
        return page.body.icon
    return next((name for at in page.at if (name := _BY_PLACE.get((page.kind, at), ""))), "")


def draw(painter: Painter, name: str, rect: Rect, look: SkinLook, card: str = "") -> None:
    """Draw a picture into a box; small icons are drawn large in the panel's ink."""
    if name in DRAWINGS:
        DRAWINGS[name](Pen(painter, rect, look, card))
    else:
        size = min(min(rect.w, rect.h) * 0.7, icons.most(name))
        icons.draw(
            painter, name, Rect(rect.centre[0] - size / 2, rect.centre[1] - size / 2, size, size), look.panel.ink, 5
        )
