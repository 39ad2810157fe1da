"""The pages of the order: ID cards, the quiet word about a limit, and all of it once more."""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

from kiosk_firmware.core.pages import Body, Journey, Page, Row, text
from kiosk_firmware.kits.common_pages import amount_row, key, message, unready
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import (
    clock,
    day_text,
    kind_text,
    mask_id_number,
    place_text,
    station_text,
)
from kiosk_firmware.machines.rail.rules_passengers import back_fen
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.view_parts import order_rows, timer, waiting_page


def view_order(terms: Terms, state: State, phase: p.Order) -> Page:
    """Return the page of a phase of the order."""
    match phase:
        case p.People(problem=problem):
            return people_page(terms, state, problem)
        case p.Holding():
            return waiting_page()
        case p.Limited():
            lines = (text("limited.still"), text("limited.ask"))
            keys = (key("limited.back", "back"), key("limited.other", "primary"))
            page = message("limited", "limited.title", lines, keys, timer(terms, "limited"))
            return Page(page.kind, page.step, page.title, None, page.body, keys, page.timer, private=True)
        case p.Confirm():
            return _confirm(terms, state)
        case _:
            assert_never(phase)


def people_page(terms: Terms, state: State, problem: str) -> Page:
    """Lay the ID card on the reader; who was read stands in rows, without a tick: the railway has not seen them yet."""
    people = state.order.people
    line = text(f"people.{problem}") if problem else text("people.next" if people else "people.how")
    rows = tuple(
        Row(text("people.person", n=n + 1), text("people.tail", tail=number[-4:])) for n, number in enumerate(people)
    )
    have = key if people else unready
    on = have("people.again", "choice"), have("people.ok", "primary")
    keys = (key("people.back", "back"), key("people.forgot", "choice"), *on)
    body = Body((line,), rows, icon="ident_in")
    return Page("Insert", "people", text("people.title"), None, body, keys, timer(terms, "people"), ("id_reader",))


def _confirm(terms: Terms, state: State) -> Page:
    order = state.order
    rows = order_rows(terms, state)
    if order.swap:
        rows = (*rows[:1], *rows[3:5], amount_row("old_price", order.swap.fen), amount_row("new_price", order.fen))
        rows += (_difference(terms, state),)
    else:
        rows = (*rows, amount_row("price", order.fen))
    discount = () if order.swap else (key("confirm.discount", "choice"),)
    keys = (key("confirm.back", "back"), *discount, key("confirm.ok", "primary"))
    page = message("confirm", "confirm.title", (), keys, timer(terms, "confirm"), rows=rows)
    return page if order.swap else replace(page, body=replace(page.body, journey=_journey(terms, state)))


def _journey(terms: Terms, state: State) -> Journey:
    """Return the ticket as it will be."""
    order = state.order
    return Journey(
        text("slip.no", no=order.train),
        station_text(terms.stations[order.origin]),
        station_text(terms.stations[order.target]),
        clock(order.leaves),
        clock(order.arrives),
        day_text(order.day, state.today),
        kind_text(order.kind),
        order.fen,
        tuple(
            (mask_id_number(one), place_text(seat, order.kind))
            for one, seat in zip(order.people, order.seats, strict=False)
        ),
    )


def _difference(terms: Terms, state: State) -> Row:
    due = state.order.due_fen
    return amount_row("to_pay", due) if due >= 0 else amount_row("back", back_fen(terms, state))
