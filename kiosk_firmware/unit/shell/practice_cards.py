"""Practice cards and the paper slips with their PINs, as a centre hands them out; on a desk they lie in a file.

Only the front panel of a demo shows them. The PIN pad never reads this file: it keeps keyed hashes (see
`hardware.drivers.practice_pin_store`), and a unit with a real keypad has no such file.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import screen_folder

FILE = "slips.json"


class PracticeCard(msgspec.Struct, frozen=True):
    """A practice card with the slip that came with it. `bank_name` by language, `expires` YYMM."""

    number: str
    pin: str
    bank: str
    bank_name: dict[str, str]
    expires: str = "3012"
    chip: bool = True


def read_slips(state: Path) -> tuple[PracticeCard, ...]:
    """Read the slips of a run-time folder; none where there is no such file or it is damaged."""
    try:
        return msgspec.json.decode((screen_folder(state) / FILE).read_bytes(), type=tuple[PracticeCard, ...])
    except (OSError, msgspec.DecodeError):
        return ()


def write(state: Path, slips: tuple[PracticeCard, ...]) -> None:
    """Replace the slips of a run-time folder; readable by its user only."""
    write_whole(screen_folder(state) / FILE, msgspec.json.encode(slips))
