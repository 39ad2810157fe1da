"""Handle what happens to an order: its clocks, the parcel, confirming, a review, sending back, and who decides in a
dispute.

Days pass at a key, so that they can be practised. Confirming gives the money to the seller: whoever does it before the
parcel is there is asked once more. Without a reason a good goes back within the days of the law, unless it was made to
order, spoils, or does not bear the mark; what is broken may go back all the same.
"""

from __future__ import annotations

from typing import cast

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, BarcodeRead, Tapped, Typed
from kiosk_firmware.core.hosts.shop import Act, Order, OrdersAsked
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.rules_buy import pay
from kiosk_firmware.machines.shop.rules_locker import open_locker
from kiosk_firmware.machines.shop.state import PARCEL, State, Step, Terms, ask, enter_phase, front, move


def on_order(terms: Terms, state: State, phase: p.Ordering, event: AnyEvent) -> Step:
    """Take a key, typing, or a code on one of these pages."""
    if isinstance(phase, p.Pickup):
        return _pickup(terms, state, phase, event)
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Orders(orders=orders), key if key.startswith("order."):
            return enter_phase(state, p.OrderShown(next(one for one in orders if str(one.id) == event.value)))
        case p.Orders(), "nav.back":
            return front(state)
        case p.OrderShown(), "nav.back":
            return ask(state, OrdersAsked())
        case p.OrderShown(order=order), key if key in keys_of(order):
            return _moved(terms, state, order, key)
        case p.Early(order=order), "move.confirm":
            return move(state, order, "confirm")
        case p.Stars(order=order), key if key.startswith("star."):
            return move(state, order, "review", event.value)
        case p.Why(order=order), key if key.startswith("why."):
            return _return(terms, state, order, event.value)
        case p.Proof(order=order), "proof.chat":
            return move(state, order, "dispute")
        case p.Proof(), "proof.private":
            return enter_phase(state, p.Notice("private", phase))
        case ((p.Early(order=order) | p.Stars(order=order) | p.Why(order=order) | p.Proof(order=order)), "nav.back"):
            return enter_phase(state, p.OrderShown(order))
        case _:
            return state, NO_EFFECTS


KEYS: dict[str, tuple[str, ...]] = {
    "unpaid": ("move.pay", "move.later", "move.cancel"),
    "paid": ("move.later", "move.cancel"),
    "sent": ("move.later", "move.confirm"),
    "ready": ("move.fetch", "move.confirm"),
    "taken": ("move.confirm", "move.return", "move.later"),
    "done": ("move.review", "move.return"),
    "asked": ("move.sendback",),
    "back": ("move.later",),
    "refused": ("move.dispute",),
    "platform": ("move.later",),
    "closed": (),
    "refunded": (),
}
"""What can be done with an order, by how it stands; the first is what one mostly wants."""


def keys_of(order: Order) -> tuple[str, ...]:
    """Return what can be done with this one. What was confirmed and never came is for the platform; a review is written
    once.
    """
    if order.state == "done" and not order.fetched:
        return ("move.dispute",)
    return tuple(name for name in KEYS[order.state] if not (name == "move.review" and order.stars))


def _moved(terms: Terms, state: State, order: Order, name: str) -> Step:
    match name:
        case "move.pay":
            return pay(terms, state, order)
        case "move.fetch":
            return enter_phase(state, p.Pickup(order))
        case "move.review":
            return enter_phase(state, p.Stars(order))
        case "move.return":
            return enter_phase(state, p.Why(order))
        case "move.dispute":
            return enter_phase(state, p.Proof(order))
        case "move.confirm" if not order.fetched:
            return enter_phase(state, p.Early(order))
        case _:
            return move(state, order, cast(Act, name.removeprefix("move.")))


def _pickup(terms: Terms, state: State, phase: p.Pickup, event: AnyEvent) -> Step:
    order = phase.order
    match event:
        case Typed(text=text):
            return enter_phase(state, msgspec.structs.replace(phase, typed=text))
        case BarcodeRead(text=text) if text == PARCEL + order.code:
            return open_locker(terms, state, order)
        case Tapped(key="pickup.ok") if phase.typed == order.code:
            return open_locker(terms, state, order)
        case Tapped(key="pickup.show") if terms.profile.pickup == "station":
            return move(state, order, "fetch")
        case Tapped(key="pickup.ok"):
            return enter_phase(state, p.Pickup(order, "", min(phase.wrong + 1, 1)))
        case Tapped(key="nav.back"):
            return enter_phase(state, p.OrderShown(order))
        case _:
            return state, NO_EFFECTS


def _return(terms: Terms, state: State, order: Order, why: str) -> Step:
    """Send the order back, or say on the page why it may not go."""
    found = return_barred(terms, order, why)
    return enter_phase(state, p.Notice(found, p.OrderShown(order))) if found else move(state, order, "return", why)


def return_barred(terms: Terms, order: Order, why: str) -> str:
    """Return why it may not go back: "late", "made", "fresh", "unmarked"; "" where it may. `why`: "mind" or
    "broken".
    """
    good = terms.good(order.good)
    if order.days > terms.rules.return_days:
        return "late"
    if why == "broken":
        return ""
    return good.kind if good.kind != "plain" else "" if good.week else "unmarked"
