"""The ticket machine's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; then two promises are kept wherever the machine stands: a
note that nobody decided about goes back, and at home nothing of anybody is inside.
"""

from __future__ import annotations

from functools import partial

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.home_phase import at_home
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail import rules_own_tickets, rules_route
from kiosk_firmware.machines.rail.rules_fraud import meet
from kiosk_firmware.machines.rail.rules_issue_tickets import settle
from kiosk_firmware.machines.rail.rules_own_tickets import on_mine
from kiosk_firmware.machines.rail.rules_passengers import ask_trains_again, on_order
from kiosk_firmware.machines.rail.rules_pay import by_phone, called_off, on_pay
from kiosk_firmware.machines.rail.rules_route import on_route
from kiosk_firmware.machines.rail.rules_travel_code import on_no_card
from kiosk_firmware.machines.rail.state import State, Step, Terms, after_leaving, enter_phase, leave

ERRANDS = {"menu.refund": "refund", "menu.change": "change", "menu.invoice": "invoice", "menu.lookup": "lookup"}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    after, effects = _phase(terms, state, event)
    if isinstance(after.phase, Undone):
        after, effects = settle(terms, after, after.phase)
    if isinstance(after.phase, p.Home):
        after, effects = at_home(after, after.books, effects, partial(leave, terms, wait_ident=False))
    return stray_note(after, effects)


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(terms, state, *on_event(state.books, phase, event))
        case p.Home():
            return _home(terms, state, event)
        case p.Met():
            return fraud_scenes.during(state, event) or _after(terms, state, phase, event)
        case p.Notice():
            return _notice(terms, state, phase, event)
        case p.Forgot() | p.CodeAsking() | p.CodeShown():
            return on_no_card(terms, state, phase, event)
        case p.Places() | p.Stations() | p.Days() | p.TrainsAsking() | p.Trains() | p.NoSeats():
            return on_route(terms, state, phase, event)
        case p.People() | p.Holding() | p.Limited() | p.Confirm():
            return on_order(terms, state, phase, event)
        case (
            p.IdAsked()
            | p.TicketsAsking()
            | p.TicketList()
            | p.ChangeAsked()
            | p.RefundTold()
            | p.RefundAsking()
            | p.InvoiceAsking()
            | p.InvoiceShown()
            | p.InvoicePrinting()
        ):
            return on_mine(terms, state, phase, event)
        case _:
            return on_pay(terms, state, phase, event)


def _home(terms: Terms, state: State, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    first, until = terms.rules.closed_min
    if event.key.startswith("menu.") and first <= state.minute < until:
        return enter_phase(state, p.Notice("night", p.Home()))
    if event.key == "menu.buy":
        return meet(state, "buy") or rules_route.start(terms, state)
    if event.key == "home.language":
        return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
    errand = ERRANDS.get(event.key)
    if errand == "refund" and (met := meet(state, "refund")):
        return met
    return rules_own_tickets.start(state, errand) if errand else (state, NO_EFFECTS)


def _after(terms: Terms, state: State, phase: p.Met, event: AnyEvent) -> Step:
    """End the scene that was met: the errand goes on, or nobody is there any more."""
    gone = isinstance(event, TimerExpired)
    if not gone:
        state = msgspec.structs.replace(state, scene="")
    if phase.meeting.scene.moment == "phone":
        return called_off(state, "timed_out") if gone else by_phone(state)
    if phase.meeting.scene.moment == "buy" and not gone:
        return rules_route.start(terms, state)
    return enter_phase(state, p.Home()) if gone else rules_own_tickets.start(state, "refund")


def _notice(terms: Terms, state: State, phase: p.Notice, event: AnyEvent) -> Step:
    read = (isinstance(event, Tapped) and event.key == "notice.ok") or isinstance(event, TimerExpired)
    if not read:
        return state, NO_EFFECTS
    match phase.back:
        case None:
            return leave(terms, state)
        case p.TrainsAsking():
            return ask_trains_again(state)
        case back:
            return msgspec.structs.replace(state, phase=back), NO_EFFECTS
