"""What the front panel shows, and where: pure data and drawing, without socket or widget.

`Seen` is the twins' state boiled down to what somebody before the cabinet would see. `draw` paints it and gives the
places to press, each with the act it stands for. The practice notes and tokens are of our own design, marked 练,
unlike legal tender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kiosk_firmware.core.texts import yuan
from screens.boot import HIGH, PANEL_WIDE
from screens.look import lobby
from screens.paint import Painter, Rect
from screens.parts import icons
from screens.parts.drawings import NOTE_INK, bank_card
from screens.parts.keys import EDGE_HIGH, EDGE_TOPS

GROUND, PLATE, EDGE, INK, SOFT = "#20272F", "#2D3741", "#4A5763", "#FFFFFF", "#B9C6D2"
SLIT, LAMP_OFF, LAMP_ON = "#0B0F14", "#56626E", "#3CF08A"
KEYS = ("123X", "456C", "789-", "-0-E")
NOTES_FEN, TOKENS_FEN = (10_000, 5_000, 2_000, 1_000), (100, 500)
NOTE_TINTS = {10_000: "#F6B8B0", 5_000: "#BFE3C4", 2_000: "#F2D9A0", 1_000: "#BCD4F2"}

TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "card": "银行卡",
        "slip": "密码条",
        "pin": "密码键盘",
        "money": "练习币、练习券",
        "paper": "凭条",
        "tray": "出钞口",
        "take": "拿走",
        "E": "确认",
        "C": "更正",
        "X": "取消",
        "kept": "已被保管",
        "cup": "退币口",
        "off": "柜机没有连上",
    },
    "en": {
        "card": "Bank cards",
        "slip": "PIN",
        "pin": "PIN pad",
        "money": "Tokens and notes",
        "paper": "Receipt",
        "tray": "Cash",
        "take": "Take",
        "E": "Enter",
        "C": "Clear",
        "X": "Cancel",
        "kept": "kept",
        "cup": "Coin cup",
        "off": "Cabinet not connected",
    },
}


class PanelCard(msgspec.Struct, frozen=True):
    """A card that can be put in: what is printed on it and what the reader will find."""

    number: str
    label: str
    expires: str = "3012"
    chip: bool = True
    readable: bool = True
    pin: str = ""
    """On the paper slip that lies under the card; practice PINs only."""


class Press(msgspec.Struct, frozen=True):
    """A place to press and the twins' act it stands for."""

    rect: Rect
    act: str
    args: dict[str, Any] = {}


class Seen(msgspec.Struct, frozen=True):
    """What stands before the person."""

    connected: bool = False
    card_out: str = ""
    card_in: str = ""
    kept: tuple[str, ...] = ()
    note_out: str = ""
    cup: tuple[int, ...] = ()
    slip: tuple[tuple[str, bool, str], ...] = ()
    tray_full: bool = False
    tray_open: bool = False
    lit: frozenset[str] = frozenset()
    side_keys: bool = False


def seen(state: Mapping[str, Any]) -> Seen:
    """The twins' state as a person sees it; devices that the unit lacks show nothing."""
    reader, notes, coins, printer, tray, lamps = (
        state.get(name) or {}
        for name in ("card_reader", "note_acceptor", "coin_acceptor", "receipt_printer", "cash_dispenser", "lights")
    )
    place, card = reader.get("position", "none"), str(reader.get("card") or "")
    slips = printer.get("slips") or []
    paper = slips[-1] if slips else printer.get("uncut") or []
    mouth = notes.get("mouth")
    return Seen(
        connected=bool(state),
        card_out=card if place in ("front", "front_held") else "",
        card_in=card if place not in ("front", "front_held") else "",
        kept=tuple(reader.get("captured") or ()),
        note_out="" if mouth is None else str(mouth),
        cup=tuple(coins.get("cup") or ()),
        slip=tuple(
            (str(line.get("text", "")), bool(line.get("bold")), str(line.get("align", "left"))) for line in paper
        ),
        tray_full=bool(tray.get("full")),
        tray_open=bool(tray) and not tray.get("locked", True),
        lit=frozenset(name for name, on in (lamps.get("lit") or {}).items() if on),
        side_keys="side_keys" in state,
    )


def draw(painter: Painter, now: Seen, cards: Sequence[PanelCard], language: str = "zh") -> list[Press]:
    """Paint the whole panel; what can be pressed now."""
    texts = TEXTS.get(language, TEXTS["zh"])
    painter.fill(Rect(0, 0, PANEL_WIDE, HIGH), GROUND)
    painter.fill(Rect(0, 0, 3, HIGH), EDGE)
    presses = _side_keys(painter) if now.side_keys else []
    presses += _cards(painter, Rect(92, 12, 456, 216), now, cards, texts)
    presses += _pin(painter, Rect(92, 240, 222, 268), texts)
    presses += _money(painter, Rect(326, 240, 222, 268), now, texts)
    presses += _paper(painter, Rect(92, 520, 222, 268), now, texts)
    presses += _tray(painter, Rect(326, 520, 222, 268), now, texts)
    if not now.connected:
        painter.box(Rect(92, 360, 456, 76), 16, "#8E1F2B", "#F4B5B5")
        painter.text(texts["off"], Rect(100, 360, 440, 76), 30, INK, use="read", bold=True)
    return presses


def _plate(painter: Painter, rect: Rect, title: str, lit: bool | None = None) -> None:
    painter.box(rect, 14, PLATE, EDGE, 2)
    painter.text(title, Rect(rect.x + 14, rect.y + 8, rect.w - 50, 28), 20, SOFT, use="print", align="left")
    if lit is not None:
        if lit:
            painter.disc(rect.right - 22, rect.y + 22, 14, LAMP_ON + "50")
        painter.disc(rect.right - 22, rect.y + 22, 9, LAMP_ON if lit else LAMP_OFF)


def _key(
    painter: Painter, rect: Rect, text: str, ground: str = "#C9D1D9", ink: str = "#16222B", size: int = 26
) -> None:
    painter.box(Rect(rect.x, rect.y + 3, rect.w, rect.h), 10, SLIT)
    painter.box(rect, 10, ground)
    painter.text(text, rect.grown(-3), size, ink, use="print", bold=True)


def _side_keys(painter: Painter) -> list[Press]:
    """Two columns: what stands at the glass's left edge, then at its right."""
    presses = []
    for index in range(8):
        rect = Rect(8 + index // 4 * 40, EDGE_TOPS[index % 4] + EDGE_HIGH / 2 - 30, 34, 60)
        painter.box(Rect(rect.x, rect.y + 3, rect.w, rect.h), 8, SLIT)
        painter.box(rect, 8, "#9AA6B2")
        icons.draw(painter, "left" if index < 4 else "right", rect.grown(-5), "#16222B", 12)
        presses.append(Press(rect, "side_key", {"index": index}))
    return presses


def _cards(
    painter: Painter, rect: Rect, now: Seen, cards: Sequence[PanelCard], texts: Mapping[str, str]
) -> list[Press]:
    _plate(painter, rect, texts["card"], "card_reader" in now.lit)
    slot = Rect(rect.x + 236, rect.y + 44, 206, 34)
    painter.box(slot, 10, "#56626E")
    presses = []
    if now.card_out:
        card = Rect(slot.x + 23, slot.y + 18, 160, 102)
        bank_card(painter, card, lobby(), f"{now.card_out[:4]} … {now.card_out[-4:]}")
        take = Rect(slot.x + 23, slot.y + 126, 160, 36)
        _key(painter, take, texts["take"], "#FFC533", "#2B2200", 22)
        presses.append(Press(Rect(card.x, card.y, card.w, take.bottom - card.y), "take_card"))
    painter.box(Rect(slot.x + 14, slot.y + 12, slot.w - 28, 10), 4, SLIT)
    if now.card_in:
        painter.text(f"● {now.card_in[-4:]}", Rect(slot.x, slot.bottom + 8, slot.w, 30), 20, LAMP_ON, use="print")
    held = {now.card_in, now.card_out, *now.kept}
    for at, card_ in enumerate(cards[:4]):
        place = Rect(rect.x + 12 + at % 2 * 108, rect.y + 42 + at // 2 * 86, 102, 78)
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
            painter.text(kept or "—", rect, 20, SOFT, use="print")
        return
    if card.chip:
        painter.box(Rect(rect.x + 10, rect.y + 12, 20, 15), 3, "#E8C15A")
    else:
        painter.fill(Rect(rect.x + 2, rect.y + 8, rect.w - 4, 12), SLIT)
    painter.text(
        card.label, Rect(rect.x + 8, rect.y + 30, rect.w - 12, 24), 19, INK, use="print", least=13, align="left"
    )
    painter.text(
        f"… {card.number[-4:]}",
        Rect(rect.x + 8, rect.y + 52, rect.w - 12, 22),
        17,
        "#D6E8F6",
        use="print",
        align="left",
    )


def _pin_slip(painter: Painter, rect: Rect, pin: str, title: str) -> None:
    """The paper that lay under the card."""
    painter.box(rect, 4, "#FFFDF5", "#C9C2B0", 1)
    painter.text(title, Rect(rect.x + 4, rect.y + 6, rect.w - 8, 24), 18, "#4A4436", use="print")
    digits = Rect(rect.x + 2, rect.y + 32, rect.w - 4, 32)
    painter.text(f"{pin[:3]} {pin[3:]}", digits, 24, "#16222B", use="print", bold=True)


def _pin(painter: Painter, rect: Rect, texts: Mapping[str, str]) -> list[Press]:
    _plate(painter, rect, texts["pin"])
    tints = {"E": ("#2F8F5B", INK), "C": ("#F0C23C", "#2B2200"), "X": ("#B3343C", INK)}
    presses = []
    for row, line in enumerate(KEYS):
        for column, key in enumerate(line):
            if key == "-":
                continue
            wide = 46 if column < 3 else 56
            place = Rect(rect.x + 10 + column * 49, rect.y + 44 + row * 55, wide, 47)
            ground, ink = tints.get(key, ("#C9D1D9", "#16222B"))
            _key(painter, place, texts.get(key, key), ground, ink, 26 if key.isdigit() else 19)
            presses.append(Press(place, "pin_key", {"key": key}))
    return presses


def _money(painter: Painter, rect: Rect, now: Seen, texts: Mapping[str, str]) -> list[Press]:
    _plate(painter, rect, texts["money"], bool({"note_acceptor", "coin_acceptor"} & now.lit))
    presses = []
    for at, fen in enumerate(NOTES_FEN):
        place = Rect(rect.x + 12 + at % 2 * 101, rect.y + 42 + at // 2 * 58, 96, 50)
        practice_note(painter, place, fen)
        presses.append(Press(place, "note", {"fen": fen}))
    for at, fen in enumerate(TOKENS_FEN):
        x, y = rect.x + 42 + at * 64, rect.y + 190
        _token(painter, x, y, 25, fen)
        presses.append(Press(Rect(x - 26, y - 26, 52, 52), "token", {"fen": fen}))
    slot = Rect(rect.x + 12, rect.bottom - 46, rect.w - 24, 36)
    if now.note_out:
        _key(painter, slot, texts["take"], "#FFC533", "#2B2200", 22)
        practice_note(painter, Rect(slot.right - 62, slot.y + 3, 56, 30), 0)
        presses.append(Press(slot, "take_note"))
    else:
        painter.box(slot, 8, "#56626E")
        painter.box(Rect(slot.x + 12, slot.y + 13, slot.w - 24, 10), 4, SLIT)
    cup = Rect(rect.x + 140, rect.y + 162, 70, 54)
    painter.box(cup, 12, SLIT, EDGE, 2)
    for at, fen in enumerate(now.cup[-3:]):
        _token(painter, cup.x + 18 + at * 16, cup.y + 30, 13, fen)
    if now.cup:
        presses.append(Press(cup, "empty_cup"))
    else:
        painter.text(texts["cup"], cup.grown(-3), 16, SOFT, use="print", least=11)
    return presses


def practice_note(painter: Painter, rect: Rect, fen: int) -> None:
    """A practice note: a ticket with a bar code and 练, in a tint for each value."""
    painter.box(rect, 5, NOTE_TINTS.get(fen, "#E5E0D4"), NOTE_INK, 2)
    for at, wide in enumerate((2, 4, 2, 1, 3, 2, 4, 1)):
        painter.fill(Rect(rect.x + 8 + at * 3.6, rect.y + 8, wide * 0.7, rect.h - 16), NOTE_INK)
    if rect.w < 70:
        return
    painter.text(
        yuan(fen), Rect(rect.x + 38, rect.y + 3, rect.w - 42, rect.h * 0.58), 24, NOTE_INK, use="print", bold=True
    )
    painter.text(
        "练习",
        Rect(rect.x + 38, rect.y + rect.h * 0.56, rect.w - 42, rect.h * 0.4),
        16,
        NOTE_INK,
        use="print",
        least=12,
    )


def _token(painter: Painter, x: float, y: float, radius: float, fen: int) -> None:
    painter.disc(x, y, radius, "#6B4E00")
    painter.disc(x, y, radius - 2, "#F3C94B" if fen >= 500 else "#D9DEE3")
    if radius > 20:
        place = Rect(x - radius, y - radius, 2 * radius, 2 * radius)
        painter.text(yuan(fen), Rect(place.x, place.y + 2, place.w, 30), 22, "#3A2E05", use="print", bold=True)
        painter.text("练", Rect(place.x, place.y + 27, place.w, 18), 14, "#3A2E05", use="print", least=12)


def _printed(slip: Sequence[tuple[str, bool, str]]) -> list[tuple[str, bool, str]]:
    """The slip's lines without the empty ones that only move the paper."""
    return [line for line in slip if line[0].strip()]


def _paper(painter: Painter, rect: Rect, now: Seen, texts: Mapping[str, str]) -> list[Press]:
    _plate(painter, rect, texts["paper"], "receipt_printer" in now.lit)
    slot = Rect(rect.x + 12, rect.y + 42, rect.w - 24, 20)
    painter.box(slot, 6, "#56626E")
    presses = []
    if now.slip:
        lines = _printed(now.slip)[:9]
        sheet = Rect(rect.x + 20, slot.y + 9, rect.w - 40, 24 + 17 * len(lines))
        painter.fill(sheet, "#FFFFFF")
        for at, (text, bold, align) in enumerate(lines):
            where = Rect(sheet.x + 8, sheet.y + 14 + at * 17, sheet.w - 16, 17)
            side = {"left": "left", "center": "centre", "right": "right"}.get(align, "left")
            painter.text(text.rstrip(), where, 14, "#20262C", use="print", least=9, bold=bold, align=side)  # type: ignore[arg-type]
        take = Rect(rect.x + 61, rect.bottom - 42, 100, 34)
        _key(painter, take, texts["take"], "#FFC533", "#2B2200", 22)
        presses.append(Press(Rect(sheet.x, sheet.y, sheet.w, take.bottom - sheet.y), "tear_off"))
    painter.box(Rect(slot.x + 6, slot.y + 5, slot.w - 12, 8), 3, SLIT)
    return presses


def _tray(painter: Painter, rect: Rect, now: Seen, texts: Mapping[str, str]) -> list[Press]:
    _plate(painter, rect, texts["tray"], "cash_dispenser" in now.lit)
    bay = Rect(rect.x + 14, rect.y + 50, rect.w - 28, 150)
    painter.box(bay, 12, SLIT, EDGE, 3)
    if now.tray_full:
        for at in range(3):
            practice_note(painter, Rect(bay.x + 24 + at * 8, bay.y + 44 - at * 10, 140, 76), 10_000)
    if not now.tray_open:
        painter.box(bay.grown(-6), 8, "#6B7783F2" if not now.tray_full else "#6B7783C0", "#8A96A2", 2)
        icons.draw(painter, "lock", Rect(bay.centre[0] - 24, bay.centre[1] - 24, 48, 48), "#DDE4EA", 9)
    take = Rect(rect.x + 41, rect.bottom - 54, 140, 44)
    if now.tray_full and now.tray_open:
        _key(painter, take, texts["take"], "#FFC533", "#2B2200", 26)
        return [Press(Rect(bay.x, bay.y, bay.w, take.bottom - bay.y), "take_cash")]
    return []
