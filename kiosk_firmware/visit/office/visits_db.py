"""`visits.db`, the office's file of real visits. What is deleted is overwritten, since keys are among it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from kiosk_firmware.storage.schema_migration import Step
from kiosk_firmware.storage.sqlite_file import SqliteFile

VISITS = "visits.db"
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""


class VisitRefusedError(Exception):
    """It cannot be done; the text says why. `key`, `values`: the same for a page's texts."""

    def __init__(self, text: str, key: str, **values: str | int) -> None:
        """Take `key`: of the office's texts, within `visits.no`."""
        super().__init__(text)
        self.key, self.values = key, values


class VisitsDb(SqliteFile):
    """See the file's head."""

    def __init__(self, path: Path) -> None:
        """Open or create it."""
        script = resources.files("kiosk_firmware.visit.office").joinpath("visits.sql").read_text("utf-8")
        super().__init__(path, script, STEPS, ("foreign_keys=ON", "secure_delete=ON"))

    @contextmanager
    def change(self, refused: VisitRefusedError | None = None) -> Iterator[sqlite3.Connection]:
        """See `SqliteFile.change`; what the database does not allow is raised as `refused`."""
        try:
            with super().change() as db:
                yield db
        except sqlite3.IntegrityError as error:
            if refused is None:
                raise
            raise refused from error
