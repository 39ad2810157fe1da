"""Build the parts of the ticket machine's pages, beside the parts that all machines share (`kits.common_pages`)."""

from __future__ import annotations

from kiosk_firmware.core.pages import Body, Key, Page, Row, Text, Timer, text
from kiosk_firmware.kits.common_pages import message
from kiosk_firmware.machines.rail.display_texts import day_text, kind_text, station_text
from kiosk_firmware.machines.rail.state import Order, State, Terms


def timer(terms: Terms, name: str) -> Timer:
    """Return the usual time-out of a page."""
    return Timer(name, terms.rules.page_ms)


def menu(
    terms: Terms, step: str, title: Text, keys: tuple[Key, ...], lines: tuple[Text, ...] = (), icon: str = ""
) -> Page:
    """Make a page with a choice."""
    return Page("Menu", step, title, None, Body(lines, icon=icon), keys, timer(terms, step))


def waiting_page(step: str = "waiting", title: str = "wait.title") -> Page:
    """Return the page that stands while the railway or the bank is asked, or something is printed."""
    icon = "wait_slip" if step in ("printing", "issuing") else "wait_answer"
    return message(step, title, (text("wait.how"),), (), None, icon=icon)


def ends(terms: Terms, origin: str, target: str = "") -> dict[str, str]:
    """Return the names of a route's ends for a text's arguments, `…_latin` for who reads those letters; empty where not
    chosen.
    """
    names = {}
    for end, code in (("origin", origin), ("target", target)):
        station = terms.stations.get(code)
        names[end] = station.name if station else ""
        names[f"{end}_latin"] = station.pinyin.capitalize() if station else ""
    return names


def order_rows(terms: Terms, state: State) -> tuple[Row, ...]:
    """Return the order, line by line."""
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
