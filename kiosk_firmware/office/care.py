"""How a unit has been: its last day as a line of time and as curves, and its devices now against their first week.

The first week of a unit is what was accepted: whatever was normal then is its measure. A device's rate of trouble
(losses and noise by a hundred uses) is called worse only where it is more than twice the first week's and chance would
hardly make it so (Poisson: more than three standard deviations above).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from kiosk_firmware.office.views import Views

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


class Piece(msgspec.Struct, frozen=True):
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


def day(views: Views, unit: str, now_ms: int) -> tuple[Piece, ...]:
    """The last 24 hours, longest things first so that short ones are drawn over them."""
    since = now_ms - DAY_MS
    pieces = [*_runs(views, unit, since, now_ms), *_losses(views, unit, since, now_ms)]
    return tuple(sorted(pieces, key=lambda piece: piece.first - piece.last))


def _at(ms: int, since: int) -> float:
    return round(min(1000.0, max(0.0, (ms - since) * 1000 / DAY_MS)), 1)


def _runs(views: Views, unit: str, since: int, now_ms: int) -> Iterator[Piece]:
    rows = views.rows(
        "SELECT machine, outcome, started_ms, ended_ms FROM runs WHERE unit = ? AND started_ms > ?", unit,
        since - DAY_MS,
    )
    for row in rows:
        until = row["ended_ms"] or now_ms
        if until >= since:
            what = "done" if row["outcome"] == "done" else "other" if row["outcome"] else "going"
            yield Piece(what, _at(row["started_ms"], since), _at(until, since), row["machine"])


def _losses(views: Views, unit: str, since: int, now_ms: int) -> Iterator[Piece]:
    rows = views.rows(
        "SELECT type, at_ms, data FROM facts WHERE unit = ? AND at_ms > ? AND type IN ('device.lost', 'device.back')"
        " ORDER BY at_ms", unit, since,
    )
    lost: dict[str, int] = {}
    for row in rows:
        device = str(msgspec.json.decode(row["data"])["at"])
        if row["type"] == "device.lost":
            lost.setdefault(device, row["at_ms"])
        else:
            yield Piece("lost", _at(lost.pop(device, since), since), _at(row["at_ms"], since), device)
    for device, at_ms in lost.items():
        yield Piece("lost", _at(at_ms, since), _at(now_ms, since), device)


def series(views: Views, unit: str, now_ms: int) -> dict[str, tuple[list[int], list[float | None]]]:
    """Curves of the last day from the summaries of health, by name: times (UTC s) and values."""
    rows = views.rows(
        "SELECT at_ms, data FROM facts WHERE unit = ? AND at_ms > ? AND type = 'health.summarised' ORDER BY at_ms",
        unit, now_ms - DAY_MS,
    )
    times = [row["at_ms"] // 1000 for row in rows]
    told: list[dict[str, Any]] = [msgspec.json.decode(row["data"]) for row in rows]
    return {
        "heat": (times, [one.get("temp_max_c") for one in told]),
        "disk": (times, [round(one["disk_free_min"] / 1e9, 2) for one in told]),
        "backlog": (times, [one["spool_max"] for one in told]),
    }


def rates(views: Views, unit: str, first_ms: int, now_ms: int) -> tuple[Rate, ...]:
    """Each device that was used or troubled, by name."""
    now = _tallied(views, unit, now_ms - WEEK_MS, now_ms)
    first = _tallied(views, unit, first_ms - DAY_MS, first_ms + WEEK_MS)  # what waited at the unit came late
    return tuple(
        Rate(device, *now.get(device, (0, 0)), *first.get(device, (0, 0))) for device in sorted({*now, *first} - {""})
    )


def _tallied(views: Views, unit: str, since: int, until: int) -> dict[str, tuple[int, int]]:
    rows = views.rows(
        "SELECT type, data FROM facts WHERE unit = ? AND at_ms BETWEEN ? AND ?"
        " AND type IN ('items.moved', 'media.moved', 'noise.counted', 'device.lost')", unit, since, until,
    )
    tally: dict[str, tuple[int, int]] = {}
    for row in rows:
        data = msgspec.json.decode(row["data"])
        uses, troubles = tally.get(data["at"], (0, 0))
        is_use = row["type"].endswith(".moved")
        tally[data["at"]] = (uses + is_use, troubles + (0 if is_use else int(data.get("count", 1))))
    return tally
