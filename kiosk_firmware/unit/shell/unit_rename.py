"""A unit that was enrolled while it was practised on has another name in unit.toml than its screen began with.

Journal and facts bear a unit's name, so the screen begins anew under it, as soon as nobody is at work.
"""

from __future__ import annotations

from pathlib import Path

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.unit.shell.screen_process import ScreenProcess


class UnitRename:
    """Looks at unit.toml; it is read again only when it is another file."""

    def __init__(self, unit: Path, name: str) -> None:
        """Take `name`: the id that this process began with. The file may be missing: then nothing has changed."""
        self._unit, self._name = unit, name
        self._mark = self._stamp()
        self._is = False

    def due(self, unit: ScreenProcess) -> bool:
        """Return whether the unit has another name now, and nobody is at work."""
        return unit.is_idle and self.seen()

    def seen(self) -> bool:
        """Return whether the unit has another name now."""
        mark = self._stamp()
        if mark != self._mark:
            self._mark = mark
            try:
                self._is = unit_settings.read_settings(self._unit).unit.id != self._name
            except ValueError:
                return False  # whoever starts with it will say what is wrong
        return self._is

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._unit.stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_ino
