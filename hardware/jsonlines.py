"""JSON objects, one a line, over a UNIX socket: what the pin link and the twins' control socket speak.

The reader keeps what is left of an unfinished line; a line that is no JSON object is the other side's fault: it is
counted and dropped, never raised. A line longer than `LONGEST` can only be noise, so memory does not grow with it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST = 1 << 20


class Lines:
    """Bytes in, objects out. `bad` counts lines that were dropped."""

    def __init__(self) -> None:
        self.bad = 0
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The objects that `data` completes, in order."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            self.bad, self._rest = self.bad + 1, b""
        for line in whole:
            if (found := self._decoded(line)) is not None:
                yield found

    def _decoded(self, line: bytes) -> dict[str, Any] | None:
        if not line.strip():
            return None
        try:
            found = json.loads(line)
        except ValueError:
            self.bad += 1
            return None
        if isinstance(found, dict):
            return found
        self.bad += 1
        return None


def line(message: dict[str, Any]) -> bytes:
    """One object as its line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def listen(path: Path) -> socket.socket:
    """A listening UNIX socket at `path`, for this user only; a file left behind by a dead process is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(0o600)
    server.listen(4)
    return server


def connect(path: Path) -> socket.socket | None:
    """A socket connected to `path`, or None where nobody listens."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        return None
    return client
