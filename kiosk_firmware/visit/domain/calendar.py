"""Days of visits: days since 1970 as working days, months and weekdays; which times a prison offers.

Which days are worked is more than a weekday in China: a yearly notice gives days off and week-end days that are worked
for them. A day that no known notice speaks of counts by its weekday, and `Workdays.knows` says so.
"""

from __future__ import annotations

import datetime

import msgspec

EPOCH = datetime.date(1970, 1, 1)
SATURDAY = 5
Slot = tuple[int, int]
"""A day since 1970 and a minute of it."""


def date_of(day: int) -> datetime.date:
    """Return the date of a day since 1970."""
    return EPOCH + datetime.timedelta(days=day)


class Workdays(msgspec.Struct, frozen=True):
    """The notices' days since 1970: public holidays, week-end days that are worked, and from which day to which they
    speak.
    """

    off: frozenset[int] = frozenset()
    worked: frozenset[int] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()

    def is_worked(self, day: int) -> bool:
        """Return whether offices work on that day."""
        return day in self.worked or (day not in self.off and date_of(day).weekday() < SATURDAY)

    def knows(self, day: int) -> bool:
        """Return whether a known notice speaks of that day; else its weekday is all that counts."""
        return any(first <= day <= last for first, last in self.spans)


WEEKDAYS = Workdays()
"""Monday to Friday, in any year."""


def working_days_on(day: int, count: int, days: Workdays = WEEKDAYS) -> int:
    """Return the day that is `count` working days after `day`."""
    while count:
        day += 1
        count -= days.is_worked(day)
    return day


def same_month(one: int, other: int) -> bool:
    """Return whether both days lie in one month of one year."""
    return (date_of(one).year, date_of(one).month) == (date_of(other).year, date_of(other).month)


def month_after(day: int, months: int = 1) -> int:
    """Return the first day of the month that is `months` after that of `day`."""
    date = date_of(day)
    at = date.year * 12 + date.month - 1 + months
    return (datetime.date(at // 12, at % 12 + 1, 1) - EPOCH).days


def months_on(day: int, months: int) -> int:
    """Return the same day of the month, `months` later; the month's last where it has no such day."""
    first = month_after(day, months)
    return min(first + date_of(day).day - 1, month_after(first) - 1)


def offered_slots(
    first: int, weekdays: tuple[int, ...], minutes: tuple[int, ...], count: int, days: Workdays = WEEKDAYS
) -> tuple[Slot, ...]:
    """Return the first `count` times of visits from the day `first` on, by weekday (0 Monday) and minutes of the day;
    none on a public holiday.
    """
    found: list[Slot] = []
    day = first
    while len(found) < count:
        if date_of(day).weekday() in weekdays and day not in days.off:
            found += [(day, minute) for minute in minutes]
        day += 1
    return tuple(found[:count])
