"""The pages' own database, `people.db` beside the collector's: accounts, sessions, audit, and what people wrote. Few
rows a minute are written here.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from kiosk_firmware.migrating import Step
from kiosk_firmware.ownfile import OwnFile

PEOPLE = "people.db"
STEPS: tuple[Step, ...] = ()
"""What came after the first release; see `migrating`."""


class PeopleDb(OwnFile):
    """See the file's head."""

    def __init__(self, path: Path) -> None:
        """Open or create it."""
        script = resources.files("kiosk_firmware.office.people").joinpath("people.sql").read_text("utf-8")
        super().__init__(path, script, STEPS)
