"""Small files that must outlive the process, and a power cut in the middle of writing them."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from kiosk_firmware.system.durable_files import write_whole

log = logging.getLogger(__name__)


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
        log.error("%s: this is no JSON object; what it held is forgotten", self._path)
        return {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value kept under *name*."""
        return self._held.get(name, default)

    def keep(self, **values: Any) -> None:
        """Change these values, durably."""
        self._held = {**self._held, **values}
        if self._path is not None:
            write_whole(self._path, json.dumps(self._held).encode())
