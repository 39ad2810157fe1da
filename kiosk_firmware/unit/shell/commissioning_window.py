"""The window around `CommissioningApp`: the same glass as a unit's, with nothing behind it but the parts asked."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import UnitSettings, UnitTable
from kiosk_firmware.unit.shell import commissioning
from kiosk_firmware.unit.shell.environment import SystemClock
from kiosk_firmware.unit.shell.window import ScreenWindow


def settings_of(unit: Path, template: Path | None) -> UnitSettings:
    """Return what the window needs to know before there is a unit: the file that is there, or a blank one's."""
    for path in (template, unit):
        if path is not None and path.exists():
            return unit_settings.read_settings(path)
    return UnitSettings(UnitTable("blank", "blank"))


class CommissioningWindow(ScreenWindow):
    """Opens the window, shows the commissioning pages, ends with the exit code that starts the unit."""

    unit: commissioning.CommissioningApp  # type: ignore[assignment]

    def __init__(self, chosen: argparse.Namespace) -> None:
        """Take the choices; nothing of Kivy is imported yet. Raises ValueError: a template is wrong."""
        super().__init__(settings_of(chosen.unit, chosen.template), chosen)
        self.templates = commissioning.templates(chosen.template, chosen.unit)

    def _assemble(self) -> None:
        from kiosk_firmware.unit.shell.environment import RESTART
        from screens.stage.skin import staff

        folder = self.chosen.ports
        ports = (lambda: commissioning.links(folder)) if folder else commissioning.adapters
        self.unit = commissioning.CommissioningApp(
            self.chosen.unit,
            self.state,
            self.templates,
            self.stage,
            self.inbox.post,
            staff(),
            ports,
            SystemClock().utc_ms,
            RESTART,
        )
        self.unit.start()
        self._start_time()

    def _tick(self) -> None:
        self.unit.tick()
        if self.unit.exit_code is not None:
            self.loop.stop()

    def _close(self) -> None:
        if self._hand is not None:
            self._hand.close()
            self.chosen.hand.unlink(missing_ok=True)
