"""The pages' own database, `people.db` beside the collector's: accounts, sessions, audit, and what people wrote.

Like everywhere in this system each process writes its own file and only reads the other's, so neither ever waits for
the other's lock. Few rows a minute are written here; one connection and one lock serve all threads of the pages.
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

PEOPLE = "people.db"
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""


class PeopleDb:
    """See the file's head."""

    def __init__(self, path: Path) -> None:
        """Open or create it, for this user only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        path.chmod(0o600)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(resources.files("kiosk_firmware.office.people").joinpath("people.sql").read_text("utf-8"))
        brought(self._db, STEPS)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing where the block raises."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, sql: str, *args: Any) -> list[sqlite3.Row]:
        """What a question finds."""
        with self._lock:
            return self._db.execute(sql, args).fetchall()

    def close(self) -> None:
        """Close it; twice is fine."""
        with self._lock:
            self._db.close()
