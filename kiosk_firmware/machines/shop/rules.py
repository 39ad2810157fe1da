"""The shop's rules, joined: one event in, the next state and the effects out.

The phone's shell hears the glass while it stands in front; answers of the service and of the wallet go where they were
asked for. A fraud is met where its errand stands: before one orders, while a parcel is on its way, when it has come.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    CabinetFound,
    DeviceBack,
    DeviceLost,
    HostAnswered,
    Returned,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.frauds import SCENES
from kiosk_firmware.machines.shop.rules_buy import after_wallet, called_off, on_buy
from kiosk_firmware.machines.shop.rules_locker import on_door
from kiosk_firmware.machines.shop.rules_order import on_order
from kiosk_firmware.machines.shop.rules_registration import on_join
from kiosk_firmware.machines.shop.rules_service_answers import after_answer
from kiosk_firmware.machines.shop.state import LOCKER, State, Step, Terms, enter_phase, first_page, front, home

Heard = Tapped | Typed | TimerExpired | BarcodeRead


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    if isinstance(event, HostAnswered):
        return _let_fraud_in(*after_answer(terms, state, event))
    if isinstance(event, Returned):
        return after_wallet(state, event)
    if isinstance(event, CabinetFound | DeviceLost | DeviceBack):
        return _fitted(state, event)
    if isinstance(state.phase, p.Opening | p.DoorOpen):
        return _let_fraud_in(*on_door(state, state.phase, event))
    if not isinstance(event, Heard):
        return state, NO_EFFECTS
    if state.shell.front or (isinstance(event, Tapped) and event.key == "nav.sms"):
        now = shell.after_event(state.shell, event)
        if now is state.shell:
            return state, NO_EFFECTS
        starts = now.where == "app" and isinstance(state.phase, p.Home)
        return enter_phase(state, first_page(state) if starts else state.phase, shell=now)
    return _let_fraud_in(*_phase(terms, state, event))


def _fitted(state: State, event: CabinetFound | DeviceLost | DeviceBack) -> Step:
    """Return whether a locker is there."""
    there = state.lockers
    if isinstance(event, CabinetFound):
        there = LOCKER not in event.lost
    elif event.at == LOCKER:
        there = isinstance(event, DeviceBack)
    return (state, NO_EFFECTS) if there == state.lockers else enter_phase(state, state.phase, lockers=there)


def _phase(terms: Terms, state: State, event: Heard) -> Step:
    phase = state.phase
    if isinstance(event, TimerExpired) and not isinstance(phase, p.Met | p.Waiting | p.Paying):
        return home(state)
    match phase:
        case p.Number() | p.Code() | p.Resend() | p.RealName() | p.Address():
            return on_join(terms, state, phase, event)
        case p.Orders() | p.OrderShown() | p.Early() | p.Pickup() | p.Stars() | p.Why() | p.Proof():
            return on_order(terms, state, phase, event)
        case p.Notice(back=back):
            if not isinstance(event, Tapped) or event.key not in ("notice.ok", "nav.back"):
                return state, NO_EFFECTS
            return front(state) if back is None else enter_phase(state, back)
        case p.Met():
            return fraud_scenes.on_event(state, event, home)
        case p.Paying():
            return called_off(state, phase, event)
        case p.Home() | p.Waiting() | p.Opening() | p.DoorOpen():
            return state, NO_EFFECTS
        case _:
            return on_buy(terms, state, phase, event)


# -- what is met beside the errand -------------------------------------------------------------------------------------


def _let_fraud_in(state: State, effects: Effects) -> Step:
    """Let the fraud that waits here step in first."""
    return fraud_scenes.stepped_in(state, SCENES, _moment(state.phase), p.Met), effects


def _moment(phase: p.Phase) -> str:
    match phase:
        case p.Checkout():
            return "checkout"
        case p.OrderShown(order=order):
            return order.state
        case _:
            return ""
