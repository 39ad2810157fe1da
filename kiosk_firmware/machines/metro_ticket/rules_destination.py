"""Ask where to, and how many: by the map and a line, or by the letter a station begins with; the skin says which comes
first, and whether it asks for the number before or after the station.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits.metro.network import Station
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.rules_shared import leave
from kiosk_firmware.machines.metro_ticket.state import State, Step, Terms, enter_phase, with_order

STATIONS_A_PAGE = 9


def begin(terms: Terms, state: State) -> Step:
    """Ask the first question of a ticket, in the skin's order."""
    return enter_phase(state, p.Count()) if terms.profile.count_first else enter_phase(state, destination_page(terms))


def destination_page(terms: Terms) -> p.Phase:
    """Return the first page that asks where to."""
    return p.Letters() if terms.profile.letters_first else p.Lines()


def on_where(terms: Terms, state: State, phase: p.Where | p.Count | p.FirstLoad, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    if isinstance(event, TimerExpired):
        return leave(terms, state)
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase:
        case p.Lines() | p.Stops() | p.Letters() | p.Named():
            return _where(terms, state, phase, event)
        case p.Count():
            return _count(terms, state, event)
        case p.FirstLoad():
            return _first_load(terms, state, event)
        case _:
            assert_never(phase)


# -- stations


def stations_by_letter(terms: Terms, letter: str) -> tuple[Station, ...]:
    """Return the stations whose pinyin begins with the letter, by pinyin."""
    found = [station for station in terms.network.stations.values() if station.pinyin[0] == letter]
    return tuple(sorted(found, key=lambda station: station.pinyin))


def _where(terms: Terms, state: State, phase: p.Where, event: Tapped) -> Step:
    area, value = event.key.partition(".")[0], event.value
    match area:
        case "station" if value in terms.network.stations:
            return _placed(terms, state, phase, value)
        case "line" if value in terms.network.lines:
            return enter_phase(state, p.Stops(value))
        case "letter" if value:
            return enter_phase(state, p.Named(value))
        case "page":
            return enter_phase(state, turn_page(terms, phase, 1 if event.key == "page.down" else -1))
        case "where":
            return _elsewhere(terms, state, phase, event.key)
        case _:
            return state, NO_EFFECTS


def turn_page(terms: Terms, phase: p.Where, by: int) -> p.Phase:
    """Return the next or last page of the same; the same page where there is none."""
    match phase:
        case p.Stops(line=line, first=first):
            found, step = len(terms.network.lines[line].stops), terms.profile.stops_a_page
            return p.Stops(line, _turned(first, by * step, found))
        case p.Named(letter=letter, first=first):
            found, step = len(stations_by_letter(terms, letter)), STATIONS_A_PAGE
            return p.Named(letter, _turned(first, by * step, found))
        case _:
            return phase


def _turned(first: int, by: int, found: int) -> int:
    return first + by if 0 <= first + by < found else first


def _placed(terms: Terms, state: State, phase: p.Where, code: str) -> Step:
    if code == terms.profile.home:
        return enter_phase(state, p.Notice("same_place", phase))
    there = with_order(state, target=code, each_fen=terms.fare(code))
    return enter_phase(there, p.PayKind() if there.order.count else p.Count())


def _elsewhere(terms: Terms, state: State, phase: p.Where, key: str) -> Step:
    match key, phase:
        case "where.letters", _:
            return enter_phase(state, p.Letters())
        case "where.lines", _:
            return enter_phase(state, p.Lines())
        case "where.back", p.Stops():
            return enter_phase(state, p.Lines())
        case "where.back", p.Named():
            return enter_phase(state, p.Letters())
        case "where.back", _ if type(phase) is not type(destination_page(terms)):
            return enter_phase(state, destination_page(terms))
        case "where.back", _ if terms.profile.count_first:
            return enter_phase(with_order(state, count=0), p.Count())
        case "where.back", _:
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS


# -- how many, how much


def _count(terms: Terms, state: State, event: Tapped) -> Step:
    area, _, number = event.key.partition(".")
    if area == "count" and number.isdigit() and 1 <= int(number) <= terms.rules.tickets_most:
        there = with_order(state, count=int(number))
        return enter_phase(there, p.PayKind() if there.order.target else destination_page(terms))
    if event.key != "count.back":
        return state, NO_EFFECTS
    return (
        leave(terms, state)
        if terms.profile.count_first
        else enter_phase(with_order(state, target=""), destination_page(terms))
    )


def _first_load(terms: Terms, state: State, event: Tapped) -> Step:
    area, _, fen = event.key.partition(".")
    if event.key == "first.back":
        return leave(terms, state)
    if area != "first" or not fen.isdigit() or int(fen) not in terms.rules.load_notes_fen:
        return state, NO_EFFECTS
    each = terms.rules.card_price_fen + int(fen)
    return enter_phase(with_order(state, load_fen=int(fen), each_fen=each), p.PayKind())
