"""`screen.db`: its tables, how it is opened, looked over and, when a card's sectors rot, saved.

WAL with `synchronous=FULL`: a commit that returned survives a power cut. At every start `quick_check` reads the file;
one that fails, or is empty, is set aside as `screen.db.corrupt-<time>`, whatever rows can still be read are copied into
a new file, and the new file has a new epoch, because the old one's numbers cannot be vouched for any more. Facts are
renumbered without gaps; each keeps the names it had (`was`, its own first one from the beginning), so that the office
knows one that it heard before, whichever page of the file is broken.

A file can be sound and yet behind: put back from a copy, or cut short by a flipped bit in its log. Marks
(`high_water`) and the office's acks know how far its numbers went; below them it begins a new epoch, too, and tells how
far the old one went, in the same transaction.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from kiosk_firmware.storage.damaged_file import damage
from kiosk_firmware.storage.high_water_mark import EPOCH, HighWaterMark, ahead, text
from kiosk_firmware.storage.schema_migration import Step, migrate

log = logging.getLogger(__name__)

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
STEPS: tuple[Step, ...] = (
    (
        """CREATE TABLE obeyed(id TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0)""",
    ),
)
"""What came after the first release; see `migrating`."""
FACT = "INSERT INTO facts(seq, at_ms, type, data, prio, stamp, was) VALUES (?,?,?,?,?,?,?)"
_ADDED = ("stamp", "was")
"""Columns of `facts` that a file of an earlier version lacks."""
SALVAGED = "storage.salvaged"
LOG_BYTES = 64 * 1024
"""Without so much room SQLite's log and its index cannot be begun."""
LAST_PRIO = 2
"""The priority of what goes last."""
NAMES = 8
"""How many earlier names a fact keeps beside its first: that one tells the office who it is, the others which numbers
are not missing."""
_SAVED = ("runs", "journal", "liabilities", "records", "custody")


class OpenOptions(msgspec.Struct, frozen=True):
    """With what a file is opened. `machine`: the computer's own id, "" where nobody knows it; `marks` and `acked` (last
    number by epoch): what others know of how far the numbers went.
    """

    unit: str
    now_ms: int
    machine: str = ""
    marks: tuple[HighWaterMark, ...] = ()
    acked: Mapping[str, int] = {}


class OpenedDatabase(msgspec.Struct, frozen=True):
    """The result of opening the database: the epoch, the last number given, and what was begun anew."""

    epoch: str
    last_seq: int
    salvaged: int | None = None
    """Rows that a broken file, or one that was behind, still had; None when the file was sound."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the writer's connection: explicit transactions, WAL, FULL."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.text_factory = text
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=400")
    return db


def reader(path: Path) -> sqlite3.Connection:
    """Open a connection that can only read; readers never hold up the writer (WAL)."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=5)


def is_full(error: sqlite3.Error) -> bool:
    """Return whether the disk had no room."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL or "full" in str(error)


def is_sound(path: Path) -> bool:
    """Return whether SQLite can read the whole file; a missing one is sound, an empty one was cut off.

    Raises:
        sqlite3.DatabaseError: nobody can tell, since the disk is full.
    """
    if not path.exists():
        return True
    if not path.stat().st_size:
        return False
    try:
        with closing(connect(path)) as db:
            return not damage(db)
    except sqlite3.DatabaseError as error:
        if has_no_room(path, error):
            raise
        return False


def has_no_room(path: Path, error: OSError | sqlite3.Error) -> bool:
    """Return whether the file could not be opened because the disk is full: what lies beside it takes room, too."""
    full = isinstance(error, sqlite3.Error) and is_full(error)
    return full or shutil.disk_usage(path.parent).free < LOG_BYTES


def prepare(
    path: Path,
    unit: str,
    now_ms: int,
    machine: str = "",
    marks: tuple[HighWaterMark, ...] = (),
    acked: Mapping[str, int] | None = None,
) -> OpenedDatabase:
    """Make the file ready for the writer: create, look over, salvage; see `OpenOptions`.

    A file that was made on another computer (a copied card) gets a new epoch, so that two units never speak under one.

    Raises:
        OSError, sqlite3.Error: the folder cannot be written at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    opening = OpenOptions(unit, now_ms, machine, marks, acked or {})
    if is_sound(path):
        return _begin(path, opening)
    broken = set_aside(path, now_ms)
    _begin(path, OpenOptions(unit, now_ms, machine))
    saved = _salvage(broken, path, opening)
    found = _begin(path, opening)
    return OpenedDatabase(found.epoch, found.last_seq, saved)


def set_aside(path: Path, now_ms: int) -> Path:
    """Move a damaged file and its log out of the way; where it lies now."""
    broken = path.with_name(f"{path.name}.corrupt-{now_ms}")
    size = path.stat().st_size
    log.error("%s: %s; set aside as %s", path, "damaged" if size else "empty, 0 bytes", broken.name)
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(broken.with_name(broken.name + end))
    return broken


def _begin(path: Path, opening: OpenOptions) -> OpenedDatabase:
    with closing(connect(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        for name, columns in TABLES.items():
            db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        _grow(db)
        db.execute("COMMIT")
        migrate(db, STEPS)
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT OR IGNORE INTO meta(key, value) VALUES ('epoch', ?)", (secrets.token_hex(8),))
        db.execute("INSERT OR IGNORE INTO counter(name, n) VALUES ('seq', 0)")
        _note(db, "unit", opening.unit)
        told, saved = _behind(db, opening), None
        if told or _is_foreign(db, opening.machine):
            saved = renumber(db).last_seq
            _tell(db, told, saved, opening.now_ms)
        _note(db, "machine", opening.machine)
        found = _opened_database(db)
        db.execute("COMMIT")
    return OpenedDatabase(found.epoch, found.last_seq, saved)


def _note(db: sqlite3.Connection, key: str, value: str) -> None:
    """Keep a value; nothing is written where it stands already, for the disk may be full."""
    if value and _read_note(db, key) != value:
        db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (key, value))


def _read_note(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
    return str(row[0]) if row else ""


def _opened_database(db: sqlite3.Connection) -> OpenedDatabase:
    return OpenedDatabase(
        _read_note(db, "epoch"), int(db.execute("SELECT n FROM counter WHERE name='seq'").fetchone()[0])
    )


def _is_foreign(db: sqlite3.Connection, machine: str) -> bool:
    """Return whether the file was made on another computer; an earlier version did not ask which one."""
    return bool(machine) and _read_note(db, "machine") not in ("", machine)


def _behind(db: sqlite3.Connection, opening: OpenOptions) -> tuple[HighWaterMark, ...]:
    """Return how far the numbers of epochs went that this file cannot vouch for: it is behind what others saw of it, or
    its own figures do not agree.
    """
    found = _opened_database(db)
    epoch, last = found.epoch, found.last_seq
    acked = (HighWaterMark(epoch, opening.acked[epoch]),) if epoch in opening.acked else ()
    told = ahead((*opening.marks, *acked), epochs(db), epoch, last)
    (high,) = db.execute("SELECT max(seq) FROM facts").fetchone()
    if told or (high in (None, last) and EPOCH.fullmatch(epoch)):
        return told
    known = [mark.last for mark in (*opening.marks, *acked) if mark.epoch == epoch]
    return (HighWaterMark(epoch, max(high or 0, *known, 0)),)


def epochs(db: sqlite3.Connection) -> list[str]:
    """Return all epochs that this file had or has."""
    return [*_read_note(db, "epochs").split(), _read_note(db, "epoch")]


def _tell(db: sqlite3.Connection, marks: tuple[HighWaterMark, ...], saved: int, now_ms: int) -> None:
    """Tell the office how far the old numbers went: the file was begun anew. Inside the caller's transaction."""
    known = dict.fromkeys([*epochs(db)[:-1], *(mark.epoch for mark in marks if mark.epoch)])
    _note(db, "epochs", " ".join(known))
    found = _opened_database(db)
    for seq, mark in enumerate(marks, start=found.last_seq + 1):
        log.error("%s facts up to %s-%d are held; a new epoch %s begins", saved, mark.epoch, mark.last, found.epoch)
        told = msgspec.json.encode({"file": "screen", "saved": saved, "epoch": mark.epoch, "last": mark.last})
        db.execute(FACT, (seq, now_ms, SALVAGED, told.decode(), LAST_PRIO, "", f"{found.epoch}-{seq}"))
    db.execute("UPDATE counter SET n=? WHERE name='seq'", (found.last_seq + len(marks),))


def _grow(db: sqlite3.Connection) -> None:
    """Add what a file of an earlier version lacks."""
    there = {row[1] for row in db.execute("PRAGMA table_info(facts)")}
    for name in _ADDED:
        if name not in there:
            db.execute(f"ALTER TABLE facts ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


def _salvage(broken: Path, path: Path, opening: OpenOptions) -> int:
    """Copy what can be read, row by row; facts get new numbers from 1. How many rows."""
    saved = 0
    with closing(connect(path)) as db, closing(_open_damaged(broken)) as old:
        epoch, last = (
            str(_query_value(old, "SELECT value FROM meta WHERE key='epoch'")),
            _query_value(old, "SELECT n FROM counter"),
        )
        db.execute("BEGIN IMMEDIATE")
        for name in _SAVED:
            put = f"INSERT OR IGNORE INTO {name}({', '.join(columns_of(name))}) VALUES ({holes_of(name)})"
            for row in _readable(old, name):
                with suppress(sqlite3.IntegrityError):
                    db.execute(put, row)
                    saved += 1
        seq = 0
        for seq, row in enumerate(_readable(old, "facts"), start=1):
            db.execute(FACT, (seq, *_renumber_row(epoch, row)))
        db.execute("UPDATE counter SET n=? WHERE name='seq'", (seq,))
        earlier = str(_query_value(old, "SELECT value FROM meta WHERE key='epochs'"))
        _note(db, "epochs", " ".join(one for one in earlier.split() if EPOCH.fullmatch(one)))
        _tell(
            db,
            _end_epoch(opening, HighWaterMark(epoch, last if isinstance(last, int) else 0), epochs(db)),
            saved + seq,
            opening.now_ms,
        )
        db.execute("COMMIT")
    return saved + seq


def _end_epoch(opening: OpenOptions, broken: HighWaterMark, known: list[str]) -> tuple[HighWaterMark, ...]:
    """Return how far the numbers went that a broken file cannot vouch for; what others know of it counts, too."""
    acked = HighWaterMark(broken.epoch, opening.acked.get(broken.epoch, 0))
    others = tuple(mark for mark in opening.marks if mark.epoch not in known)
    own = (broken, acked) if EPOCH.fullmatch(broken.epoch) else ()
    return ahead((*own, *others), [], "", 0) or (HighWaterMark("", 0),)


def _open_damaged(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = text
    return db


def _query_value(old: sqlite3.Connection, sql: str) -> object:
    """Return a broken file's one value; "" where it cannot be read."""
    with suppress(sqlite3.DatabaseError):
        row = old.execute(sql).fetchone()
        return row[0] if row else ""
    return ""


def _renumber_row(epoch: str, row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row of facts without its number, which joins its earlier names; an older file's row has neither of the
    two.
    """
    seq, at_ms, kind, data, prio, *more = row
    stamp, was = more or ("", "")
    names = str(was).split()
    if epoch and f"{epoch}-{seq}" not in names:
        names.append(f"{epoch}-{seq}")
    return at_ms, kind, data, prio, stamp, " ".join([*names[:1], *names[1:][-NAMES:]])


def _readable(old: sqlite3.Connection, name: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows from both ends up to the broken pages; a row that cannot be read ends its direction."""
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
    """Return the columns of a table, as the release made it."""
    return tuple(one.split()[0] for one in TABLES[name].partition(", PRIMARY KEY(")[0].split(", "))


def holes_of(name: str) -> str:
    """Return a placeholder for each column's value."""
    return ", ".join("?" * len(columns_of(name)))


def renumber(db: sqlite3.Connection, start: int = 0) -> OpenedDatabase:
    """Open a new epoch: all facts held get numbers from 1, in order. Inside the caller's transaction.

    Asked for by the office when it holds another content under one of our numbers. Facts below `start` are committed
    there already and are let go; sent again under new numbers they would be counted twice.
    """
    db.execute("DELETE FROM facts WHERE seq < ?", (start,))
    old = _read_note(db, "epoch")
    _note(db, "epochs", " ".join(dict.fromkeys(epochs(db))))
    rows = db.execute("SELECT seq, at_ms, type, data, prio, stamp, was FROM facts ORDER BY seq").fetchall()
    epoch = secrets.token_hex(8)
    db.execute("DELETE FROM facts")
    db.executemany(FACT, [(n, *_renumber_row(old, row)) for n, row in enumerate(rows, start=1)])
    db.execute("UPDATE counter SET n=? WHERE name='seq'", (len(rows),))
    db.execute("UPDATE meta SET value=? WHERE key='epoch'", (epoch,))
    return OpenedDatabase(epoch, len(rows))
