"""The pages of the route: places, days, trains, classes."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.hosts.rail import Offer, TrainRow
from kiosk_firmware.core.pages import Key, Page, Role, Text, text
from kiosk_firmware.kits.pages import key
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.rules_route import A_PAGE, beginning, offer, shown
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.view_parts import menu, name_of, waiting
from kiosk_firmware.machines.rail.words import clock, day_text, station_text

GROUPS = ("abc", "def", "ghj", "klm", "nop", "qrs", "twx", "yz")
SIEVES = ("all", "fast", "slow", "morning", "afternoon", "evening")


def view_route(terms: Terms, state: State, phase: p.Route) -> Page:
    """The page of a phase of the route."""
    match phase:
        case p.Places() | p.Letters() | p.Stations():
            return _places(terms, state, phase)
        case p.Days():
            return _days(terms, state, phase)
        case p.TrainsAsking():
            return waiting()
        case p.Trains():
            return _trains(terms, state, phase)
        case p.Filters():
            keys = tuple(key(f"filter.{name}", "choice") for name in SIEVES)
            return menu(terms, "filters", text("filters.title"), (*keys, key("filter.back", "back")))
        case p.Seats() | p.NoSeats():
            return _seats(terms, state, phase)
        case _:
            assert_never(phase)


def _place_key(terms: Terms, code: str, sub: bool) -> Key:
    station = terms.stations[code]
    under = text("station.pinyin", pinyin=station.pinyin) if sub else None
    return Key(f"station.{code}", "choice", station_text(station), code, under)


def _places(terms: Terms, state: State, phase: p.Places | p.Letters | p.Stations) -> Page:
    which = phase.which
    origin = text(f"places.{which}", origin=name_of(terms, state.order.origin))
    match phase:
        case p.Places():
            hot = tuple(_place_key(terms, code, False) for code in terms.hot if code != state.order.origin)
            more = [key("place.letters", "choice")]
            if which == "target":
                more.append(key("place.origin", "choice"))
            return menu(terms, f"places-{which}", origin, (*hot[:A_PAGE], *more, key("place.back", "back")))
        case p.Letters():
            groups = [(group, letters) for group in GROUPS if (letters := _used(terms, group))]
            keys = tuple(
                Key(f"letters.{group}", "choice", text("letters.group", letters=" ".join(letters.upper())), letters)
                for group, letters in groups
            )
            return menu(terms, f"letters-{which}", text("letters.title"), (*keys, key("place.back", "back")))
        case p.Stations(letters=letters, first=first):
            found = beginning(terms, letters)
            keys = tuple(_place_key(terms, station.code, True) for station in found[first : first + A_PAGE])
            more = [key("place.more", "choice")] if len(found) > A_PAGE else []
            return menu(terms, f"stations-{which}", origin, (*keys, *more, key("place.back", "back")))
        case _:
            assert_never(phase)


def _used(terms: Terms, group: str) -> str:
    """The letters of the group that a station begins with."""
    first = {station.pinyin[0] for station in terms.stations.values()}
    return "".join(letter for letter in group if letter in first)


def _days(terms: Terms, state: State, phase: p.Days) -> Page:
    last = min(phase.first + A_PAGE, terms.rules.presale_days)
    keys = tuple(
        Key(f"day.{n}", "choice", day_text(state.today + n, state.today), str(n)) for n in range(phase.first, last)
    )
    more = (key("days.more", "choice"),) if terms.rules.presale_days > A_PAGE else ()
    return menu(terms, "days", text("days.title"), (*keys, *more, key("days.back", "back")))


def _trains(terms: Terms, state: State, phase: p.Trains) -> Page:
    found = shown(phase)
    rows = found[phase.first : phase.first + A_PAGE]
    keys = tuple(
        Key(
            f"train.{row.no}", "choice", text("trains.train", no=row.no, leaves=clock(row.leaves)), row.no,
            text("trains.how", arrives=clock(row.arrives), **_cheapest(row)),
        )
        for row in rows
    )
    more = (key("trains.more", "choice"),) if len(found) > A_PAGE else ()
    title = text(
        "trains.title", origin=name_of(terms, state.order.origin), target=name_of(terms, state.order.target),
    )
    tail = (*more, key("trains.filter", "choice"), key("trains.back", "back"))
    lines = () if rows else (text("trains.none"),)
    return menu(terms, "trains", title, (*keys, *tail), lines)


def _cheapest(row: TrainRow) -> dict[str, int]:
    """The lowest fare that can still be had; the lowest of all where nothing is left."""
    able = [offer.fen for offer in row.offers if offer.left] or [offer.fen for offer in row.offers]
    return {"x_fen": min(able)}


def _left(offer: Offer) -> Text:
    return text("left.none" if not offer.left else "left.plenty" if offer.left > 20 else "left.some", count=offer.left)


def _seats(terms: Terms, state: State, phase: p.Seats | p.NoSeats) -> Page:
    row = phase.row
    title = text("seats.title", no=row.no, leaves=clock(row.leaves), arrives=clock(row.arrives))
    if isinstance(phase, p.NoSeats):
        standing = offer(row, "standing")
        able = standing is not None and standing.left >= max(1, len(state.order.people))
        stand: tuple[tuple[str, Role], ...] = (("noseats.standing", "choice"),) if able else ()
        keys = tuple(key(name, role) for name, role in (*stand, ("noseats.other", "primary")))
        lines = (text("noseats.standing" if able else "noseats.how"),)
        return menu(terms, "no-seats", text("noseats.title"), keys, lines)
    keys = tuple(
        Key(
            f"kind.{one.kind}", "choice", text("seats.kind", kind_key=f"kind.{one.kind}", x_fen=one.fen), one.kind,
            _left(one),
        )
        for one in row.offers
    )
    return menu(terms, "seats", title, (*keys, key("seats.back", "back")))

