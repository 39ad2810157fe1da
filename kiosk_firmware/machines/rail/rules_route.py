"""Ask where, when, which train and class: everything before somebody is asked for.

The skin says the order: place, day, train and then the ID cards; or the ID cards first, then day and place.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.rail import Offer, TrainRow, TrainsAsked
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.rules_passengers import hold, people
from kiosk_firmware.machines.rail.state import (
    Order,
    State,
    Step,
    Terms,
    ask,
    enter_phase,
    leave,
    minutes_left,
    with_order,
)
from kiosk_firmware.machines.rail.timetable import Station

A_PAGE = 4
"""Trains on one page: as many as can be read and hit without haste."""
STATIONS_A_PAGE = 9


def start(terms: Terms, state: State) -> Step:
    """Begin to buy: the home page's key was pressed."""
    fresh = enter_phase(state, p.Home(), order=Order(origin=terms.profile.home))[0]
    return people(terms, fresh) if terms.profile.id_first else route(terms, fresh)


def route(terms: Terms, state: State) -> Step:
    """Ask the first question of the route, in the skin's order."""
    return enter_phase(state, p.Days()) if terms.profile.day_first else enter_phase(state, p.Places("target"))


def on_route(terms: Terms, state: State, phase: p.Route, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    if isinstance(event, TimerExpired):
        return leave(terms, state)
    match phase:
        case p.Places() | p.Stations():
            return _place(terms, state, phase, event)
        case p.Days():
            return _days(terms, state, event)
        case p.TrainsAsking():
            return _answered(terms, state, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.Trains():
            return _trains(terms, state, phase, event)
        case p.NoSeats():
            return _no_seats(terms, state, phase, event)
        case _:
            assert_never(phase)


# -- places


def stations_by_letter(terms: Terms, letter: str) -> tuple[Station, ...]:
    """Return the stations whose pinyin begins with the letter, by pinyin."""
    found = [station for station in terms.stations.values() if station.pinyin[0] == letter]
    return tuple(sorted(found, key=lambda station: station.pinyin))


def _place(terms: Terms, state: State, phase: p.Places | p.Stations, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    area = event.key.partition(".")[0]
    if area == "station" and event.value in terms.stations:
        return _placed(terms, state, phase.which, event.value)
    if area == "letter" and event.value:
        return enter_phase(state, p.Stations(phase.which, event.value))
    match event.key, phase:
        case "place.origin", p.Places() if not state.order.swap:
            return enter_phase(state, p.Places("origin"))
        case "place.more", p.Stations(which=which, letter=letter, first=first):
            more = first + STATIONS_A_PAGE
            return enter_phase(
                state, p.Stations(which, letter, more if more < len(stations_by_letter(terms, letter)) else 0)
            )
        case "place.back", p.Places(which="target") if state.order.swap:
            return enter_phase(state, p.ChangeAsked(state.order.swap))
        case "place.back", p.Places(which="target"):
            return enter_phase(state, p.Days()) if terms.profile.day_first else leave(terms, state)
        case "place.back", p.Stations():
            return enter_phase(state, p.Places(phase.which))
        case "place.back", _:
            return enter_phase(state, p.Places("target"))
        case _:
            return state, NO_EFFECTS


def _placed(terms: Terms, state: State, which: str, code: str) -> Step:
    order = state.order
    if which == "origin":
        target = "" if order.target == code else order.target
        return enter_phase(with_order(state, origin=code, target=target), p.Places("target"))
    if code == order.origin:
        return enter_phase(state, p.Notice("same_place", p.Places("target")))
    there = with_order(state, target=code)
    return _ask_trains(there) if terms.profile.day_first and not order.swap else enter_phase(there, p.Days())


# -- days


def _days(terms: Terms, state: State, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="days.back"):
            if state.order.swap:
                return enter_phase(state, p.ChangeAsked(state.order.swap))
            if terms.profile.day_first:
                return leave(terms, state)
            return enter_phase(state, p.Places("target"))
        case Tapped(key=key, value=value) if key.startswith("day.") and value.isdigit():
            return _day(terms, state, int(value), p.Days())
        case _:
            return state, NO_EFFECTS


def days_open(terms: Terms, state: State) -> int:
    """Return how many days can be chosen, from today on: a ticket whose train has left is changed for today alone."""
    swap = state.order.swap
    return 1 if swap and minutes_left(state, swap) <= 0 else terms.rules.presale_days


def _day(terms: Terms, state: State, after: int, asked: p.Days | p.Trains) -> Step:
    """Choose a day, on the days' own page or above the list of trains."""
    day, swap = state.today + after, state.order.swap
    if after >= days_open(terms, state):
        return state, NO_EFFECTS
    if swap and day > swap.day and minutes_left(state, swap) < terms.rules.change_near_hours * 60:
        return enter_phase(state, p.Notice("change_near", asked))
    there = with_order(state, day=day)
    place_next = terms.profile.day_first and not swap and isinstance(asked, p.Days)
    return enter_phase(there, p.Places("target")) if place_next else _ask_trains(there)


def _ask_trains(state: State) -> Step:
    order = state.order
    return ask(state, p.TrainsAsking(), TrainsAsked(0, order.origin, order.target, order.day))


def _answered(terms: Terms, state: State, event: HostAnswered) -> Step:
    if event.completion != "success":
        return enter_phase(state, p.Notice("host_offline"))
    if event.verdict != "ok" or not isinstance(event.ask, TrainsAsked):
        return enter_phase(state, p.Notice("no_trains", _before(terms, state)))
    return enter_phase(state, p.Trains(event.ask.rows))


def _before(terms: Terms, state: State) -> p.Places | p.Days:
    """Return the question before the trains."""
    return p.Places("target") if terms.profile.day_first and not state.order.swap else p.Days()


# -- trains and their classes


def passes(row: TrainRow, sieve: str) -> bool:
    """Return whether a train is shown."""
    match sieve:
        case "fast":
            return row.no[0] in "GDC"
        case "slow":
            return row.no[0] in "KTZ"
        case "morning":
            return row.leaves < 720
        case "afternoon":
            return 720 <= row.leaves < 1080
        case "evening":
            return row.leaves >= 1080
        case _:
            return True


def trains_shown(phase: p.Trains) -> tuple[TrainRow, ...]:
    """Return the trains that pass, all of them."""
    passing = (row for row in phase.rows if passes(row, phase.sieve))
    return tuple(row for row in passing if not phase.free or any(offer.left for offer in row.offers))


def offer(row: TrainRow, kind: str) -> Offer | None:
    """Return the train's class of that kind."""
    return next((offer for offer in row.offers if offer.kind == kind), None)


def enough(state: State, found: Offer | None) -> bool:
    """Return whether the class has a place for everybody who travels."""
    return found is not None and found.left >= max(1, len(state.order.people))


def _trains(terms: Terms, state: State, phase: p.Trains, event: AnyEvent) -> Step:
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match event.key.partition("."):
        case ("train", _, place):
            return _train(terms, state, phase, place)
        case ("filter", _, "free"):
            return enter_phase(state, p.Trains(phase.rows, phase.sieve, not phase.free))
        case ("filter", _, sieve) if sieve != phase.sieve:
            return enter_phase(state, p.Trains(phase.rows, sieve, phase.free))
        case ("trains", _, "down") if phase.first + A_PAGE < len(trains_shown(phase)):
            return enter_phase(state, p.Trains(phase.rows, phase.sieve, phase.free, phase.first + A_PAGE))
        case ("trains", _, "up") if phase.first:
            return enter_phase(state, p.Trains(phase.rows, phase.sieve, phase.free, phase.first - A_PAGE))
        case ("trains", _, "back"):
            return enter_phase(state, _before(terms, state))
        case ("day", _, after) if after.isdigit() and state.today + int(after) != state.order.day:
            return _day(terms, state, int(after), phase)
        case _:
            return state, NO_EFFECTS


def _train(terms: Terms, state: State, phase: p.Trains, place: str) -> Step:
    """Choose `place`, which is train and class, "G8605.second"."""
    no, _, kind = place.partition(".")
    row = next((row for row in phase.rows if row.no == no), None)
    if row is None:
        return state, NO_EFFECTS
    if not enough(state, offer(row, kind)):
        return enter_phase(state, p.NoSeats(phase, row, kind))
    return _chosen(terms, state, row, kind)


def _chosen(terms: Terms, state: State, row: TrainRow, kind: str) -> Step:
    there = with_order(state, train=row.no, kind=kind, leaves=row.leaves, arrives=row.arrives)
    return hold(there) if there.order.people else people(terms, there)


def _no_seats(terms: Terms, state: State, phase: p.NoSeats, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="noseats.standing") if enough(state, offer(phase.row, "standing")):
            return _chosen(terms, state, phase.row, "standing")
        case Tapped(key="noseats.other"):
            return enter_phase(state, phase.back)
        case _:
            return state, NO_EFFECTS
