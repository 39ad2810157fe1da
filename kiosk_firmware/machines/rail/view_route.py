"""The pages of the route: places, days, and the list of trains with a key for each class."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.hosts.rail import Offer, TrainRow
from kiosk_firmware.core.pages import Body, Key, Page, Role, Row, Text, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.display_texts import clock, day_key_texts, station_text
from kiosk_firmware.machines.rail.rules_route import (
    A_PAGE,
    STATIONS_A_PAGE,
    days_open,
    enough,
    offer,
    stations_by_letter,
    trains_shown,
)
from kiosk_firmware.machines.rail.state import State, Terms
from kiosk_firmware.machines.rail.timetable import WITH_STANDING
from kiosk_firmware.machines.rail.view_parts import ends, menu, timer, waiting_page

HOT = 8
SIEVES = ("all", "fast", "slow", "morning", "afternoon", "evening")
PLENTY = 20
"""More than this many places are simply there."""


def view_route(terms: Terms, state: State, phase: p.Route) -> Page:
    """Return the page of a phase of the route."""
    match phase:
        case p.Places():
            return _places(terms, state, phase.which)
        case p.Stations():
            return _stations(terms, state, phase)
        case p.Days():
            keys = _days(terms, state, 0, terms.rules.presale_days)
            return menu(terms, "days", text("days.title"), (*keys, key("days.back", "back")))
        case p.TrainsAsking():
            return waiting_page()
        case p.Trains():
            return _trains(terms, state, phase)
        case p.NoSeats():
            return _no_seats(terms, state, phase)
        case _:
            assert_never(phase)


# -- places


def _place_key(terms: Terms, code: str, sub: bool) -> Key:
    station = terms.stations[code]
    under = text("station.pinyin", pinyin=station.pinyin, name=station.name) if sub else None
    return Key(f"station.{code}", "choice", station_text(station), code, under)


def _asked(terms: Terms, state: State, which: str) -> Text:
    return text(f"places.{which}", **ends(terms, state.order.origin))


def _places(terms: Terms, state: State, which: str) -> Page:
    """Return the page of hot places, and the letters that places begin with."""
    hot = tuple(_place_key(terms, code, False) for code in terms.hot if code != state.order.origin)
    used = sorted({station.pinyin[0] for station in terms.stations.values()})
    letters = tuple(Key(f"letter.{one}", "choice", text("letters.one", letter=one.upper()), one) for one in used)
    origin = (key("place.origin", "choice"),) if which == "target" and not state.order.swap else ()
    keys = (*hot[:HOT], *letters, *origin, key("place.back", "back"))
    body = Body((text("places.letters"),))
    return Page("List", f"places-{which}", _asked(terms, state, which), None, body, keys, timer(terms, "places"))


def _stations(terms: Terms, state: State, phase: p.Stations) -> Page:
    found = stations_by_letter(terms, phase.letter)
    keys = tuple(_place_key(terms, it.code, True) for it in found[phase.first : phase.first + STATIONS_A_PAGE])
    more = (Key("place.more", "choice", text("key.place.more"), icon="down"),) if len(found) > STATIONS_A_PAGE else ()
    title = _asked(terms, state, phase.which)
    return menu(terms, f"stations-{phase.which}", title, (*keys, *more, key("place.back", "back")))


# -- days


def _days(terms: Terms, state: State, first: int, last: int) -> tuple[Key, ...]:
    """Return keys for days of the pre-sale, counted from today."""
    chosen = state.order.day - state.today
    keys = []
    for n in range(first, last):
        name, date = day_key_texts(state.today + n, state.today)
        keys.append(Key(f"day.{n}", "choice", name, str(n), date, state="on" if n == chosen else ""))
    return tuple(keys)


# -- trains


def _trains(terms: Terms, state: State, phase: p.Trains) -> Page:
    found = trains_shown(phase)
    here = found[phase.first : phase.first + A_PAGE]
    seats = tuple(_seat_key(state, row, one) for row in here for one in _sold(row))
    rows = tuple(_row(terms, state, row) for row in here)
    last = days_open(terms, state)
    days = max(0, min(state.order.day - state.today - 1, last - 3))
    strip = _days(terms, state, days, min(days + 3, last))
    keys = (*strip, *seats, *_pages(phase, len(found)), *_chips(phase), key("trains.back", "back"))
    body = Body(() if rows else (text("trains.none"),), rows)
    title = text("trains.title", **ends(terms, state.order.origin, state.order.target))
    return Page("List", "trains", title, None, body, keys, timer(terms, "trains"))


def _sold(row: TrainRow) -> tuple[Offer, ...]:
    """Return the classes that have a key: standing is offered where its seats are gone."""
    return tuple(one for one in row.offers if one.kind != "standing")


def _seat_key(state: State, row: TrainRow, one: Offer) -> Key:
    words = text("trains.seat", kind_key=f"kind_short.{one.kind}", x_fen=one.fen)
    place = f"{row.no}.{one.kind}"
    return Key(f"train.{place}", "choice", words, place, _left(row, one), state="" if enough(state, one) else "off")


def _left(row: TrainRow, one: Offer) -> Text:
    standing = offer(row, "standing")
    if not one.left and WITH_STANDING.get(one.kind) and standing and standing.left:
        return text("left.standing")
    return text("left.none" if not one.left else "left.plenty" if one.left > PLENTY else "left.some", count=one.left)


def _row(terms: Terms, state: State, row: TrainRow) -> Row:
    minutes = row.arrives - row.leaves
    lasts = text("trains.hours" if minutes >= 60 else "trains.minutes", hours=minutes // 60, minutes=minutes % 60)
    ends = ((row.leaves, state.order.origin), (row.arrives, state.order.target))
    calls = tuple((text("slip.no", no=clock(at)), station_text(terms.stations[code])) for at, code in ends)
    label = text("trains.train", no=row.no, leaves=clock(row.leaves))
    value = text("trains.arrives", arrives=clock(row.arrives))
    keys = tuple(f"train.{row.no}.{one.kind}" for one in _sold(row))
    return Row(label, value, cells=((text("slip.no", no=row.no), lasts), *calls), keys=keys)


def _pages(phase: p.Trains, count: int) -> tuple[Key, ...]:
    up = (Key("trains.up", "choice", text("key.trains.up"), icon="up"),) if phase.first else ()
    more = phase.first + A_PAGE < count
    return (*up, *((Key("trains.down", "choice", text("key.trains.down"), icon="down"),) if more else ()))


def _chips(phase: p.Trains) -> tuple[Key, ...]:
    lit = {phase.sieve, "free" if phase.free else ""}
    return tuple(
        Key(f"filter.{name}", "choice", text(f"key.filter.{name}"), name, state="on" if name in lit else "")
        for name in (*SIEVES, "free")
    )


def _no_seats(terms: Terms, state: State, phase: p.NoSeats) -> Page:
    able, wanted = enough(state, offer(phase.row, "standing")), offer(phase.row, phase.kind)
    stand: tuple[tuple[str, Role], ...] = (("noseats.standing", "choice"),) if able else ()
    keys = tuple(key(name, role) for name, role in (*stand, ("noseats.other", "primary")))
    lines = (text("noseats.standing" if able else "noseats.how"),)
    few = "few" if wanted and wanted.left else "title"
    title = text(f"noseats.{few}", no=phase.row.no, kind_key=f"kind.{phase.kind}")
    time_out = timer(terms, "no-seats")
    return Page("Message", "no-seats", title, None, Body(lines, icon="warn"), keys, time_out)
