"""Alerts as one list: what facts opened in the books, and what the office sees by itself on the roster.

Rules are data (`alerts.toml`). What the office sees is written to the pages' own database and closed when it has
passed; a rule must have held without a break for its `for_s`, so a unit that comes back within two minutes is no alert,
and a unit that is off outside its site's hours never is one. Half a site away is one alert of the site, and its units'
own ones give way to it; nearly all sites away is one of the office. What a person did about an alert (taken note, taken
over, silenced) hangs on the alert by its name; while work was announced for a site or unit nothing there counts.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec

from kiosk_firmware.office.accounts.people_db import PeopleDb
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.roster import UnitState

Weight = Literal["now", "day", "room"]
DAY_MS = 86_400_000
REVIEW, STALLED = "review", "stalled"
Name = tuple[str, str, str, str]
"""(site, unit, kind, about)"""
DEAF: Name = ("", "", "deaf", "")
"""The office hears nobody."""


class AlertRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule; see `alerts.toml`."""

    kind: str
    weight: Weight
    book: bool = False
    visits: bool = False
    office: bool = False
    state: str = ""
    figure: str = ""
    above: float | None = None
    below: float | None = None
    equal: str = ""
    bits: int = 0
    days_left: int = 0
    for_s: int = 0
    units_least: int = 0
    share_least: float = 0.0


class Incident(msgspec.Struct, frozen=True):
    """An alert that stands. `unit` empty: of a whole site; `site` too: of the office. `hushed`: silenced, or work
    was announced there.
    """

    site: str
    unit: str
    kind: str
    about: str
    opened_ms: int
    weight: Weight
    book: bool
    acked_by: str = ""
    owner: str = ""
    hushed: bool = False

    @property
    def key(self) -> str:
        """Its name in one word."""
        return f"{self.site}/{self.unit}/{self.kind}/{self.about}/{self.opened_ms}"


@cache
def rules() -> dict[str, AlertRule]:
    """Return the rules by kind, in their order."""
    text = resources.files("kiosk_firmware.office.alerts").joinpath("alerts.toml").read_text("utf-8")
    found = msgspec.convert(tomllib.loads(text)["rule"], list[AlertRule])
    return {rule.kind: rule for rule in found}


def current_conditions(seats: Iterable[UnitState], now_ms: int) -> set[Name]:
    """Return what holds at this moment by the rules that are not the books'."""
    found: set[Name] = set()
    by_site: dict[str, list[UnitState]] = defaultdict(list)
    for seat in seats:
        by_site[seat.site].append(seat)
    looked_at = [rule for rule in rules().values() if not (rule.book or rule.visits or rule.office)]
    for site, own in by_site.items():
        for rule in looked_at:
            found.update(_outage(rule, site, own) if rule.units_least else _units(rule, own, now_ms))
    return found


def unheard(overdue: Iterable[tuple[str, str]]) -> set[Name]:
    """Return the alerts of visits that nobody has listened to in time: each (site, number) an alert of its site."""
    return {(site, "", REVIEW, number) for site, number in overdue}


def of_office(parts: Iterable[str]) -> set[Name]:
    """Return the alerts of the office's own parts that stand still."""
    return {("", "", STALLED, part) for part in parts}


def _outage(rule: AlertRule, site: str, own: list[UnitState]) -> Iterator[Name]:
    away = sum(seat.state == rule.state for seat in own)
    if away >= rule.units_least and away >= rule.share_least * sum(seat.state != "never" for seat in own):
        yield site, "", rule.kind, ""


def _units(rule: AlertRule, own: list[UnitState], now_ms: int) -> Iterator[Name]:
    for seat in own:
        if _holds(rule, seat, now_ms):
            yield seat.site, seat.unit, rule.kind, ""


def _holds(rule: AlertRule, seat: UnitState, now_ms: int) -> bool:
    if rule.state:
        return seat.state == rule.state
    if rule.days_left:
        return 0 < seat.until_ms < now_ms + rule.days_left * DAY_MS
    if seat.state not in ("online", "degraded") or seat.health is None:
        return False
    value = seat.missing if rule.figure == "missing" else getattr(seat.health, rule.figure)
    if value is None:
        return False
    if rule.equal or rule.bits:
        return value == rule.equal if rule.equal else bool(value & rule.bits)
    return (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)


def _is_deaf(out: set[str], seats: Iterable[UnitState]) -> bool:
    """Return whether so many sites are away at once that it must be the office."""
    rule, awake = rules()[DEAF[2]], {seat.site for seat in seats if seat.state not in ("never", "asleep")}
    return len(out) >= rule.units_least and len(out) >= rule.share_least * len(awake)


def _gives_way(name: Name, out: set[str], deaf: bool) -> bool:
    """Return whether a wider alert says it already: of the site, or of the office."""
    return (name[2] == "offline" and name[0] in out) or (deaf and name[2] in ("offline", "outage"))


class AlertMonitor:
    """Opens and closes what the office sees by itself. Its memory of what holds since when begins anew with it."""

    def __init__(self, db: PeopleDb) -> None:
        """Keep what stood until it is looked at again."""
        self._db = db
        self._since: dict[Name, int] = {}

    def look(self, seats: Iterable[UnitState], now_ms: int, others: Iterable[Name] = ()) -> bool:
        """Look once; return whether anything was opened or closed. `others`: what holds by rules that are not about
        units.
        """
        seats = list(seats)
        holding = current_conditions(seats, now_ms).union(others)
        self._since = {name: self._since.get(name, now_ms) for name in holding}
        ripe = {name for name, since in self._since.items() if now_ms - since >= rules()[name[2]].for_s * 1000}
        out = {site for site, _, kind, _ in ripe if kind == "outage"}
        deaf = _is_deaf(out, seats)
        hidden = {name for name in holding if _gives_way(name, out, deaf)}
        ripe = ripe - hidden | ({DEAF} if deaf else set())
        rows = self._db.rows("SELECT site, unit, kind, about FROM incidents WHERE closed_ms = 0")
        standing = {(row["site"], row["unit"], row["kind"], row["about"]) for row in rows}
        gone = standing - ripe - (holding - hidden)
        if ripe <= standing and not gone:
            return False
        columns = "site, unit, kind, about, opened_ms"
        with self._db.change() as db:
            for name in ripe - standing:
                db.execute(f"INSERT OR REPLACE INTO incidents({columns}) VALUES(?, ?, ?, ?, ?)", (*name, now_ms))
            where = "site = ? AND unit = ? AND kind = ? AND about = ? AND closed_ms = 0"
            db.executemany(f"UPDATE incidents SET closed_ms = ? WHERE {where}", [(now_ms, *name) for name in gone])
        return True


def standing_alerts(views: Queries, db: PeopleDb, now_ms: int, sites: Iterable[str] = ()) -> tuple[Incident, ...]:
    """Return all that stands at these sites (all without any): what goes out at once first, then the newest."""
    only = frozenset(sites)
    tended = {
        (row["unit"], row["kind"], row["about"], row["opened_ms"]): row for row in db.rows("SELECT * FROM tended")
    }
    work = {
        row["scope"] for row in db.rows("SELECT scope FROM windows WHERE from_ms <= ? AND until_ms > ?", now_ms, now_ms)
    }
    made = []
    for row, book in _rows(views, db):
        if only and row["site"] not in only:
            continue
        rule = rules().get(row["kind"])
        done = tended.get((row["unit"] or row["site"], row["kind"], row["about"], row["opened_ms"]))
        hushed = bool({row["site"], row["unit"]} & work) or (done is not None and done["silent_until_ms"] > now_ms)
        made.append(
            Incident(
                row["site"],
                row["unit"],
                row["kind"],
                row["about"],
                row["opened_ms"],
                rule.weight if rule else "day",
                book,
                done["acked_by"] if done else "",
                done["owner"] if done else "",
                hushed,
            )
        )
    order = {"now": 0, "room": 1, "day": 2}
    return tuple(sorted(made, key=lambda one: (one.hushed, order[one.weight], -one.opened_ms, one.site, one.unit)))


def own_count(db: PeopleDb, sites: Iterable[str]) -> int:
    """Return how many alerts stand at these sites (all without any) that are not the books'."""
    only = frozenset(sites)
    rows = db.rows("SELECT site FROM incidents WHERE closed_ms = 0")
    return sum(not only or row["site"] in only for row in rows)


def _rows(views: Queries, db: PeopleDb) -> Iterator[tuple[Any, bool]]:
    of_books = (
        "SELECT u.site, a.unit, a.kind, a.about, a.opened_ms FROM alerts a JOIN units u ON u.unit = a.unit"
        " WHERE a.closed_ms = 0"
    )
    yield from ((row, True) for row in views.rows(of_books))
    own = db.rows("SELECT site, unit, kind, about, opened_ms FROM incidents WHERE closed_ms = 0")
    yield from ((row, False) for row in own)


def tend(db: Any, incident: Incident, **what: str | int) -> None:
    """Note within a transaction what a person did about an alert (acked_by, owner, silent_until_ms)."""
    name = (incident.unit or incident.site, incident.kind, incident.about, incident.opened_ms)
    db.execute("INSERT OR IGNORE INTO tended(unit, kind, about, opened_ms) VALUES(?, ?, ?, ?)", name)
    for column, value in what.items():
        if column not in ("acked_by", "owner", "silent_until_ms"):
            raise ValueError(column)
        where = "unit = ? AND kind = ? AND about = ? AND opened_ms = ?"
        db.execute(f"UPDATE tended SET {column} = ? WHERE {where}", (value, *name))
