"""Looking for a good and ordering it: search, its page, what people say, size, cart, coupon, all of it once more.

Nothing is ordered that did not stand on the last page with its price. An order is not yet paid: the wallet is opened
for it, and what the wallet says counts; how the order stands is then asked of the service.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, OpenPart
from kiosk_firmware.core.events import AnyEvent, Returned, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.shop import Order, OrdersAsked, PlaceAsked
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.state import HOST, State, Step, Terms, ask, enter_phase, front, tiles

CART = 3
WALLET = "payment"
"""The part of the place that pays."""


def on_buy(terms: Terms, state: State, phase: p.Buying, event: AnyEvent) -> Step:
    """Take a key or typing on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Search):
        return enter_phase(state, msgspec.structs.replace(phase, typed=event.text))
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase:
        case p.Front():
            return _front(state, event.key)
        case p.Search() | p.Results():
            return _looked(terms, state, phase, event)
        case p.Product() | p.Reviews():
            return _product(terms, state, phase, event)
        case p.Spec():
            return _spec(state, phase, event)
        case p.Cart():
            return _cart(state, event)
        case p.Checkout():
            return _checkout(terms, state, phase, event.key)


def _front(state: State, name: str) -> Step:
    match name:
        case "menu.search":
            return enter_phase(state, p.Search())
        case "menu.cart":
            return enter_phase(state, p.Cart() if state.cart else p.Notice("cart_empty"))
        case "menu.orders":
            return ask(state, OrdersAsked())
        case "nav.back":
            return tiles(state)
        case _:
            return state, NO_EFFECTS


def _looked(terms: Terms, state: State, phase: p.Search | p.Results, event: Tapped) -> Step:
    match phase, event.key:
        case p.Search(typed=typed), "search.ok":
            found = terms.found(typed)
            return enter_phase(state, p.Results(found) if found else p.Search("", True))
        case p.Results(found=found), key if key.startswith("good."):
            return enter_phase(state, p.Product(event.value, found))
        case p.Results(), "nav.back":
            return enter_phase(state, p.Search())
        case _, "nav.back":
            return front(state)
        case _:
            return state, NO_EFFECTS


def _product(terms: Terms, state: State, phase: p.Product | p.Reviews, event: Tapped) -> Step:
    match phase, event.key:
        case p.Reviews(product=product), "nav.back":
            return enter_phase(state, product)
        case p.Product(), "product.reviews":
            return enter_phase(state, p.Reviews(phase))
        case p.Product(), "product.coupon" if state.coupon == "there":
            return enter_phase(state, phase, coupon="held")
        case p.Product(), "product.buy" if terms.profile.direct:
            return enter_phase(state, p.Spec(phase, True))
        case p.Product(), "product.cart":
            full = len(state.cart) >= CART
            return enter_phase(state, p.Notice("cart_full", phase) if full else p.Spec(phase, False))
        case p.Product(found=found), "nav.back":
            return enter_phase(state, p.Results(found))
        case _:
            return state, NO_EFFECTS


def _spec(state: State, phase: p.Spec, event: Tapped) -> Step:
    good = phase.product.good
    if event.key == "nav.back":
        return enter_phase(state, phase.product)
    if not event.key.startswith("spec."):
        return state, NO_EFFECTS
    if phase.now:
        return enter_phase(state, p.Checkout(good, event.value))
    line = (good, event.value)
    return enter_phase(state, p.Cart(), cart=(*(one for one in state.cart if one != line), line))


def _cart(state: State, event: Tapped) -> Step:
    if event.key == "nav.back":
        return front(state)
    found = next((line for at, line in enumerate(state.cart) if event.key == f"line.{at}"), None)
    return (state, NO_EFFECTS) if found is None else enter_phase(state, p.Checkout(*found))


def _checkout(terms: Terms, state: State, phase: p.Checkout, name: str) -> Step:
    line = (phase.good, phase.spec)
    coupon = phase.coupon or (state.coupon == "held" and terms.coupon_counts(phase.good))
    match name:
        case "checkout.yes":
            fen = terms.price(phase.good, coupon)
            question = PlaceAsked(state.turn, phase.good, phase.spec, coupon, fen)
            return ask(state, question, back=phase)
        case "checkout.coupon" if state.coupon == "there" and terms.coupon_counts(phase.good):
            return enter_phase(state, msgspec.structs.replace(phase, coupon=not phase.coupon))
        case "checkout.drop" if line in state.cart:
            return front(msgspec.structs.replace(state, cart=tuple(one for one in state.cart if one != line)))
        case "nav.back":
            return enter_phase(state, p.Cart()) if line in state.cart else front(state)
        case _:
            return state, NO_EFFECTS


# -- paying ------------------------------------------------------------------------------------------------------------


def pay(terms: Terms, state: State, order: Order) -> Step:
    """Open the wallet for an order that waits for its money."""
    request = LinkedMachineRequest("pay", order.fen, terms.profile.merchant, str(order.id))
    return enter_phase(state, p.Paying(order), OpenPart(HOST, "pay", WALLET, request))


def called_off(state: State, phase: p.Paying, event: AnyEvent) -> Step:
    """Call off a wallet that does not close by itself after a while."""
    if not isinstance(event, TimerExpired) or phase.closing:
        return state, NO_EFFECTS
    return enter_phase(state, p.Paying(phase.order, True), Cancel(HOST, "pay"))


def after_wallet(state: State, event: Returned) -> Step:
    """Go on after the wallet has closed. Whether it paid or not, how the order stands the service knows."""
    if not isinstance(state.phase, p.Paying):
        return state, NO_EFFECTS
    order = state.phase.order
    if event.result.verdict in ("unavailable", "failed"):
        return enter_phase(state, p.Notice("no_wallet", p.OrderShown(order)))
    return ask(state, OrdersAsked(0, order.id))
