"""The front panel's pad: a metro card, the practice phone, the last ticket that came out; and the barrier to walk
through.

A tag that lies on the pad is taken up by the next press. The metro card is a blank tag, by its UID the practised
person's own (`card_stored_value.own`): it is written when it is first held there. A ticket is another blank tag each
time that one came out of the dispenser.
"""

from __future__ import annotations

from collections.abc import Mapping

from screens.panel.money_and_paper import ticket
from screens.panel.panel_base import EDGE, INK, SLIT, SOFT, PersonView, Press, cap, plate
from screens.parts import icons
from screens.stage.painter import Painter, Rect

CARD_UID = "0400ca9597f7e9"
PHONE_UID = "04f0e1d2c3b4a5"
"""The tag that unit.toml of a desk says is the practice phone's."""
PAD = "tap_reader"
WAYS = {"single A": "entry", "single B": "exit"}
"""What the gate's twin says that it does → the way that one walks."""


def ticket_uid(taken: int) -> str:
    """Return the UID of the tag for the ticket that came out as the `taken`-th."""
    return f"0470{taken:010x}"


def metro(painter: Painter, rect: Rect, now: PersonView, texts: Mapping[str, str]) -> list[Press]:
    """Draw pad and barrier, as far as the unit has them."""
    plate(painter, rect, texts["metro"], bool({"card_reader", "tap_reader"} & set(now.lit)))
    things = [("card", CARD_UID), ("phone", PHONE_UID)] + [("ticket", ticket_uid(now.taken))] * bool(now.taken)
    presses, pitch = [], min(50.0, (rect.w - 12) / len(things))
    for at, (what, uid) in enumerate(things):
        place = Rect(rect.x + 8 + at * pitch, rect.y + 36, pitch - 4, 46)
        _tag(painter, place, what, uid == now.on_pad)
        if now.on_pad:
            presses.append(Press(place, "remove_tag", {"at": PAD}))
        else:
            presses.append(Press(place, "tap_tag", {"at": PAD, "uid": uid}))
    if now.has_gate:
        presses += _barrier(painter, Rect(rect.x + 8, rect.bottom - 42, rect.w - 16, 36), WAYS.get(now.gate, ""), texts)
    return presses


def _tag(painter: Painter, rect: Rect, what: str, lies: bool) -> None:
    """Draw a thing in the hand; one that lies on the pad has the pad under it."""
    painter.box(rect, 8, "#0B6B3A" if lies else SLIT, "#3CF08A" if lies else EDGE, 2)
    if what == "ticket":
        ticket(painter, *rect.centre, min(16.0, rect.w / 2 - 3))
        return
    if what == "phone":
        icons.draw(painter, "phone", rect.grown(-6), INK, 8)
        return
    card = Rect(rect.x + 4, rect.y + 9, rect.w - 8, 28)
    painter.box(card, 5, "#2F8FD0", "#8FC3E8", 1)
    side = min(22.0, card.w - 4)
    icons.draw(painter, "metro", Rect(card.centre[0] - side / 2, card.centre[1] - side / 2, side, side), INK, 8)


def _barrier(painter: Painter, rect: Rect, way: str, texts: Mapping[str, str]) -> list[Press]:
    if not way:
        painter.box(rect, 8, "#39444F", EDGE, 2)
        painter.text(texts["shut"], rect.grown(-3), 17, SOFT, use="print", least=11)
        return []
    cap(painter, rect, texts["walk"], "#2F8F5B", INK, 20)
    return [Press(rect, "walk", {"way": way})]
