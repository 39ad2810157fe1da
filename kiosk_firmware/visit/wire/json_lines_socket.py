"""Lines of JSON through a UNIX socket, for a process that must never wait: what can be read is read, what cannot be
written yet is kept.

Whoever does not read for so long that a megabyte waits for it, or says a line that does not end, is let go of; it may
come again.
"""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

log = logging.getLogger(__name__)
PIECE = 65_536
LINE = 128 * 1024
"""Bytes of a line: a description of a session, or a piece of a recording."""
UNREAD = 1024 * 1024
AGAIN_S = 30.0
MODE = 0o660


class JsonLinesConnection:
    """One end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        """Take the socket over."""
        sock.setblocking(False)
        self._sock: socket.socket | None = sock
        self._out = bytearray()
        self._in = bytearray()

    @property
    def gone(self) -> bool:
        """The other end is, or was let go of."""
        return self._sock is None

    def say(self, words: bytes) -> None:
        """Say one line, given without its end; do nothing where the other end is gone."""
        if self._sock is None:
            return
        self._out += words + b"\n"
        self._write()

    def turn(self) -> list[bytes]:
        """Move what can be moved; the lines that have come."""
        self._write()
        self._read()
        *lines, rest = bytes(self._in).split(b"\n")
        self._in = bytearray(rest)
        if len(rest) > LINE:
            log.error("a line of more than %s bytes", LINE)
            self.close()
        return [line for line in lines if line]

    def _write(self) -> None:
        try:
            while self._sock is not None and self._out:
                del self._out[: self._sock.send(self._out)]
        except BlockingIOError:
            pass  # the rest goes with the next turn
        except OSError:
            self.close()
        if len(self._out) > UNREAD:
            log.error("%s bytes were never read", len(self._out))
            self.close()

    def _read(self) -> None:
        while self._sock is not None and len(self._in) <= UNREAD:
            try:
                piece = self._sock.recv(PIECE)
            except BlockingIOError:
                return
            except OSError:
                piece = b""
            if not piece:
                self.close()
                return
            self._in += piece

    def close(self) -> None:
        """Let go; twice is fine."""
        if self._sock is not None:
            self._sock.close()
        self._sock, self._out = None, bytearray()


class Listener:
    """Lets others in at a path: this user, and the group that the folder gives it (state_folders.calls_folder)."""

    def __init__(self, path: Path) -> None:
        """Take the socket's path; nothing listens before the first look."""
        self._path = path
        self._sock: socket.socket | None = None
        self._again = 0.0

    def fresh(self) -> JsonLinesConnection | None:
        """Return who has just come, or None. Raises OSError: the socket cannot be made; it is tried again in a
        while.
        """
        if self._sock is None:
            if time.monotonic() < self._again:
                return None
            self._again = time.monotonic() + AGAIN_S
            self._sock = self._make_socket()
        try:
            return JsonLinesConnection(self._sock.accept()[0])
        except BlockingIOError:
            return None

    def _make_socket(self) -> socket.socket:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(str(self._path))
            self._path.chmod(MODE)
            sock.listen(4)
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        return sock

    def close(self) -> None:
        """Let nobody in any more; twice is fine."""
        if self._sock is not None:
            self._sock.close()
            self._path.unlink(missing_ok=True)
        self._sock = None


def connect(path: Path) -> JsonLinesConnection | None:
    """Connect to the process that listens at `path`; return None where none does."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(str(path))
    except OSError:
        sock.close()
        return None
    return JsonLinesConnection(sock)
