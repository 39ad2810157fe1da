"""A process's own SQLite file: one connection and one lock for all its threads.

Like everywhere in this system each process writes its own files and only reads the others', so nobody waits for another
one's lock. A change is one transaction, and durable when it returns (WAL, `synchronous=FULL`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk_firmware.storage import damaged_file
from kiosk_firmware.storage.schema_migration import Step, migrate


class SqliteFile:
    """See the file's head."""

    def __init__(self, path: Path, script: str, steps: Sequence[Step], pragmas: Sequence[str] = ()) -> None:
        """Open or create it, for this user only. `script` makes its tables, `steps` are `migrating`'s; `pragmas`
        (`NAME=VALUE`) are its own beside WAL and FULL.

        Raises:
            OSError, sqlite3.Error: the file cannot be written. DamagedFileError: it is not what SQLite wrote.
        """
        damaged_file.say_if_empty(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        damaged_file.check(self._db, path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", *pragmas):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(script)
        migrate(self._db, steps)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: all of it, or nothing where the block raises; within another one a part of it."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """Return what a question finds."""
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def forget_log(self) -> None:
        """Write the log of changes into the file and cut it: what was deleted stands in neither."""
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close it; twice is fine."""
        with self._lock:
            self._db.close()
