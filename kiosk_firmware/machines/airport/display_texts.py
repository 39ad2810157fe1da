"""Write airports, days, times, seats and people: texts with their arguments, the same on pages and on paper."""

from __future__ import annotations

import datetime

from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.machines.airport.flights import Airport

EPOCH = datetime.date(1970, 1, 1)


def clock(minute: int) -> str:
    """Write minutes from midnight as 08:02; the next day's begin again at 00:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def airport_text(airport: Airport) -> Text:
    """Return an airport by its name, in Latin letters for who reads those."""
    return text("airport.name", name=airport.name, latin=airport.latin)


def route_text(origin: Airport, target: Airport) -> Text:
    """Return from where to where."""
    return text(
        "airport.route", origin=origin.name, target=target.name, origin_latin=origin.latin, target_latin=target.latin
    )


def day_text(day: int, today: int) -> Text:
    """Return a day with its date; today and tomorrow are said so."""
    date, near = EPOCH + datetime.timedelta(days=day), day - today
    return text(f"day.near{near}" if near in (0, 1) else "day.date", month=date.month, day=date.day)


def person_text(number: str) -> Text:
    """Return a person by the last digits of the ID card."""
    return text("person.tail", tail=number[-4:])
