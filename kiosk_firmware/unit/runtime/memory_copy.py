"""Keep `screen.db` in memory for as long as the disk has no room for SQLite's log beside it.

A start on such a disk goes on with a copy of all that was kept: learning goes on, a start of the process loses nothing.
The office hears nothing of what is new until the disk has room: then the copy is written back, in one transaction,
before anything else. Only a power cut costs what was new. It is not silent: the marks beside the file are overwritten
in place, which needs no room, so the next start finds the file behind them and tells the office how far the numbers
went.
"""

from __future__ import annotations

import shutil
from contextlib import closing, suppress
from pathlib import Path

from kiosk_firmware.unit.runtime import screen_db
from kiosk_firmware.unit.runtime.disk_reserve import BYTES

_LOG = "-wal"
_ENDS = ("", _LOG, "-shm")


class MemoryCopy:
    """The copy of one database in a folder that lies in memory; without such a folder there is none."""

    def __init__(self, home: Path, folder: Path | None) -> None:
        """Name both; nothing is made yet."""
        self._home, self.path = home, (folder or home.parent) / home.name
        self._has_folder = folder is not None

    @property
    def is_there(self) -> bool:
        """Return whether the copy holds what is newest."""
        return self._has_folder and self.path.exists()

    def begin(self) -> bool:
        """Copy the file with its log; whether there is a place for it.

        Raises:
            OSError: the copy has no room either.
        """
        if not self._has_folder:
            return False
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for end in (_LOG, ""):
            with suppress(FileNotFoundError):
                shutil.copyfile(self._beside(self._home, end), self._beside(self.path, end))
        return True

    def has_room_at_home(self) -> bool:
        """Return whether the disk takes the copy and its log, and has something to spare."""
        return self.is_there and shutil.disk_usage(self._home.parent).free > 3 * self.path.stat().st_size + BYTES

    def bring_back(self, now_ms: int) -> bool:
        """Write the copy over the file, where the disk has room now; nobody may have either of them open to write.

        Raises:
            OSError, sqlite3.Error: it could not be written; the copy stands.
        """
        if not self.has_room_at_home():
            return False
        if not screen_db.is_sound(self._home):
            screen_db.set_aside(self._home, now_ms)
        with closing(screen_db.connect(self.path)) as copy, closing(screen_db.connect(self._home)) as home:
            copy.backup(home)
        for end in _ENDS:
            self._beside(self.path, end).unlink(missing_ok=True)
        return True

    @staticmethod
    def _beside(path: Path, end: str) -> Path:
        return path.with_name(path.name + end)
