"""Handle what the shop's service answers, and what follows.

An answer that was lost is asked for once more where something was booked: the ask's number keeps it from being done
twice. Where nothing comes, the page says that the order's own page tells how it stands.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import HostAnswered
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import JoinAsked, MoveAsked, Order, OrdersAsked, PlaceAsked
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.rules_buy import pay
from kiosk_firmware.machines.shop.state import State, Step, Terms, ask, enter_phase

TRIES = 2


def after_answer(terms: Terms, state: State, event: HostAnswered) -> Step:
    """Return the state after an answer."""
    phase = state.phase
    if not isinstance(phase, p.Waiting):
        return state, NO_EFFECTS
    if event.completion != "success":
        if phase.ask.id and phase.tries < TRIES:
            return ask(state, phase.ask, phase.tries + 1, phase.back)
        return enter_phase(state, p.Notice("offline"))
    if event.verdict != "ok":
        return enter_phase(state, p.Notice("full" if event.verdict == "full" else "moved"))
    match event.ask:
        case CodeAsked(code=code):
            return enter_phase(state, p.Code(code), shell=shell.receive_message(state.shell, Sms("code", code)))
        case JoinAsked(number=number):
            return enter_phase(state, p.Front(), number=number, joining="")
        case PlaceAsked(order=order) if order is not None:
            return _placed(terms, state, event.ask, order)
        case OrdersAsked(show=show, orders=orders):
            return _known(state, show, orders)
        case MoveAsked(after=order) if order is not None:
            return _moved(state, order)
        case _:
            return enter_phase(state, p.Notice("offline"))


def _placed(terms: Terms, state: State, question: PlaceAsked, order: Order) -> Step:
    """Take a placed order out of the cart, and go on to the money."""
    cart = tuple(line for line in state.cart if line != (question.good, question.spec))
    coupon = "" if question.coupon else state.coupon
    return pay(terms, msgspec.structs.replace(state, cart=cart, coupon=coupon, turn=state.turn % 2 + 1), order)


def _known(state: State, show: int, orders: tuple[Order, ...]) -> Step:
    one = next((order for order in orders if order.id == show), None)
    if one is not None:
        return enter_phase(state, p.OrderShown(one))
    return enter_phase(state, p.Orders(orders) if orders else p.Notice("no_orders"))


def _moved(state: State, order: Order) -> Step:
    came = order.state == "ready"
    now = shell.receive_message(state.shell, Sms("parcel", order.code)) if came else state.shell
    return enter_phase(state, p.OrderShown(order), shell=now, turn=state.turn % 2 + 1)
