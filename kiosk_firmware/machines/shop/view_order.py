"""Pages of orders: all of them, one with what can be done now, the locker or station, stars, reasons, who decides."""

from __future__ import annotations

from typing import Literal

from kiosk_firmware.core.hosts.shop import Order
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.kits.common_pages import amount_row, key, message
from kiosk_firmware.kits.phone import shell_pages
from kiosk_firmware.kits.phone.world import CODE
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.rules_order import keys_of
from kiosk_firmware.machines.shop.state import PARCEL, State, Terms
from kiosk_firmware.machines.shop.view_buy import timer

LISTED = 4
STARS = ("5", "3", "1")
WHYS = ("mind", "broken")


def order_page(terms: Terms, state: State, phase: p.Ordering) -> Page:
    """Return the page of one of these phases."""
    back, time_out = shell_pages.nav(state.shell), timer(terms)
    match phase:
        case p.Orders(orders=orders):
            return _orders(terms, state, orders)
        case p.OrderShown(order=order):
            return _order(terms, state, order)
        case p.Early(order=order):
            keys = (key("move.confirm", "danger", str(order.id)), *back)
            return message("early", "early.title", (text("early.how"),), keys, time_out, icon="warn")
        case p.Pickup():
            return _pickup(terms, state, phase)
        case p.Stars():
            keys = (*(Key(f"star.{one}", "choice", text(f"star.{one}"), one) for one in STARS), *back)
            body = Body((text("stars_page.how"),))
            return Page("Menu", "stars", text("stars_page.title"), None, body, keys, time_out)
        case p.Why():
            keys = (*(Key(f"why.{one}", "choice", text(f"why.{one}"), one) for one in WHYS), *back)
            lines = (text("why_page.how", days=terms.rules.return_days), text("why_page.freight"))
            return Page("Menu", "why", text("why_page.title"), None, Body(lines), keys, time_out)
        case p.Proof():
            keys = (key("proof.chat", "choice"), key("proof.private", "choice"), *back)
            return message("proof", "proof.title", (text("proof.how"),), keys, time_out, icon="help")


def _orders(terms: Terms, state: State, orders: tuple[Order, ...]) -> Page:
    keys = tuple(
        Key(
            f"order.{one.id}",
            "choice",
            text(f"good.{one.good}"),
            str(one.id),
            sub=text(f"state.{one.state}"),
            icon=f"good_{one.good}",
        )
        for one in orders[:LISTED]
    )
    body = Body((text("orders.how"),))
    return Page(
        "Menu", "orders", text("orders.title"), None, body, (*keys, *shell_pages.nav(state.shell)), timer(terms)
    )


def _order(terms: Terms, state: State, order: Order) -> Page:
    """Return how it stands, what was paid, and what can be done now."""
    rules = terms.rules
    rows: tuple[Row, ...] = (Row(text("row.good"), text(f"good.{order.good}")),)
    rows += (Row(text("row.state"), text(f"state.{order.state}"), MARKS.get(order.state, "")),)
    rows += (amount_row("to_pay" if order.state in ("unpaid", "closed") else "paid", order.fen),)
    rows += (amount_row("back", order.back_fen),) if order.state == "refunded" else ()
    figures = {"minutes": rules.close_min, "days": rules.confirm_days, "week": rules.return_days, "n": order.days}
    how = text(f"order.{_stand(terms, order)}", **figures)
    keys = tuple(_key(terms, order, name, at) for at, name in enumerate(keys_of(order)))
    waits = order.state == "ready"
    body = Body((how,), rows, icon=f"good_{order.good}")
    shown = (*keys, *shell_pages.nav(state.shell, messages=waits))
    return Page("Goods", f"order-{order.state}", text("order.title"), None, body, shown, timer(terms))


def _stand(terms: Terms, order: Order) -> str:
    """Return how it stands, as the page tells it."""
    match order.state:
        case "taken":
            return "kept" if order.days else "taken"
        case "done" if not order.fetched:
            return "empty"
        case "done":
            return "ended" if order.days > terms.rules.return_days else "done"
        case state:
            return state


MARKS: dict[str, Literal["ok", "warn", "bad", "next"]] = {
    "unpaid": "next",
    "ready": "next",
    "closed": "warn",
    "refused": "bad",
    "refunded": "ok",
}


def _key(terms: Terms, order: Order, name: str, at: int) -> Key:
    """Make a key of an order: the first is what one mostly wants; what gives money away or takes it back is named by
    how the order stands.
    """
    role: Role = "primary" if at == 0 and order.state not in ("sent", "paid", "done") else "choice"
    sign: Text = text(f"key.{name}")
    if name == "move.later":
        sign = text(f"later.{order.state}", minutes=terms.rules.close_min, days=terms.rules.pass_days)
    elif name == "move.cancel":
        sign = text(f"cancel.{order.state}")
    return Key(name, role, sign, str(order.id))


def _pickup(terms: Terms, state: State, phase: p.Pickup) -> Page:
    """Return the page of the pickup: the locker has a pad for the code; the station reads what the phone shows, or the
    code on the parcel.
    """
    order, at = phase.order, ("barcode_scanner",)
    back = shell_pages.nav(state.shell, messages=True)
    if terms.profile.pickup == "station":
        body = Body((text("pickup.station"), text("pickup.own")), code=PARCEL + order.code)
        keys = (key("pickup.show", "primary", str(order.id)), *back)
        return Page("Message", "pickup", text("pickup.title"), None, body, keys, timer(terms), at)
    lines = (text("pickup.wrong" if phase.wrong else "pickup.locker"), text("pickup.own"))
    body = Body(lines, field=phase.typed, field_key=CODE, length=terms.rules.code_digits, board="digits")
    keys = (key("pickup.ok", "primary", str(order.id)), *back)
    return Page("Form", "pickup", text("pickup.title"), None, body, keys, timer(terms), at)
