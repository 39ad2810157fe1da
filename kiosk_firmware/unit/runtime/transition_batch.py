"""Define what one transition leaves behind, and how it is written: all within the caller's transaction."""

from __future__ import annotations

import sqlite3

import msgspec

from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.unit.runtime.run import Coached, Leaving, Prompted, Slipped
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.screen_db import FACT
from kiosk_firmware.unit.runtime.slot_totals import CustodyMove

Row = tuple[int, AnyEvent | Prompted | Slipped | Coached | Leaving]
"""A row of a run's journal: its place and what stands there."""
REPEATABLE = frozenset(
    {
        "class.go",
        "class.pace",
        "class.stop",
        "epoch.renew",
        "learner.erase",
        "learner.records",
        "lesson.put",
        "lesson.remove",
        "out.of.service",
        "reload",
    }
)
_INSERT_APPLIED = (
    "INSERT INTO obeyed(id, name, expires_at, ended) VALUES (?,?,?,?)"
    " ON CONFLICT(id) DO UPDATE SET ended = max(ended, excluded.ended)"
)
_MOVED = (
    "INSERT INTO custody(what, n, place, at_ms) VALUES (?,?,?,?) ON CONFLICT(what) DO UPDATE SET n = n + excluded.n, "
    "place = excluded.place, at_ms = excluded.at_ms"
)
_RECORD = "INTO records(run, learner, data) VALUES (?,?,?)"


class AppliedCommand(msgspec.Struct, frozen=True):
    """A command of the office that was begun, or has ended; kept until its row in the inbox has expired."""

    id: str
    name: str
    expires_at: int
    ended: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Return whether doing it again changes nothing."""
        return self.name in REPEATABLE


class Batch(msgspec.Struct, frozen=True):
    """The traces of one transition; see the file's head. `at_ms` is its instant, UTC."""

    at_ms: int
    run: str = ""
    rows: tuple[Row, ...] = ()
    """Events with their place in the run's journal."""
    facts: tuple[RunFact, ...] = ()
    header: bytes | None = None
    """JSON of the run's header: the run begins with this batch."""
    ended: str | None = None
    """The run's outcome: it ends with this batch."""
    owed: tuple[tuple[str, str], ...] | None = None
    """All that the unit owes now, replacing what stood there; None leaves it."""
    record: tuple[str, bytes] | None = None
    """(learner, JSON) of the run's record."""
    merged: tuple[tuple[str, str, bytes], ...] = ()
    """(run, learner, JSON) of records from other units; one that is here already stays as it is."""
    moves: tuple[CustodyMove, ...] = ()
    """What went through a slot."""
    applied_commands: tuple[AppliedCommand, ...] = ()
    """Commands of the office that begin or end."""
    urgent: bool = False


def size_of(batch: Batch) -> int:
    """Return what a batch takes on the disk, near enough."""
    facts = sum(len(msgspec.json.encode(fact.data)) + len(fact.type) + 32 for fact in batch.facts)
    rows = sum(len(msgspec.json.encode(event)) + 32 for _, event in batch.rows)
    return facts + rows + len(batch.header or b"") + len(batch.record[1] if batch.record else b"") + 100


def write(db: sqlite3.Connection, batch: Batch, is_there_kept: bool = False) -> None:
    """Write all but the facts. `is_there_kept`: a row of the run that is there already stays as it is.

    Raises:
        sqlite3.IntegrityError: a row is there already.
    """
    at_ms, insert = batch.at_ms, "INSERT OR IGNORE INTO" if is_there_kept else "INSERT INTO"
    if batch.header is not None:
        began = (batch.run, batch.header.decode(), at_ms)
        db.execute(f"{insert} runs(run, header, started_ms) VALUES (?,?,?)", began)
    if batch.rows:
        rows = [(batch.run, n, at_ms, msgspec.json.encode(event).decode()) for n, event in batch.rows]
        db.executemany(f"{insert} journal(run, n, at_ms, event) VALUES (?,?,?,?)", rows)
    if batch.owed is not None:
        db.execute("DELETE FROM liabilities")
        db.executemany("INSERT INTO liabilities(at, what) VALUES (?,?)", batch.owed)
    if batch.moves:
        db.executemany(_MOVED, [(move.what, move.n, move.place, at_ms) for move in batch.moves])
    if batch.record is not None:
        learner, data = batch.record
        db.execute(f"INSERT OR REPLACE {_RECORD}", (batch.run, learner, data.decode()))
    if batch.merged:
        known = [(run, learner, data.decode()) for run, learner, data in batch.merged]
        db.executemany(f"INSERT OR IGNORE {_RECORD}", known)
    for command in batch.applied_commands:
        db.execute(_INSERT_APPLIED, (command.id, command.name, command.expires_at, int(command.ended)))
    if batch.ended is not None:
        db.execute("UPDATE runs SET ended=?, ended_ms=? WHERE run=?", (batch.ended, at_ms, batch.run))


def write_facts(
    db: sqlite3.Connection, batch: Batch, first_seq: int, epoch: str, stamp: str, told: dict[str, object] | None
) -> int:
    """Write the facts and the number of the last one; how many bytes they take. `told`: the data of the only fact."""
    grown = 0
    for seq, fact in enumerate(batch.facts, start=first_seq):
        data = msgspec.json.encode(fact.data if told is None else told).decode()
        db.execute(FACT, (seq, batch.at_ms, fact.type, data, fact.prio, stamp, f"{epoch}-{seq}"))
        grown += len(data) + len(fact.type) + 32
    if batch.facts:
        db.execute("UPDATE counter SET n=? WHERE name='seq'", (first_seq + len(batch.facts) - 1,))
    return grown
