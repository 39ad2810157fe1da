"""`agent.db`: what the agent alone writes: acknowledgements, commands for the screen, and facts of its own.

WAL and `synchronous=FULL`: a committed row survives a power cut. The screen process reads this file and never writes
it, as the agent does with `screen.db`. A file that fails SQLite's quick check, or is empty, is set aside and a new one
begun with the rows that can still be read: commands and acknowledgements as they are, facts under a new epoch with
their old names. One that is behind its marks (`high_water`) or its acks begins a new epoch, too. Either is told.
"""

from __future__ import annotations

import json
import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from kiosk_firmware.storage.damaged_file import damage
from kiosk_firmware.storage.high_water_mark import EPOCH, HighWaterMark, MarkFiles, ahead, text
from kiosk_firmware.storage.schema_migration import Step, migrate
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent.spool import ROW_BYTES
from kiosk_firmware.wire import event_clock
from kiosk_firmware.wire.facts import FACTS
from kiosk_firmware.wire.messages import ENCODE, Command

log = logging.getLogger(__name__)
KEEP_MS = 24 * 3600 * 1000
"""How long an expired command's row stays, for the screen and for whoever looks."""
RENEW_MS = 3600 * 1000
"""How long the screen has to number its file anew."""
_COLUMNS = "seq, at_ms, type, data, prio, stamp, was"
LIMIT_BYTES = 4_000_000
"""What the agent's own facts may take: about half a year of quarters of an hour."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL,
    data TEXT NOT NULL, prio INTEGER NOT NULL DEFAULT 1, stamp TEXT NOT NULL DEFAULT '', was TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS acks(epoch TEXT PRIMARY KEY, upto INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS inbox(id TEXT PRIMARY KEY, name TEXT NOT NULL, args TEXT NOT NULL,
    expires_at INTEGER NOT NULL, received_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS handled(id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS gone(epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY(epoch, first));
"""


STEPS: tuple[Step, ...] = (
    # The agent's own commands, from when they were written down until they have ended.
    (
        """CREATE TABLE begun(id TEXT PRIMARY KEY, name TEXT NOT NULL, args TEXT NOT NULL,
        expires_at INTEGER NOT NULL)""",
    ),
)
"""What came after the first release; see `migrating`."""
_SAVED = {
    "acks": "epoch, upto",
    "inbox": "id, name, args, expires_at, received_at",
    "handled": "id, at_ms",
    "begun": "id, name, args, expires_at",
    "gone": "epoch, first, last",
}


def new_epoch() -> str:
    """Return 16 random hex digits."""
    return secrets.token_hex(8)


class AgentDb:
    """The one writer of `agent.db`; every method that changes something is one transaction."""

    def __init__(self, path: Path, unit: str, now_ms: Callable[[], int] = utc_ms, machine: str = "") -> None:
        """Open or create the file. `machine`: the computer's own id, where who opens it knows; a file that was made on
        another one begins a new epoch.
        """
        self.path, self._marks = path, MarkFiles(path)
        marks = self._marks.read()
        self._db, aside = _open_file(path)
        with self._change():
            self._set_default("epoch", new_epoch())
            self._set_default("unit", unit)
            self._db.execute("INSERT INTO counter(name, n) VALUES('facts', 0) ON CONFLICT DO NOTHING")
            if aside is not None:
                self._salvage(aside, marks, now_ms())
            else:
                self._catch_up(marks, machine, now_ms())
            if machine:
                self._keep("machine", machine)

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Hold one transaction; afterwards the mark says how far the numbers went."""
        with self._db:
            yield
        self._marks.write(self.given())
        self._marks.sync()

    def _salvage(self, aside: Path, marks: tuple[HighWaterMark, ...], now_ms: int) -> None:
        """Copy what a damaged file still tells."""
        saved = 0
        with closing(sqlite3.connect(aside)) as old:
            old.text_factory = text
            epoch = str(next(_readable(old, "SELECT value FROM meta WHERE key = 'epoch'"), [""])[0])
            last = next(_readable(old, "SELECT n FROM counter WHERE name = 'facts'"), [0])[0]
            earlier = str(next(_readable(old, "SELECT value FROM meta WHERE key = 'epochs'"), [""])[0]).split()
            for table, columns in _SAVED.items():
                put = f"INSERT OR IGNORE INTO {table}({columns}) VALUES({', '.join('?' * len(columns.split()))})"
                for row in _readable(old, f"SELECT {columns} FROM {table}"):
                    saved += self._db.execute(put, row).rowcount
            for row in _readable(old, f"SELECT {_COLUMNS} FROM facts ORDER BY seq"):
                seq, *told, was = row
                self._put((*told, _names(was, epoch, seq)))
                saved += 1
        self._keep("epochs", " ".join(filter(EPOCH.fullmatch, earlier)))
        own = (HighWaterMark(epoch, last if isinstance(last, int) else 0),) if EPOCH.fullmatch(epoch) else ()
        told_of = ahead((*own, *(mark for mark in marks if mark.epoch not in earlier)), [], "", 0)
        self._tell_ended(told_of or (HighWaterMark("", 0),), saved, now_ms)

    def _catch_up(self, marks: tuple[HighWaterMark, ...], machine: str, now_ms: int) -> None:
        """Begin a new epoch where the file is behind its own numbers, or another computer's."""
        given = self.given()
        acked = HighWaterMark(given.epoch, self.upto(given.epoch))
        behind = ahead((*marks, acked), self._epochs(), given.epoch, given.last)
        (high,) = self._db.execute("SELECT max(seq) FROM facts").fetchone()
        if not behind and (high not in (None, given.last) or not EPOCH.fullmatch(given.epoch)):
            known = [mark.last for mark in (*marks, acked) if mark.epoch == given.epoch]
            behind = (HighWaterMark(given.epoch, max(high or 0, *known)),)
        if behind or (machine and self.noted("machine") not in ("", machine)):
            self._renumber(1)
            self._tell_ended(behind, self.given().last, now_ms)

    def _epochs(self) -> list[str]:
        return [*self.noted("epochs").split(), self.epoch()]

    def _tell_ended(self, marks: tuple[HighWaterMark, ...], saved: int, now_ms: int) -> None:
        known = dict.fromkeys([*self._epochs()[:-1], *(mark.epoch for mark in marks if mark.epoch)])
        self._keep("epochs", " ".join(known))
        for mark in marks:
            log.error("%s: numbers went up to %s-%d; a new epoch begins", self.path, mark.epoch, mark.last)
            told = {"file": "agent", "saved": saved, "epoch": mark.epoch, "last": mark.last}
            self._add("storage.salvaged", told, now_ms)

    def _keep(self, key: str, value: str) -> None:
        put = "INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
        self._db.execute(f"{put} WHERE excluded.value != meta.value", (key, value))

    def _set_default(self, key: str, value: str) -> None:
        self._db.execute("INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT DO NOTHING", (key, value))

    def close(self) -> None:
        """Close the file; twice is fine."""
        self._db.close()

    # -- facts of the agent's own

    def epoch(self) -> str:
        """Return the epoch of this file's own facts."""
        (value,) = self._db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        return str(value)

    def given(self) -> HighWaterMark:
        """Return how far this file's own numbers went."""
        (last,) = self._db.execute("SELECT n FROM counter WHERE name = 'facts'").fetchone()
        return HighWaterMark(self.epoch(), last)

    def add(self, fact: str, data: Any, now_ms: int) -> None:
        """Store a fact of the agent's own."""
        with self._change():
            self._add(fact, data, now_ms)

    def noted(self, key: str) -> str:
        """Return what was noted under a key, "" where nothing was."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, key: str, value: str, fact: str, data: Any, now_ms: int) -> None:
        """Note a value and tell the fact of it, both or neither."""
        with self._change():
            self._keep(key, value)
            self._add(fact, data, now_ms)

    def _add(self, fact: str, data: Any, now_ms: int) -> None:
        if fact not in FACTS:
            raise ValueError(f"fact {fact!r}: allowed are {', '.join(FACTS)}")
        prio = 0 if fact == "health.summarised" else 1
        self._put((now_ms, fact, ENCODE(data).decode(), prio, event_clock.current_stamp(), ""))

    def _put(self, fact: tuple[Any, ...]) -> None:
        (seq,) = self._db.execute("UPDATE counter SET n = n + 1 WHERE name = 'facts' RETURNING n").fetchone()
        *told, was = fact
        row = (seq, *told, was or f"{self.epoch()}-{seq}")
        self._db.execute(f"INSERT INTO facts({_COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?)", row)

    def renew(self, from_seq: int, now_ms: int, command: Command) -> None:
        """Begin a new epoch: facts before `from_seq` are committed at the office, the rest is numbered anew from 1."""
        with self._change():
            self._renumber(from_seq)
            self._end(command, True, "", now_ms)

    def _renumber(self, from_seq: int) -> None:
        self._db.execute("DELETE FROM facts WHERE seq < ?", (from_seq,))
        old = self.epoch()
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM facts ORDER BY seq").fetchall()
        self._db.execute("DELETE FROM facts")
        self._db.execute("UPDATE counter SET n = 0 WHERE name = 'facts'")
        for seq, *told, was in rows:
            self._put((*told, _names(was, old, seq)))
        self._keep("epochs", " ".join(dict.fromkeys(self._epochs())))
        self._keep("epoch", new_epoch())

    def put_back(self, epoch: str, now_ms: int) -> None:
        """Begin a new epoch for a file that turned out to be an older copy of one that went on (`FactsFile.is_older`):
        its facts bear numbers that are taken, and would be let go of by acks that mean others. It begins a new epoch;
        the screen's when it hears.
        """
        log.error("the office knows another epoch %s than we do: a file was put back; beginning a new one", epoch)
        command = Command(f"renew-{epoch}-here", "epoch.renew", {"epoch": epoch, "start": 1}, now_ms + RENEW_MS)
        if epoch == self.epoch():
            self.renew(1, now_ms, command)
        else:
            self.receive(command, now_ms)

    def trim(self, now_ms: int) -> None:
        """Keep the agent's own facts within bounds: sums of health go first, the oldest first; one fact says so."""
        with self._change():
            (size,) = self._db.execute(f"SELECT coalesce(sum({ROW_BYTES}), 0) FROM facts").fetchone()
            if size <= LIMIT_BYTES:
                return
            gone, freed = [], 0
            which = "type NOT LIKE 'storage.%' ORDER BY prio, seq"
            rows = self._db.execute(f"SELECT seq, {ROW_BYTES} FROM facts WHERE {which}")
            for seq, length in rows.fetchall():
                if freed >= size - LIMIT_BYTES * 9 // 10:
                    break
                gone.append(seq)
                freed += length
            if not gone:
                return
            self._db.executemany("DELETE FROM facts WHERE seq = ?", [(seq,) for seq in gone])
            told = {"first": min(gone), "last": max(gone), "count": len(gone), "epoch": self.epoch()}
            self._add("storage.summarised", told, now_ms)

    def begin(self, command: Command) -> None:
        """Write a command down that is the agent's own, before anything is done by it."""
        row = (command.id, command.name, ENCODE(command.args).decode(), command.expires_at)
        with self._db:
            self._db.execute("INSERT INTO begun(id, name, args, expires_at) VALUES(?, ?, ?, ?)", row)

    def begun(self) -> list[Command]:
        """Own commands that were written down and have not ended, the oldest first."""
        rows = self._db.execute("SELECT id, name, args, expires_at FROM begun ORDER BY rowid").fetchall()
        return [Command(id_, name, json.loads(args), expires_at) for id_, name, args, expires_at in rows]

    def end(self, command: Command, ok: bool, detail: str, now_ms: int) -> None:
        """End a command that was the agent's own."""
        with self._change():
            self._end(command, ok, detail, now_ms)

    def _end(self, command: Command, ok: bool, detail: str, now_ms: int) -> None:
        self._db.execute("INSERT INTO handled(id, at_ms) VALUES(?, ?)", (command.id, now_ms))
        self._db.execute("DELETE FROM begun WHERE id = ?", (command.id,))
        self._add("command.ended", {"id": command.id, "name": command.name, "ok": ok, "detail": detail}, now_ms)

    # -- what the office said

    def upto(self, epoch: str) -> int:
        """Return the highest number of an epoch up to which all is committed at the office."""
        row = self._db.execute("SELECT upto FROM acks WHERE epoch = ?", (epoch,)).fetchone()
        return int(row[0]) if row else 0

    def ack(self, epoch: str, upto: int) -> None:
        """Write down what is committed; it never goes back. The agent's own facts up to it are deleted."""
        with self._db:
            self._db.execute(
                "INSERT INTO acks(epoch, upto) VALUES(?, ?)"
                " ON CONFLICT(epoch) DO UPDATE SET upto = excluded.upto WHERE excluded.upto > acks.upto",
                (epoch, upto),
            )
            if epoch == self.epoch():
                self._db.execute("DELETE FROM facts WHERE seq <= ?", (upto,))

    def declare_gone(self, epoch: str, ranges: list[tuple[int, int]], now_ms: int) -> None:
        """Tell the office, once each, that facts it asks for are not here any more."""
        with self._change():
            for first, last in ranges:
                known = self._db.execute(
                    "SELECT 1 FROM gone WHERE epoch = ? AND first = ? AND last = ?", (epoch, first, last)
                )
                if known.fetchone():
                    continue
                self._db.execute(
                    "INSERT OR REPLACE INTO gone(epoch, first, last) VALUES(?, ?, ?)", (epoch, first, last)
                )
                data = {"first": first, "last": last, "count": last - first + 1, "epoch": epoch}
                self._add("storage.summarised", data, now_ms)

    def receive(self, command: Command, now_ms: int) -> bool:
        """Put a command into the screen's inbox; False if this id was there before."""
        with self._db:
            row = (command.id, command.name, ENCODE(command.args).decode(), command.expires_at, now_ms)
            done = self._db.execute(
                "INSERT INTO inbox(id, name, args, expires_at, received_at) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                row,
            )
            return done.rowcount == 1

    def was_handled(self, command_id: str) -> bool:
        """Return whether the agent itself ended this command before."""
        return self._db.execute("SELECT 1 FROM handled WHERE id = ?", (command_id,)).fetchone() is not None

    def watch(self, now_ms: int) -> tuple[str, int] | None:
        """Return the newest watch that stands: its id and when it was received; None without one."""
        row = self._db.execute(
            "SELECT id, received_at FROM inbox WHERE name = 'watch' AND expires_at > ?"
            " ORDER BY expires_at DESC LIMIT 1",
            (now_ms,),
        ).fetchone()
        return (str(row[0]), int(row[1])) if row else None

    def prune(self, now_ms: int) -> None:
        """Forget what expired a day ago: a late redelivery is refused by its date."""
        with self._db:
            self._db.execute("DELETE FROM inbox WHERE expires_at < ?", (now_ms - KEEP_MS,))
            self._db.execute("DELETE FROM handled WHERE at_ms < ?", (now_ms - 30 * KEEP_MS,))


def _open_file(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open the file; return it, and where a damaged one was set aside."""
    try:
        if path.exists() and not path.stat().st_size:
            raise sqlite3.DatabaseError("empty, 0 bytes")
        return _open(path), None
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # locked, read-only or full: nothing is wrong with the file
        aside = path.with_name(f"{path.name}.corrupt-{secrets.token_hex(4)}")
        log.error("%s is damaged (%s); set aside as %s", path, error, aside.name)
        for tail in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + tail).rename(aside.with_name(aside.name + tail))
        return _open(path), aside


def _readable(old: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows up to the first that cannot be read."""
    with suppress(sqlite3.DatabaseError, OverflowError):
        yield from old.execute(sql)


def _names(was: str, epoch: str, seq: int) -> str:
    """Return a fact's earlier names with the one that it had now: the first, and eight others at most."""
    names = was.split()
    if epoch and f"{epoch}-{seq}" not in names:
        names.append(f"{epoch}-{seq}")
    return " ".join([*names[:1], *names[1:][-8:]])


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=5)
    db.text_factory = text
    try:
        if why := damage(db):
            raise sqlite3.DatabaseError(why)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(SCHEMA)
        there = {row[1] for row in db.execute("PRAGMA table_info(facts)")}
        for name in ("stamp", "was"):  # what a file of an earlier version lacks
            if name not in there:
                db.execute(f"ALTER TABLE facts ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
        migrate(db, STEPS)
    except sqlite3.Error:
        db.close()
        raise
    return db
