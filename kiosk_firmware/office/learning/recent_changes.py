"""Tell how the fleet has been of late: practice by day, and what is otherwise than a day ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from kiosk_firmware.office.database.queries import DAY_MS, Queries, of_sites
from kiosk_firmware.office.fleet.roster import UnitState
from kiosk_firmware.office.learning.learning_sums import ALL, day_of

DAYS = 28
"""Of the fleet's trend."""
SITE_DAYS = 14
"""Of a site's line on the map."""


class DayPractice(msgspec.Struct, frozen=True):
    """Runs of learners that began on a day (counted since 1970, UTC+8) and are over, and those that were done."""

    day: int
    runs: int
    done: int


class SinceYesterday(msgspec.Struct, frozen=True):
    """Changes since a day ago: units that went offline and are, units heard for the first time, alerts opened
    (and standing) and closed.
    """

    gone: int
    first: int
    opened: int
    closed: int


def practice(views: Queries, sites: Sequence[str], now_ms: int) -> tuple[DayPractice, ...]:
    """Return each of the last days at these sites (all without any), today last; a day without practice is one, too."""
    last, of = day_of(now_ms), tuple(sites) or (ALL,)
    marks = ", ".join("?" * len(of))
    asked = f"SELECT day, sum(runs) AS runs, sum(done) AS done FROM sum_lessons WHERE site IN ({marks}) AND day > ?"
    rows = {int(row["day"]): row for row in views.rows(f"{asked} GROUP BY day", *of, last - DAYS)}
    days = range(last - DAYS + 1, last + 1)
    return tuple(
        DayPractice(day, int(rows[day]["runs"]), int(rows[day]["done"])) if day in rows else DayPractice(day, 0, 0)
        for day in days
    )


def site_lines(views: Queries, sites: Sequence[str], now_ms: int) -> dict[str, tuple[int, ...]]:
    """Return by site the runs of each of the last days, today last."""
    if not sites:
        return {}
    last, marks = day_of(now_ms), ", ".join("?" * len(sites))
    asked = f"SELECT site, day, sum(runs) AS runs FROM sum_lessons WHERE site IN ({marks}) AND day > ?"
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0] * SITE_DAYS)
    for row in views.rows(f"{asked} GROUP BY site, day", *sites, last - SITE_DAYS):
        if row["day"] <= last:
            found[row["site"]][int(row["day"]) - last + SITE_DAYS - 1] = int(row["runs"])
    return {site: tuple(runs) for site, runs in found.items()}


def since_yesterday(views: Queries, seats: Sequence[UnitState], sites: Sequence[str], now_ms: int) -> SinceYesterday:
    """Compare these units, and the alerts of these sites (all without any), with how it was a day ago."""
    since = now_ms - DAY_MS
    counted = "SELECT count(*) AS n FROM alerts WHERE"
    own = of_sites("unit", tuple(sites))
    opened = views.rows(f"{counted} closed_ms = 0 AND opened_ms > ? {own}", since, *sites)
    closed = views.rows(f"{counted} closed_ms > ? {own}", since, *sites)
    return SinceYesterday(
        sum(is_gone(seat, now_ms) for seat in seats),
        sum(is_first(seat, now_ms) for seat in seats),
        int(opened[0]["n"]),
        int(closed[0]["n"]),
    )


def is_gone(seat: UnitState, now_ms: int) -> bool:
    """Return whether a unit is offline and was heard within the last day."""
    return seat.state == "offline" and seat.seen_ms > now_ms - DAY_MS


def is_first(seat: UnitState, now_ms: int) -> bool:
    """Return whether a unit was heard for the first time within the last day."""
    return seat.first_ms > now_ms - DAY_MS
