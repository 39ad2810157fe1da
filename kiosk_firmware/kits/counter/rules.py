"""A counter's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; a fraud may step in between. At a counter nobody pays into
slots: a note, token or bank card that went in unasked goes back.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core.effects import Effects
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.rules_applications import on_file
from kiosk_firmware.kits.counter.rules_queue_number import on_hall
from kiosk_firmware.kits.counter.rules_window import on_desk, onward
from kiosk_firmware.kits.counter.state import State, Step, Terms, after_leaving, finish, leave
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event, owed_slip, slip

MOMENTS = ((p.Waiting, "waiting"), (p.Window, "window"), (p.Slip, "slip"))
"""Where a fraud may be met."""


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books = absorb(state.books, event)
    if books is not state.books:
        state = msgspec.structs.replace(state, books=books)
    after, effects = _phase(terms, state, event)
    if isinstance(
        after.phase, Undone
    ):  # nothing was paid here: what did not come out is the teacher's to give, by a slip
        after, effects = after_leaving(after, *slip(after.books, after.phase.leave, owed_slip(after.phase)))
    if isinstance(after.phase, p.Home):
        after, effects = _at_home(after, effects)
    return stray_note(_let_fraud_in(terms, after), effects)


def _at_home(state: State, effects: Effects) -> Step:
    """Take up what is there though nobody asked for it."""
    books = state.books
    if books.place == "none" and not (books.tally or books.tray):
        return state, effects
    after, more = leave(state)
    return after, effects + more


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(state, *on_event(state.books, phase, event))
        case p.Home() | p.Numbering() | p.Waiting() | p.Called() | p.Void() | p.Window():
            return on_hall(terms, state, phase, event)
        case p.Desk() | p.PinSetting() | p.PinClosing() | p.Refused():
            return on_desk(terms, state, phase, event)
        case p.Filing() | p.Trouble() | p.SlipPrinting() | p.Slip() | p.Coming() | p.Passed() | p.Back():
            done, on = on_file(terms, state, phase, event)
            return onward(terms, done[0]) if on else done
        case p.Met():
            return fraud_scenes.on_event(state, event, lambda away: finish(away, "timed_out"))
        case _:
            assert_never(phase)


def _let_fraud_in(terms: Terms, state: State) -> State:
    """Return the state with the fraud stepped in where its moment is."""
    moment = next((name for kind, name in MOMENTS if isinstance(state.phase, kind)), "")
    return fraud_scenes.stepped_in(state, terms.scenes, moment, p.Met)
