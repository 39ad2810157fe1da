"""New content on a running unit: taken up between two turns, never within a run.

`kiosk content install` writes one small file last, whoever runs it (the agent, a USB drive's service, a technician):
when that file is another one, there is other content. What is loaded stays as it was loaded, so it is enough not to
look while somebody is there, or a cut run waits for its learner.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.system.state_folders import agent_folder
from screens.media.voice import Voice

if TYPE_CHECKING:
    from kiosk_firmware.unit.shell.screen_process import ScreenProcess


class ContentReload:
    """One unit's."""

    def __init__(self, state: Path, voice: Voice) -> None:
        """Take up what is there."""
        self._state, self._voice = state, voice
        self._mark = self._look()
        self._take()

    def _look(self) -> tuple[int, int] | None:
        path = agent_folder(self._state) / site_content.NUMBER
        if not path.exists():
            return None
        found = path.stat()
        return found.st_mtime_ns, found.st_ino

    def due(self, unit: ScreenProcess) -> bool:
        """Return whether other content was taken up just now, as nobody is there: then the unit has other lessons to
        offer.
        """
        is_free = unit.engine.run is None and not (unit.session.learner or unit.shows.on or unit.turns.cut.waits)
        if not is_free or (mark := self._look()) == self._mark:
            return False
        self._mark = mark
        self._take()
        return True

    def _take(self) -> None:
        base = site_content.delivered_folder(self._state)
        machine_loader.content(base)
        voices = base.glob("voices/*/") if base else ()
        self._voice.bring({folder.name: str(folder) for folder in voices})
