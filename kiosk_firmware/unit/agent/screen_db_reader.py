"""Read what the agent needs of `screen.db` besides facts: the run that is going on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from kiosk_firmware.storage.read_only import read_connection


class _Header(msgspec.Struct):
    machine: str = ""


def current_run(path: Path) -> tuple[str, str]:
    """Return machine and id of the open run; ("", "") where there is none, or no file yet."""
    if not path.exists():
        return "", ""
    try:
        with read_connection(path, 0.2) as db:
            row = db.execute(
                "SELECT header, run FROM runs WHERE ended IS NULL ORDER BY started_ms DESC LIMIT 1"
            ).fetchone()
        return (msgspec.json.decode(row[0], type=_Header).machine, str(row[1])) if row else ("", "")
    except (sqlite3.OperationalError, msgspec.DecodeError):
        return "", ""
