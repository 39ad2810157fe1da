"""Write files that outlive a power cut. Whatever keeps state in a file of its own writes it here and nowhere else.

Without `fsync` a file that was renamed into place may be empty after a cut (ext4 allocates late), and without one of
the folder its name may be missing, or be the old one. So a file is written beside its place, synced, renamed, and the
folder synced; only then does the caller hear that it is done, and may tell others. A reader finds the old file or the
new one. `tests/house/test_durability.py` finds every other way in; databases sync by themselves (`ownfile`).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)
PIECE = 1 << 20
KEY_BYTES = 32


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace the file by `data` in one step.

    Raises:
        OSError: it could not be written; what stood there stands, and nothing is left beside it.
    """
    _replaced(path, mode, lambda file: file.write(data))


def copy_whole(source: Path, path: Path, sha256: str, mode: int = 0o644) -> None:
    """Copy a file of any size in one step.

    Raises:
        OSError: as `write_whole`.
        ValueError: what was read has another hash; nothing was changed.
    """

    def copied(file: IO[bytes]) -> None:
        digest = hashlib.sha256()
        with source.open("rb") as data:
            while piece := data.read(PIECE):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha256:
            raise ValueError(f"{source}: it changed while it was copied, or cannot be read right")

    _replaced(path, mode, copied)


def _replaced(path: Path, mode: int, write: Callable[[IO[bytes]], object]) -> None:
    make_folder(path.parent, 0o700 if mode == 0o600 else 0o755)
    spare = path.with_name(f".{path.name}.new")
    spare.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            write(file)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
    except BaseException:
        spare.unlink(missing_ok=True)
        raise
    sync(path.parent)


def move_whole(fresh: Path, path: Path) -> None:
    """Give a finished file, or a folder with all that lies in it, its place in the same folder. Raises OSError."""
    for one in (*fresh.rglob("*"), fresh) if fresh.is_dir() else (fresh,):
        sync(one)
    fresh.replace(path)
    sync(path.parent)


def remove(path: Path) -> None:
    """Take a file away for good; one that is not there is fine. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        sync(path.parent)


def make_folder(path: Path, mode: int = 0o755) -> None:
    """Make a folder and those above it; one that is there is fine. Raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    path.mkdir(mode, exist_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Bring a file's bytes, or a folder's names, to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Let one process at a time in; nothing is in the file. Raises OSError."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_aside(path: Path, why: str) -> Path:
    """Move a file that cannot be used out of the way, for whoever looks into it, and say so; where it lies now."""
    aside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(4)}")
    path.replace(aside)
    sync(path.parent)
    log.error("%s: %s; set aside as %s", path, why, aside.name)
    return aside


def secret_key(path: Path, *made_with: Path) -> bytes:
    """Return the key of this computer's own in a file, made at first. One that is damaged is never used: it is set
    aside, and so are the files `made_with` it, which mean nothing under another key.

    Raises:
        OSError: the file can neither be read nor made.
    """
    key = path.read_bytes() if path.exists() else b""
    if path.exists() and (len(key) != KEY_BYTES or not any(key)):
        for one in made_with:
            if one.exists():
                set_aside(one, f"made with {path.name}, which is damaged")
        set_aside(path, f"{len(key)} bytes, or zeros; allowed are {KEY_BYTES} random ones")
    if not path.exists():
        write_whole(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()
