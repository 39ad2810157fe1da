"""Query what the pages show from the office's database: a moment's picture, never written.

A unit is *offline* when its last will or its own word says so, or nothing came for three minutes; *degraded* when it
is online and something stands against it (a lost device, a clash of numbers, a full disk, a long queue); else
*online*. Lost are facts that the unit declared gone, and those missing for longer than ten minutes; what is missing
for less is under way. The day is that of UTC+8, wherever the server stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Literal, TypeVar

import msgspec

from kiosk_firmware.office.database.connection import Where, reader
from kiosk_firmware.wire.message_bounds import MOST_SEQ
from kiosk_firmware.wire.messages import Health

log = logging.getLogger(__name__)
SILENT_MS = 3 * 60 * 1000
LATE_MS = 10 * 60 * 1000
DAY_MS = 24 * 3600 * 1000
OFFSET_MS = 8 * 3600 * 1000
LONG_QUEUE = 500
LOW_DISK = 200 * 1024 * 1024
State = Literal["online", "degraded", "offline"]


class Alert(msgspec.Struct, frozen=True):
    """Something that stands against a unit; `about` names it within its kind."""

    unit: str
    kind: str
    about: str
    opened_ms: int


class RunRow(msgspec.Struct, frozen=True):
    """A row of runs; `outcome` is empty while it goes on."""

    unit: str
    run: str
    machine: str
    skin: str
    lesson: str
    learner: str
    purpose: str
    started_ms: int
    ended_ms: int
    outcome: str
    ms: int
    slips: int
    prompt_max: int
    steps: int
    step: str


class StoredFact(msgspec.Struct, frozen=True):
    """A stored fact."""

    seq: int
    type: str
    at_ms: int
    timeq: str
    data: dict[str, Any]


class Device(msgspec.Struct, frozen=True):
    """A device of a unit, and since when it is so."""

    name: str
    lost: bool
    at_ms: int


class UnitRow(msgspec.Struct, frozen=True):
    """A unit as the fleet's table shows it; `machine` and `lesson` are those of the run that goes on."""

    unit: str
    site: str
    place: str
    kind: str
    fw: str
    state: State
    machine: str
    lesson: str
    run: str
    seen_ms: int
    since_ms: int
    health: Health | None
    alerts: tuple[Alert, ...]


class KnownUnit(msgspec.Struct, frozen=True):
    """A unit by its name, its site and its kind alone: of a nation's, health and state take too long to read."""

    unit: str
    site: str
    kind: str


class Counters(msgspec.Struct, frozen=True):
    """The counters of the fleet page. `checked` facts are accounted for, `lost` of them will never come."""

    runs_today: int
    done_today: int
    lost: int
    under_way: int
    checked: int


def day_start(now_ms: int) -> int:
    """Return the instant at which the day of `now_ms` began in UTC+8."""
    return (now_ms + OFFSET_MS) // DAY_MS * DAY_MS - OFFSET_MS


class Queries:
    """Reads the database; one short connection a picture, so that any thread may ask."""

    def __init__(self, where: Where) -> None:
        """Take `where`: the collector's database, a path or PostgreSQL's address."""
        self.where = where

    def rows(self, sql: str, *args: str | int) -> list[Mapping[str, Any]]:
        """Return what a question to the books finds, by columns' names."""
        with closing(reader(self.where)) as db:
            return db.execute(sql, tuple(_bound_value(one) for one in args)).fetchall()

    def sample_until(self) -> int:
        """Return when the past of a sample office ends; 0 where this office is real."""
        rows = self.rows("SELECT value FROM properties WHERE name = 'sample'")
        return int(rows[0]["value"]) if rows else 0

    def silent_since(self, now_ms: int) -> int:
        """Return since when a unit must have been heard; of a sample none is heard after its past."""
        return min(now_ms, self.sample_until() or now_ms) - SILENT_MS

    def alerts(self, only: tuple[str, ...] = ()) -> tuple[Alert, ...]:
        """Return all alerts that stand at these sites (all without any), newest first."""
        rows = self.rows(
            f"SELECT unit, kind, about, opened_ms FROM alerts WHERE closed_ms = 0 {of_sites('unit', only)}"
            " ORDER BY opened_ms DESC",
            *only,
        )
        return tuple(Alert(**dict(row)) for row in rows)

    def counters(self, now_ms: int, only: tuple[str, ...] = ()) -> Counters:
        """Return today's runs, and whether anything of these sites (all without any) is missing."""
        some = of_sites("unit", only)
        runs = self.rows(
            f"SELECT count(*) AS n, sum(CASE outcome WHEN 'done' THEN 1 ELSE 0 END) AS done FROM runs"
            f" WHERE started_ms >= ? {some}",
            day_start(now_ms),
            *only,
        )[0]
        sums = f"SELECT {TOLD} FROM epochs WHERE top > 0"
        numbers = self.rows(f"{sums} {some}", *only)[0]
        late, way = self._count_missing(now_ms, only)
        top, lost = int(numbers["top"]), int(numbers["lost"])
        return Counters(int(runs["n"]), int(runs["done"] or 0), lost + late, way, top - late - way)

    def going(self, runs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the lessons of runs (unit, run) that go on, by unit."""
        if not runs:
            return {}
        marks = " OR ".join(["(unit = ? AND run = ?)"] * len(runs))
        rows = self.rows(f"SELECT unit, lesson FROM runs WHERE {marks}", *(word for pair in runs for word in pair))
        return {str(row["unit"]): str(row["lesson"]) for row in rows}

    def _count_missing(self, now_ms: int, only: tuple[str, ...]) -> tuple[int, int]:
        """Return the facts missing for long, and for a moment."""
        rows = self.rows(
            f"SELECT last - first + 1 AS n, since_ms FROM holes WHERE last > 0 {of_sites('unit', only)}", *only
        )
        late = sum(row["n"] for row in rows if now_ms - row["since_ms"] > LATE_MS)
        return late, sum(row["n"] for row in rows) - late

    def sites(self, only: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the sites that have units, of those wanted; by name."""
        found = [str(row["site"]) for row in self.rows("SELECT DISTINCT site FROM units ORDER BY site")]
        return tuple(site for site in found if not only or site in only)

    def unit_ids(self, sites: Iterable[str]) -> tuple[str, ...]:
        """Return the units of these sites, by name."""
        only = tuple(sites)
        marks = ", ".join("?" * len(only))
        rows = self.rows(f"SELECT unit FROM units WHERE site IN ({marks}) ORDER BY unit", *only)
        return tuple(str(row["unit"]) for row in rows)

    def alerts_mark(self) -> tuple[int, ...]:
        """Return a mark of the standing alerts: equal while nothing was opened or closed."""
        sums = "count(*) AS n, coalesce(sum(opened_ms % 1000000007), 0) AS s, coalesce(max(opened_ms), 0) AS m"
        row = self.rows(f"SELECT {sums} FROM alerts WHERE closed_ms = 0")[0]
        return int(row["n"]), int(row["s"]), int(row["m"])

    def alert_count(self, only: tuple[str, ...] = ()) -> int:
        """Return how many alerts stand at these sites; all without any."""
        sql = f"SELECT count(*) AS n FROM alerts WHERE closed_ms = 0 {of_sites('unit', only)}"
        return int(self.rows(sql, *only)[0]["n"])

    def units(self, now_ms: int, unit: str = "", site: str = "") -> tuple[UnitRow, ...]:
        """Return all units, or one, or a site's: degraded and offline ones first, then by name."""
        only, args = ("WHERE u.unit = ?", (unit,)) if unit else ("WHERE u.site = ?", (site,)) if site else ("", ())
        rows = self.rows(
            "SELECT u.unit, u.site, u.place, u.kind, u.fw, u.online, u.machine, u.run, u.seen_ms, u.since_ms, u.health,"
            " coalesce(r.lesson, '') AS lesson FROM units u LEFT JOIN runs r ON r.unit = u.unit AND r.run = u.run"
            f" {only} ORDER BY u.unit",
            *args,
        )
        standing: dict[str, list[Alert]] = {}
        for alert in self.alerts():
            standing.setdefault(alert.unit, []).append(alert)
        silent = self.silent_since(now_ms)
        made = [_unit_row(row, tuple(standing.get(row["unit"], ())), silent) for row in rows]
        order = {"degraded": 0, "offline": 1, "online": 2}
        return tuple(sorted(made, key=lambda row: (order[row.state], row.unit)))

    def known_units(self, only: tuple[str, ...] = ()) -> tuple[KnownUnit, ...]:
        """Return all units of these sites (all without any), by name."""
        where = f"WHERE true {of_sites('unit', only)}"
        rows = self.rows(f"SELECT unit, site, kind FROM units {where} ORDER BY unit", *only)
        return tuple(KnownUnit(row["unit"], row["site"], row["kind"]) for row in rows)

    def unit(self, unit: str, now_ms: int) -> UnitRow | None:
        """Return one unit, or None if it was never heard of."""
        return next(iter(self.units(now_ms, unit)), None)

    def runs(self, now_ms: int, unit: str = "", limit: int = 500, only: tuple[str, ...] = ()) -> tuple[RunRow, ...]:
        """Return the runs that began today (of one unit, or at these sites), newest first."""
        some, args = ("AND unit = ?", (unit,)) if unit else (of_sites("unit", only), only)
        columns = ", ".join(RunRow.__struct_fields__)
        order = f"{some} ORDER BY started_ms DESC LIMIT {limit:d}"
        rows = self.rows(f"SELECT {columns} FROM runs WHERE started_ms >= ? {order}", day_start(now_ms), *args)
        return tuple(RunRow(**dict(row)) for row in rows)

    def learner(self, site: str, learner: str) -> tuple[RunRow, ...]:
        """Return all runs of one learner of a site, newest first."""
        columns = ", ".join(f"r.{name}" for name in RunRow.__struct_fields__)
        rows = self.rows(
            f"SELECT {columns} FROM runs r JOIN units u ON u.unit = r.unit WHERE u.site = ? AND r.learner = ?"
            " ORDER BY r.started_ms DESC LIMIT 1000",
            site,
            learner,
        )
        return tuple(RunRow(**dict(row)) for row in rows)

    def run(self, unit: str, run: str) -> RunRow | None:
        """Return one run, or None."""
        columns = ", ".join(RunRow.__struct_fields__)
        rows = self.rows(f"SELECT {columns} FROM runs WHERE unit = ? AND run = ?", unit, run)
        return RunRow(**dict(rows[0])) if rows else None

    def facts(self, unit: str, limit: int = 30) -> tuple[StoredFact, ...]:
        """Return the unit's last facts, newest first."""
        rows = self.rows(
            "SELECT seq, type, at_ms, timeq, data FROM facts WHERE unit = ? ORDER BY at_ms DESC, seq DESC LIMIT ?",
            unit,
            limit,
        )
        return tuple(StoredFact(r["seq"], r["type"], r["at_ms"], r["timeq"], data_of(r)) for r in rows)

    def devices(self, unit: str) -> tuple[Device, ...]:
        """Return the unit's devices by name."""
        rows = self.rows("SELECT device, lost, at_ms FROM devices WHERE unit = ? ORDER BY device", unit)
        return tuple(Device(row["device"], bool(row["lost"]), row["at_ms"]) for row in rows)


Made = TypeVar("Made")


def readable(rows: Iterable[Mapping[str, Any]], make: Callable[[Mapping[str, Any]], Made]) -> Iterator[Made]:
    """Make something of each row; one that nothing can be made of is left out, and the others are shown."""
    for row in rows:
        try:
            yield make(row)
        except Exception as error:  # whatever is wrong with it
            log.info("a row cannot be shown: %r", error)


def data_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a fact's row; nothing where it is no object."""
    try:
        found = msgspec.json.decode(row["data"])
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def health_of(text: str) -> Health | None:
    """Return a unit's health as it was written down; None where nothing was, or nobody can read it."""
    try:
        return msgspec.json.decode(text, type=Health) if text else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _bound_value(value: str | int) -> str | int:
    """Return a value as a database can take it: what follows from a row that nobody bounded may lie beyond 63 bits."""
    return max(-(2**63), min(2**63 - 1, value)) if isinstance(value, int) else value


def capped_sql(number: str) -> str:
    """Return SQL for a number that can be added up over a fleet; a larger one is no unit's."""
    return f"CASE WHEN {number} > {MOST_SEQ} THEN {MOST_SEQ} ELSE {number} END"


TOLD = f"coalesce(sum({capped_sql('top')}), 0) AS top, coalesce(sum({capped_sql('lost')}), 0) AS lost"
MISSING = f"coalesce(sum({capped_sql('last - first + 1')}), 0) AS n"
"""Sums over `epochs` and over `holes`."""


def of_sites(column: str, sites: tuple[str, ...]) -> str:
    """Return a condition that a unit is of one of these sites; none where there are none."""
    marks = ", ".join("?" * len(sites))
    return f"AND {column} IN (SELECT unit FROM units WHERE site IN ({marks}))" if sites else ""


def _unit_row(row: Mapping[str, Any], alerts: tuple[Alert, ...], silent_ms: int) -> UnitRow:
    health = health_of(row["health"])
    state: State = "online"
    if not row["online"] or row["seen_ms"] < silent_ms:
        state = "offline"
    elif is_degraded(alerts, health):
        state = "degraded"
    going = state != "offline"
    return UnitRow(
        unit=row["unit"],
        site=row["site"],
        place=row["place"],
        kind=row["kind"],
        fw=row["fw"],
        state=state,
        machine=row["machine"] if going else "",
        lesson=row["lesson"] if going else "",
        run=row["run"] if going else "",
        seen_ms=row["seen_ms"],
        since_ms=row["since_ms"],
        health=health,
        alerts=alerts,
    )


def is_degraded(alerts: tuple[Alert, ...], health: Health | None) -> bool:
    """Return whether something stands against a unit that is there: a device, its numbers, its site; or its queue or
    disk.
    """
    if any(alert.kind in ("device", "clash", "site", "source") for alert in alerts):
        return True
    return health is not None and (health.spool_depth > LONG_QUEUE or health.disk_free < LOW_DISK)
