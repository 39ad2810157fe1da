"""Larger pictures that show what the hands do and what the machine does meanwhile.

What moves stands in `slot_motions`: card in, card out, notes in the tray, a slip, the covered keypad, waiting. The
others are drawn in a box of 320 by 240, scaled to the place they get.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk_firmware.core.pages import Page
from screens.parts import (
    counter_pictures,
    encounter_pictures,
    icons,
    slot_motions,
    task_motions,
    thing_motions,
    thing_pictures,
)
from screens.parts.motion_layer import Motion, MovingPicture
from screens.parts.picture_pen import METAL, SLIT, Pen, bank_card
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect


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
    "card_kept": _kept,
    "closed": _closed,
    **{name: ground for name, (ground, _) in slot_motions.MOTIONS.items()},
    "ok": _sign("ok"),
    "warn": _sign("warn"),
    "bad": _sign("bad"),
    **counter_pictures.DRAWINGS,
    **encounter_pictures.DRAWINGS,
    **thing_pictures.DRAWINGS,
    "counter": counter_pictures.DRAWINGS["clerk"],
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

ON_PHONES = dict.fromkeys(("wait", "wait_bank", "wait_answer"), "wait_phone")
"""On a telephone no cash machine is seen: the telephone itself asks."""


def chosen_picture(page: Page) -> str:
    """Return the name of the drawing a page shows: its own icon's, else what its kind and slots call for;
    "" for none.
    """
    if page.body.icon in DRAWINGS or page.body.icon in task_motions.ACTS or icons.icon_exists(page.body.icon):
        return page.body.icon
    return next((name for at in page.at if (name := _BY_PLACE.get((page.kind, at), ""))), "")


def moves(name: str) -> bool:
    """Return whether parts of the picture move."""
    return name in slot_motions.MOTIONS or name in task_motions.ACTS


def draw(scene: PageCanvas, name: str, rect: Rect) -> None:
    """Draw a picture into a box: what stands still on the page, what moves in the layer above it. Small icons are drawn
    large in the panel's ink.
    """
    look, card = scene.look, scene.page.body.card
    name = ON_PHONES.get(name, name) if look.phone else name
    if name in slot_motions.MOTIONS:
        ground, motion = slot_motions.MOTIONS[name]
        if name == "cash_out":
            motion = thing_motions.cash_out(scene.page.body.carried)
        move(scene, ground, motion, rect)
    elif name in task_motions.ACTS:
        move(scene, *task_motions.task(name, scene.page.body.subject), rect)
    elif name in DRAWINGS:
        DRAWINGS[name](Pen(scene.painter, rect, look, card))
    else:
        size = min(min(rect.w, rect.h) * 0.7, icons.most(name))
        place = Rect(rect.centre[0] - size / 2, rect.centre[1] - size / 2, size, size)
        icons.draw(scene.painter, name, place, look.panel.ink, 5)


def move(scene: PageCanvas, ground: Callable[[Pen], None], motion: Motion, rect: Rect) -> None:
    """Draw a motion's ground, and let its things move above it."""
    ground(pen(scene, motion, rect))
    scene.moving = MovingPicture(motion, rect, scene.look, scene.page.body.card)


def pen(scene: PageCanvas, motion: Motion, rect: Rect) -> Pen:
    """Return a pen for what stands still of a motion."""
    return Pen(scene.painter, rect, scene.look, scene.page.body.card, motion.wide, motion.high)
