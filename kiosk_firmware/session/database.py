"""`screen.db`: its tables, how it is opened, looked over and, when a card's sectors rot, saved.

WAL with `synchronous=FULL`: a commit that returned survives a power cut. At every start `quick_check` reads the file;
one that fails is set aside as `screen.db.corrupt-<time>`, whatever rows can still be read are copied into a new file,
and the new file has a new epoch, because the old one's numbers cannot be vouched for any more. Facts are renumbered
without gaps; each keeps the names it had (`was`, its own first one from the beginning), so that the office knows one
that it heard before, whichever page of the file is broken.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from kiosk_firmware.migrating import Step, brought

TABLES: dict[str, str] = {
    "meta": "key TEXT PRIMARY KEY, value TEXT",
    "counter": "name TEXT PRIMARY KEY, n INTEGER",
    "facts": "seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, "
    "prio INTEGER NOT NULL DEFAULT 1, stamp TEXT NOT NULL DEFAULT '', was TEXT NOT NULL DEFAULT ''",
    "runs": "run TEXT PRIMARY KEY, header TEXT NOT NULL, ended TEXT, started_ms INTEGER, ended_ms INTEGER",
    "journal": "run TEXT, n INTEGER, at_ms INTEGER, event TEXT, PRIMARY KEY(run, n)",
    "liabilities": "at TEXT PRIMARY KEY, what TEXT",
    "records": "run TEXT PRIMARY KEY, learner TEXT, data TEXT",
    "custody": "what TEXT PRIMARY KEY, n INTEGER NOT NULL, place TEXT NOT NULL, at_ms INTEGER NOT NULL",
}
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""
FACT = "INSERT INTO facts(seq, at_ms, type, data, prio, stamp, was) VALUES (?,?,?,?,?,?,?)"
_ADDED = ("stamp", "was")
"""Columns of `facts` that a file of an earlier version lacks."""
NAMES = 8
"""How many earlier names a fact keeps beside its first: that one tells the office who it is, the others which numbers
are not missing."""
_SAVED = ("runs", "journal", "liabilities", "records", "custody")


class Found(msgspec.Struct, frozen=True):
    """What opening found: the epoch, the last number given, and whether rows had to be salvaged from a broken file."""

    epoch: str
    last_seq: int
    salvaged: int | None = None
    """Rows saved from a corrupt file; None when the file was sound."""
    broken_epoch: str = ""
    broken_last: int = 0
    """Of the corrupt file, where they could be read."""


def connect(path: Path) -> sqlite3.Connection:
    """The writer's connection: explicit transactions, WAL, FULL."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=400")
    return db


def reader(path: Path) -> sqlite3.Connection:
    """A connection that can only read; readers never hold up the writer (WAL)."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=5)


def is_sound(path: Path) -> bool:
    """Whether SQLite can read the whole file; a missing one is sound."""
    if not path.exists():
        return True
    try:
        with closing(connect(path)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def prepare(path: Path, unit: str, now_ms: int, machine: str = "") -> Found:
    """Make the file ready for the writer: create, look over, salvage.

    `machine` is the computer's own id: a file that was made on another one (a copied card) gets a new epoch, so that
    two units never speak under one.

    Raises:
        OSError, sqlite3.Error: the folder cannot be written at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_sound(path):
        return _begin(path, unit, machine)
    broken = path.with_name(f"{path.name}.corrupt-{now_ms}")
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(broken.with_name(broken.name + end))
    _begin(path, unit, machine)
    saved, epoch, last = _salvage(broken, path)
    found = _begin(path, unit, machine)
    return Found(found.epoch, found.last_seq, saved, epoch, last)


def _begin(path: Path, unit: str, machine: str) -> Found:
    with closing(connect(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        for name, columns in TABLES.items():
            db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        _grow(db)
        db.execute("COMMIT")
        brought(db, STEPS)
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES ('epoch', ?)", (secrets.token_hex(8),))
        db.execute("INSERT OR IGNORE INTO counter(name, n) VALUES ('seq', 0)")
        db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES ('unit', ?)", (unit,))
        db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES ('machine', ?)", (machine,))
        if db.execute("SELECT value FROM meta WHERE key='machine'").fetchone()[0] != machine:
            renumber(db)
            db.execute("UPDATE meta SET value=? WHERE key='machine'", (machine,))
        epoch = str(db.execute("SELECT value FROM meta WHERE key='epoch'").fetchone()[0])
        last = int(db.execute("SELECT n FROM counter WHERE name='seq'").fetchone()[0])
        db.execute("COMMIT")
    return Found(epoch, last)


def _grow(db: sqlite3.Connection) -> None:
    """Add what a file of an earlier version lacks."""
    there = {row[1] for row in db.execute("PRAGMA table_info(facts)")}
    for name in _ADDED:
        if name not in there:
            db.execute(f"ALTER TABLE facts ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


def _salvage(broken: Path, path: Path) -> tuple[int, str, int]:
    """Copy what can be read, row by row; facts get new numbers from 1. How many rows, the old epoch, its last number.
    """
    saved = 0
    with closing(connect(path)) as db, closing(sqlite3.connect(broken, isolation_level=None)) as old:
        epoch, last = _asked(old, "SELECT value FROM meta WHERE key='epoch'"), _asked(old, "SELECT n FROM counter")
        db.execute("BEGIN IMMEDIATE")
        for name in _SAVED:
            put = f"INSERT OR IGNORE INTO {name}({', '.join(columns_of(name))}) VALUES ({holes_of(name)})"
            for row in _readable(old, name):
                with suppress(sqlite3.IntegrityError):
                    db.execute(put, row)
                    saved += 1
        seq = 0
        for seq, row in enumerate(_readable(old, "facts"), start=1):
            db.execute(FACT, (seq, *_renamed(str(epoch), row)))
        db.execute("UPDATE counter SET n=? WHERE name='seq'", (seq,))
        db.execute("COMMIT")
    return saved + seq, str(epoch), last if isinstance(last, int) else 0


def _asked(old: sqlite3.Connection, sql: str) -> object:
    """A broken file's one value; "" where it cannot be read."""
    with suppress(sqlite3.DatabaseError):
        row = old.execute(sql).fetchone()
        return row[0] if row else ""
    return ""


def _renamed(epoch: str, row: tuple[object, ...]) -> tuple[object, ...]:
    """A row of facts without its number, which joins its earlier names; an older file's row has neither of the two."""
    seq, at_ms, kind, data, prio, *more = row
    stamp, was = more or ("", "")
    names = str(was).split()
    if epoch and f"{epoch}-{seq}" not in names:
        names.append(f"{epoch}-{seq}")
    return at_ms, kind, data, prio, stamp, " ".join([*names[:1], *names[1:][-NAMES:]])


def _readable(old: sqlite3.Connection, name: str) -> Iterator[tuple[object, ...]]:
    """The rows from both ends up to the broken pages; a row that cannot be read ends its direction."""
    rows: dict[int, tuple[object, ...]] = {}
    whole = columns_of(name)
    for columns in (whole, tuple(one for one in whole if name != "facts" or one not in _ADDED)):
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.DatabaseError, OverflowError):
                listed = f"SELECT rowid, {', '.join(columns)} FROM {name} ORDER BY rowid {order}"
                for rowid, *row in old.execute(listed):
                    rows.setdefault(rowid, tuple(row))
    yield from (rows[rowid] for rowid in sorted(rows))


def columns_of(name: str) -> tuple[str, ...]:
    """The columns of a table, as the release made it."""
    return tuple(one.split()[0] for one in TABLES[name].partition(", PRIMARY KEY(")[0].split(", "))


def holes_of(name: str) -> str:
    """A mark for the value of each."""
    return ", ".join("?" * len(columns_of(name)))


def renumber(db: sqlite3.Connection, start: int = 0) -> Found:
    """Open a new epoch: all facts held get numbers from 1, in order. Inside the caller's transaction.

    Asked for by the office when it holds another content under one of our numbers. Facts below `start` are committed
    there already and are let go; sent again under new numbers they would be counted twice.
    """
    db.execute("DELETE FROM facts WHERE seq < ?", (start,))
    old = str(db.execute("SELECT value FROM meta WHERE key='epoch'").fetchone()[0])
    rows = db.execute("SELECT seq, at_ms, type, data, prio, stamp, was FROM facts ORDER BY seq").fetchall()
    epoch = secrets.token_hex(8)
    db.execute("DELETE FROM facts")
    db.executemany(FACT, [(n, *_renamed(old, row)) for n, row in enumerate(rows, start=1)])
    db.execute("UPDATE counter SET n=? WHERE name='seq'", (len(rows),))
    db.execute("UPDATE meta SET value=? WHERE key='epoch'", (epoch,))
    return Found(epoch, len(rows))
