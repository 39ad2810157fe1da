"""Keep a piece of the disk in reserve, which is given up before any fact is."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

BYTES = 4_000_000
"""The database takes up its log, which is at most half of this, and some thousands of facts more."""


class Reserve:
    """A file that holds nothing but its place."""

    def __init__(self, path: Path, size: int = BYTES) -> None:
        """Name it; nothing is made yet."""
        self._path, self._size = path, size

    def release(self) -> bool:
        """Give the room up; whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def keep(self) -> None:
        """Take the room again, where the disk has several times as much."""
        with contextlib.suppress(OSError):
            if self._path.exists() or shutil.disk_usage(self._path.parent).free < 3 * self._size:
                return
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(file, 0, self._size)
            finally:
                os.close(file)
