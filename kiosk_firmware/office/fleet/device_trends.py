"""Show how a unit has been: its last day as a line of time and as curves, and its devices now against their first week.

The first week of a unit is what was accepted: whatever was normal then is its measure. A device's rate of trouble
(losses and noise by a hundred uses) is called worse only where it is more than twice the first week's and chance would
hardly make it so (Poisson: more than three standard deviations above).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kiosk_firmware.office.database.queries import Queries, data_of, readable
from kiosk_firmware.wire.facts import HealthSummarised

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


class TimelineSegment(msgspec.Struct, frozen=True):
    """A stretch of the day: what (`done`, `other`, `going`, `lost`), from and until as parts of a thousand, and a word
    for it: a machine or a device.
    """

    what: str
    first: float
    last: float
    about: str


class Rate(msgspec.Struct, frozen=True):
    """One device over seven days and in its first seven: uses, troubles, and whether it is worse now."""

    device: str
    uses: int
    troubles: int
    first_uses: int
    first_troubles: int

    @property
    def known(self) -> bool:
        """It was used then and now, so that there is something to compare."""
        return self.uses > 0 and self.first_uses > 0

    @property
    def worse(self) -> bool:
        """More trouble than its first week leads to expect, beyond chance."""
        if not self.known:
            return False
        expected = self.uses * max(self.first_troubles, 0.5) / self.first_uses
        return self.troubles > 2 * expected and self.troubles > expected + 3 * math.sqrt(expected)


def day(views: Queries, unit: str, now_ms: int) -> tuple[TimelineSegment, ...]:
    """Return the last 24 hours, longest things first so that short ones are drawn over them."""
    since = now_ms - DAY_MS
    pieces = [*_runs(views, unit, since, now_ms), *_losses(views, unit, since, now_ms)]
    return tuple(sorted(pieces, key=lambda piece: piece.first - piece.last))


def _at(ms: int, since: int) -> float:
    return round(min(1000.0, max(0.0, (ms - since) * 1000 / DAY_MS)), 1)


def _runs(views: Queries, unit: str, since: int, now_ms: int) -> Iterator[TimelineSegment]:
    rows = views.rows(
        "SELECT machine, outcome, started_ms, ended_ms FROM runs WHERE unit = ? AND started_ms > ?",
        unit,
        since - DAY_MS,
    )
    for row in rows:
        until = row["ended_ms"] or now_ms
        if until >= since:
            what = "done" if row["outcome"] == "done" else "other" if row["outcome"] else "going"
            yield TimelineSegment(what, _at(row["started_ms"], since), _at(until, since), row["machine"])


def _losses(views: Queries, unit: str, since: int, now_ms: int) -> Iterator[TimelineSegment]:
    rows = views.rows(
        "SELECT type, at_ms, data FROM facts WHERE unit = ? AND at_ms > ? AND type IN ('device.lost', 'device.back')"
        " ORDER BY at_ms",
        unit,
        since,
    )
    lost: dict[str, int] = {}
    for row in rows:
        device = str(data_of(row).get("at", ""))
        if row["type"] == "device.lost":
            lost.setdefault(device, row["at_ms"])
        else:
            yield TimelineSegment("lost", _at(lost.pop(device, since), since), _at(row["at_ms"], since), device)
    for device, at_ms in lost.items():
        yield TimelineSegment("lost", _at(at_ms, since), _at(now_ms, since), device)


def series(views: Queries, unit: str, now_ms: int) -> dict[str, tuple[list[int], list[float | None]]]:
    """Return curves of the last day from the summaries of health, by name: times (UTC s) and values."""
    rows = views.rows(
        "SELECT at_ms, data FROM facts WHERE unit = ? AND at_ms > ? AND type = 'health.summarised' ORDER BY at_ms",
        unit,
        now_ms - DAY_MS,
    )
    points = list(readable(rows, _point))
    times = [at_s for at_s, *_ in points]
    return {name: (times, [one[n] for one in points]) for n, name in enumerate(("heat", "disk", "backlog"), 1)}


def _point(row: Mapping[str, Any]) -> tuple[int, float | None, float, float]:
    data = msgspec.convert(data_of(row), HealthSummarised)
    return row["at_ms"] // 1000, data.temp_max_c, round(data.disk_free_min / 1e9, 2), data.spool_max


def rates(views: Queries, unit: str, first_ms: int, now_ms: int) -> tuple[Rate, ...]:
    """Return each device that was used or troubled, by name."""
    now = _tally_devices(views, unit, now_ms - WEEK_MS, now_ms)
    first = _tally_devices(views, unit, first_ms - DAY_MS, first_ms + WEEK_MS)  # what waited at the unit came late
    return tuple(
        Rate(device, *now.get(device, (0, 0)), *first.get(device, (0, 0))) for device in sorted({*now, *first} - {""})
    )


def _tally_devices(views: Queries, unit: str, since: int, until: int) -> dict[str, tuple[int, int]]:
    rows = views.rows(
        "SELECT type, data FROM facts WHERE unit = ? AND at_ms BETWEEN ? AND ?"
        " AND type IN ('items.moved', 'media.moved', 'noise.counted', 'device.lost')",
        unit,
        since,
        until,
    )
    tally: dict[str, tuple[int, int]] = {}
    for device, is_use, n in readable(rows, _device_of_row):
        uses, troubles = tally.get(device, (0, 0))
        tally[device] = (uses + is_use, troubles + (0 if is_use else n))
    return tally


def _device_of_row(row: Mapping[str, Any]) -> tuple[str, bool, int]:
    data = data_of(row)
    return str(data.get("at", "")), row["type"].endswith(".moved"), int(data.get("count", 1))
