"""What may leave the unit's store, and in which order when it is full.

Rows leave when the office's commit was acknowledged (`agent.db`, written by the agent, only read here). When facts take
more than their share of the disk, the least important go first (`prio` 0 before 1; 2, the outcome of runs, last of
all), and each eviction leaves one fact `storage.summarised` with the first and last number of what went, so that even
loss is accounted for. Events of runs that ended are kept for the newest runs only.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from kiosk_firmware.session.database import reader

KEPT_RUNS = 50
"""How many ended runs keep their events (for bug reports)."""


class Evicted(msgspec.Struct, frozen=True):
    """Facts that had to go: the range they lay in and how many they were."""

    first: int
    last: int
    count: int


def acknowledged(agent_db: Path, epoch: str) -> int:
    """The number up to which the office has committed this epoch's facts; 0 when nobody has said so yet."""
    if not agent_db.exists():
        return 0
    try:
        with closing(reader(agent_db)) as db:
            row = db.execute("SELECT upto FROM acks WHERE epoch=?", (epoch,)).fetchone()
    except sqlite3.Error:  # the agent is just making its file; the next look finds it
        return 0
    return int(row[0]) if row else 0


def release(db: sqlite3.Connection, upto: int) -> int:
    """Delete the facts up to `upto`; how many went. Inside the caller's transaction."""
    return db.execute("DELETE FROM facts WHERE seq <= ?", (upto,)).rowcount


def size(db: sqlite3.Connection) -> int:
    """Bytes that facts take, near enough."""
    return int(db.execute("SELECT coalesce(sum(length(data) + length(type) + 32), 0) FROM facts").fetchone()[0])


def evict(db: sqlite3.Connection, surplus: int) -> Evicted | None:
    """Delete the least important facts, oldest first, until `surplus` bytes are free. Inside the caller's
    transaction.
    """
    gone: list[int] = []
    freed = 0
    for seq, length in db.execute("SELECT seq, length(data) + length(type) + 32 FROM facts ORDER BY prio, seq"):
        if freed >= surplus:
            break
        gone.append(seq)
        freed += length
    if not gone:
        return None
    db.executemany("DELETE FROM facts WHERE seq=?", [(seq,) for seq in gone])
    return Evicted(min(gone), max(gone), len(gone))


def forget_runs(db: sqlite3.Connection, keep: int = KEPT_RUNS) -> None:
    """Delete events of ended runs beyond the newest `keep`. Inside the caller's transaction."""
    db.execute(
        "DELETE FROM journal WHERE run IN (SELECT run FROM runs WHERE ended IS NOT NULL "
        "ORDER BY started_ms DESC LIMIT -1 OFFSET ?)",
        (keep,),
    )
