"""Tell a damaged SQLite file by its name, what is wrong with it and what to do: nobody learns that from a traceback."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

log = logging.getLogger(__name__)
_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
REFUSED = ("CHECK constraint failed", "NULL value in")
"""How `quick_check` begins where a row breaks its table's rules."""


class DamagedFileError(ValueError):
    """A file of the office cannot be read; nothing was changed in it."""

    def __init__(self, path: Path, why: str) -> None:
        """Name the file and what is wrong."""
        do = "Nothing was changed. Put the newest backup of it back, or move it away to begin with an empty one"
        super().__init__(f"{path} is damaged ({why}). {do}.")


def is_damage(error: BaseException) -> bool:
    """Return whether SQLite met pages that are not what it wrote, or a file that is none of its."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CODES


def damage(db: sqlite3.Connection) -> str:
    """Read the whole file and return what is wrong with its pages; empty where they are sound.

    A row of an earlier release may be one that a later table would refuse: its pages are sound, and a step brings it.

    Raises:
        sqlite3.DatabaseError: it cannot be read to its end.
    """
    found = (verdict for (verdict,) in db.execute("PRAGMA quick_check"))
    return next((verdict for verdict in found if verdict != "ok" and not verdict.startswith(REFUSED)), "")


def check(db: sqlite3.Connection, path: Path) -> None:
    """Read the whole file.

    Raises:
        DamagedFileError: it is not what SQLite wrote.
    """
    try:
        why = damage(db)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        why = str(error)
    if why:
        raise DamagedFileError(path, why)


def say_if_empty(path: Path) -> None:
    """Say that a file has lost all it held: the start goes on, since there is nothing to save in it."""
    if path.exists() and not path.stat().st_size:
        log.critical("%s is empty, 0 bytes: what it held is gone. Put the newest backup of it back.", path)
