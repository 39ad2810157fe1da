"""The office's database behind one small face: SQLite in a file, or PostgreSQL by its address.

All of the office speaks one dialect: text, integers, ON CONFLICT, `?` and `:name` for values. Both drivers follow PEP
249, so their errors have the same names; those of PostgreSQL are raised as `sqlite3`'s, and the office knows one set.
A commit that returned survives a power cut on either (WAL with FULL here, `synchronous_commit` there).

What is heard in a month lies in one table of its own in PostgreSQL, so that a month can be let go of at once.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from kiosk_firmware.office.database.sql_dialect import Cursor
from kiosk_firmware.storage import damaged_file
from kiosk_firmware.storage.schema_migration import Step, migrate

log = logging.getLogger(__name__)
DATABASE = "office.db"
"""The file in the office's folder, where no PostgreSQL is named."""
AWAIT_S = 1.0
"""Between two tries of a PostgreSQL that does not answer yet."""
Where = Path | str
"""A file's path, or `postgresql://USER@HOST:PORT/NAME`."""


def _script(name: str) -> str:
    return resources.files("kiosk_firmware.office.database").joinpath(f"{name}.sql").read_text("utf-8")


def _statements(name: str) -> Step:
    """Return a script's statements, without its remarks."""
    lines = [line for line in _script(name).splitlines() if not line.startswith("--")]
    return tuple(one.strip() for one in "\n".join(lines).split(";") if one.strip())


STEPS: tuple[Step, ...] = (
    # Facts whose first name says another fact: an older copy of a file gave the number again. See `known`.
    (
        """CREATE TABLE namesakes(
    unit TEXT NOT NULL, epoch TEXT NOT NULL, seq BIGINT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY(unit, epoch, seq, digest))""",
    ),
    # Sums of what people learn. See `learning_sums`, which makes them of the facts that are here.
    (
        *_statements("learning_sums"),
        "ALTER TABLE runs ADD COLUMN told TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN skills TEXT NOT NULL DEFAULT ''",
    ),
)
"""What came after the first release, for both engines; see `migrating`."""
Values = Sequence[Any] | Mapping[str, Any]
_PART = 500
"""Rows of one statement: SQLite takes 32,766 values."""


class Database(Protocol):
    """A connection of the one writer, or of a reader."""

    def execute(self, sql: str, values: Any = ..., /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, rows: Sequence[Any], /) -> Cursor:
        """Run it for each row; `rowcount` is over all of them."""

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert many rows at once; a column `heard_ms` says into which month."""

    def merge(self, sql: str, rows: Sequence[Sequence[str | int]]) -> int:
        """Run one statement over all rows; how many it changed. `{rows}` in it stands for a table of them.

        For what each batch does to many units: a statement for each of them costs PostgreSQL's client more than all
        that the facts cost.
        """

    def look(self, sql: str, rows: Sequence[Sequence[str | int]]) -> list[Any]:
        """Return what a question finds about all these rows, as `merge` takes them."""

    def exclude(self, table: str) -> None:
        """Let nobody else write to a table until the transaction ends."""

    def begin(self) -> None:
        """Begin the writer's transaction."""

    def commit(self) -> None:
        """End it; all of it is durable."""

    def rollback(self) -> None:
        """End it as if nothing had been."""

    def close(self) -> None:
        """Close the connection; twice is fine."""


def is_url(where: Where) -> bool:
    """Return whether it is PostgreSQL's address."""
    return isinstance(where, str) and where.startswith(("postgresql://", "postgres://"))


def connect(where: Where) -> Database:
    """Open the writer's connection; tables are made where they are missing.

    Raises:
        DamagedFileError: the file is not what SQLite wrote.
    """
    if is_url(where):
        return _postgres(str(where), make=True)
    path = Path(where)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    damaged_file.say_if_empty(path)
    path.touch(mode=0o600)
    path.chmod(0o600)  # also one that an earlier release left open; its log takes the same rights
    db = sqlite3.connect(path, timeout=10, isolation_level=None, factory=Sqlite)
    damaged_file.check(db, path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.executescript(_script("facts_sqlite") + _script("schema"))
    migrate(db, STEPS)
    return db


def wait_for_writer(where: Where, stop: threading.Event) -> Database | None:
    """Open the writer's connection, as soon as PostgreSQL answers; it may start after us. None: `stop` came first."""
    said = ""
    while not stop.is_set():
        try:
            return connect(where)
        except sqlite3.OperationalError as error:
            if not is_url(where):
                raise
            if (told := " ".join(str(error).split())) != said:
                said = told
                log.warning("PostgreSQL does not answer yet, trying again every %.0f s: %s", AWAIT_S, said)
        stop.wait(AWAIT_S)
    return None


def reader(where: Where) -> Database:
    """Open a connection that only reads; its rows answer to their columns' names."""
    if is_url(where):
        return _postgres(str(where), make=False)
    db = sqlite3.connect(f"{Path(where).absolute().as_uri()}?mode=ro", uri=True, timeout=5, factory=Sqlite)
    db.row_factory = sqlite3.Row
    return db


def in_parts(sql: str, rows: Sequence[Sequence[str | int]]) -> Iterator[tuple[str, list[str | int]]]:
    """Yield `Database.merge` in SQLite's words: statements with their values."""
    for at in range(0, len(rows), _PART):
        part = rows[at : at + _PART]
        marks = ", ".join([f"({', '.join('?' * len(part[0]))})"] * len(part))
        yield sql.format(rows=f"VALUES {marks}"), list(chain.from_iterable(part))


class Sqlite(sqlite3.Connection):
    """SQLite's own connection with the words that it lacks."""

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """See `Database.copy`."""
        marks = ", ".join("?" * len(columns))
        self.executemany(f"INSERT INTO {table}({', '.join(columns)}) VALUES({marks})", rows)

    def merge(self, sql: str, rows: Sequence[Sequence[str | int]]) -> int:
        """See `Database.merge`."""
        before = self.total_changes
        for statement, values in in_parts(sql, rows):
            self.execute(statement, values)
        return self.total_changes - before

    def look(self, sql: str, rows: Sequence[Sequence[str | int]]) -> list[Any]:
        """See `Database.look`."""
        return list(chain.from_iterable(self.execute(one, values) for one, values in in_parts(sql, rows)))

    def exclude(self, table: str) -> None:
        """See `Database.exclude`: here there is one writer at a time anyway."""

    def begin(self) -> None:
        """Take the writer's lock at once: a reader's lock that must grow may be refused."""
        self.execute("BEGIN IMMEDIATE")

    def rollback(self) -> None:
        """Roll back; do nothing where nothing was begun: a full disk may have ended it already."""
        if self.in_transaction:
            self.execute("ROLLBACK")


def _postgres(url: str, make: bool) -> Database:
    from kiosk_firmware.office.database.postgres import Postgres

    made = Postgres(url, reads=not make)
    if make:
        made.script(_script("facts_postgres") + _script("schema"), STEPS)
    return made
