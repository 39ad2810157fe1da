"""Write stations, days, times and seats: texts with their arguments, the same on pages and slips."""

from __future__ import annotations

import datetime

from kiosk_firmware.core.hosts.rail import Ticket
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.machines.rail.timetable import Station

EPOCH = datetime.date(1970, 1, 1)


def station_text(station: Station) -> Text:
    """Return a station by its name, in Latin letters for who reads those."""
    return text("station.name", name=station.name, pinyin=station.pinyin.capitalize())


def clock(minute: int) -> str:
    """Write minutes from midnight as 08:02; the next day's begin again at 00:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def day_text(day: int, today: int = -1) -> Text:
    """Return a day with its weekday; "today", "tomorrow" and "the day after" are said so where `today` is given."""
    date = EPOCH + datetime.timedelta(days=day)
    near = day - today if today >= 0 else 9
    key = f"day.near{near}" if near in (0, 1, 2) else "day.date"
    return text(key, month=date.month, day=date.day, weekday_key=f"weekday.{date.isoweekday()}")


def day_key_texts(day: int, today: int) -> tuple[Text, Text]:
    """Return a day on a key: "today", "tomorrow" or its weekday, and below it the date."""
    date, near = EPOCH + datetime.timedelta(days=day), day - today
    name = text(f"day.name{near}") if near in (0, 1, 2) else text(f"weekday.{date.isoweekday()}")
    return name, text("day.short", month=date.month, day=date.day)


def when_text(day: int, leaves: int, key: str = "when") -> Text:
    """Return a day with its weekday, and the time of departure; or until when something is valid (`key`)."""
    date = EPOCH + datetime.timedelta(days=day)
    weekday = f"weekday.{date.isoweekday()}"
    return text(f"day.{key}", month=date.month, day=date.day, weekday_key=weekday, leaves=clock(leaves))


def kind_text(kind: str) -> Text:
    """Return the name of a class of seat."""
    return text(f"kind.{kind}")


def seat_text(ticket: Ticket) -> Text:
    """Return carriage and seat; without a seat, the carriage alone."""
    return place_text(ticket.seat, ticket.kind)


def mask_id_number(number: str) -> str:
    """Return an ID number whose middle nobody reads over one's shoulder."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def place_text(place: str, kind: str) -> Text:
    """Return a seat by its name, as the railway writes it."""
    car, _, seat = place.partition("-")
    if kind == "standing":
        return text("seat.standing", car=car)
    return text("seat.place", car=car, seat=seat)
