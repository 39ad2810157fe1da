"""`visits.db`, the office's file of real visits: one connection and one lock for all threads of the pages' process.

A change is one transaction and durable when it returns. What is deleted is overwritten, since keys are among it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from kiosk_firmware.migrating import Step, brought

VISITS = "visits.db"
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""


class RefusedError(Exception):
    """It cannot be done; the text says why. `key`, `args`: the same for a page's texts."""

    def __init__(self, text: str, key: str, **values: str | int) -> None:
        """`key`: of the office's texts, within `visits.no`."""
        super().__init__(text)
        self.key, self.values = key, values


class VisitsDb:
    """See the file's head."""

    def __init__(self, path: Path) -> None:
        """Open or create it, for this user only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(resources.files("kiosk_firmware.visits").joinpath("visits.sql").read_text("utf-8"))
        brought(self._db, STEPS)

    @contextmanager
    def change(self, refused: RefusedError | None = None) -> Iterator[sqlite3.Connection]:
        """One transaction; within another one a part of it. What the database does not allow is raised as `refused`."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except sqlite3.IntegrityError as error:
                self._db.execute("ROLLBACK")
                raise refused or error from error
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """What a question finds."""
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
