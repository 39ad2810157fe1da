"""Keep what each device has done, week by week, and what was done to it: kept on the unit for thirteen months.

The theory. Small counts are summed per device, week and name in one SQLite file; older weeks fall out as new ones are
written, so the file stays small. `accept` closes an *era*: what was counted up to then is what the device was accepted
with, and everything later is compared with it. A part that is changed, or a table of unit.toml that reads otherwise
than before, is a line in the device's log. Every call opens the file, does one transaction and closes it, so the unit
and a technician's command can both write; a power cut loses at most what was not yet handed over.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

FILE = "devices.db"
WEEKS = 57
"""Thirteen months."""
LOGGED = 500
"""Lines of the log that are kept for a device."""
UTC8 = timedelta(hours=8)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS week (device TEXT, week TEXT, era INTEGER, name TEXT, n INTEGER,
    PRIMARY KEY (device, week, era, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS era (era INTEGER PRIMARY KEY, accepted_ms INTEGER);
CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, at_ms INTEGER, device TEXT, text TEXT);
CREATE TABLE IF NOT EXISTS shape (device TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID;
"""


class HistoryEntry(msgspec.Struct, frozen=True):
    """A line of the log: when (UTC ms), whose, and what was done."""

    at_ms: int
    device: str
    text: str


Counts = dict[str, Counter[str]]
"""Device → name → how often."""


def week_of(at_ms: int) -> str:
    """Return the Monday of an instant's week, as a date, in practised time (UTC+8)."""
    day = (datetime.fromtimestamp(at_ms / 1000, UTC) + UTC8).date()
    return (day - timedelta(days=day.weekday())).isoformat()


class History:
    """The file in a unit's state folder. All calls may come from any thread and any process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = sqlite3.connect(self._path, timeout=10)
        try:
            file.executescript(_SCHEMA)
            with file:
                yield file
        finally:
            file.close()

    def add(self, counts: Mapping[str, Mapping[str, int]], now_ms: int) -> None:
        """Add to this week; weeks that are too old go."""
        week, oldest = week_of(now_ms), week_of(now_ms - WEEKS * 7 * 86_400_000)
        with self._open() as file:
            era = _era(file)
            file.executemany(
                "INSERT INTO week VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                [(at, week, era, name, n) for at, names in counts.items() for name, n in names.items() if n],
            )
            file.execute("DELETE FROM week WHERE week <= ?", (oldest,))

    def counts(self, *, since: date | None = None, until: date | None = None, era: int | None = None) -> Counts:
        """Return the sums over the weeks that begin from `since` on and before `until`; `era`: only that one."""
        wanted: list[object] = [(since or date.min).isoformat(), (until or date.max).isoformat()]
        limit = "" if era is None else " AND era = ?"
        with self._open() as file:
            rows = file.execute(
                f"SELECT device, name, SUM(n) FROM week WHERE week >= ? AND week < ?{limit} GROUP BY device, name",
                wanted if era is None else [*wanted, era],
            ).fetchall()
        found: Counts = {}
        for device, name, n in rows:
            found.setdefault(device, Counter())[name] = n
        return found

    def weeks(self, device: str) -> dict[str, Counter[str]]:
        """Return week → name → how often, oldest first."""
        found: dict[str, Counter[str]] = {}
        with self._open() as file:
            for week, name, n in file.execute(
                "SELECT week, name, SUM(n) FROM week WHERE device = ? GROUP BY week, name ORDER BY week", (device,)
            ):
                found.setdefault(week, Counter())[name] = n
        return found

    def accept(self, now_ms: int) -> int:
        """Accept the devices with what was counted so far; return the new era's number."""
        with self._open() as file:
            era = _era(file) + 1
            file.execute("INSERT INTO era VALUES (?, ?)", (era, now_ms))
            file.execute("INSERT INTO log (at_ms, device, text) VALUES (?, '', 'accepted')", (now_ms,))
        return era

    def accepted(self) -> tuple[int, int] | None:
        """Return (era that began at the last acceptance, its instant), or None before the first."""
        with self._open() as file:
            row = file.execute("SELECT era, accepted_ms FROM era ORDER BY era DESC LIMIT 1").fetchone()
        return (int(row[0]), int(row[1])) if row else None

    def note(self, device: str, text: str, now_ms: int) -> None:
        """Write into a device's log."""
        with self._open() as file:
            _log(file, device, text, now_ms)

    def log(self, since_ms: int = 0) -> list[HistoryEntry]:
        """Return the log from an instant on, oldest first."""
        with self._open() as file:
            rows = file.execute("SELECT at_ms, device, text FROM log WHERE at_ms >= ? ORDER BY id", (since_ms,))
            return [HistoryEntry(*row) for row in rows]

    def shaped(self, tables: Mapping[str, str], now_ms: int) -> None:
        """Keep how unit.toml describes each device now; what reads otherwise than last time is logged."""
        with self._open() as file:
            known = dict(file.execute("SELECT device, text FROM shape").fetchall())
            for device, text in tables.items():
                if device in known and known[device] != text:
                    _log(file, device, f"unit.toml: {known[device]} became {text}", now_ms)
            file.execute("DELETE FROM shape")
            file.executemany("INSERT INTO shape VALUES (?, ?)", list(tables.items()))


def _era(file: sqlite3.Connection) -> int:
    return int(file.execute("SELECT COALESCE(MAX(era), 0) FROM era").fetchone()[0])


def _log(file: sqlite3.Connection, device: str, text: str, now_ms: int) -> None:
    file.execute("INSERT INTO log (at_ms, device, text) VALUES (?, ?, ?)", (now_ms, device, text))
    file.execute(
        "DELETE FROM log WHERE device = ? AND id NOT IN (SELECT id FROM log WHERE device = ? ORDER BY id DESC LIMIT ?)",
        (device, device, LOGGED),
    )
