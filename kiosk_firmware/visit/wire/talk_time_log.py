"""Keep what a visit leaves on the disk while it goes on, so that a power cut does not count as talk.

`<visit>.state` in the folder of calls says how much was left, written every other second and at each change. A
visit that was begun goes on from there; one that is over stays over, whoever starts it again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import AGENT_READABLE
from kiosk_firmware.visit.wire import paths, recording_upload
from kiosk_firmware.visit.wire.messages import ENCODE, Ending, Invited, Kept

STATE = ".state"


class TalkTime(msgspec.Struct, frozen=True):
    """begins_ms: of the visit, since the same number at another time begins anew; left_ms, rest_ms: of talk, and how
    long the clock may still rest; recorded_ms: what the recording holds; end: why it is over, "" while it is not.
    """

    begins_ms: int
    left_ms: int
    rest_ms: int
    recorded_ms: int = 0
    end: Ending = ""


def read_start(folder: Path) -> str:
    """Read the id of the visit that is to begin; the file goes with it.

    Raises:
        ValueError: nobody asked for one, or that is no visit's number.
    """
    path = folder / paths.START
    try:
        visit = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise ValueError(f"{path}: no visit is to begin: {error}") from error
    path.unlink(missing_ok=True)
    if not paths.NUMBER.fullmatch(visit):
        raise ValueError(f"{path}: visit = {visit!r}: allowed are 1 to 32 letters, digits and -")
    return visit


def read_invitation(folder: Path, visit: str) -> Invited:
    """Return what the office said of it.

    Raises:
        ValueError: it said nothing, or that file is none of its.
    """
    path = folder / f"{visit}{paths.INVITED}"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Invited)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}") from error
    if found.visit != visit:
        raise ValueError(f"{path}: visit = {found.visit!r}: allowed is {visit!r}")
    return found


def read_talk_time(folder: Path, visit: str) -> TalkTime | None:
    """Return what it left when it was cut off; None: it has not begun."""
    try:
        return msgspec.json.decode((folder / f"{visit}{STATE}").read_bytes(), type=TalkTime)
    except (OSError, msgspec.MsgspecError):  # half of a file counts as none: `save` leaves no half
        return None


def keep(folder: Path, visit: str, now: TalkTime) -> None:
    """Write it down. Raises OSError."""
    write_whole(folder / f"{visit}{STATE}", ENCODE(now), AGENT_READABLE)


def tidy(folder: Path, visit: str) -> tuple[Kept, ...]:
    """Say of the recordings that other visits were cut off from that they are whole, since nobody goes on with them,
    and forget what was left of visits that the office has no word of any more.
    """
    found = []
    for other in recording_upload.list_unfinished(folder):
        if other != visit:
            before = read_talk_time(folder, other)
            found.append(recording_upload.mark_finished(folder, other, before.recorded_ms // 1000 if before else 0))
    for path in folder.glob(f"*{STATE}"):
        if path.stem != visit and not path.with_suffix(paths.INVITED).exists():
            path.unlink(missing_ok=True)
    return tuple(found)
