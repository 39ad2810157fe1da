"""Name the motions at a machine's slots: the ground of each picture, and the things that move on it.

Times and ways are data (`MOTIONS`): what stands still below, and what moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from screens.parts.motion_layer import Motion
from screens.parts.picture_pen import Pen
from screens.parts.slot_pictures import (
    card_sign,
    coin_sign,
    cup,
    field,
    note_sign,
    pad,
    paper_sign,
    slot,
    tap_field,
    tray,
)
from screens.parts.thing_motions import (
    CARD,
    COIN,
    CUP_RING,
    IDENT,
    NOTE_UPRIGHT,
    SLIP,
    SLOT_RING,
    TAPPED,
    TICKET,
    cash_out,
    covered,
    into,
    laid,
    out_of,
)
from screens.parts.wait_motions import (
    asks,
    bank,
    counter,
    counts,
    dots,
    drops,
    machine_and_network,
    phone_and_network,
    phone_asks,
    prints,
    reads,
    waits,
)

Ground = Callable[[Pen], None]
MOTIONS: Mapping[str, tuple[Ground, Motion]] = {
    "card_in": (partial(slot, sign=card_sign), into(CARD)),
    "card_out": (partial(slot, sign=card_sign), out_of(CARD, SLOT_RING, -190, -50, -50)),
    "note_in": (partial(slot, sign=note_sign), into(NOTE_UPRIGHT)),
    "coin_in": (partial(slot, sign=coin_sign), into(COIN, -52)),
    "slip_out": (partial(slot, sign=paper_sign), out_of(SLIP, SLOT_RING, -165, 0, -34)),
    "ticket_out": (cup, out_of(TICKET, CUP_RING, -130, 0, -18)),
    "cash_out": (tray, cash_out(())),
    "ident_in": (field, laid(IDENT, takes=False, stays=True)),
    "ident_out": (field, laid(IDENT, takes=True, stays=False)),
    "card_tap": (tap_field, laid(TAPPED, takes=False, stays=False)),
    "pad": (pad, covered()),
    "wait": (dots, waits()),
    "wait_bank": (bank, asks()),
    "wait_notes": (counter, counts()),
    "wait_card": (partial(slot, sign=card_sign), reads()),
    "wait_ticket": (cup, drops()),
    "wait_answer": (machine_and_network, phone_asks()),
    "wait_phone": (phone_and_network, phone_asks()),
    "wait_slip": (partial(slot, sign=paper_sign), prints()),
}
