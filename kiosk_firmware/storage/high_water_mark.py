"""Keep the highest number that a file of facts gave, beside the file, so that a file that fell behind is known for it.

A database that is put back, or whose log a flipped bit cuts short, opens without a complaint and gives its numbers
again. A mark (`EPOCH NUMBER CHECK`) is overwritten in place after each commit, and synced within a second by its
writer: it is a witness and no promise, so it costs no commit its time, and a torn, empty or flipped one is as none.
There are two, in two folders, so that one may be damaged together with the database.
"""

from __future__ import annotations

import contextlib
import os
import re
import zlib
from pathlib import Path

import msgspec

EPOCH = re.compile(r"[0-9a-f]{16}")
_MARK = re.compile(rb"([0-9a-f]{16}) ([0-9]{1,18}) ([0-9a-f]{8})\n")


class HighWaterMark(msgspec.Struct, frozen=True):
    """An epoch and the highest number that was given in it."""

    epoch: str
    last: int


class MarkFiles:
    """The marks of a database; they have one writer."""

    def __init__(self, database: Path) -> None:
        """Take the database's path: `screen.db` has `screen.mark` and `marks/screen.mark`."""
        beside = database.with_suffix(".mark")
        self._paths = beside, beside.parent / "marks" / beside.name
        self._written: HighWaterMark | None = None
        self._is_synced = True

    def read(self) -> tuple[HighWaterMark, ...]:
        """Return what they say; nothing where they are missing or cannot be believed."""
        return tuple(mark for path in self._paths if (mark := _read(path)) is not None)

    def write(self, mark: HighWaterMark) -> None:
        """Overwrite them; a disk that refuses leaves older ones, which are still true."""
        if mark == self._written:
            return
        said = f"{mark.epoch} {mark.last} ".encode()
        said += _check(said) + b"\n"
        with contextlib.suppress(OSError):
            for path in self._paths:
                _write(path, said)
            self._written, self._is_synced = mark, False

    def sync(self) -> None:
        """Let them survive a power cut."""
        if self._is_synced:
            return
        with contextlib.suppress(OSError):
            for path in self._paths:
                _sync(path)
            self._is_synced = True


def _read(path: Path) -> HighWaterMark | None:
    try:
        held = path.read_bytes()[:64]
    except OSError:
        return None
    found = _MARK.match(held)
    if found is None or found[3] != _check(held[: found.start(3)]):
        return None
    return HighWaterMark(found[1].decode(), int(found[2]))


def _write(path: Path, said: bytes) -> None:
    """Write in place: a block that is there already needs no room on a full disk."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, said, 0)
    finally:
        os.close(file)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def _check(said: bytes) -> bytes:
    return f"{zlib.crc32(said):08x}".encode()


def text(held: bytes) -> str:
    """Decode a stored text; a flipped bit in one makes none of the others unreadable."""
    return held.decode("utf-8", "replace")


def ahead(marks: tuple[HighWaterMark, ...], known: list[str], epoch: str, last: int) -> tuple[HighWaterMark, ...]:
    """Return the marks that a file cannot have left behind: above its own last number, or of an epoch that it never
    had.

    `known`: all epochs that the file ever had. Of several marks of an epoch the highest counts.
    """
    beyond = [mark for mark in marks if mark.epoch not in known or (mark.epoch == epoch and mark.last > last)]
    highest = {mark.epoch: mark for mark in sorted(beyond, key=lambda mark: mark.last)}
    return tuple(highest.values())
