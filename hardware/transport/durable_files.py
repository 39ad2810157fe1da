"""Small files that must outlive the process, and a power cut in the middle of writing them.

A file is replaced whole: written beside, synced, renamed, and the folder synced; a reader finds the old or the new.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any


class DurableJson:
    """A small JSON object on disk, replaced whole and synced before `keep` returns. Without a path, in memory only."""

    def __init__(self, path: Path | None) -> None:
        """Read `path`; what cannot be read is as if it were not there, and `damaged` says so."""
        self.damaged = False
        self._path = path
        self._held: dict[str, Any] = self._read()

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.exists():
            return {}
        try:
            found = json.loads(self._path.read_text())
        except (OSError, ValueError):
            found = None
        if isinstance(found, dict):
            return found
        self.damaged = True
        return {}

    def get(self, name: str, default: Any = None) -> Any:
        """The kept value."""
        return self._held.get(name, default)

    def keep(self, **values: Any) -> None:
        """Change these values, durably."""
        self._held = {**self._held, **values}
        if self._path is not None:
            write_whole(self._path, json.dumps(self._held).encode())


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file by `data` in one step, for this user only; after a power cut it is the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spare = path.with_name(path.name + ".new")
    descriptor = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    spare.replace(path)
    with contextlib.suppress(OSError):  # not every file system lets a folder be synced
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
