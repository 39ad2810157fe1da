"""The pages that ask where to, how many, and what a new card shall carry: map, one line, letters, numbers."""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.metro.network import Station
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.display_texts import station_name, station_text
from kiosk_firmware.machines.metro_ticket.rules_destination import STATIONS_A_PAGE, stations_by_letter, turn_page
from kiosk_firmware.machines.metro_ticket.state import State, Terms


def timer(terms: Terms, name: str) -> Timer:
    """Return the usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def view_where(terms: Terms, state: State, phase: p.Where | p.Count | p.FirstLoad) -> Page:
    """Return the page of a phase before paying."""
    match phase:
        case p.Lines():
            return _lines(terms)
        case p.Stops():
            return _stops(terms, phase)
        case p.Letters():
            return _letters(terms)
        case p.Named():
            return _named(terms, phase)
        case p.Count():
            return _count(terms, state)
        case p.FirstLoad():
            return _first_load(terms)
        case _:
            assert_never(phase)


def _lines(terms: Terms) -> Page:
    keys = tuple(_line_key(terms, number) for number in terms.network.lines)
    body = Body((_here(terms),), tracks=terms.tracks, spot=terms.spot)
    keys = (*keys, key("where.letters", "choice"), key("where.back", "back"))
    return Page("Map", "lines", text("lines.title"), None, body, keys, timer(terms, "lines"))


def _here(terms: Terms) -> Text:
    """Return where this machine stands."""
    return text("lines.here", **station_name(terms.network.stations[terms.profile.home]))


def _line_key(terms: Terms, number: str) -> Key:
    line = terms.network.lines[number]
    first, last = (terms.network.stations[line.stops[at]] for at in (0, -1))
    ends = text(
        "lines.ring" if line.ring else "lines.ends",
        first=first.name,
        first_latin=first.latin,
        last=last.name,
        last_latin=last.latin,
    )
    return Key(f"line.{number}", "choice", text("lines.line", number=number), number, ends)


def _stops(terms: Terms, phase: p.Stops) -> Page:
    codes = terms.network.lines[phase.line].stops[phase.first : phase.first + terms.profile.stops_a_page]
    keys = tuple(_stop_key(terms, terms.network.stations[code], phase.line) for code in codes)
    body = Body(tracks=terms.tracks, track=phase.line)
    title = text("stops.title", number=phase.line)
    keys = (*keys, *_pages(terms, phase), key("where.letters", "choice"), key("where.back", "back"))
    return Page("Map", "stations", title, None, body, keys, timer(terms, "stations"))


def _stop_key(terms: Terms, station: Station, line: str) -> Key:
    others = tuple(number for number in station.lines if number != line)
    sub = text("stops.change", lines="、".join(others), lines_latin=", ".join(others)) if others else None
    name = text("station.name", **station_name(station))
    if station.code == terms.profile.home:
        return Key(f"station.{station.code}", "choice", name, station.code, text("stops.here"), state="on")
    return Key(f"station.{station.code}", "choice", name, station.code, sub)


def _pages(terms: Terms, phase: p.Where) -> tuple[Key, ...]:
    """Return the keys that turn the page, where there is more."""
    ways = (("up", -1), ("down", 1))
    return tuple(
        Key(f"page.{way}", "choice", text(f"key.page.{way}"), icon=way)
        for way, by in ways
        if turn_page(terms, phase, by) != phase
    )


def _letters(terms: Terms) -> Page:
    """Return the page of well-known stations, and the letters that stations begin with."""
    known = tuple(
        Key(f"station.{code}", "choice", station_text(terms.network, code), code)
        for code in terms.profile.known
        if code in terms.network.stations
    )
    used = sorted({station.pinyin[0] for station in terms.network.stations.values()})
    letters = tuple(Key(f"letter.{one}", "choice", text("letters.one", letter=one.upper()), one) for one in used)
    body, title = Body((text("letters.how"),)), text("letters.title")
    keys = (*known, *letters, key("where.lines", "choice"), key("where.back", "back"))
    return Page("List", "letters", title, None, body, keys, timer(terms, "letters"))


def _named(terms: Terms, phase: p.Named) -> Page:
    found = stations_by_letter(terms, phase.letter)[phase.first : phase.first + STATIONS_A_PAGE]
    keys = tuple(_named_key(station) for station in found)
    title = text("letters.found", letter=phase.letter.upper())
    keys = (*keys, *_pages(terms, phase), key("where.back", "back"))
    body = Body(tracks=terms.tracks)
    return Page("Map", "letter-stations", title, None, body, keys, timer(terms, "letter-stations"))


def _named_key(station: Station) -> Key:
    sub = text("lines.numbers", lines="、".join(station.lines), lines_latin=", ".join(station.lines))
    return Key(f"station.{station.code}", "choice", text("station.name", **station_name(station)), station.code, sub)


# -- how many, how much


def _count(terms: Terms, state: State) -> Page:
    order = state.order
    title = text("count.title")
    if order.target:
        there = terms.network.stations[order.target]
        title = text("count.to", each_fen=order.each_fen, **station_name(there))
    most = range(1, terms.rules.tickets_most + 1)
    keys = tuple(Key(f"count.{n}", "choice", text(f"count.{'one' if n == 1 else 'n'}", n=n), str(n)) for n in most)
    return Page("Menu", "count", title, None, Body(), (*keys, key("count.back", "back")), timer(terms, "count"))


def _first_load(terms: Terms) -> Page:
    keys = tuple(
        Key(f"first.{fen}", "choice", text("first.load", x_fen=fen), str(fen)) for fen in terms.rules.load_notes_fen
    )
    body = Body((text("first.how", price_fen=terms.rules.card_price_fen),))
    keys = (*keys, key("first.back", "back"))
    return Page("Menu", "first-load", text("first.title"), None, body, keys, timer(terms, "first-load"))
