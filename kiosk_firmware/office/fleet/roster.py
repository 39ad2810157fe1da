"""All units in memory, fresh to the second: the fleet page of a nation in a few hundredths of a second.

The books are read whole once; then only rows that were touched since, which the unit's own instants tell. What depends
on the hour (silent, asleep) is decided when somebody looks. A unit is *asleep* when it is off outside its site's hours,
which is as it should be; *offline* when it should be awake and is not; *never seen* when its site expects it and it has
not come; *updating* while a new system is fetched, installed or tried, for so long as that may take.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import msgspec

from kiosk_firmware.office.database.queries import (
    LATE_MS,
    MISSING,
    Alert,
    Queries,
    capped_sql,
    health_of,
    is_degraded,
)
from kiosk_firmware.office.settings import OfficeSettings, is_awake
from kiosk_firmware.storage.read_only import connect
from kiosk_firmware.wire.messages import Health

Mood = Literal["online", "degraded", "offline", "asleep", "updating", "never"]
MOODS: tuple[Mood, ...] = ("degraded", "offline", "never", "updating", "online", "asleep")
"""What needs a person first."""
FRESH_MS = 1000
SPARE = 4
"""However many look, reading again takes no more than a fifth of the time."""
BACK_MS = 5000
"""Rows are read again from so long before the last look: instants are written before they are committed."""
LOSS_MS = 15_000
UPDATING_MS = 2 * 3_600_000
"""A unit that has told nothing of its update for so long is what else it is, most likely offline."""
_COLUMNS = "unit, site, place, kind, fw, online, machine, run, seen_ms, since_ms, first_ms, health"


class UnitState(msgspec.Struct):
    """A unit; what it is at now is empty between runs. `lost`: facts that will never come, or not for a long time, of
    which `missing`; `until_ms`: the end of its certificate; `strained`: something stands against it while it is there.
    """

    unit: str
    site: str
    place: str = ""
    kind: str = ""
    fw: str = ""
    online: bool = False
    machine: str = ""
    run: str = ""
    seen_ms: int = 0
    since_ms: int = 0
    first_ms: int = 0
    health: Health | None = None
    alerts: tuple[Alert, ...] = ()
    lost: int = 0
    missing: int = 0
    until_ms: int = 0
    strained: bool = False
    state: Mood = "never"
    text: str = ""


class Roster:
    """See the file's head; safe from any thread."""

    def __init__(
        self,
        views: Queries,
        settings: OfficeSettings,
        register: Path | None = None,
        news: Callable[[], int] = lambda: 0,
    ) -> None:
        """Take what is read from; nothing is read before somebody looks. `register`: the authority's, which knows
        certificates and who is expected; it may not be there. `news` counts what this process heard: then a picture is
        no older than what reading takes, some times over.
        """
        self._news, self._heard, self._cost_ms = news, 0, 0.0
        self._views, self.settings, self._register = views, settings, register
        self._seats: dict[str, UnitState] = {
            unit: UnitState(unit, site, text=f"{unit} {site}")
            for site, told in settings.sites.items()
            for unit in told.units
        }
        self._looked_ms = self._loss_ms = 0
        self._updating: set[str] = set()
        self._alerted: frozenset[str] = frozenset()
        self._mark: tuple[int, ...] = ()
        self._lock = threading.Lock()

    def look(self, now_ms: int, sites: Iterable[str] = ()) -> list[UnitState]:
        """Return all units of these sites (all without any), by name, as they are now."""
        with self._lock:
            heard, age_ms = self._news(), now_ms - self._looked_ms
            if age_ms >= FRESH_MS or (heard != self._heard and age_ms >= SPARE * self._cost_ms):
                self._heard, began = heard, time.perf_counter()
                self._refresh(now_ms)
                self._cost_ms = (time.perf_counter() - began) * 1000
            awake = {site: is_awake(told, now_ms) for site, told in self.settings.sites.items()}
            only = frozenset(sites)
            found = [seat for seat in self._seats.values() if seat.site in only] if only else [*self._seats.values()]
            asleep = frozenset(site for site, yes in awake.items() if not yes)
            self._judge(found, self._views.silent_since(now_ms), asleep)
            return found

    def _judge(self, seats: list[UnitState], silent: int, asleep: frozenset[str]) -> None:
        """Judge how each is now; written for many thousands."""
        updating = self._updating
        for seat in seats:
            if seat.unit in updating:
                seat.state = "updating"
            elif seat.online and seat.seen_ms >= silent:
                seat.state = "degraded" if seat.strained else "online"
            elif not seat.first_ms:
                seat.state = "never"
            else:
                seat.state = "asleep" if seat.site in asleep else "offline"

    def _refresh(self, now_ms: int) -> None:
        since = self._looked_ms - BACK_MS if self._looked_ms else 0
        rows = self._views.rows(
            f"SELECT {_COLUMNS} FROM units WHERE seen_ms >= ? OR since_ms >= ? OR first_ms >= ?", since, since, since
        )
        fresh = False
        for row in rows:
            before = self._seats.get(row["unit"])
            fresh = fresh or before is None
            if before is None or _differs(row, before):
                self._seats[row["unit"]] = _seat(row, before)
        if fresh:
            self._seats = dict(sorted(self._seats.items()))
        self._stand(now_ms)
        self._looked_ms = now_ms

    def _stand(self, now_ms: int) -> None:
        """Read the alerts, and now and then the losses."""
        mark = self._views.alerts_mark()
        if mark != self._mark:
            self._mark = mark
            self._alert()
        updating = "SELECT unit FROM updates WHERE stage IN ('downloading', 'installing', 'trying') AND at_ms > ?"
        self._updating = {str(row["unit"]) for row in self._views.rows(updating, now_ms - UPDATING_MS)}
        if now_ms - self._loss_ms < LOSS_MS:
            return
        self._loss_ms = now_ms
        losses = Counter(
            {
                row["unit"]: int(row["n"])
                for row in self._views.rows(
                    f"SELECT unit, sum({capped_sql('lost')}) AS n FROM epochs WHERE lost > 0 GROUP BY unit"
                )
            }
        )
        late = f"SELECT unit, {MISSING} FROM holes WHERE since_ms < ? GROUP BY unit"
        missing = Counter({row["unit"]: int(row["n"]) for row in self._views.rows(late, now_ms - LATE_MS)})
        until = self._read_certificates()
        for seat in self._seats.values():
            seat.missing, seat.until_ms = missing[seat.unit], until.get(seat.unit, 0)
            seat.lost = losses[seat.unit] + seat.missing

    def _alert(self) -> None:
        standing: dict[str, list[Alert]] = {}
        for alert in self._views.alerts():
            standing.setdefault(alert.unit, []).append(alert)
        for unit in {*self._alerted, *standing}:
            if (seat := self._seats.get(unit)) is not None:
                seat.alerts = tuple(standing.get(unit, ()))
                seat.strained = is_degraded(seat.alerts, seat.health)
        self._alerted = frozenset(standing)

    def _read_certificates(self) -> dict[str, int]:
        """Return when each unit's certificate ends; who is expected gets a seat."""
        if self._register is None or not self._register.exists():
            return {}
        with closing(connect(self._register, timeout_s=1)) as db:
            for unit, site, kind in db.execute("SELECT id, site, kind FROM units WHERE state = 'expected'"):
                self._seats.setdefault(unit, UnitState(unit, site, kind=kind, text=f"{unit} {site} {kind}"))
            until = "SELECT name, max(until_ms) FROM certificates WHERE revoked_ms IS NULL GROUP BY name"
            return {str(name): int(ms) for name, ms in db.execute(until)}


def _differs(row: Mapping[str, Any], seat: UnitState) -> bool:
    """Return whether a row that was read again says anything new; each message leaves another instant or another
    run.
    """
    return (row["seen_ms"], row["since_ms"], row["run"], row["fw"]) != (seat.seen_ms, seat.since_ms, seat.run, seat.fw)


def _seat(row: Mapping[str, Any], before: UnitState | None) -> UnitState:
    health = health_of(row["health"])
    alerts = before.alerts if before else ()
    return UnitState(
        row["unit"],
        row["site"],
        row["place"],
        row["kind"],
        row["fw"],
        bool(row["online"]),
        row["machine"],
        row["run"],
        row["seen_ms"],
        row["since_ms"],
        row["first_ms"],
        health,
        alerts,
        before.lost if before else 0,
        before.missing if before else 0,
        before.until_ms if before else 0,
        is_degraded(alerts, health),
        text=f"{row['unit']} {row['site']} {row['place']} {row['kind']} {row['fw']}".lower(),
    )


def _figure(seat: UnitState, name: str) -> float:
    value = getattr(seat.health, name) if seat.health is not None else None
    return -1.0 if value is None else float(value)


ORDER = {mood: n for n, mood in enumerate(MOODS)}
SORTS: dict[str, Callable[[UnitState], Any]] = {
    "state": lambda seat: (ORDER[seat.state], seat.unit),
    "unit": lambda seat: seat.unit,
    "site": lambda seat: (seat.site, seat.unit),
    "machine": lambda seat: (not seat.machine, seat.machine, seat.unit),
    "version": lambda seat: (seat.fw, seat.unit),
    "seen": lambda seat: -seat.seen_ms,
    "backlog": lambda seat: -_figure(seat, "spool_depth"),
    "oldest": lambda seat: -_figure(seat, "spool_oldest_s"),
    "heat": lambda seat: -_figure(seat, "temp_c"),
    "disk": lambda seat: _figure(seat, "disk_free"),
    "certificate": lambda seat: (seat.until_ms or 1 << 62, seat.unit),
    "lost": lambda seat: (-seat.lost, seat.unit),
    "alerts": lambda seat: (-len(seat.alerts), seat.unit),
}


class RosterQuery(msgspec.Struct, frozen=True):
    """The filter of the table: words that must stand in a row, and columns' values; how it is sorted. `lately`: units
    that went offline (`gone`) or were heard for the first time (`first`) within the last day.
    """

    q: str = ""
    state: str = ""
    site: str = ""
    kind: str = ""
    version: str = ""
    alert: str = ""
    lately: str = ""
    sort: str = "state"
    down: int = 0
    page: int = 1


def choose_units(seats: Iterable[UnitState], want: RosterQuery) -> list[UnitState]:
    """Return the rows that the query wants, in their order. An unknown sort is the usual one."""
    found = list(seats)
    for name, value in (("state", want.state), ("site", want.site), ("kind", want.kind), ("fw", want.version)):
        if value:
            found = [seat for seat in found if getattr(seat, name) == value]
    for word in want.q.lower().split():
        found = [seat for seat in found if word in seat.text]
    if want.alert:
        found = [seat for seat in found if any(alert.kind == want.alert for alert in seat.alerts)]
    return sorted(found, key=SORTS.get(want.sort, SORTS["state"]), reverse=bool(want.down))
