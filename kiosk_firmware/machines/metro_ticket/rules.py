"""The metro ticket machine's rules, joined: one event in, the next state and the effects out.

Books absorb every device fact first; then the phase runs; then two promises are kept wherever the machine stands: a
note that nobody decided about goes back, and at home nothing of anybody is inside.
"""

from __future__ import annotations

from functools import partial

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.bank import undoable
from kiosk_firmware.kits.cabinet_ledger import absorb, stray_note
from kiosk_firmware.kits.home_phase import at_home
from kiosk_firmware.kits.return_items import LeavePhase, Undone, on_event, owed_slip, slip
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.frauds import SCENES
from kiosk_firmware.machines.metro_ticket.rules_card import ask_card, on_card
from kiosk_firmware.machines.metro_ticket.rules_card_write import on_write
from kiosk_firmware.machines.metro_ticket.rules_destination import begin, on_where
from kiosk_firmware.machines.metro_ticket.rules_issue import on_issue
from kiosk_firmware.machines.metro_ticket.rules_pay import on_pay
from kiosk_firmware.machines.metro_ticket.rules_shared import after_leaving, leave
from kiosk_firmware.machines.metro_ticket.state import Order, State, Step, Terms, enter_phase


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    books, asked = absorb(state.books, event), undoable(state.asked, event)
    if books is not state.books or asked != state.asked:
        state = msgspec.structs.replace(state, books=books, asked=asked)
    after, effects = _phase(terms, state, event)
    if isinstance(after.phase, Undone):
        after, effects = after_leaving(terms, after, *slip(after.books, after.phase.leave, owed_slip(after.phase)))
    if isinstance(after.phase, p.Home):
        after, effects = at_home(after, after.books, effects, partial(leave, terms))
    return stray_note(_let_fraud_in(after), effects)


def _phase(terms: Terms, state: State, event: AnyEvent) -> Step:
    phase = state.phase
    match phase:
        case LeavePhase():
            return after_leaving(terms, state, *on_event(state.books, phase, event))
        case p.Home():
            return _home(terms, state, event)
        case p.Notice(back=back):
            read = (isinstance(event, Tapped) and event.key == "notice.ok") or isinstance(event, TimerExpired)
            return enter_phase(state, back) if read else (state, NO_EFFECTS)
        case p.Met():
            return fraud_scenes.on_event(state, event, lambda away: leave(terms, away, "timed_out"))
        case p.Lines() | p.Stops() | p.Letters() | p.Named() | p.Count() | p.FirstLoad():
            return on_where(terms, state, phase, event)
        case p.Dispensing() | p.TicketTaking() | p.TicketKeeping():
            return on_issue(terms, state, phase, event)
        case p.CardAsked() | p.Loading() | p.LoadStoring() | p.Loaded() | p.BalanceShown():
            return on_card(terms, state, phase, event)
        case p.Writing() | p.TornEjecting() | p.TornTaking() | p.TornAsked():
            return on_write(terms, state, phase, event)
        case _:
            return on_pay(terms, state, phase, event)


def _home(terms: Terms, state: State, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match event.key:
        case "menu.ticket" | "menu.card" if "ticket_dispenser" in state.books.lost:
            return enter_phase(state, p.Notice("no_tickets", p.Home()))
        case "menu.ticket":
            return begin(terms, enter_phase(state, p.Home(), order=Order())[0])
        case "menu.card":
            return enter_phase(state, p.FirstLoad(), order=Order("card", count=1))
        case "menu.load":
            return ask_card(terms, state, "load")
        case "menu.balance":
            return ask_card(terms, state, "balance")
        case "home.language":
            return enter_phase(state, p.Home(), language="en" if state.language == "zh" else "zh")
        case _:
            return state, NO_EFFECTS


# -- what is met beside the errand -------------------------------------------------------------------------------------


def _let_fraud_in(state: State) -> State:
    """Let a fraud step in where a card is asked for to be loaded, or where the first question of a ticket stands."""
    return fraud_scenes.stepped_in(state, SCENES, _moment(state.phase), p.Met)


def _moment(phase: object) -> str:
    match phase:
        case p.CardAsked(errand="load"):
            return "load"
        case p.Lines() | p.Letters() | p.Count():
            return "ticket"
        case _:
            return ""
