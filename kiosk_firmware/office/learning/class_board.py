"""The class board: one room at a glance, who calls first; and the sheet at the end of the class.

A tile joins what stands on a unit's glass now (`Now`, never stored) with what the books know of the unit. Whoever calls
stands first; the others keep their places by name, so that a tile is where the eye left it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from kiosk_firmware.office.database.queries import Queries, UnitRow, data_of, day_start, readable
from kiosk_firmware.wire.messages import Now

STILL_MS = 60_000
"""Nothing has changed for so long: perhaps somebody is stuck."""
Mood = Literal["calls", "stopped", "still", "going", "idle", "away"]


class ClassTile(msgspec.Struct, frozen=True):
    """A unit on the board. `mood` is the one word for it; `still_s`: since something last changed."""

    unit: str
    place: str
    mood: Mood
    now: Now
    still_s: int
    faults: tuple[str, ...]


class CustodyCount(msgspec.Struct, frozen=True):
    """One count of a class's things: by whom, when, and what differs: kind → counted minus expected."""

    at_ms: int
    when: str
    who: int
    counted: dict[str, int]
    off: dict[str, int]


class SheetRow(msgspec.Struct, frozen=True):
    """A unit's day: people, runs, how many were done, calls; its counts."""

    unit: str
    learners: int
    runs: int
    done: int
    calls: int
    counts: tuple[CustodyCount, ...]

    @property
    def complete(self) -> bool:
        """The last count was after class and nothing was missing."""
        return bool(self.counts) and self.counts[-1].when == "after" and not self.counts[-1].off


def tiles(units: Iterable[UnitRow], present: Callable[[str], Now | None], now_ms: int) -> tuple[ClassTile, ...]:
    """Return the board of these units, in its order."""
    made = [_tile(row, present(row.unit), now_ms) for row in units]
    return tuple(sorted(made, key=lambda tile: (tile.mood != "calls", tile.unit)))


def _tile(row: UnitRow, seen: Now | None, now_ms: int) -> ClassTile:
    now = seen if seen is not None and row.state != "offline" else Now(0)
    calling = now.calling or any(alert.kind == "teacher" for alert in row.alerts)
    still_ms = max(0, now_ms - now.acted_ms) if now.acted_ms else 0
    mood: Mood = "idle"
    if row.state == "offline":
        mood = "away"
    elif calling:
        mood = "calls"
    elif now.stopped:
        mood = "stopped"
    elif now.machine:
        mood = "still" if still_ms > STILL_MS else "going"
    elif now.learner:
        mood = "going"
    faults = tuple(alert.about for alert in row.alerts if alert.kind == "device")
    return ClassTile(row.unit, row.place, mood, now, still_ms // 1000, faults)


def machines_of(views: Queries, units: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return which machines each of these units can be, as it said when it started last; of one that has said nothing
    nobody knows.
    """
    last = "SELECT data FROM facts f WHERE f.unit = u.unit AND type = 'unit.started' ORDER BY at_ms DESC LIMIT 1"
    marks = ", ".join("?" * len(units))
    rows = views.rows(f"SELECT unit, ({last}) AS data FROM units u WHERE unit IN ({marks})", *units) if units else []
    told = {str(row["unit"]): data_of(row) for row in rows if row["data"] is not None}
    return {unit: tuple(map(str, data.get("machines", ()))) for unit, data in told.items()}


ROOM_COMMANDS = ("class.stop", "class.go", "class.tasks", "class.pace", "lesson.show", "fault.arm", "turn.end")
ANSWERED_MS, TOGETHER_MS = 10 * 60_000, 3_000
"""How long a key's outcome is shown; rows of one press lie no further apart."""


class LastCommand(msgspec.Struct, frozen=True):
    """The key that was pressed last, at how many units it was done, and where not yet, or not at all."""

    name: str
    sent_ms: int
    of: int
    done: int
    waiting: tuple[str, ...]
    failed: tuple[str, ...]


def last_command(views: Queries, site: str, now_ms: int) -> LastCommand | None:
    """Return what the room was told last, of late; each unit answers for itself, and one whose screen stands still
    never does.
    """
    asked = "SELECT unit, name, args, state, sent_ms, expires_at FROM commands WHERE site = ? AND sent_ms > ?"
    asked += f" AND name IN ({', '.join('?' * len(ROOM_COMMANDS))}) ORDER BY sent_ms DESC"
    rows = views.rows(asked, site, now_ms - ANSWERED_MS, *ROOM_COMMANDS)
    if not rows:
        return None
    key, last_ms = (rows[0]["name"], rows[0]["args"]), rows[0]["sent_ms"]
    those = [row for row in rows if (row["name"], row["args"]) == key and row["sent_ms"] >= last_ms - TOGETHER_MS]
    states = {str(row["unit"]): _state(row, now_ms) for row in reversed(those)}
    by = {
        state: tuple(sorted(unit for unit in states if states[unit] == state))
        for state in ("done", "waiting", "failed")
    }
    return LastCommand(key[0], last_ms, len(states), len(by["done"]), by["waiting"], by["failed"])


def _state(row: Mapping[str, Any], now_ms: int) -> Literal["done", "waiting", "failed"]:
    if row["state"] == "done":
        return "done"
    return (
        "waiting" if row["state"] == "received" or (row["state"] == "sent" and row["expires_at"] > now_ms) else "failed"
    )


def sheet(views: Queries, site: str, now_ms: int) -> tuple[SheetRow, ...]:
    """Return a site's day, unit by unit."""
    since = day_start(now_ms)
    units = [str(row["unit"]) for row in views.rows("SELECT unit FROM units WHERE site = ? ORDER BY unit", site)]
    runs, facts = _runs_by_unit(views, units, since), _facts_by_unit(views, units, since)
    return tuple(_sheet_row(unit, runs[unit], facts[unit]) for unit in units)


Rows = list[Mapping[str, Any]]


def _runs_by_unit(views: Queries, units: Sequence[str], since: int) -> dict[str, Rows]:
    """Return all that these units' learners did since then: one question, since each is a way to a database."""
    asked = "SELECT unit, learner, outcome FROM runs WHERE started_ms >= ?"
    asked += f" AND purpose IN ('practice', 'proctored', 'guest') AND unit IN ({', '.join('?' * len(units))})"
    return _by_unit(units, views.rows(asked, since, *units) if units else [])


def _facts_by_unit(views: Queries, units: Sequence[str], since: int) -> dict[str, Rows]:
    """Return calls and counts of these units since then, the oldest first."""
    asked = (
        "SELECT unit, type, at_ms, data FROM facts WHERE at_ms >= ? AND type IN ('teacher.called', 'custody.counted')"
    )
    asked += f" AND unit IN ({', '.join('?' * len(units))}) ORDER BY at_ms"
    return _by_unit(units, views.rows(asked, since, *units) if units else [])


def _by_unit(units: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, Rows]:
    found: dict[str, Rows] = {unit: [] for unit in units}
    for row in rows:
        found[row["unit"]].append(row)
    return found


def _sheet_row(unit: str, runs: Rows, facts: Rows) -> SheetRow:
    learners = {row["learner"] for row in runs if row["learner"] != "guest"}
    done = sum(row["outcome"] == "done" for row in runs)
    calls = sum(row["type"] == "teacher.called" for row in facts)
    counts = readable((row for row in facts if row["type"] == "custody.counted"), _custody_count)
    return SheetRow(unit, len(learners), len(runs), done, calls, tuple(counts))


def _custody_count(row: Mapping[str, Any]) -> CustodyCount:
    data = data_of(row)
    counted, expected = data["counted"], data["expected"]
    off = {what: counted.get(what, 0) - n for what, n in expected.items() if counted.get(what, 0) != n}
    return CustodyCount(row["at_ms"], data["when"], data["who"], counted, off)
