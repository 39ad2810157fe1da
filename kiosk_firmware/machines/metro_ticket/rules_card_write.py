"""Writing a card's balance, so that it is neither lost nor written twice, whenever the card goes away.

A balance is written as what it shall be, not as what is added. Where the answer says that nobody knows how far it came,
the card is given back and asked for again: what it then carries tells. Who does not come back with it gets a slip for
the service desk, and the machine keeps what is in doubt.
"""

from __future__ import annotations

from typing import Literal, assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, EjectMedia, WriteMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    Device,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaWritten,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.kits.cabinet_ledger import with_fields
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.rules_shared import issue, leave, pay_out
from kiosk_firmware.machines.metro_ticket.state import State, Step, Terms, enter_phase

AT: Device = "card_reader"


def balance(state: State) -> int:
    """Return what the card in the reader carries, fen; 0 where there is none."""
    card = state.books.card
    return (card.fen or 0) if card else 0


def begin(state: State, errand: Literal["pay", "load", "back"], by_fen: int, slip: str = "") -> Step:
    """Change the balance of the card in the reader."""
    card = state.books.card
    assert card is not None, "only a card that was read is written"
    before = card.fen or 0
    return _write(state, p.Write(errand, card.number, before, before + by_fen, card.trip, slip))


def _write(state: State, write: p.Write) -> Step:
    return enter_phase(state, p.Writing(write), WriteMedia(AT, "write", write.number, write.after, write.trip))


def on_write(terms: Terms, state: State, phase: p.Torn, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Writing(write=write):
            return _written(terms, state, write, event) if isinstance(event, MediaWritten) else (state, NO_EFFECTS)
        case p.TornEjecting():
            return _ejected(terms, state, phase, event) if isinstance(event, MediaPresented) else (state, NO_EFFECTS)
        case p.TornTaking(write=write, problem=problem):
            if state.books.place != "exit":
                return enter_phase(state, p.TornAsked(write, problem))
            return _given_up(terms, state, write) if isinstance(event, TimerExpired) else (state, NO_EFFECTS)
        case p.TornAsked():
            return _again(terms, state, phase, event)
        case _:
            assert_never(phase)


def _written(terms: Terms, state: State, write: p.Write, event: MediaWritten) -> Step:
    match event.completion:
        case "success":
            return _done(terms, state, write)
        case "unknown":
            return _eject(state, write)
        case _ if write.errand == "back":
            return pay_out(terms, state, money.total(state.books.tally), "", "owed")
        case _:
            return leave(terms, state, "not_written")


def _eject(state: State, write: p.Write, problem: str = "") -> Step:
    return enter_phase(state, p.TornEjecting(write, problem), EjectMedia(AT, "eject"))


def _ejected(terms: Terms, state: State, phase: p.TornEjecting, event: MediaPresented) -> Step:
    match event.completion:
        case "success" | "userError" if state.books.place == "exit":
            return enter_phase(state, p.TornTaking(phase.write, phase.problem))
        case "success" | "userError":
            return enter_phase(state, p.TornAsked(phase.write, phase.problem))
        case "unknown":
            return _eject(state, phase.write, phase.problem)
        case _:
            return _given_up(terms, state, phase.write)


def _again(terms: Terms, state: State, phase: p.TornAsked, event: AnyEvent) -> Step:
    write = phase.write
    match event:
        case MediaInserted(at="card_reader", media=media) if media.number != write.number:
            return _eject(state, write, "other")
        case MediaInserted(at="card_reader", media=media) if media.fen == write.after:
            return _done(terms, state, write)
        case MediaInserted(at="card_reader", media=media) if media.fen == write.before:
            return _write(state, write)
        case MediaInserted(at="card_reader"):  # it was used elsewhere meanwhile
            return _given_up(terms, state, write)
        case MediaInvalid(at="card_reader"):
            return _eject(state, write, "unreadable")
        case Tapped(key="torn.back") | TimerExpired():
            return _given_up(terms, state, write)
        case _:
            return state, NO_EFFECTS


def _done(terms: Terms, state: State, write: p.Write) -> Step:
    match write.errand:
        case "load":
            loaded = with_fields(state.books, tally=money.NONE)
            return enter_phase(state, p.Loaded(write.after - write.before), books=loaded)
        case "pay":
            return issue(terms, state)
        case "back":
            came = "some_came" if state.order.given else "none_came"
            return pay_out(terms, state, money.total(state.books.tally), came, write.slip)
        case _:
            assert_never(write.errand)


def _given_up(terms: Terms, state: State, write: p.Write) -> Step:
    """Give up where nobody knows what the card carries: what it was about stays here, and a slip says so."""
    if write.errand == "load":
        state = enter_phase(state, state.phase, books=with_fields(state.books, tally=money.NONE))[0]
    return pay_out(terms, state, money.total(state.books.tally), "", "doubt")
