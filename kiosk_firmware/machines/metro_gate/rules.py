"""The gate's rules: one event in, the next state and the effects out.

Books absorb every device fact first, what the gate saw is noted, then the phase runs. Two promises shape it: the
barrier opens only for a write that is proven (the reader said so, or the card says so when it is held there again),
and whoever was not let through has their card back before anything else is said.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, EjectMedia, OpenGate, RetainMedia, WriteMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DeviceBack,
    GateAlarmed,
    GateCleared,
    GatePassed,
    MediaPresented,
    MediaRetained,
    MediaWritten,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.cabinet_ledger import UNREAD, absorb
from kiosk_firmware.kits.metro.station_choice import StationChoice, after_event, ride_min
from kiosk_firmware.machines.metro_gate import phases as p
from kiosk_firmware.machines.metro_gate.state import State, Step, Terms, enter_phase, give_card_back, home
from kiosk_firmware.machines.metro_gate.ticket_judgement import judge_tap, no

CAPTURE = "capture"
"""The effect that keeps a used token; a card that was left is kept by another."""


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects; the same state object means that the event changed nothing."""
    before = state
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    if isinstance(event, MediaPresented | MediaRetained | MediaWritten):
        state = msgspec.structs.replace(state, moving=False)
    state = _noted(state, event)
    after, effects = _phase(terms, state, event)
    if isinstance(after.phase, p.Standing) and after.books.place != "none" and not effects:
        after, effects = _tapped(terms, after)
    return (before, effects) if after == before else (after, effects)


def _noted(state: State, event: AnyEvent) -> State:
    """Return what the gate sees besides: shown on whatever page stands."""
    match event:
        case GateAlarmed(alarm="fire"):
            return msgspec.structs.replace(state, fire=True)
        case GateCleared(alarm="fire"):
            return msgspec.structs.replace(state, fire=False)
        case GateAlarmed(alarm=what):
            return msgspec.structs.replace(state, seen=what)
        case GateCleared():
            return msgspec.structs.replace(state, seen="")
        case _:
            return state


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case p.Met():
            return fraud_scenes.during(state, event) or enter_phase(state, p.Standing())
        case p.Standing():
            return _standing(terms, state, event)
        case p.Writing():
            return _written(terms, state, phase, event)
        case p.Passing():
            return _passed(terms, state, phase, event)
        case p.Told() | p.Done() | p.Alarmed():
            return _read(terms, state, phase, event)
        case p.Riding():
            return _riding(terms, state, phase, event)
        case p.Back():
            return _back(terms, state, phase, event)
        case _:
            assert_never(phase)


def _standing(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="home.language"):
            return enter_phase(state, p.Standing(), language="en" if state.language == "zh" else "zh")
        case Tapped(key="side.exit"):
            return enter_phase(state, p.Standing(), side="exit", unproven=None)
        case Tapped(key="side.child"):
            return enter_phase(state, no(terms, "child", child_m=f"{terms.rules.child_cm / 100:g}"))
        case Tapped(key="side.entry"):
            return home(terms, state)
        case TimerExpired():
            return home(terms, state)
        case GateAlarmed(alarm=what) if what != "fire":
            return enter_phase(state, p.Alarmed(what))
        case _:
            return state, NO_EFFECTS


def _tapped(terms: Terms, state: State) -> Step:
    """Judge a ticket that is held to the reader. One that says what an unproven write was to say has been written."""
    media = state.books.card
    if state.fire or state.books.place != "inside":
        return give_card_back(state, p.Standing())
    if media is None or media == UNREAD:
        return give_card_back(state, no(terms, "unread"))
    known = state.unproven
    if known is not None and (known.number, known.fen, known.trip) == (media.number, media.fen, media.trip):
        return _opened(state, known)
    ride = judge_tap(terms, state, media)
    if isinstance(ride, p.Told):
        return give_card_back(state, ride)
    if ride.token and state.side == "exit":
        return enter_phase(state, p.Writing(ride), RetainMedia("card_reader", CAPTURE), moving=True)
    write = WriteMedia("card_reader", "write", ride.number, ride.fen, ride.trip)
    return enter_phase(state, p.Writing(ride), write, moving=True)


def _written(terms: Terms, state: State, phase: p.Writing, event: AnyEvent) -> Step:
    match event:
        case MediaWritten(completion="success") | MediaRetained(completion="success"):
            return _opened(state, phase.ride)
        case MediaWritten(completion="unknown"):
            return give_card_back(msgspec.structs.replace(state, unproven=phase.ride), no(terms, "again"))
        case MediaWritten() | MediaRetained():
            return give_card_back(state, no(terms, "not_written"))
        case _:
            return state, NO_EFFECTS


def _opened(state: State, ride: p.Ride) -> Step:
    """Open the barrier for one and give the card back: the write is proven."""
    effects: list[OpenGate | EjectMedia] = [OpenGate("gate", "gate", state.side)]
    here = state.books.place == "inside"
    if here:
        effects.append(EjectMedia("card_reader", "eject"))
    return enter_phase(state, p.Passing(ride), *effects, moving=here, unproven=None, seen="")


def _passed(terms: Terms, state: State, phase: p.Passing, event: AnyEvent) -> Step:
    if isinstance(event, TimerExpired):
        return enter_phase(state, p.Passing(phase.ride, closing=True), Cancel("gate", "gate"))
    if not isinstance(event, GatePassed):
        return state, NO_EFFECTS
    state = msgspec.structs.replace(state, seen="")
    if event.completion != "success":
        return give_card_back(state, no(terms, "not_passed"))
    if state.side == "entry" and terms.profile.lanes == "both":
        return give_card_back(state, p.Riding())
    return give_card_back(state, p.Done(phase.ride))


def _read(terms: Terms, state: State, phase: p.Told | p.Done | p.Alarmed, event: AnyEvent) -> Step:
    """Leave a page by its key or its time-out."""
    if not (isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "told.ok")):
        return state, NO_EFFECTS
    return home(terms, state) if isinstance(phase, p.Done) else enter_phase(state, p.Standing(), seen="")


def _riding(terms: Terms, state: State, phase: p.Riding, event: AnyEvent) -> Step:
    if isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "ride.stay"):
        return home(terms, state)
    found = after_event(phase.choosing, event)
    match found:
        case None:
            return state, NO_EFFECTS
        case StationChoice():
            return enter_phase(state, p.Riding(found))
        case _:
            minute = state.minute + ride_min(terms.network, state.station, found)
            return enter_phase(state, p.Standing(), station=found, side="exit", minute=minute)


def _back(terms: Terms, state: State, phase: p.Back, event: AnyEvent) -> Step:
    """Give the card back until it is taken, or is kept where nobody takes it. One that does not move is tried again."""
    match event:
        case MediaRetained(completion="success"):
            return enter_phase(state, no(terms, "card_kept"))
        case MediaPresented(completion="success") | MediaRetained(completion="userError"):
            return give_card_back(state, phase.then)
        case MediaPresented() | MediaRetained():
            return enter_phase(state, p.Back(phase.then, stuck=True))
        case TimerExpired() if state.books.place == "exit" and not phase.stuck:
            return enter_phase(state, phase, RetainMedia("card_reader", "retain"), moving=True)
        case TimerExpired() | DeviceBack(at="card_reader") | CabinetFound():
            return give_card_back(state, phase.then)
        case _ if state.books.place == "none" and not state.moving:
            return enter_phase(state, phase.then)
        case _:
            return state, NO_EFFECTS
