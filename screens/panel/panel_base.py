"""Define what the front panel knows and how its parts look: pure data and the shapes that all of them share.

`PersonView` is the twins' state boiled down to what somebody before the cabinet would see; a `Press` is a place on the
panel and the act it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from screens.stage.painter import Painter, Rect

GROUND, PLATE, EDGE, INK, SOFT = "#20272F", "#2D3741", "#4A5763", "#FFFFFF", "#B9C6D2"
SLIT, METAL, LAMP_OFF, LAMP_ON = "#0B0F14", "#56626E", "#56626E", "#3CF08A"
TAKE, TAKE_INK = "#FFC533", "#2B2200"
STRANGER = "?"
"""What lies on the ID reader and says no number."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "card": "银行卡",
        "ident": "身份证",
        "slip": "密码条",
        "pin": "密码键盘",
        "money": "练习币、券",
        "paper": "凭条",
        "tray": "出钞口",
        "take": "拿走",
        "E": "确认",
        "C": "更正",
        "X": "取消",
        "kept": "已被保管",
        "cup": "退币口",
        "off": "柜机没有连上",
        "phone": "手机",
        "pay": "拍照付款",
        "pad": "放在这里",
        "marred": "看不清",
        "metro": "地铁卡",
        "walk": "走过去",
        "shut": "闸门关着",
        "phone.idle": "屏幕上有付款码时，按下面的键",
        "phone.looking": "正在看……",
        "phone.no_code": "没看到付款码。屏幕上有码时再按",
        "phone.other_code": "这个码不是练习付款码，没有付",
        "phone.over": "这一单已经结束，没有付",
        "phone.unreached": "柜机没有回应，没有付",
        "phone.paid": "付了 {yuan} 元。请看屏幕",
    },
    "en": {
        "card": "Bank cards",
        "ident": "ID card",
        "slip": "PIN",
        "pin": "PIN pad",
        "money": "Money",
        "paper": "Receipt",
        "tray": "Cash",
        "take": "Take",
        "E": "Enter",
        "C": "Clear",
        "X": "Cancel",
        "kept": "kept",
        "cup": "Coins",
        "off": "Cabinet not connected",
        "phone": "Phone",
        "pay": "Scan to pay",
        "pad": "Lay it here",
        "marred": "worn",
        "metro": "Metro",
        "walk": "Walk",
        "shut": "shut",
        "phone.idle": "When a code is on the glass, press below",
        "phone.looking": "Looking…",
        "phone.no_code": "No code seen. Press when one is on the glass",
        "phone.other_code": "Not a practice code. Nothing paid",
        "phone.over": "That order is over. Nothing paid",
        "phone.unreached": "No answer. Nothing paid",
        "phone.paid": "Sent ¥{yuan}. Look at the glass",
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


class PanelId(msgspec.Struct, frozen=True):
    """A practice ID that can be laid on the reader; without a name it is one that is too worn to be read."""

    number: str
    name: str = ""


class Press(msgspec.Struct, frozen=True):
    """A place to press and the twins' acts it stands for : a word and its arguments, and
    another word where two things are taken at once.
    """

    rect: Rect
    act: str
    args: dict[str, Any] = {}
    also: str = ""


PHOTO = "photo"
"""The act that is the panel's own: the phone looks at the glass, then pays."""


class PersonView(msgspec.Struct, frozen=True):
    """The things before the person. `cup`: tokens given back by the acceptor, `change`: those that were paid out;
    `ticket`: one stands in the dispenser's slot, which is the same cup; `taken`: so many were. `on_pad`: UID of the tag
    on the metro's pad; `gate`: what the barrier does, in its twin's words.
    """

    connected: bool = False
    card_out: str = ""
    card_in: str = ""
    kept: tuple[str, ...] = ()
    ident: str = ""
    has_ident: bool = False
    note_out: str = ""
    cup: tuple[int, ...] = ()
    change: tuple[int, ...] = ()
    slip: tuple[tuple[str, bool, str], ...] = ()
    tray_full: bool = False
    tray_open: bool = False
    lit: frozenset[str] = frozenset()
    side_keys: bool = False
    ticket: bool = False
    has_pad: bool = False
    on_pad: str = ""
    taken: int = 0
    has_gate: bool = False
    gate: str = ""


def seen_state(state: Mapping[str, Any]) -> PersonView:
    """Return the twins' state as a person sees it; devices that the unit lacks show nothing."""
    reader, ident, notes, coins, hopper, tray, lamps = (
        state.get(name) or {}
        for name in (
            "card_reader",
            "id_reader",
            "note_acceptor",
            "coin_acceptor",
            "coin_dispenser",
            "cash_dispenser",
            "lights",
        )
    )
    pad, barrier, tickets = (state.get(name) or {} for name in ("tap_reader", "gate", "ticket_dispenser"))
    place, card = reader.get("position", "none"), str(reader.get("card") or "")
    at_front = place in ("front", "front_held")
    mouth = notes.get("mouth")
    return PersonView(
        connected=bool(state),
        card_out=card if at_front else "",
        card_in=card if not at_front else "",
        kept=tuple(reader.get("captured") or ()),
        ident=str(ident.get("number") or (STRANGER if ident.get("uid") else "")),
        has_ident="id_reader" in state,
        note_out="" if mouth is None else str(mouth),
        cup=tuple(coins.get("cup") or ()),
        change=tuple(hopper.get("cup") or ()),
        slip=_paper(state.get("receipt_printer") or {}),
        tray_full=bool(tray.get("full")),
        tray_open=bool(tray) and not tray.get("locked", True),
        lit=frozenset(name for name, on in (lamps.get("lit") or {}).items() if on),
        side_keys="side_keys" in state,
        ticket=tickets.get("place") == "gate",
        has_pad="tap_reader" in state,
        on_pad=str(pad.get("uid") or ""),
        taken=int((tickets.get("counters") or {}).get("taken", 0)),
        has_gate="gate" in state,
        gate=str(barrier.get("mode", "")),
    )


def _paper(printer: Mapping[str, Any]) -> tuple[tuple[str, bool, str], ...]:
    """Return the lines that hang out, as (text, bold, align)."""
    slips: Sequence[Any] = printer.get("slips") or []
    hanging = slips[-1] if slips else printer.get("uncut") or []
    return tuple(
        (str(line.get("text", "")), bool(line.get("bold")), str(line.get("align", "left"))) for line in hanging
    )


def plate(painter: Painter, rect: Rect, title: str, lit: bool | None = None) -> None:
    """Draw a part's ground with its title, and its lamp where it has one."""
    painter.box(rect, 14, PLATE, EDGE, 2)
    wide = rect.w - (28 if lit is None else 54)
    painter.text(title, Rect(rect.x + 14, rect.y + 8, wide, 28), 20, SOFT, use="print", align="left", least=13)
    if lit is not None:
        if lit:
            painter.disc(rect.right - 22, rect.y + 22, 14, LAMP_ON + "50")
        painter.disc(rect.right - 22, rect.y + 22, 9, LAMP_ON if lit else LAMP_OFF)


def cap(painter: Painter, rect: Rect, text: str, ground: str = "#C9D1D9", ink: str = "#16222B", size: int = 26) -> None:
    """Draw a key of metal."""
    painter.box(Rect(rect.x, rect.y + 3, rect.w, rect.h), 10, SLIT)
    painter.box(rect, 10, ground)
    painter.text(text, rect.grown(-3), size, ink, use="print", bold=True, least=11)


def take(painter: Painter, rect: Rect, texts: Mapping[str, str], size: int = 22) -> None:
    """Draw the key under something that can be taken."""
    cap(painter, rect, texts["take"], TAKE, TAKE_INK, size)
