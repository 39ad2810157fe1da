"""After the payment: tickets, change and slip; or everything as it was before, whatever failed.

The railway is asked for the tickets up to three times (an order is issued once, however often it is asked for). If it
never answers, the order is let go, and when the railway has said so, the payment is undone: else ticket and money could
both be the person's. A railway that never says so leaves it to the window, by slip. Change that could not be handed out
is owed by slip; so is a payment of which the bank never says that it is undone.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Document
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.bank import ReversalAsked
from kiosk_firmware.core.hosts.rail import IssueAsked, Ticket
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.kits import cash_intake
from kiosk_firmware.kits.cabinet_ledger import with_fields
from kiosk_firmware.kits.return_items import Leave, Undone, owed_slip, slip
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import clock, day_text, kind_text, seat_text
from kiosk_firmware.machines.rail.rules_passengers import issue, release
from kiosk_firmware.machines.rail.state import State, Step, Terms, after_leaving, ask, enter_phase, leave

TRIES = 3
After = p.Issuing | p.Reversing | p.Releasing | p.Withdrawing | p.SlipAsked


def issue_event(terms: Terms, state: State, phase: After, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.SlipAsked(document=document):
            return _slip(terms, state, document, event)
        case p.Issuing() | p.Reversing() | p.Releasing() | p.Withdrawing() if not isinstance(event, HostAnswered):
            return state, NO_EFFECTS
        case p.Issuing():
            return _issued(terms, state, phase, event)
        case p.Reversing():
            return _reversed(terms, state, phase, event)
        case p.Withdrawing():
            return _withdrawn(terms, state, phase, event)
        case p.Releasing(why="owed"):
            return _slipped(terms, state, "unanswered")
        case p.Releasing(why=why):
            return leave(terms, state, why)
        case _:
            assert_never(phase)


def _issued(terms: Terms, state: State, phase: p.Issuing, event: AnyEvent) -> Step:
    assert isinstance(event, HostAnswered)
    if event.completion != "success" and phase.tries < TRIES:
        return issue(state, phase.paid_by, phase.back_fen, phase.tries + 1)
    charged = phase.paid_by if state.order.due_fen > 0 else ""
    if event.completion != "success":
        return ask(state, p.Withdrawing(charged), release(state))
    if event.verdict != "ok" or not isinstance(event.ask, IssueAsked):
        if charged:
            return reverse(state, charged, "not_issued")
        return ask(state, p.Releasing("not_issued"), release(state))
    document = itinerary(terms, event.ask.tickets)
    change = money.NONE
    if not phase.paid_by and state.order.due_fen > 0:
        change = cash_intake.change(state.books, state.order.due_fen) or money.NONE
    books = with_fields(state.books, tally=change)
    done = enter_phase(state, p.SlipAsked(document), books=books)
    if terms.profile.slip_asked and state.books.paper != "out" and "receipt_printer" not in state.books.lost:
        return done
    return _finished(terms, done[0], document if state.books.paper != "out" else None)


def _slip(terms: Terms, state: State, document: Document, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="slip.yes"):
            return _finished(terms, state, document)
        case Tapped(key="slip.no") | TimerExpired():
            return _finished(terms, state, None)
        case _:
            return state, NO_EFFECTS


def _finished(terms: Terms, state: State, document: Document | None) -> Step:
    """Change, card, slip, ID card, good-bye."""
    why = "changed" if state.order.swap else "bought"
    return leave(terms, state, why, receipt=document)


def itinerary(terms: Terms, tickets: tuple[Ticket, ...]) -> Document:
    """Lay out the itinerary slip: not a ticket, as the ID card is."""
    rows: list[tuple[Text, Text]] = []
    for at, ticket in enumerate(tickets):
        if not at:
            where = text(
                "slip.where", origin=terms.stations[ticket.origin].name, target=terms.stations[ticket.target].name
            )
            rows += [
                (text("row.train"), text("slip.train", no=ticket.train, time=clock(ticket.leaves))),
                (text("row.route"), where),
                (text("row.day"), day_text(ticket.day)),
            ]
        rows.append((text("row.person", tail=ticket.person[-4:]), seat_text(ticket)))
        rows.append((kind_text(ticket.kind), text("amount", x_fen=ticket.fen)))
    return Document("receipt", text("slip.itinerary"), tuple(rows), (text("slip.id"), text("slip.practice")))


def reverse(state: State, card: str, why: str, held: bool = True) -> Step:
    """Tell the bank to undo the payment, then let the order go."""
    return _reversing(state, p.Reversing(card, why, held=held))


def _reversing(state: State, phase: p.Reversing) -> Step:
    question = ReversalAsked(phase.card, 0, state.order.number)
    return enter_phase(state, phase, AskHost("payment_host", "bank", question))


def _reversed(terms: Terms, state: State, phase: p.Reversing, event: AnyEvent) -> Step:
    assert isinstance(event, HostAnswered)
    done = event.completion == "success"
    if not done and phase.tries < TRIES:
        return _reversing(state, msgspec.structs.replace(phase, tries=phase.tries + 1))
    if phase.held:
        return ask(state, p.Releasing(phase.why if done else "owed"), release(state))
    return leave(terms, state, phase.why) if done else _slipped(terms, state, "unanswered")


def _withdrawn(terms: Terms, state: State, phase: p.Withdrawing, event: AnyEvent) -> Step:
    assert isinstance(event, HostAnswered)
    if event.completion == "success":
        return reverse(state, phase.card, "not_issued", held=False) if phase.card else leave(terms, state, "not_issued")
    if phase.tries < TRIES:
        return ask(state, p.Withdrawing(phase.card, phase.tries + 1), release(state))
    due = state.order.due_fen
    paid = cash_intake.change(state.books, due) or money.NONE if due > 0 and not phase.card else state.books.tally
    kept = msgspec.structs.replace(state, books=with_fields(state.books, tally=paid))
    return _slipped(terms, kept, "unissued")


def _slipped(terms: Terms, state: State, kind: str) -> Step:
    """Print a slip, and give back all that lies here: bank or railway never said what it did."""
    books, due = with_fields(state.books, tally=money.NONE), state.books.tally
    what = Leave(due=due, card_first=False, why="owed" if kind == "unanswered" else kind, hopper=True)
    return after_leaving(terms, state, *slip(books, what, kind))


def settle(terms: Terms, state: State, undone: Undone) -> Step:
    """Settle cash that did not reach the person, or that nobody knows of: a slip says what is owed and where to ask."""
    return after_leaving(terms, state, *slip(state.books, undone.leave, owed_slip(undone)))
