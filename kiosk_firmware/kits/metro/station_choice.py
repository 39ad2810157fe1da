"""Choosing a station by its line: first the line, then its stations in their order, a page at a time.

A practice abstraction for a ride, and a clerk's question where one got in: from any line one gets to any other. Texts
are the machine's own: `line.name` (no), `station.name` (name, latin), `key.page.*`, `key.choose.lines`.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import AnyEvent, Tapped
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer, Track, text
from kiosk_firmware.kits.common_pages import key
from kiosk_firmware.kits.metro.network import Network, Station

PAGE = 9
M_A_MINUTE = 550
"""How far a train comes in a minute, halts included (33 km/h)."""
ON_FOOT_MIN = 3


class StationChoice(msgspec.Struct, frozen=True, cache_hash=True):
    """The line that is looked at ("": none yet) and its first station on the page."""

    line: str = ""
    first: int = 0


def station_text(station: Station) -> Text:
    """Return a station by its name, in Latin letters for who reads those."""
    return text("station.name", name=station.name, latin=station.latin)


def line_text(number: str) -> Text:
    """Return a line by its number."""
    return text("line.name", no=number)


def keys(network: Network, now: StationChoice) -> tuple[Key, ...]:
    """Return the keys of the page: lines, or stations of one with what leads to the others."""
    if not now.line:
        return tuple(Key(f"line.{number}", "choice", line_text(number), number) for number in network.lines)
    stops = network.lines[now.line].stops
    found = [
        Key(f"station.{code}", "choice", station_text(network.stations[code]), code)
        for code in stops[now.first : now.first + PAGE]
    ]
    if now.first:
        found.append(_turn("up"))
    if now.first + PAGE < len(stops):
        found.append(_turn("down"))
    return (*found, key("choose.lines", "back"))


def _turn(way: str) -> Key:
    return Key(f"page.{way}", "choice", text(f"key.page.{way}"), icon=way)


def page(
    network: Network, now: StationChoice, step: str, title: Text, time_out: Timer, out: tuple[Key, ...] = ()
) -> Page:
    """Return the page, drawn as a map: the lines, or one line's band with its stations (`step` of these ends in
    "-station"). `out`: what leads away from the lines.
    """
    body = Body(tracks=tracks(network), track=now.line)
    found = keys(network, now) if now.line else (*keys(network, now), *out)
    return Page("Map", f"{step}-station" if now.line else step, title, None, body, found, time_out)


def tracks(network: Network) -> tuple[Track, ...]:
    """Return the lines as a map draws them."""
    return tuple(Track(line.number, line.colour, line.pattern, line.stops) for line in network.lines.values())


def after_event(now: StationChoice, event: AnyEvent) -> StationChoice | str | None:
    """Return the next page, or the code of the station that was chosen; None where nothing was meant."""
    match event:
        case Tapped(key=name, value=value) if name.startswith("line."):
            return StationChoice(value)
        case Tapped(key=name, value=value) if name.startswith("station."):
            return value
        case Tapped(key="page.down"):
            return StationChoice(now.line, now.first + PAGE)
        case Tapped(key="page.up"):
            return StationChoice(now.line, now.first - PAGE)
        case Tapped(key="choose.lines"):
            return StationChoice()
        case _:
            return None


def ride_min(network: Network, start: str, end: str) -> int:
    """Return how long it takes from gate to gate, minutes."""
    return ON_FOOT_MIN + network.metres(start, end) // M_A_MINUTE
