"""Days of visits: days since 1970 as working days, months and weekdays; which times a prison offers."""

from __future__ import annotations

import datetime

EPOCH = datetime.date(1970, 1, 1)
SATURDAY = 5
Slot = tuple[int, int]
"""A day since 1970 and a minute of it."""


def date_of(day: int) -> datetime.date:
    """The date of a day since 1970."""
    return EPOCH + datetime.timedelta(days=day)


def working_days_on(day: int, count: int) -> int:
    """The day that is `count` working days (Monday to Friday) after `day`; public holidays are not known here."""
    while count:
        day += 1
        count -= date_of(day).weekday() < SATURDAY
    return day


def same_month(one: int, other: int) -> bool:
    """Whether both days lie in one month of one year."""
    return (date_of(one).year, date_of(one).month) == (date_of(other).year, date_of(other).month)


def month_after(day: int, months: int = 1) -> int:
    """The first day of the month that is `months` after that of `day`."""
    date = date_of(day)
    at = date.year * 12 + date.month - 1 + months
    return (datetime.date(at // 12, at % 12 + 1, 1) - EPOCH).days


def months_on(day: int, months: int) -> int:
    """The same day of the month, `months` later; the month's last where it has no such day."""
    first = month_after(day, months)
    return min(first + date_of(day).day - 1, month_after(first) - 1)


def offered(first: int, weekdays: tuple[int, ...], minutes: tuple[int, ...], count: int) -> tuple[Slot, ...]:
    """The first `count` times of visits from the day `first` on, by weekday (0 Monday) and minutes of the day."""
    found: list[Slot] = []
    day = first
    while len(found) < count:
        if date_of(day).weekday() in weekdays:
            found += [(day, minute) for minute in minutes]
        day += 1
    return tuple(found[:count])
