"""Decide what may leave the unit's store, and in which order when it is full.

Rows leave when the office's commit was acknowledged (`agent.db`, written by the agent, only read here). When facts take
more than their share of the disk, the least important go first (`prio` 0 before 1; 2, the outcome of runs, last of
all, and then the glass says so); noise and use go also when they are very old. Each eviction leaves one fact
`storage.summarised` with the first and last number of what went, so that even loss is accounted for. Events of runs
that ended are kept for the newest runs only.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from kiosk_firmware.storage.read_only import read_connection
from kiosk_firmware.unit.runtime.screen_db import LAST_PRIO

KEPT_RUNS = 50
"""How many ended runs keep their events (for bug reports)."""
LIMIT_BYTES = 64_000_000
"""What facts may take of the disk: years of practice without an office."""

LAST = LAST_PRIO
_NOT_BOOKS = "type NOT LIKE 'storage.%'"
"""What accounts for losses is small and never lost itself."""
_A_PAGE = 8
"""Facts, about, of a page."""
DAY_MS = 24 * 3600 * 1000
AGES_MS = ((0, 30 * DAY_MS), (1, 400 * DAY_MS))
"""How long a fact of a priority waits for an office; what has priority 2 waits for ever."""


class Eviction(msgspec.Struct, frozen=True):
    """Facts that had to go: the range they lay in and how many they were."""

    first: int
    last: int
    count: int
    worst: int = 0
    """The highest priority among them."""


def acknowledged_number(agent_db: Path, epoch: str) -> int:
    """Return the number up to which the office has committed this epoch's facts; 0 when nobody has said so yet."""
    if not agent_db.exists():
        return 0
    try:
        with read_connection(agent_db) as db:
            row = db.execute("SELECT upto FROM acks WHERE epoch=?", (epoch,)).fetchone()
    except sqlite3.Error:  # the agent is just making its file; the next look finds it
        return 0
    return int(row[0]) if row else 0


def acks(agent_db: Path) -> dict[str, int]:
    """Return the number up to which the office has committed each epoch, as far as the agent's file can tell."""
    if not agent_db.exists() or not agent_db.stat().st_size:
        return {}
    try:
        with read_connection(agent_db) as db:
            return dict(db.execute("SELECT epoch, upto FROM acks").fetchall())
    except sqlite3.Error:  # damaged: its own start sees to it
        return {}


def release(db: sqlite3.Connection, upto: int) -> int:
    """Delete the facts up to `upto`; how many went. Inside the caller's transaction."""
    return db.execute("DELETE FROM facts WHERE seq <= ?", (upto,)).rowcount


def size(db: sqlite3.Connection) -> int:
    """Return the bytes that facts take, near enough."""
    return int(db.execute("SELECT coalesce(sum(length(data) + length(type) + 32), 0) FROM facts").fetchone()[0])


def evict(db: sqlite3.Connection, surplus: int) -> Eviction | None:
    """Delete the least important facts, oldest first, until `surplus` bytes are free. Inside the caller's
    transaction.
    """
    gone: list[tuple[int, int]] = []
    freed = 0
    for seq, prio, length in db.execute(
        f"SELECT seq, prio, length(data) + length(type) + 32 FROM facts WHERE {_NOT_BOOKS} ORDER BY prio, seq"
    ):
        if freed >= surplus:
            break
        gone.append((seq, prio))
        freed += length
    return _evict_rows(db, gone)


def evict_pages(db: sqlite3.Connection, pages: int, highest: int) -> Eviction | None:
    """Delete the least important facts, oldest first, until so many of the file's pages are free; none of a priority
    above `highest`. Only whole pages are room on a full disk. Inside the caller's transaction.
    """
    which = f"SELECT seq, prio FROM facts WHERE prio <= ? AND {_NOT_BOOKS} ORDER BY prio, seq"
    rows = db.execute(which, (highest,)).fetchall()
    gone: list[tuple[int, int]] = []
    while len(gone) < len(rows) and db.execute("PRAGMA freelist_count").fetchone()[0] < pages:
        some = rows[len(gone) : len(gone) + _A_PAGE]
        db.executemany("DELETE FROM facts WHERE seq=?", [(seq,) for seq, _ in some])
        gone += some
    return _evict_rows(db, gone)


def has_aged(db: sqlite3.Connection, now_ms: int) -> bool:
    """Return whether `evict_aged` would find anything."""
    return bool(_aged_rows(db, now_ms, limit=1))


def evict_aged(db: sqlite3.Connection, now_ms: int) -> Eviction | None:
    """Delete what is older than its priority may be (AGES_MS). Inside the caller's transaction."""
    return _evict_rows(db, _aged_rows(db, now_ms, limit=-1))


def _aged_rows(db: sqlite3.Connection, now_ms: int, limit: int) -> list[tuple[int, int]]:
    old = " OR ".join(f"(prio = {prio} AND at_ms < {now_ms - age_ms})" for prio, age_ms in AGES_MS)
    which = f"({old}) AND {_NOT_BOOKS} ORDER BY seq LIMIT {limit:d}"
    return db.execute(f"SELECT seq, prio FROM facts WHERE {which}").fetchall()


def _evict_rows(db: sqlite3.Connection, rows: list[tuple[int, int]]) -> Eviction | None:
    if not rows:
        return None
    seqs = [seq for seq, _ in rows]
    db.executemany("DELETE FROM facts WHERE seq=?", [(seq,) for seq in seqs])
    return Eviction(min(seqs), max(seqs), len(seqs), max(prio for _, prio in rows))


def forget_learner(db: sqlite3.Connection, learner: str) -> None:
    """Delete a learner's records, runs that ended and their events. Inside the caller's transaction. Facts that wait
    for the office go their way: it knows whom it has forgotten.
    """
    theirs = "SELECT run FROM runs WHERE ended IS NOT NULL AND json_extract(header, '$.learner') = ?"
    db.execute(f"DELETE FROM journal WHERE run IN ({theirs})", (learner,))
    db.execute(f"DELETE FROM runs WHERE run IN ({theirs})", (learner,))
    db.execute("DELETE FROM records WHERE learner = ?", (learner,))


def forget_commands(db: sqlite3.Connection, now_ms: int) -> None:
    """Forget commands whose row the agent has forgotten: it keeps an expired one for a day."""
    db.execute("DELETE FROM obeyed WHERE expires_at < ?", (now_ms - 2 * DAY_MS,))


def forget_runs(db: sqlite3.Connection, keep: int = KEPT_RUNS) -> None:
    """Delete events of ended runs beyond the newest `keep`. Inside the caller's transaction."""
    db.execute(
        "DELETE FROM journal WHERE run IN (SELECT run FROM runs WHERE ended IS NOT NULL "
        "ORDER BY started_ms DESC LIMIT -1 OFFSET ?)",
        (keep,),
    )
