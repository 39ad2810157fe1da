"""Pictures on their way from the visit process to the glass: a file in memory that both map, one writer, any readers.

Two buffers: the writer fills the one that nobody is sent to, then turns the head. A reader copies and looks at the
head again; where it turned twice meanwhile, the copy may be torn and is made anew. Nobody waits for anybody.

Layout, little-endian: magic `KVF1`, width u16, height u16, count u64 (of pictures, 0: none yet), stamp u64 (ms of the
writer's monotonic clock), then two buffers of width × height × 3 bytes, RGB, top row first. Picture n lies in buffer
n mod 2.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path

import msgspec

from kiosk_firmware.system.state_folders import READABLE

HEAD = struct.Struct("<4sHHQQ")
MAGIC = b"KVF1"
FAR, SELF = "far.frames", "self.frames"
"""Files in the run-time folder: whom one speaks with, and oneself."""
TRIES = 5


class SharedFrame(msgspec.Struct, frozen=True):
    """One picture: its number, when it was put there (ms), its size, its RGB bytes."""

    count: int
    stamp_ms: int
    width: int
    height: int
    rgb: bytes


class Writer:
    """Makes the file anew, for pictures of one size."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Take `path`, which shall lie in memory (`/run`); an older file of that name is replaced at once."""
        self._size, self._count = width * height * 3, 0
        fresh = path.with_suffix(".new")
        with open(fresh, "wb+", opener=lambda name, flags: os.open(name, flags, READABLE)) as file:
            file.truncate(HEAD.size + 2 * self._size)
            self._map = mmap.mmap(file.fileno(), 0)
        self._shape = width, height
        self._turn(0)
        fresh.replace(path)

    def put(self, rgb: bytes, stamp_ms: int) -> None:
        """Write the next picture.

        Raises:
            ValueError: it is not of the size.
        """
        if len(rgb) != self._size:
            raise ValueError(f"{len(rgb)} bytes, expected {self._size}")
        self._count += 1
        start = HEAD.size + self._count % 2 * self._size
        self._map[start : start + self._size] = rgb
        self._turn(stamp_ms)

    def _turn(self, stamp_ms: int) -> None:
        self._map[: HEAD.size] = HEAD.pack(MAGIC, *self._shape, self._count, stamp_ms)

    def close(self) -> None:
        """Let go; readers keep what they have."""
        self._map.close()


class Reader:
    """Looks at such a file, whether it is there or not, and finds the new one where it was replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._inode = 0

    def newer(self, count: int) -> SharedFrame | None:
        """Return the newest picture, unless it is number `count`, or there is none."""
        held = self._mapped()
        if held is None:
            return None
        for _ in range(TRIES):
            found = self._copy(held, count)
            if found is None or self._count(held) <= found.count + 1:
                return found
        return None

    def _copy(self, held: mmap.mmap, count: int) -> SharedFrame | None:
        magic, width, height, number, stamp = HEAD.unpack_from(held)
        if magic != MAGIC or number in (0, count):
            return None
        start = HEAD.size + number % 2 * width * height * 3
        return SharedFrame(number, stamp, width, height, held[start : start + width * height * 3])

    def _count(self, held: mmap.mmap) -> int:
        count: int = HEAD.unpack_from(held)[3]
        return count

    def _mapped(self) -> mmap.mmap | None:
        try:
            inode = self._path.stat().st_ino
            if inode != self._inode:
                self.close()
                with self._path.open("rb") as file:
                    self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self._inode = inode
        except (OSError, ValueError):  # gone, or not yet
            self.close()
        return self._map

    def close(self) -> None:
        """Let go; twice is fine."""
        if self._map is not None:
            self._map.close()
        self._map, self._inode = None, 0
