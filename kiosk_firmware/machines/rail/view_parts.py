"""What the ticket machine's pages are built of, beside the parts that all machines share (`kits.pages`)."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.pages import message
from kiosk_firmware.machines.rail.state import Order, State, Terms
from kiosk_firmware.machines.rail.words import day_text, kind_text, station_text


def timer(terms: Terms, name: str) -> Timer:
    """The usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def menu(
    terms: Terms, step: str, title: Text, keys: tuple[Key, ...], lines: tuple[Text, ...] = (), icon: str = ""
) -> Page:
    """A page with a choice."""
    return Page("Menu", step, title, None, Body(lines, icon=icon), keys, timer(terms, step))


def waiting(step: str = "waiting", title: str = "wait.title") -> Page:
    """The railway or the bank is being asked."""
    return message(step, title, (text("wait.how"),), (), None, icon="wait")


def name_of(terms: Terms, code: str) -> str:
    """A station's name, as it stands in sentences."""
    station = terms.stations.get(code)
    return station.name if station else ""


def order_rows(terms: Terms, state: State) -> tuple[Row, ...]:
    """The order, line by line."""
    order: Order = state.order
    rows = [
        Row(text("row.train"), text("slip.no", no=order.train)),
        Row(text("row.from"), station_text(terms.stations[order.origin])),
        Row(text("row.to"), station_text(terms.stations[order.target])),
        Row(text("row.day"), day_text(order.day, state.today)),
        Row(text("row.seat"), kind_text(order.kind)),
        Row(text("row.people"), text("people.count", count=len(order.people))),
    ]
    return tuple(rows)
