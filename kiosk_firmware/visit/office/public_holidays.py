"""Public holidays as data: what the yearly notice of the State Council says, or a deployment in its place.

A notice gives days off, week-ends among them, and the week-end days that are worked in return. What is shipped stands
in `holidays.toml`, each with its source and the day until which it holds; `[[visits.holidays]]` of office.toml replaces
those that it overlaps. Nobody guesses a year that has no notice: its weekdays count, and the officer is told.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from kiosk_firmware.visit.domain.calendar import EPOCH, SATURDAY, Workdays

Date = datetime.date


class HolidayNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One notice. `off`: first and last day of each holiday; `worked`: Saturdays and Sundays; all within the days from
    `valid_from` to `until`, of which it speaks.
    """

    valid_from: Date
    until: Date
    source: str
    off: tuple[tuple[Date, Date], ...]
    worked: tuple[Date, ...] = ()
    checked_on: Date | None = None
    """When somebody last compared it with its source."""

    def __post_init__(self) -> None:
        """Check the notice. Raises ValueError: a day that cannot be so; names it and what is allowed."""
        span = f"{self.valid_from} to {self.until}"
        for day in (*(day for holiday in self.off for day in holiday), *self.worked):
            if not self.valid_from <= day <= self.until:
                raise ValueError(f"holidays: {day}: allowed are {span}")
        for first, last in self.off:
            if first > last:
                raise ValueError(f"holidays.off: {first} to {last}: allowed is the first day, then the last")
        for day in self.worked:
            if day.weekday() < SATURDAY or any(first <= day <= last for first, last in self.off):
                raise ValueError(f"holidays.worked: {day}: allowed are Saturdays and Sundays that are not off")

    def overlaps(self, other: HolidayNotice) -> bool:
        """Return whether both speak of some day."""
        return self.valid_from <= other.until and other.valid_from <= self.until


@cache
def shipped_notices() -> tuple[HolidayNotice, ...]:
    """Return what stands in `holidays.toml`."""
    text = resources.files("kiosk_firmware.visit.office").joinpath("holidays.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["notice"], tuple[HolidayNotice, ...])


@cache
def workdays(own: tuple[HolidayNotice, ...]) -> Workdays:
    """Return what counts where a deployment has notices of its `own`."""
    notices = (*own, *(one for one in shipped_notices() if not any(one.overlaps(other) for other in own)))
    return Workdays(
        frozenset(day for one in notices for day in _days(one)),
        frozenset(_day(day) for one in notices for day in one.worked),
        tuple((_day(one.valid_from), _day(one.until)) for one in notices),
    )


def _days(notice: HolidayNotice) -> Iterator[int]:
    for first, last in notice.off:
        yield from range(_day(first), _day(last) + 1)


def _day(date: Date) -> int:
    return (date - EPOCH).days
