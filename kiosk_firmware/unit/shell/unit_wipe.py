"""Making this unit blank from its own glass: what would be lost, a USB drive for it, the office's word, the order.

    Weigh      how many facts the office does not have
    CarryOut   `carry.ask` stands; the USB drive's service writes the facts, signed, and says how many in `carry.told`
    WipeUnit   told as a fact; once the office has everything, or after `PATIENCE_S`, `wipe.ask` stands

The screen may destroy nothing: `wipe.ask` is the system's (`kiosk-wipe.path`), which stops both processes, destroys
the key slots of the data partition and starts a blank unit. Until then the supervisor may change their mind.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from kiosk_firmware.system.state_folders import agent_folder, facts_file, shared_folder
from kiosk_firmware.unit.agent.spool import FILES, FactsFile
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.lobby.phases import supervisor as s
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.retention import acknowledged_number

PATIENCE_S = 20.0
"""How long the office is given to hear of it, where it can be heard at all."""


def unsent(state: Path) -> int:
    """Return how many facts the office has not committed; -1 where that cannot be read."""
    counts = [_waits(facts_file(state, name), state) for name in FILES]
    return -1 if min(counts) < 0 else sum(counts)


def _waits(path: Path, state: Path) -> int:
    if not path.exists():
        return 0
    file = FactsFile(path)
    try:
        epoch, _ = file.after(0, 0)
        return file.backlog(acknowledged_number(facts_file(state, "agent.db"), epoch))[0] if epoch else -1
    except sqlite3.Error:
        return -1
    finally:
        file.close()


class UnitWipe:
    """One unit's."""

    def __init__(self, state: Path, journal: Journal, mono_s: Callable[[], float] = time.monotonic) -> None:
        """Forget what was asked of a USB drive before a restart."""
        self._state, self._journal, self._mono_s = state, journal, mono_s
        self._until: float | None = None
        self._forget_drive()

    def weighed(self) -> s.Weighed:
        """Return what the office does not have; see `Weighed`."""
        self._journal.settle()
        return s.Weighed(unsent(self._state), (agent_folder(self._state) / "trust" / "member.json").exists())

    # -- a USB drive

    def want_drive(self) -> None:
        """Let a USB drive take the facts from now on. What was just written down goes with them."""
        self._journal.settle()
        status_file.want(self._state, status_file.CARRY)

    # -- the end

    def begin(self) -> None:
        """Let the office hear of it, then let the system do it."""
        self._journal.settle()
        heard = (agent_folder(self._state) / "trust" / "member.json").exists()
        self._until = self._mono_s() + (PATIENCE_S if heard else 0)

    def stop(self) -> None:
        """Stop: nothing is wanted any more."""
        self._until = None
        self._forget_drive()

    def _forget_drive(self) -> None:
        for name in (status_file.CARRY, status_file.CARRIED):
            (shared_folder(self._state) / name).unlink(missing_ok=True)

    def tick(self) -> tuple[s.AnyStaffHeard, ...]:
        """See the file's head; several times a second."""
        if self._until is not None and (self._mono_s() >= self._until or unsent(self._state) == 0):
            self._until = None
            status_file.want(self._state, status_file.WIPE)
        return self._carried_over()

    def _carried_over(self) -> tuple[s.Carried, ...]:
        path = shared_folder(self._state) / status_file.CARRIED
        if not path.exists():
            return ()
        facts = 0
        with contextlib.suppress(OSError, ValueError):
            facts = int(path.read_text(encoding="ascii"))
        self._forget_drive()
        return (s.Carried(facts),)
