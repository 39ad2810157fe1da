"""The pages' own database, `people.db` beside the collector's: accounts, sessions, audit, and what people wrote. Few
rows a minute are written here.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from kiosk_firmware.storage.schema_migration import Step
from kiosk_firmware.storage.sqlite_file import SqliteFile

PEOPLE = "people.db"
LESSON_OWNERS = """CREATE TABLE IF NOT EXISTS lesson_owners(
    machine TEXT NOT NULL, lesson TEXT NOT NULL, sites TEXT NOT NULL, who TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY(machine, lesson))"""
SEAT_PLANS = """CREATE TABLE IF NOT EXISTS seat_plans(
    site TEXT PRIMARY KEY, columns INTEGER NOT NULL, seats TEXT NOT NULL)"""
API_TOKENS = """CREATE TABLE IF NOT EXISTS api_tokens(
    name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, sites TEXT NOT NULL, who TEXT NOT NULL, made_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL DEFAULT 0, off INTEGER NOT NULL DEFAULT 0)"""
STEPS: tuple[Step, ...] = ((LESSON_OWNERS,), (SEAT_PLANS, API_TOKENS))
"""What came after the first release; see `migrating`."""


class PeopleDb(SqliteFile):
    """See the file's head."""

    def __init__(self, path: Path) -> None:
        """Open or create it."""
        script = resources.files("kiosk_firmware.office.accounts").joinpath("people.sql").read_text("utf-8")
        super().__init__(path, script, STEPS)
