"""The recordings in a unit's folder of calls, from the last second of a visit until the office has them.

`<visit>.kvs` is sealed (`sealing.py`); `<visit>.kept` beside it says that nothing more comes, and is what the office is
told (`Kept`). The office fetches it in pieces, of which none is kept in mind here, and says when it may go.
"""

from __future__ import annotations

import hashlib
import os
from io import BufferedReader
from pathlib import Path

import msgspec

from kiosk_firmware.system.durable_files import remove, set_aside, write_whole
from kiosk_firmware.system.state_folders import AGENT_READABLE
from kiosk_firmware.visit.wire import paths
from kiosk_firmware.visit.wire.messages import ENCODE, Fetch, Kept, Piece

SEALED, KEPT = ".kvs", ".kept"
PIECE = 65_536
"""No piece is longer, whatever is asked for."""


def recording_path(folder: Path, visit: str) -> Path:
    """Return where the recording of a visit lies. Raises ValueError: that is no visit's number."""
    if not paths.NUMBER.fullmatch(visit):
        raise ValueError(f"visit = {visit!r}: allowed are 1 to 32 letters, digits and -")
    return folder / f"{visit}{SEALED}"


def mark_finished(folder: Path, visit: str, seconds: int) -> Kept:
    """Say that the recording is whole, for good. `seconds`: what it holds. Raises OSError: there is none."""
    path = recording_path(folder, visit)
    with _open_itself(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = Kept(visit=visit, bytes=path.stat().st_size, sha256=digest, seconds=seconds)
    write_whole(path.with_suffix(KEPT), ENCODE(kept), AGENT_READABLE)  # the recording itself is synced by its `Sealer`
    return kept


def _open_itself(path: Path) -> BufferedReader:
    """Open the file of that name and none that a link leads to: the visit process lays it, the agent gives it away."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def list_waiting(folder: Path) -> tuple[Kept, ...]:
    """Return the recordings that are whole and that the office does not have yet, to be told again."""
    found = (_read_note(folder, path) for path in sorted(folder.glob(f"*{KEPT}")))
    return tuple(kept for kept in found if kept is not None)


def _read_note(folder: Path, path: Path) -> Kept | None:
    """Return what a word says; one that cannot be read, or speaks of another file than lies there, is said anew."""
    recording, seconds = path.with_suffix(SEALED), 0
    if not recording.exists():  # a cut came between the two when the office had said that it may go
        remove(path)
        return None
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
        if recording.stat().st_size == kept.bytes:
            return kept
        why, seconds = f"the recording is not the {kept.bytes} bytes that it says", kept.seconds
    except msgspec.DecodeError as error:
        why = str(error)
    set_aside(path, why)
    return mark_finished(folder, path.stem, seconds)


def list_unfinished(folder: Path) -> tuple[str, ...]:
    """Return the visits whose recording nobody has said to be whole: it is being written, or was cut off."""
    return tuple(path.stem for path in sorted(folder.glob(f"*{SEALED}")) if not path.with_suffix(KEPT).exists())


def answer_fetch(folder: Path, fetch: Fetch) -> Piece | None:
    """Return the piece that is asked for; None where there is no such recording, or it was the word that it may go."""
    path = recording_path(folder, fetch.visit)
    if fetch.last:
        path.unlink(missing_ok=True)
        path.with_suffix(KEPT).unlink(missing_ok=True)
        return None
    if not path.with_suffix(KEPT).exists() or not path.exists():
        return None
    with _open_itself(path) as file:
        file.seek(max(0, fetch.offset))
        return Piece(visit=fetch.visit, offset=fetch.offset, data=file.read(min(fetch.length, PIECE)))
