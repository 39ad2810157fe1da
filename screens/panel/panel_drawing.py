"""Draw what the front panel shows, and where: its drawing, without socket or widget.

`draw` paints what is seen and gives the places to press, each with the act it stands for: cards, ID cards, PIN pad,
side keys and phone are here, money and paper in `panel_money`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiosk_firmware.core.texts import yuan
from screens.panel.money_and_paper import cup, money, paper, tray
from screens.panel.panel_base import (
    EDGE,
    GROUND,
    INK,
    LAMP_ON,
    METAL,
    PHOTO,
    SLIT,
    SOFT,
    STRANGER,
    TEXTS,
    PanelCard,
    PanelId,
    PersonView,
    Press,
    cap,
    plate,
    seen_state,
    take,
)
from screens.panel.practice_phone import CodeScan
from screens.panel.transit_pad import metro
from screens.parts import icons
from screens.parts.keys import EDGE_HIGH, EDGE_TOPS
from screens.parts.picture_pen import bank_card
from screens.stage.kivy_boot import HIGH, PANEL_WIDE
from screens.stage.painter import Painter, Rect
from screens.stage.skin import lobby

KEYS = ("123X", "456C", "789-", "-0-E")
__all__ = ["PanelCard", "PanelId", "PersonView", "Press", "draw", "seen_state"]


def draw(
    painter: Painter,
    now: PersonView,
    cards: Sequence[PanelCard],
    language: str = "zh",
    ids: Sequence[PanelId] = (),
    shot: CodeScan | None = None,
) -> list[Press]:
    """Paint the whole panel; what can be pressed now. `shot`: what the phone has seen last."""
    texts = TEXTS.get(language, TEXTS["zh"])
    painter.fill(Rect(0, 0, PANEL_WIDE, HIGH), GROUND)
    painter.fill(Rect(0, 0, 3, HIGH), EDGE)
    presses = _side_keys(painter) if now.side_keys else []
    presses += _cards(painter, Rect(92, 12, 342, 192), now, cards, texts)
    presses += _idents(painter, Rect(446, 12, 182, 192), now, ids, texts)
    presses += _pin(painter, Rect(92, 216, 196, 272), texts)
    presses += money(painter, Rect(300, 216, 172, 272), now, texts)
    presses += _phone(painter, Rect(484, 216, 144, 272), shot or CodeScan(), texts)
    presses += paper(painter, Rect(92, 500, 236, 288), now, texts)
    presses += tray(painter, Rect(340, 500, 166, 288), now, texts)
    presses += cup(painter, Rect(518, 500, 110, 158 if now.has_pad else 288), now, texts)
    if now.has_pad:
        presses += metro(painter, Rect(518, 664, 110, 124), now, texts)
    if not now.connected:
        painter.box(Rect(110, 340, 500, 76), 16, "#8E1F2B", "#F4B5B5")
        painter.text(texts["off"], Rect(120, 340, 480, 76), 30, INK, use="read", bold=True)
    return presses


def _side_keys(painter: Painter) -> list[Press]:
    """Draw two columns: what stands at the glass's left edge, then at its right."""
    presses = []
    for index in range(8):
        rect = Rect(8 + index // 4 * 40, EDGE_TOPS[index % 4] + EDGE_HIGH / 2 - 30, 34, 60)
        painter.box(Rect(rect.x, rect.y + 3, rect.w, rect.h), 8, SLIT)
        painter.box(rect, 8, "#9AA6B2")
        icons.draw(painter, "left" if index < 4 else "right", rect.grown(-5), "#16222B", 12)
        presses.append(Press(rect, "side_key", {"index": index}))
    return presses


def _cards(
    painter: Painter, rect: Rect, now: PersonView, cards: Sequence[PanelCard], texts: Mapping[str, str]
) -> list[Press]:
    plate(painter, rect, texts["card"], "card_reader" in now.lit)
    slot = Rect(rect.x + 200, rect.y + 44, 132, 32)
    painter.box(slot, 10, METAL)
    presses = []
    if now.card_out:
        card = Rect(slot.x + 9, slot.y + 16, 114, 73)
        bank_card(painter, card, lobby(), f"… {now.card_out[-4:]}")
        key = Rect(slot.x + 9, rect.bottom - 44, 114, 34)
        take(painter, key, texts)
        presses.append(Press(Rect(card.x, card.y, card.w, key.bottom - card.y), "take_card"))
    painter.box(Rect(slot.x + 10, slot.y + 11, slot.w - 20, 10), 4, SLIT)
    if now.card_in:
        painter.text(f"● {now.card_in[-4:]}", Rect(slot.x, slot.bottom + 8, slot.w, 30), 20, LAMP_ON, use="print")
    held = {now.card_in, now.card_out, *now.kept}
    across = 2 if len(cards) <= 4 else 3
    for at, card_ in enumerate(cards[: 2 * across]):
        wide = 186 // across
        place = Rect(rect.x + 10 + at % across * wide, rect.y + 40 + at // across * 74, wide - 5, 69)
        gone = card_.number in held
        kept = texts["kept"] if card_.number in now.kept else ""
        _small_card(painter, place, card_, kept, gone, texts["slip"])
        if not gone:
            args = {"card": card_.number, "expires": card_.expires, "chip": card_.chip, "readable": card_.readable}
            presses.append(Press(place, "insert_card", args))
    return presses


def _small_card(painter: Painter, rect: Rect, card: PanelCard, kept: str, gone: bool, slip: str) -> None:
    painter.box(rect, 9, "#39444F" if gone else "#1E5F8A", "#8FC3E8" if not gone else EDGE, 2)
    if gone:
        if card.pin and not kept:
            _pin_slip(painter, rect.grown(-4), card.pin, slip)
        else:
            painter.text(kept or "—", rect, 20, SOFT, use="print", least=12)
        return
    if card.chip:
        painter.box(Rect(rect.x + 9, rect.y + 7, 19, 14), 3, "#E8C15A")
    else:
        painter.fill(Rect(rect.x + 2, rect.y + 6, rect.w - 4, 11), SLIT)
    name, tail = Rect(rect.x + 7, rect.y + 23, rect.w - 10, 26), Rect(rect.x + 7, rect.y + 48, rect.w - 10, 19)
    painter.text(card.label, name, 17, INK, use="print", least=11, most=2, gap=1.1, align="left")
    painter.text(f"… {card.number[-4:]}", tail, 15, "#D6E8F6", use="print", align="left", least=12)


def _pin_slip(painter: Painter, rect: Rect, pin: str, title: str) -> None:
    """Draw the paper that lay under the card; a narrow one has its digits in two lines, so that none is cut."""
    painter.box(rect, 4, "#FFFDF5", "#C9C2B0", 1)
    head = Rect(rect.x + 2, rect.y + 1, rect.w - 4, 17)
    painter.text(title, head, 17, "#4A4436", use="print", least=11)
    whole = f"{pin[:3]} {pin[3:]}"
    is_wide = painter.letters.width(whole, 22, True) <= rect.w - 6
    halves = [whole] if is_wide else [pin[:3], pin[3:]]
    high = (rect.bottom - head.bottom) / len(halves)
    for at, half in enumerate(halves):
        place = Rect(rect.x + 2, head.bottom + at * high, rect.w - 4, high)
        painter.text(half, place, 22, "#16222B", use="print", least=14, bold=True, gap=1.0)


def _idents(
    painter: Painter, rect: Rect, now: PersonView, ids: Sequence[PanelId], texts: Mapping[str, str]
) -> list[Press]:
    """Draw the open reader, what lies on it, and the ID cards of the people who can be practised as."""
    plate(painter, rect, texts["ident"], "id_reader" in now.lit if now.has_ident else None)
    if not now.has_ident:
        return []
    pad = Rect(rect.x + 10, rect.y + 40, rect.w - 20, 74)
    painter.box(pad, 12, SLIT, EDGE, 3)
    presses = []
    if now.ident:
        lies = next((one for one in ids if one.number == now.ident), PanelId(STRANGER))
        _ident(painter, Rect(pad.x + 8, pad.y + 8, 62, 58), lies, texts)
        key = Rect(pad.x + 78, pad.y + 19, pad.w - 86, 36)
        take(painter, key, texts)
        presses.append(Press(pad, "lift_card", {"at": "id_reader"}))
    else:
        _waves(painter, pad)
        painter.text(texts["pad"], Rect(pad.x + 56, pad.y, pad.w - 64, pad.h), 18, SOFT, use="print", least=12)
    for at, one in enumerate(ids[:3]):
        place = Rect(rect.x + 10 + at * 55, rect.y + 122, 52, 60)
        if one.number == now.ident or (not one.name and now.ident == STRANGER):
            painter.box(place, 6, "#39444F", EDGE, 2)
            continue
        _ident(painter, place, one, texts)
        if not now.ident:
            presses.append(Press(place, "lay_card", {"at": "id_reader", "number": one.number}))
    return presses


def _waves(painter: Painter, pad: Rect) -> None:
    """Draw the sign of a reader that only needs a card near it."""
    for radius in (10, 19, 28):
        painter.arc(pad.x + 18, pad.centre[1], radius, (45, 135), "#7FC8F0", 4)


def _ident(painter: Painter, rect: Rect, one: PanelId, texts: Mapping[str, str]) -> None:
    """Draw a practice ID: own design, with a head, a name and the end of its number; worn where it has no name."""
    painter.box(rect, 6, "#DDEBF2" if one.name else "#B9B2A4", "#7FA6BC", 2)
    ink = "#16323F"
    painter.disc(rect.right - 13, rect.y + 14, 6, "#7FA6BC")
    painter.box(Rect(rect.right - 22, rect.y + 21, 18, 12), 6, "#7FA6BC")
    painter.text("练", Rect(rect.x + 3, rect.y + 4, rect.w - 26, 24), 15, ink, use="print", least=10)
    name = Rect(rect.x + 2, rect.y + 31, rect.w - 4, 15)
    painter.text(one.name or texts["marred"], name, 14, ink, use="print", least=9, bold=True)
    if one.name:
        painter.text(one.number[-4:], Rect(rect.x + 2, rect.y + 45, rect.w - 4, 13), 12, ink, use="print", least=9)
    else:
        painter.line([(rect.x + 6, rect.bottom - 9), (rect.right - 6, rect.y + 8)], "#8A8272", 3)


def _pin(painter: Painter, rect: Rect, texts: Mapping[str, str]) -> list[Press]:
    plate(painter, rect, texts["pin"])
    tints = {"E": ("#2F8F5B", INK), "C": ("#F0C23C", "#2B2200"), "X": ("#B3343C", INK)}
    presses = []
    for row, line in enumerate(KEYS):
        for column, key in enumerate(line):
            if key == "-":
                continue
            place = Rect(rect.x + 10 + column * 42, rect.y + 44 + row * 56, 38 if column < 3 else 50, 48)
            ground, ink = tints.get(key, ("#C9D1D9", "#16222B"))
            cap(painter, place, texts.get(key, key), ground, ink, 26 if key.isdigit() else 18)
            presses.append(Press(place, "pin_key", {"key": key}))
    return presses


def _phone(painter: Painter, rect: Rect, shot: CodeScan, texts: Mapping[str, str]) -> list[Press]:
    """Draw the practice phone: what it says, and the key that lets it look at the glass."""
    plate(painter, rect, texts["phone"])
    body = Rect(rect.x + 16, rect.y + 42, rect.w - 32, 166)
    painter.box(body, 16, SLIT, EDGE, 3)
    glass = body.grown(-8)
    painter.box(glass, 6, "#F4F7FA")
    tint = {"paid": "#0B6B3A", "": "#35424E", "looking": "#35424E"}.get(shot.word, "#9A1F2B")
    icons.draw(painter, "phone", Rect(glass.centre[0] - 17, glass.y + 8, 34, 34), tint, 8)
    said = texts[f"phone.{shot.word or 'idle'}"].format(yuan=yuan(shot.fen))
    below = Rect(glass.x + 4, glass.y + 46, glass.w - 8, glass.h - 50)
    painter.text(said, below, 17, tint, use="print", least=12, most=6, top=True)
    key = Rect(rect.x + 10, rect.bottom - 54, rect.w - 20, 44)
    cap(painter, key, texts["pay"], "#2F8F5B", INK, 21)
    return [Press(Rect(body.x, body.y, body.w, key.bottom - body.y), PHOTO)]
