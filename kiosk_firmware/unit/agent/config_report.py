"""The configuration that the office wants, as it comes over the broker, and what the unit reports of it.

    office ── cfg (signed, numbered) ──► take (wanted.py): on trial, or refused with a reason
    office ◄── cfg/reported ── at each connection, and whenever it has changed

What is on trial counts from the screen's next start, which is asked for like any restart: between two runs. A number
that was decided already is reported and not taken again, so the office may send a configuration as often as it likes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.state_folders import shared_folder
from kiosk_firmware.unit.agent import config_rollout
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.wire.messages import Command, Reported

log = logging.getLogger(__name__)
RESTART_MS = 24 * 3600 * 1000
"""So long the screen has to find a moment for its restart."""


class ConfigReport:
    """One unit's; `report` hears each news."""

    def __init__(
        self, unit: Path, state: Path, db: AgentDb, report: Callable[[Reported], object], now_ms: Callable[[], int]
    ) -> None:
        """Take what the report is made from; nothing is read yet. `now_ms`: UTC."""
        self._unit, self._state, self._db, self._report, self._now_ms = unit, state, db, report, now_ms
        self._refused: Reported | None = None
        self._marks: tuple[tuple[int, int], ...] = ()

    def heard(self, data: bytes) -> None:
        """Take a wanted configuration, or report why not."""
        last = config_rollout.record(self._state)
        number = config_rollout.number(data)
        if last is not None and number == last.version:
            self.tell(again=True)
            return
        try:
            version = config_rollout.take(data, self._unit, self._state, self._now_ms())
        except ValueError as error:
            log.warning("a wanted configuration is refused: %s", error)
            self._refused = Reported(number, "refused", str(error)[:500])
        else:
            self._refused = None
            until = self._now_ms() + RESTART_MS
            self._db.receive(Command(f"config-{version}", "restart", {}, until), self._now_ms())
        self.tell(again=True)

    def tell(self, again: bool = False) -> None:
        """Report where a file has changed since the last report; in any case `again`, as after a connection."""
        files = self._unit, shared_folder(self._state) / config_rollout.RECORD
        found = (path.stat() for path in files if path.exists())
        marks = tuple((one.st_mtime_ns, one.st_ino) for one in found)
        if again or marks != self._marks:
            self._marks = marks
            self._report(self._now())

    def _now(self) -> Reported:
        last, toml = config_rollout.record(self._state), shareable_config(self._unit)
        if self._refused is not None:
            return msgspec.structs.replace(self._refused, toml=toml)
        if last is None:
            return Reported(0, "none", toml=toml)
        return Reported(last.version, last.phase, last.reason, toml)


def shareable_config(unit: Path) -> str:
    """Return unit.toml for the office: without passwords, and "" where it cannot be read."""
    try:
        held = unit_settings.read_settings(unit)
    except ValueError:
        return ""
    return unit_settings.settings_toml(
        msgspec.structs.replace(held, broker=msgspec.structs.replace(held.broker, password=""))
    )
