"""A database outlives its software: from the schema of any release to this one's, and back to the one before.

Each file is made by one script (`IF NOT EXISTS`), which stands still after a release; what comes later is a step.
`user_version` says how many steps a file has taken. Steps only *add*: a table, an index, a column with a default. So
the version before, which comes back when a new system is given up, starts on the same file: it finds a higher number,
and leaves what it does not know. To make that hold, every statement names its columns, and no row is read by their
count (`tests/migrations` holds this, and that no schema changes without a step).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

Step = tuple[str, ...]
"""Statements that are taken all at once."""


def migrate(db: sqlite3.Connection, steps: Sequence[Step]) -> None:
    """Take the steps that this file has not taken, each with its number in one transaction. Whoever comes at the same
    time waits, and finds it done.

    Raises:
        sqlite3.Error: a step could not be taken; the file is as it was before that step.
    """
    for number, step in enumerate(steps, start=1):
        if _taken(db) >= number:
            continue
        db.execute("BEGIN IMMEDIATE")
        try:
            if _taken(db) < number:
                for statement in step:
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _taken(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
