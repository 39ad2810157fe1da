"""The pages of checking in: people, bags, what may not fly, the cabin, telephone, and all of it once more."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, text
from kiosk_firmware.kits.common_pages import key, message, unready
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.display_texts import airport_text, clock, day_text, person_text
from kiosk_firmware.machines.airport.question_order import able
from kiosk_firmware.machines.airport.state import State, Terms, flight_of, found_of
from kiosk_firmware.machines.airport.view_parts import timer, waiting_page

SIGNS = {
    "powerbank": "battery",
    "lighter": "flame",
    "knife": "knife",
    "liquid": "bottle",
    "fireworks": "flame",
}
"""Drawings of things, where words leave room for one."""
PLACES = {"hand": "carry", "hold": "bag", "never": "bad"}
ICONS = {"taken": "person", "exit": "arrow"}
"""What stands on a seat that cannot be had."""


def view_trip(terms: Terms, state: State, phase: p.Trip) -> Page:
    """Return the page of a phase of checking in."""
    match phase:
        case p.People(problem=problem):
            return _people_phone(terms, state) if terms.profile.phone else _people(terms, state, problem)
        case p.Bags():
            return _bags(terms)
        case p.Danger():
            return _danger(terms)
        case p.Things():
            return _things(terms)
        case p.ThingTold():
            return _thing(terms, phase)
        case p.SeatsAsking():
            return waiting_page()
        case p.Seats():
            return _seats(terms, state, phase)
        case p.Phone():
            return _phone(terms, phase)
        case p.Confirm():
            return _confirm(terms, state)
        case _:
            assert_never(phase)


# -- people, bags ------------------------------------------------------------------------------------------------------


def _people(terms: Terms, state: State, problem: str) -> Page:
    here = state.trip.people
    rows = tuple(
        Row(text("people.person", n=n + 1), person_text(flyer.person), "ok" if flyer.person in here else "")
        for n, flyer in enumerate(able(found_of(state)))
    )
    line = text(f"people.{problem}" if problem else "people.next" if here else "people.how")
    on = (key if here else unready)("people.ok", "primary")
    keys = (key("trip.back", "back"), key("people.forgot", "choice"), on)
    body = Body((line,), rows[:5], icon="ident_in")
    return Page("Insert", "people", text("people.title"), None, body, keys, timer(terms, "people"), ("id_reader",))


def _people_phone(terms: Terms, state: State) -> Page:
    rows = tuple(
        Row(text("people.person", n=n + 1), person_text(flyer.person)) for n, flyer in enumerate(able(found_of(state)))
    )
    me = (key("people.ok", "choice"),) if state.trip.people else ()
    keys = (key("trip.back", "back"), *me, key("people.all", "primary"))
    return message("people", "people.phone_title", (), keys, timer(terms, "people"), rows=rows[:6])


def _bags(terms: Terms) -> Page:
    rules = terms.rules
    keys = tuple(Key(f"bags.{n}", "choice", text(f"bags.count{n}"), str(n)) for n in range(min(rules.bags_most, 2) + 1))
    lines = (text("bags.limit", kg=rules.bag_kg, cabin=rules.cabin_kg),)
    return Page(
        "Menu",
        "bags",
        text("bags.title"),
        None,
        Body(lines),
        (*keys, key("bags.many", "choice"), key("trip.back", "back")),
        timer(terms, "bags"),
    )


# -- what may not fly --------------------------------------------------------------------------------------------------


def _danger(terms: Terms) -> Page:
    things = tuple(text(f"thing.{thing}") for thing, _ in terms.rules.things)
    keys = (key("trip.back", "back"), key("danger.yes", "choice"), key("danger.no", "choice"))
    if terms.profile.phone:  # its glass has no room for a list above the keys
        return message("danger", "danger.title", things, keys, timer(terms, "danger"))
    rows = tuple(Row(thing, None, "warn") for thing in things)
    return message("danger", "danger.title", (), keys, timer(terms, "danger"), rows=rows)


def _things(terms: Terms) -> Page:
    """Return the page of things that may not fly: a list; on a telephone tiles, which all have pictures and short
    names.
    """
    phone = terms.profile.phone
    names, signs = ("thing_short", SIGNS | {"unmarked": "battery"}) if phone else ("thing", SIGNS)
    keys = tuple(
        Key(f"thing.{thing}", "choice", text(f"{names}.{thing}"), thing, icon=signs.get(thing, ""))
        for thing, _ in terms.rules.things
    )
    more = (
        Key("things.none", "choice", text("key.things.none"), icon="cross" if phone else ""),
        Key("trip.back", "back", text("key.trip.back"), icon="back" if phone else ""),
    )
    return Page("Menu", "things", text("things.title"), None, Body(), (*keys, *more), timer(terms, "things"))


def _thing(terms: Terms, phase: p.ThingTold) -> Page:
    place = terms.rules.may_go(phase.thing)
    first: tuple[Text, ...] = (text("things.missed"),) if phase.missed else ()
    lines = (*first, text(f"things.{place}"), text(f"thing_why.{phase.thing}"))
    title = text("things.where", thing_key=f"thing.{phase.thing}")
    body = Body(lines, icon=PLACES[place])
    keys = (key("told.done", "primary"),)
    return Page("Message", "thing", title, None, body, keys, timer(terms, "thing"))


# -- seats -------------------------------------------------------------------------------------------------------------


def _seats(terms: Terms, state: State, phase: p.Seats) -> Page:
    cabin = terms.flights.cabin
    shown = next(rows for name, rows in cabin.parts if name == phase.part)
    mine = state.trip.seats[phase.at]
    rows = tuple(
        Row(
            text("seats.row", row=row),
            keys=tuple(f"seat.{row}{letter}" if letter != " " else "" for letter in cabin.letters),
        )
        for row in shown
    )
    seats = tuple(
        _seat(terms, state, phase, f"{row}{letter}") for row in shown for letter in cabin.letters if letter != " "
    )
    parts = tuple(
        Key(f"part.{name}", "choice", text(f"seats.{name}"), name, state="on" if name == phase.part else "")
        for name, _ in cabin.parts
    )
    refused = (text(f"seats.{phase.problem}"),) if phase.problem else ()
    lines = (*refused, text("seats.now"), text(f"seats.{cabin.side(mine)}", seat=mine))
    keys = (key("trip.back", "back"), *parts, *seats, key("seats.ok", "primary"))
    person = state.trip.people[phase.at]
    title = text("seats.title" if len(state.trip.people) == 1 else "seats.title_of", tail=person[-4:])
    return Page("Seats", "seats", title, None, Body(lines, rows), keys, timer(terms, "seats"))


def _seat(terms: Terms, state: State, phase: p.Seats, seat: str) -> Key:
    """Return the key of a seat: one's own, free, or what keeps one from it in a word."""
    seats, name, words = state.trip.seats, f"seat.{seat}", text("paper.plain", what=seat)
    if seat == seats[phase.at]:
        return Key(name, "choice", words, seat, text("seats.own"), "tick", state="on")
    why = "exit" if terms.flights.cabin.is_exit(seat) else "taken" if seat in (*phase.taken, *seats) else ""
    if why:
        return Key(name, "choice", words, seat, text(f"seats.{why}_word"), ICONS[why], state="off")
    return Key(name, "choice", words, seat)


# -- telephone, all of it ----------------------------------------------------------------------------------------------


def _phone(terms: Terms, phase: p.Phone) -> Page:
    body = Body((text(f"phone.{phase.problem or 'how'}"),), field=phase.typed, field_key="phone.field", length=11)
    field = Key("phone.field", "field", text("key.phone.field"), phase.typed)
    keys = (field, key("trip.back", "back"), key("phone.ok", "primary"))
    return Page("Form", "phone", text("phone.title"), None, body, keys, timer(terms, "phone"), private=True)


def _confirm(terms: Terms, state: State) -> Page:
    trip = state.trip
    found = found_of(state)
    flight = flight_of(terms, found)
    rows = (
        Row(text("row.flight"), text("paper.flight", no=flight.no, time=clock(flight.leaves))),
        Row(text("row.to"), airport_text(terms.flights.airports[flight.target])),
        Row(text("row.day"), day_text(found.booking.day, state.today)),
        Row(text("row.people"), text("people.count", count=len(trip.people))),
        Row(text("row.seat"), text("paper.plain", what=" ".join(trip.seats))),
        Row(text("row.bags"), text("bags.pieces", count=trip.bags)),
    )
    keys = (key("trip.back", "back"), key("confirm.ok", "primary"))
    return message("confirm", "confirm.title", (), keys, timer(terms, "confirm"), rows=rows)
