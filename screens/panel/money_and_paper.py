"""The front panel's money and paper: notes and tokens to put in, what comes out, and where it lies.

The practice notes and tokens are of our own design, marked 练, unlike legal tender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk_firmware.core.texts import yuan
from screens.panel.panel_base import EDGE, METAL, SLIT, PersonView, Press, plate, take
from screens.parts import icons
from screens.parts.slot_pictures import NOTE_INK
from screens.stage.painter import Painter, Rect

NOTES_FEN, TOKENS_FEN = (10_000, 5_000, 2_000, 1_000), (100, 500)
NOTE_TINTS = {10_000: "#F6B8B0", 5_000: "#BFE3C4", 2_000: "#F2D9A0", 1_000: "#BCD4F2"}
MOST_SHOWN = 12
"""Tokens drawn in the cup; more lie under them."""


def money(painter: Painter, rect: Rect, now: PersonView, texts: Mapping[str, str]) -> list[Press]:
    """Draw notes and tokens of the purse, and the note slot; return what can be pressed."""
    plate(painter, rect, texts["money"], bool({"note_acceptor", "coin_acceptor"} & now.lit))
    presses = []
    for at, fen in enumerate(NOTES_FEN):
        place = Rect(rect.x + 10 + at % 2 * 78, rect.y + 44 + at // 2 * 60, 74, 50)
        practice_note(painter, place, fen)
        presses.append(Press(place, "note", {"fen": fen}))
    for at, fen in enumerate(TOKENS_FEN):
        x, y = rect.x + 48 + at * 76, rect.y + 194
        token(painter, x, y, 26, fen)
        presses.append(Press(Rect(x - 28, y - 28, 56, 56), "token", {"fen": fen}))
    slot = Rect(rect.x + 10, rect.bottom - 46, rect.w - 20, 36)
    if now.note_out:
        take(painter, slot, texts)
        practice_note(painter, Rect(slot.right - 54, slot.y + 3, 48, 30), 0)
        return [*presses, Press(slot, "take_note")]
    painter.box(slot, 8, METAL)
    painter.box(Rect(slot.x + 12, slot.y + 13, slot.w - 24, 10), 4, SLIT)
    return presses


def practice_note(painter: Painter, rect: Rect, fen: int) -> None:
    """Draw a practice note: a ticket with a bar code and 练, in a tint for each value."""
    painter.box(rect, 5, NOTE_TINTS.get(fen, "#E5E0D4"), NOTE_INK, 2)
    for at, bar in enumerate((2, 4, 2, 1, 3, 2)):
        painter.fill(Rect(rect.x + 6 + at * 3.4, rect.y + 8, bar * 0.7, rect.h - 16), NOTE_INK)
    if rect.w < 70:
        return
    left, wide = rect.x + 28, rect.w - 32
    painter.text(yuan(fen), Rect(left, rect.y + 3, wide, rect.h * 0.58), 23, NOTE_INK, use="print", bold=True)
    painter.text("练习", Rect(left, rect.y + rect.h * 0.56, wide, rect.h * 0.4), 15, NOTE_INK, use="print", least=11)


def token(painter: Painter, x: float, y: float, radius: float, fen: int) -> None:
    """Draw a practice token."""
    painter.disc(x, y, radius, "#6B4E00")
    painter.disc(x, y, radius - 2, "#F3C94B" if fen >= 500 else "#D9DEE3")
    if radius > 20:
        place = Rect(x - radius, y - radius, 2 * radius, 2 * radius)
        painter.text(yuan(fen), Rect(place.x, place.y + 3, place.w, 30), 22, "#3A2E05", use="print", bold=True)
        painter.text("练", Rect(place.x, place.y + 29, place.w, 18), 14, "#3A2E05", use="print", least=12)
    else:
        painter.text(yuan(fen), Rect(x - radius, y - 9, 2 * radius, 18), 15, "#3A2E05", use="print", least=9)


def ticket(painter: Painter, x: float, y: float, radius: float) -> None:
    """Draw a metro ticket: round and blue, with a hole, like no money."""
    for part, colour in ((1.0, "#0C3F66"), (0.88, "#2F8FD0"), (0.32, SLIT)):
        painter.disc(x, y, radius * part, colour)


def cup(painter: Painter, rect: Rect, now: PersonView, texts: Mapping[str, str]) -> list[Press]:
    """Draw the open cup below hoppers, acceptor and ticket dispenser: change, tokens that were not taken, a ticket."""
    plate(painter, rect, texts["cup"], bool({"coin_dispenser", "ticket_dispenser"} & now.lit))
    bowl = Rect(rect.x + 10, rect.y + 40, rect.w - 20, rect.h - 100)
    small = bowl.h < 100
    painter.box(bowl, 30, SLIT, EDGE, 3)
    lying = (*now.change, *now.cup)
    for at, fen in enumerate(lying[-MOST_SHOWN:] if not small else ()):
        token(painter, bowl.x + 19 + at % 3 * 26, bowl.bottom - 22 - at // 3 * 30, 14, fen)
    if now.ticket:
        ticket(painter, bowl.centre[0], bowl.bottom - 15 if small else bowl.y + 66, 12 if small else 26)
    if not (lying or now.ticket):
        return []
    total = Rect(bowl.x, bowl.y + (2 if small else 8), bowl.w, 28)
    if lying:
        painter.text(f"¥{yuan(sum(lying))}", total, 22, "#F3C94B", use="print", bold=True, least=12)
    key = Rect(rect.x + 10, rect.bottom - 50, rect.w - 20, 40)
    take(painter, key, texts)
    there = (("take_dispensed", now.ticket), ("take_change", now.change), ("empty_cup", now.cup))
    acts = [act for act, lies in there if lies]
    return [Press(Rect(bowl.x, bowl.y, bowl.w, key.bottom - bowl.y), acts[0], also=acts[1] if acts[1:] else "")]


def _printed(slip: Sequence[tuple[str, bool, str]]) -> list[tuple[str, bool, str]]:
    """Return the slip's lines without the empty ones that only move the paper."""
    return [line for line in slip if line[0].strip()]


def paper(painter: Painter, rect: Rect, now: PersonView, texts: Mapping[str, str]) -> list[Press]:
    """Draw the printer's slot and the slip that hangs out of it."""
    plate(painter, rect, texts["paper"], "receipt_printer" in now.lit)
    slot = Rect(rect.x + 12, rect.y + 42, rect.w - 24, 20)
    painter.box(slot, 6, METAL)
    presses = []
    if now.slip:
        lines = _printed(now.slip)[:10]
        sheet = Rect(rect.x + 18, slot.y + 9, rect.w - 36, 24 + 17 * len(lines))
        painter.fill(sheet, "#FFFFFF")
        for at, (text, bold, align) in enumerate(lines):
            where = Rect(sheet.x + 8, sheet.y + 14 + at * 17, sheet.w - 16, 17)
            side = {"left": "left", "center": "centre", "right": "right"}.get(align, "left")
            painter.text(text.rstrip(), where, 14, "#20262C", use="print", least=9, bold=bold, align=side)  # type: ignore[arg-type]
        key = Rect(rect.centre[0] - 55, rect.bottom - 42, 110, 34)
        take(painter, key, texts)
        presses.append(Press(Rect(sheet.x, sheet.y, sheet.w, key.bottom - sheet.y), "tear_off"))
    painter.box(Rect(slot.x + 6, slot.y + 5, slot.w - 12, 8), 3, SLIT)
    return presses


def tray(painter: Painter, rect: Rect, now: PersonView, texts: Mapping[str, str]) -> list[Press]:
    """Draw the cash tray behind its shutter."""
    plate(painter, rect, texts["tray"], "cash_dispenser" in now.lit)
    bay = Rect(rect.x + 12, rect.y + 50, rect.w - 24, 170)
    painter.box(bay, 12, SLIT, EDGE, 3)
    if now.tray_full:
        for at in range(3):
            practice_note(painter, Rect(bay.x + 12 + at * 6, bay.y + 58 - at * 12, 104, 60), 10_000)
    if not now.tray_open:
        painter.box(bay.grown(-6), 8, "#6B7783F2" if not now.tray_full else "#6B7783C0", "#8A96A2", 2)
        icons.draw(painter, "lock", Rect(bay.centre[0] - 24, bay.centre[1] - 24, 48, 48), "#DDE4EA", 9)
    key = Rect(rect.x + 12, rect.bottom - 54, rect.w - 24, 44)
    if now.tray_full and now.tray_open:
        take(painter, key, texts, 26)
        return [Press(Rect(bay.x, bay.y, bay.w, key.bottom - bay.y), "take_cash")]
    return []
