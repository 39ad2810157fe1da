"""The pages of a card that is held to the reader: asked for, loaded, read, written, and asked for again."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core import money
from kiosk_firmware.core.pages import Body, Page, Row, Timer, text
from kiosk_firmware.kits.common_pages import amount_row, key, message, storing_page
from kiosk_firmware.kits.metro.ticket_record import Trip, parse_trip
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.display_texts import trip_text
from kiosk_firmware.machines.metro_ticket.rules_card_write import balance
from kiosk_firmware.machines.metro_ticket.state import State, Terms


def view_card(terms: Terms, state: State, phase: p.Card | p.Torn) -> Page:
    """Return the page of a phase with a card."""
    match phase:
        case p.CardAsked(errand=errand):
            return _asked(terms, state, errand)
        case p.Loading(refused=refused):
            return _load(terms, state, refused)
        case p.LoadStoring():
            return storing_page()
        case p.Loaded(fen=fen):
            rows = (amount_row("loaded", fen), amount_row("balance", balance(state)))
            ok = (key("card.ok", "primary"),)
            return message("loaded", "loaded.title", (), ok, Timer("loaded", terms.rules.note_ms), icon="ok", rows=rows)
        case p.BalanceShown():
            return _balance(terms, state)
        case p.Writing():
            return message("writing", "writing.title", (text("writing.how"),), (), None, icon="card_tap")
        case p.TornEjecting() | p.TornTaking() | p.TornAsked():
            return _torn(terms, phase)
        case _:
            assert_never(phase)


def _asked(terms: Terms, state: State, errand: p.Errand) -> Page:
    due = state.order.due_fen if errand == "pay" else -1
    body = Body((text(f"card.{errand}"),), amount_fen=due, icon="card_tap")
    keys, time_out = (key("card.back", "back"),), Timer("card", terms.rules.page_ms)
    return Page("Insert", f"card-{errand}", text("card.title"), None, body, keys, time_out, ("card_reader",))


def _load(terms: Terms, state: State, refused: str) -> Page:
    have, put = balance(state), money.total(state.books.tally)
    rows = (amount_row("balance", have), amount_row("in", put), amount_row("after", have + put))
    line = text(f"load.{refused}" if refused else "load.how", most_fen=terms.rules.card_most_fen)
    ok = (key("load.ok", "primary"),) if put else ()
    keys, time_out = (key("load.back", "back"), *ok), Timer("load", terms.rules.pay_ms)
    body = Body((line,), rows, icon="note_in")
    return Page("Pay", "load", text("load.title"), None, body, keys, time_out, ("note_acceptor",))


def _balance(terms: Terms, state: State) -> Page:
    card = state.books.card
    trip = (parse_trip(card.trip) if card else None) or Trip(False)
    rows = (Row(text("row.kind"), text("balance.token" if trip.token else "balance.card")),)
    body = Body((trip_text(terms.network, trip),), rows, amount_fen=balance(state))
    keys, time_out = (key("card.ok", "primary"),), Timer("balance", terms.rules.note_ms)
    return Page("Message", "balance", text("balance.title"), None, body, keys, time_out)


def _torn(terms: Terms, phase: p.TornEjecting | p.TornTaking | p.TornAsked) -> Page:
    match phase:
        case p.TornEjecting():
            return message("torn-ejecting", "moving.ejecting", (), (), None, icon="wait_card")
        case p.TornTaking():
            body, time_out = Body((text("torn.take"),), icon="card_out"), Timer("torn-take", terms.rules.take_ms)
            return Page("Take", "torn-take", text("take_card.title"), None, body, (), time_out, ("card_reader",))
        case p.TornAsked(problem=problem):
            body = Body((text(f"torn.{problem or 'how'}"),), icon="card_tap")
            keys, time_out = (key("torn.back", "back"),), Timer("torn", terms.rules.page_ms)
            return Page("Insert", "torn", text("torn.title"), None, body, keys, time_out, ("card_reader",))
        case _:
            assert_never(phase)
