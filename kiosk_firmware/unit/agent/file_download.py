"""A large file from the office, by the unit's certificate: HTTPS with ranges, so that a cut goes on where it was.

Not over the broker: a system is half a gigabyte, which in messages of 48 KiB would stand for every unit of a wave in
the broker's queues and in the way of facts. Here each unit reads at its own pace, nothing is kept for it, and where it
was cut off it begins again, after a day or a power cut. The file is named by its SHA-256, which the signed order says;
TLS only keeps strangers out, the hash decides whether it is the file.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import shutil
import ssl
import threading
from pathlib import Path

from kiosk_firmware.unit.identity.unit_identity import UnitTrust

TIMEOUT_S = 60.0
PIECE = 256 * 1024
ROOM = 64 * 1024 * 1024
"""Bytes that stay free for facts and journal."""


class CutError(OSError):
    """Not all of it came; what came is kept, and the next try goes on from there."""


def fetch(member: UnitTrust, address: str, sha256: str, size: int, into: Path, halt: threading.Event) -> None:
    """Bring `into` to `size` bytes from HOST:PORT, then look at its hash.

    Raises:
        CutError: the office cannot be reached, or was cut off; try again later.
        ValueError: it is not the file that was ordered, or there is no room for it; nothing is left of it.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    have = into.stat().st_size if into.exists() else 0
    if have > size or (have == size and _digest(into) != sha256):
        into.unlink()
        have = 0
    if have < size:
        if shutil.disk_usage(into.parent).free < size - have + ROOM:
            raise ValueError(f"no room: {size - have} bytes are wanting")
        try:
            _read(member, address, sha256, have, into, halt)
        except (OSError, http.client.HTTPException) as error:
            raise CutError(f"{address}: {error}") from error
    _check(into, sha256, size)


def _check(into: Path, sha256: str, size: int) -> None:
    have = into.stat().st_size
    if have < size:
        raise CutError(f"{have} of {size} bytes")
    if have > size or _digest(into) != sha256:
        into.unlink()
        raise ValueError("the file is not the one that was ordered")


def open_line(member: UnitTrust, address: str) -> http.client.HTTPSConnection:
    """Return a connection to HOST:PORT by the unit's certificate; it is opened by its first request."""
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(cafile=str(member.root_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(member.certificate)
    return http.client.HTTPSConnection(host, int(port), timeout=TIMEOUT_S, context=context)


def _read(member: UnitTrust, address: str, name: str, have: int, into: Path, halt: threading.Event) -> None:
    line = open_line(member, address)
    try:
        line.request("GET", f"/{name}", headers={"Range": f"bytes={have}-"} if have else {})
        answer = line.getresponse()
        if answer.status not in (200, 206):
            raise CutError(f"the office says {answer.status} {answer.reason}")
        with into.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a thread of an earlier life may not have let go yet
            if answer.status == 200:
                file.truncate(0)
            while (piece := answer.read(PIECE)) and not halt.is_set():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    finally:
        line.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
