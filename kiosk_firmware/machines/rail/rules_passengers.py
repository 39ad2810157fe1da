"""Ask who travels: ID cards on the reader, the railway's hold, and all of it once more before money is asked for.

An ID card is the ticket. It is only laid on the reader and taken up again; the machine keeps its number while the
order lasts. One that lies there already is read when it is asked for.
"""

from __future__ import annotations

import re
from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, MediaInserted, MediaInvalid, Tapped, TimerExpired
from kiosk_firmware.core.hosts.rail import HoldAsked, IssueAsked, ReleaseAsked, TrainsAsked
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.fares import refund_fee
from kiosk_firmware.machines.rail.state import State, Step, Terms, ask, enter_phase, leave, minutes_left, with_order

PASSPORT = re.compile(r"[EPGD][A-Z]?\d{7,8}")
"""A passport's number. ID cards and residence permits are read by the machine, passports at the window."""


def people(terms: Terms, state: State) -> Step:
    """Ask for the ID cards; one that lies on the reader is read."""
    return _read(terms, enter_phase(state, p.People())[0]) if state.books.ident else enter_phase(state, p.People())


def problem_with(state: State) -> str:
    """Return what is wrong with the ID card on the reader, as a text's last word; empty if nothing is."""
    ident = state.books.ident
    if ident is None or not ident.number:
        return "unreadable"
    if PASSPORT.fullmatch(ident.number):
        return "passport"
    return "expired" if ident.expires < state.yymm else ""


def _read(terms: Terms, state: State) -> Step:
    ident = state.books.ident
    problem = problem_with(state)
    if problem or ident is None:
        return enter_phase(state, p.People(problem or "unreadable"))
    if ident.number in state.order.people:
        return enter_phase(state, p.People("twice"))
    if len(state.order.people) >= terms.rules.people_most:
        return enter_phase(state, p.People("full"))
    return enter_phase(with_order(state, people=(*state.order.people, ident.number)), p.People())


def on_order(terms: Terms, state: State, phase: p.Order, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.People():
            return _people(terms, state, event)
        case p.Holding():
            return _held(state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.Limited():
            return _limited(terms, state, event)
        case p.Confirm():
            return _confirm(terms, state, event)
        case _:
            assert_never(phase)


def _people(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case MediaInserted(at="id_reader") | MediaInvalid(at="id_reader"):
            return _read(terms, state)
        case Tapped(key="people.ok") if state.order.people:
            if state.order.train:
                return hold(state)
            return enter_phase(state, p.Days() if terms.profile.day_first else p.Places("target"))
        case Tapped(key="people.again") if state.order.people:
            return enter_phase(with_order(state, people=()), p.People())
        case Tapped(key="people.forgot"):
            return enter_phase(state, p.Forgot(p.People()))
        case Tapped(key="people.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def hold(state: State) -> Step:
    """Ask the railway to hold the seats."""
    o = state.order
    swap = o.swap.id if o.swap else 0
    return ask(state, p.Holding(), HoldAsked(0, o.origin, o.target, o.day, o.train, o.kind, o.people, swap))


def _held(state: State, event: HostAnswered) -> Step:
    if event.completion != "success":
        return enter_phase(state, p.Notice("host_offline"))
    match event.verdict, event.ask:
        case "ok", HoldAsked(order=number, seats=seats, fen=fen):
            return enter_phase(with_order(state, number=number, seats=seats, fen=fen), p.Confirm())
        case "limited", _:
            return enter_phase(state, p.Limited())
        case "person", _:
            return enter_phase(with_order(state, people=()), p.Notice("person", p.People()))
        case verdict, _:
            return enter_phase(_unplanned(state), p.Notice(verdict, p.TrainsAsking()))


def _unplanned(state: State) -> State:
    """Return the state without train and class: another one is to be chosen."""
    return with_order(state, train="", kind="", leaves=0, arrives=0)


def ask_trains_again(state: State) -> Step:
    """Go back to the list of trains, asked anew: somebody may have been quicker."""
    o = state.order
    return ask(_unplanned(state), p.TrainsAsking(), TrainsAsked(0, o.origin, o.target, o.day))


def _limited(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="limited.other"):
            return ask_trains_again(state)
        case Tapped(key="limited.back") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


def _confirm(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="confirm.ok"):
            return _confirmed(terms, state)
        case Tapped(key="confirm.discount") if not state.order.swap:
            return enter_phase(state, p.Notice("discount", p.Confirm()))
        case Tapped(key="confirm.back"):
            return ask(state, p.Releasing(""), release(state))
        case TimerExpired():
            return ask(state, p.Releasing("timed_out"), release(state))
        case _:
            return state, NO_EFFECTS


def release(state: State) -> ReleaseAsked:
    """Return what lets the order go."""
    return ReleaseAsked(0, state.order.number)


def _confirmed(terms: Terms, state: State) -> Step:
    """Go on to paying for a dearer train; for a cheaper one money comes back to what paid, less the fee; cash only at
    the window.
    """
    order = state.order
    if order.due_fen > 0:
        return enter_phase(state, p.PayKind())
    assert order.swap is not None, "an order without a changed ticket costs something"
    if order.due_fen < 0 and not order.swap.paid_by:
        return ask(state, p.Releasing("cash_window"), release(state))
    return issue(state, order.swap.paid_by, back_fen(terms, state))


def back_fen(terms: Terms, state: State) -> int:
    """Return what comes back for a change to a cheaper train: the difference, less the fee on it."""
    order = state.order
    if order.swap is None or order.due_fen >= 0:
        return 0
    swap, over = order.swap, -order.due_fen
    return over - refund_fee(terms.rules, over, minutes_left(state, swap), swap.day, False, swap.floor_bp)


def issue(state: State, paid_by: str, back: int = 0, tries: int = 1) -> Step:
    """Ask for the tickets: it is paid. Asked again, an order that was issued is answered alike."""
    o = state.order
    question = IssueAsked(o.number, o.number, paid_by, max(0, o.due_fen), back, o.seats)
    return ask(state, p.Issuing(paid_by, back, tries), question)
