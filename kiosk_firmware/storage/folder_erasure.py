"""Erase the content of a folder that somebody else may write to while it goes on.

Root erases what belongs to the kiosk's user, who may have laid a link, or may lay one between two of our steps. So
every step is taken from an open folder (`openat`), no link is ever followed, and only a file with one name is
overwritten: a second name (hard link) may be a file of the system's.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

OVERWRITTEN_BYTES = 1 << 20
"""So much of each file is overwritten, from its beginning."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def erase(folder: Path) -> list[str]:
    """Overwrite and delete everything in `folder`; return the names of what went, relative to it.

    A `folder` that is itself a link is deleted, and what it leads to is left alone: the name is then ".".
    """
    if folder.is_symlink():
        folder.unlink()
        return ["."]
    if not folder.exists():
        return []
    top = os.open(folder, _FOLDER)
    try:
        return _emptied(top, "")
    finally:
        os.close(top)


def _emptied(folder: int, prefix: str) -> list[str]:
    gone = []
    with contextlib.suppress(PermissionError):
        os.fchmod(folder, 0o700)
    for name in sorted(os.listdir(folder)):
        with contextlib.suppress(FileNotFoundError):  # whoever wrote it is just ending
            gone += _gone(folder, name, f"{prefix}{name}")
    return gone


def _gone(folder: int, name: str, path: str) -> list[str]:
    """Delete one entry of an open folder, or all that is in it."""
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        if stat.S_ISREG(mode):
            _overwrite(folder, name)
        os.unlink(name, dir_fd=folder)
        return [path]
    inner = os.open(name, _FOLDER, dir_fd=folder)
    try:
        gone = _emptied(inner, f"{path}/")
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=folder)
    return gone


def _overwrite(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):  # it has become a link meanwhile, or is read-only: the name goes all the same
        file = os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            found = os.fstat(file)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
                os.write(file, bytes(min(found.st_size, OVERWRITTEN_BYTES)))
                os.fsync(file)
        finally:
            os.close(file)
