"""Read what the agent needs of `screen.db` besides facts: the run that is going on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec


class _Header(msgspec.Struct):
    machine: str = ""


def current_run(path: Path) -> tuple[str, str]:
    """Machine and id of the open run; ("", "") where there is none, or no file yet."""
    if not path.exists():
        return "", ""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)
        try:
            row = db.execute(
                "SELECT header, run FROM runs WHERE ended IS NULL ORDER BY started_ms DESC LIMIT 1"
            ).fetchone()
        finally:
            db.close()
        return (msgspec.json.decode(row[0], type=_Header).machine, str(row[1])) if row else ("", "")
    except (sqlite3.OperationalError, msgspec.DecodeError):
        return "", ""
