"""The board's self-test on a blank unit's glass: what can be seen of it without any part of the cabinet.

A row says what was seen, not what ought to be: a board without a clock of its own is told as such and is no fault. What
only the network's side can see (cables, radios) comes with the service's word.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from hardware.transport import port_names
from kiosk_firmware.core.pages import Row, Text, text
from kiosk_firmware.system.state_folders import screen_folder
from kiosk_firmware.unit.identity.status_file import EnrolmentStatus
from kiosk_firmware.wire import event_clock

Mark = Literal["ok", "warn", "bad", "next"]
LITTLE_MB = 200
_CLOCKS: dict[event_clock.Quality, Mark] = {"synced": "ok", "rtc": "ok", "guess": "warn"}


def rows(state: Path, told: EnrolmentStatus, touched: bool, root: Path = Path("/")) -> Iterator[Row]:
    """Yield a row for each thing; `root`: where `dev`, `sys` and `proc` are."""
    yield _row("screen", "ok", "well")
    yield _row("touch", *(("ok", "touched") if touched else ("next", "untouched")))
    yield _row("pins", *(("ok", "well") if any(root.glob("dev/gpiochip*")) else ("bad", "none")))
    found = len(port_names.ports())
    yield _row("serial", "ok", "ports", n=found) if found else _row("serial", "warn", "no_ports")
    yield _row("clock", _CLOCKS[event_clock.quality()], event_clock.quality())
    yield _disk(screen_folder(state))
    yield _row("crypt", *(("ok", "crypted") if is_encrypted(state, root) else ("warn", "plain")))
    links = ", ".join(told.links)
    yield _row("net", "ok", "plugged", what=links) if links else _row("net", "warn", "unplugged")
    radios = ", ".join(told.radios)
    yield _row("radio", "bad", "on", what=radios) if radios else _row("radio", "ok", "off")


def _row(name: str, mark: Mark, seen: str, **args: int | str) -> Row:
    return Row(Text(f"unit.board.{name}"), text(f"unit.board.{seen}", **args), mark)


def _disk(state: Path) -> Row:
    """Return whether something can be written and read again, and how much room there is."""
    try:
        with tempfile.TemporaryFile(dir=state) as file:
            file.write(b"self-test")
            os.fsync(file.fileno())
            file.seek(0)
            if file.read() != b"self-test":
                return _row("disk", "bad", "stuck")
        room = os.statvfs(state)
    except OSError:
        return _row("disk", "bad", "stuck")
    free = room.f_bavail * room.f_frsize >> 20
    return _row("disk", "ok", "free", n=free) if free >= LITTLE_MB else _row("disk", "bad", "full", n=free)


def is_encrypted(folder: Path, root: Path = Path("/")) -> bool:
    """Return whether a folder lies on a device that dm-crypt made, as the kernel says."""
    device = folder.stat().st_dev
    uuid = root / "sys" / "dev" / "block" / f"{os.major(device)}:{os.minor(device)}" / "dm" / "uuid"
    try:
        return uuid.read_text().startswith("CRYPT-")
    except OSError:
        return False
