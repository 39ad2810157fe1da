"""PostgreSQL behind the office's one face: statements in psycopg's words, errors in `sqlite3`'s, rows by COPY.

A connection that broke is opened anew at the next `begin` or reading. Facts lie in monthly partitions by the instant
at which they were heard; the partition of a month is made by whoever first hears something in it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.rows import RowFactory, dict_row, tuple_row

from kiosk_firmware.office.database.sql_dialect import Cursor, month_of, translate
from kiosk_firmware.storage.schema_migration import Step

_DAY_MS = 86_400_000
_LOCK = 0x6B696F73
"""Names the lock under which tables and months are made, so that two collectors do not make the same one."""


class _Number(Loader):
    """A sum of BIGINT comes as NUMERIC; the office counts in integers."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text else int(text)


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        kind = next((name for name in type(error).__mro__ if name.__name__ in _KINDS), psycopg.Error)
        raise getattr(sqlite3, kind.__name__)(str(error)) from error


_KINDS = ("OperationalError", "IntegrityError", "DataError", "ProgrammingError", "InternalError", "DatabaseError")


class Postgres:
    """One connection; `reads`: rows answer to their columns' names, and nothing is written."""

    def __init__(self, url: str, reads: bool = False) -> None:
        """Connect.

        Raises:
            sqlite3.OperationalError: nobody answers, or refuses.
        """
        self._url, self._reads = url, reads
        self._months: set[str] = set()
        with _errors():
            self._db = self._open()

    def _open(self) -> psycopg.Connection[Any]:
        rows: RowFactory[Any] = dict_row if self._reads else tuple_row
        made = psycopg.connect(self._url, autocommit=True, row_factory=rows, connect_timeout=10)
        made.adapters.register_loader("numeric", _Number)
        if self._reads:
            made.read_only = True
        return made

    def execute(self, sql: str, values: Any = (), /) -> Cursor:
        """See `Database.execute`."""
        with _errors():
            return self._db.execute(translate(sql, isinstance(values, dict)), values)

    def executemany(self, sql: str, rows: Sequence[Any], /) -> Cursor:
        """See `Database.executemany`; psycopg sends them in one go."""
        cursor = self._db.cursor()
        if rows:
            with _errors():
                cursor.executemany(translate(sql, isinstance(rows[0], dict)), rows)
        return cursor

    def script(self, sql: str, steps: Sequence[Step] = ()) -> None:
        """Make the tables, and take the steps that this database has not taken (`migrating`)."""

        def make() -> None:
            self._db.execute(sql.encode())
            self._db.execute("CREATE TABLE IF NOT EXISTS steps_taken(n BIGINT PRIMARY KEY)")
            row = self._db.execute("SELECT coalesce(max(n), 0) FROM steps_taken").fetchone()
            for number, step in enumerate(steps, start=1):
                if row is not None and number > row[0]:
                    for statement in step:
                        self._db.execute(statement.encode())
                    self._db.execute("INSERT INTO steps_taken(n) VALUES(%s)", (number,))

        self._alone(make)

    def _alone(self, make: Callable[[], object]) -> None:
        with _errors(), self._db.transaction():
            self._db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            make()

    def copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """See `Database.copy`."""
        if not rows:
            return
        at = columns.index("heard_ms")
        for heard_ms in {row[at] // _DAY_MS * _DAY_MS for row in rows}:
            self._month(table, heard_ms)
        with _errors(), self._db.cursor() as cursor:
            with cursor.copy(f"COPY {table}({', '.join(columns)}) FROM STDIN".encode()) as stream:
                for row in rows:
                    stream.write_row(row)

    def merge(self, sql: str, rows: Sequence[Sequence[str | int]]) -> int:
        """See `Database.merge`: a column is an array, so the statement is one, and prepared."""
        return self._over(sql, rows).rowcount if rows else 0

    def look(self, sql: str, rows: Sequence[Sequence[str | int]]) -> list[Any]:
        """See `Database.look`."""
        return self._over(sql, rows).fetchall() if rows else []

    def exclude(self, table: str) -> None:
        """See `Database.exclude`."""
        with _errors():
            self._db.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE".encode())

    def _over(self, sql: str, rows: Sequence[Sequence[str | int]]) -> psycopg.Cursor[Any]:
        columns = [list(column) for column in zip(*rows, strict=True)]
        marks = ", ".join(f"%s::{'bigint' if isinstance(column[0], int) else 'text'}[]" for column in columns)
        with _errors():
            return self._db.execute(sql.format(rows=f"SELECT * FROM unnest({marks})").encode(), columns)

    def _month(self, table: str, heard_ms: int) -> None:
        name, first, after = month_of(heard_ms)
        if name in self._months:
            return
        with _errors():
            known = self._db.execute("SELECT to_regclass(%s)", (f"{table}_{name}",)).fetchone()
            if known is not None and known[0] is None:
                self._db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                span = f"FOR VALUES FROM ({first}) TO ({after})"
                self._db.execute(f"CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table} {span}".encode())
        self._months.add(name)

    def begin(self) -> None:
        """See `Database.begin`."""
        with _errors():
            if self._db.closed:
                self._db = self._open()
            self._db.execute("BEGIN")

    def commit(self) -> None:
        """See `Database.commit`."""
        with _errors():
            self._db.execute("COMMIT")

    def rollback(self) -> None:
        """See `Database.rollback`; a month made in what is undone is undone, too."""
        self._months.clear()
        with _errors():
            if not self._db.closed:
                self._db.execute("ROLLBACK")

    def close(self) -> None:
        """See `Database.close`."""
        self._db.close()
