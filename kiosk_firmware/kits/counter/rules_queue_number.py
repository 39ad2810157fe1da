"""The hall: draw a number for the right business, wait, hear the call in time, say at the window what one wants.

A number that was called three times counts no more; who drew the wrong group is told so at the window and draws again.
Source: the queue of a bank's hall (shared reference, section b5).
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Document, PrintDocument
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, Tapped, TimerExpired
from kiosk_firmware.core.pages import text
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.back_office import find_application
from kiosk_firmware.kits.counter.rules_window import enter, ident_problem, tried_ident
from kiosk_firmware.kits.counter.state import State, Step, Terms, enter_phase, finish, queue_number, queue_of

Hall = p.Home | p.Numbering | p.Waiting | p.Called | p.Void | p.Window


def on_hall(terms: Terms, state: State, phase: Hall, event: AnyEvent) -> Step:
    """Take one event in the hall, or where the window asks what one wants."""
    match phase:
        case p.Home():
            return _home(terms, state, event)
        case p.Numbering():
            if not isinstance(event, DocumentPrinted):
                return state, NO_EFFECTS
            return enter_phase(state, p.Waiting(event.completion == "success"))
        case p.Waiting():
            return _waiting(state, phase, event)
        case p.Called():
            return _called(terms, state, phase, event)
        case p.Void():
            return _void(terms, state, event)
        case p.Window():
            return _window(terms, state, event)


def _home(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="home.language"):
            return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
        case Tapped(key=key, value=queue) if key.startswith("queue."):
            return _draw(terms, enter_phase(state, state.phase, queue=queue)[0])
        case _:
            return state, NO_EFFECTS


def _draw(terms: Terms, state: State) -> Step:
    """Print the number; it counts, too, where the printer has no paper: it stands on the screen."""
    queue = queue_of(terms, state)
    rows = (
        (text("row.number"), text("plain", what=queue_number(terms, state))),
        (text("row.business"), text(f"queue.{queue.id}")),
        (text("row.ahead"), text("people", count=queue.ahead)),
    )
    document = Document("number", text("number.slip"), rows, (text("number.foot"), text("slip.practice")))
    return enter_phase(state, p.Numbering(), PrintDocument("receipt_printer", "number", document))


def _waiting(state: State, phase: p.Waiting, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="wait.look") | TimerExpired():
            return enter_phase(state, p.Called() if phase.soon else p.Waiting(phase.printed, soon=True))
        case Tapped(key="desk.leave"):
            return finish(state, "canceled")
        case _:
            return state, NO_EFFECTS


def _called(terms: Terms, state: State, phase: p.Called, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="call.go"):
            return enter_phase(state, p.Window())
        case TimerExpired():
            again = phase.times < terms.rules.calls_most
            return enter_phase(state, p.Called(phase.times + 1) if again else p.Void())
        case _:
            return state, NO_EFFECTS


def _void(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="void.again"):
            return _draw(terms, state)
        case Tapped(key="desk.leave") | TimerExpired():
            return finish(state, "missed")
        case _:
            return state, NO_EFFECTS


def _window(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Take one event at the window; with a hall that reads the ID card first, the card is on the reader before anything
    else is said.
    """
    if terms.profile.ident_first and ident_problem(state):
        return tried_ident(state, p.Window, event)
    match event:
        case Tapped(key=key, value=errand) if key.startswith("menu."):
            return _begin(terms, state, errand)
        case Tapped(key="window.other"):
            return enter_phase(state, p.Window("wrong_queue"))
        case Tapped(key="desk.leave") | TimerExpired():
            return finish(state, "canceled")
        case _:
            return state, NO_EFFECTS


def _begin(terms: Terms, state: State, errand: str) -> Step:
    """Begin an errand at its first step; one that was filed before goes on with its result, or is done already."""
    found = find_application(state.filings, errand)
    state = enter_phase(state, state.phase, errand=errand, at=0)[0]
    if found is None:
        return enter(terms, state)
    if found.fetched:
        return enter_phase(state, p.Refused("already"))
    at = terms.errands.after_filing(errand)
    known = {"number": found.number, "ready": found.ready, "answers": found.answers}
    return enter(terms, msgspec.structs.replace(state, at=at, **known))
