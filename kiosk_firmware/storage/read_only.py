"""Read a database that another process writes, also one of another user's, in whose folder nothing can be made.

While its writer lives, or after it was killed, SQLite's log lies beside the file and is enough to read by. A writer
that closes in order takes the log away, and a reader would have to make a new one. In a folder that is not ours such a
file is read as it stands (`immutable`), and what was read counts only if nobody has begun to write meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def is_at_rest(path: Path) -> bool:
    """Return whether the file's writer has closed it, and nobody but that writer may open it with a log."""
    return not _log(path).exists() and not os.access(path.parent, os.W_OK)


@contextmanager
def read_connection(path: Path, timeout_s: float = 5) -> Iterator[sqlite3.Connection]:
    """Yield a connection for a short look.

    Raises:
        sqlite3.Error: the file cannot be read now, or was written to while it was read as it stood.
    """
    at_rest, before = is_at_rest(path), _changed(path)
    with closing(connect(path, timeout_s, at_rest=at_rest)) as db:
        yield db
    if at_rest and (_log(path).exists() or _changed(path) != before):
        raise sqlite3.OperationalError(f"{path} was opened by its writer meanwhile")


def connect(path: Path, timeout_s: float = 5, *, at_rest: bool = False) -> sqlite3.Connection:
    """Open a connection that can only read; `at_rest`: as the file stands. Raises sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}"
    return sqlite3.connect(address, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False)


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
