"""Read the office's database through now and then: pages that rot are known before facts are acknowledged over them."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from kiosk_firmware.office.database.connection import Where, is_url
from kiosk_firmware.storage.damaged_file import DamagedFileError, check
from kiosk_firmware.storage.read_only import connect

log = logging.getLogger(__name__)
EVERY_S = 3600.0
DATABASE = "database"
"""How this part of the office is named in alerts."""


class DatabaseCheck:
    """`damage`: what is wrong with the file, "" while nothing is. PostgreSQL looks after its own pages."""

    def __init__(self, where: Where) -> None:
        self._where, self.damage = where, ""

    def start(self, stop: threading.Event) -> None:
        """Look every hour, in a thread of its own, until `stop`."""
        if not is_url(self._where):
            threading.Thread(target=self._run, args=(stop,), name="database-check", daemon=True).start()

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(EVERY_S):
            self.look()

    def look(self) -> None:
        """Read the file through once; damage stays damage until the office is started on a sound file."""
        path = Path(self._where)
        try:
            with closing(connect(path)) as db:
                check(db, path)
        except DamagedFileError as error:
            self.damage = str(error)
            log.critical("%s Nothing is acknowledged any more, so that units keep their facts.", error)
        except sqlite3.Error as error:
            log.error("%s could not be read through: %s", path, error)

    def stalled(self) -> tuple[str, ...]:
        """Return the part that is to be an alert, if it is."""
        return (DATABASE,) if self.damage else ()
