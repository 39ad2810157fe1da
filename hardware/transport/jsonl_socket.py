"""JSON objects, one a line, over a UNIX socket: what the pin link and the twins' control socket speak.

The reader keeps what is left of an unfinished line; a line that is no JSON object is the other side's fault: it is
counted and dropped, never raised. A line longer than `LONGEST` can only be noise, so memory does not grow with it.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LONGEST = 1 << 20


class JsonLines:
    """Bytes in, objects out. `bad` counts lines that were dropped."""

    def __init__(self) -> None:
        self.bad = 0
        self._rest = b""

    def receive(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the objects that `data` completes, in order."""
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
    """Encode one object as its line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def listen(path: Path) -> socket.socket:
    """Open a listening UNIX socket at `path`, for this user only; a file left behind by a dead process is replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(0o600)
    server.listen(4)
    return server


def connect(path: Path) -> socket.socket | None:
    """Connect a socket to `path`; return None where nobody listens."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.connect(str(path))
    except OSError:
        client.close()
        return None
    return client


class Clients:
    """The clients of a listening socket, served by the thread that calls `turn`. Close twice is fine."""

    def __init__(self, answer: Callable[[socket.socket, dict[str, Any]], dict[str, Any]], patience_s: float) -> None:
        """Take `answer`, to a request of a client. Who does not read for `patience_s` is dropped: nobody waits for
        them.
        """
        self._answer, self._patience_s = answer, patience_s
        self._selector = selectors.DefaultSelector()
        self._server: socket.socket | None = None
        self._lines: dict[socket.socket, JsonLines] = {}

    def listen(self, path: Path) -> None:
        """Take clients in at `path`. Raises OSError: it cannot be had."""
        self._server = listen(path)
        self._selector.register(self._server, selectors.EVENT_READ)

    def also(self, end: socket.socket) -> None:
        """Wake `turn` when `end` has something to read, which is dropped."""
        self._selector.register(end, selectors.EVENT_READ, end)

    def turn(self, timeout: float | None) -> None:
        """Wait so many seconds (None: for ever) for something, and answer it."""
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._server:
                self._welcome(self._server)
            elif key.data is not None:
                key.data.recv(4096)
            else:
                self._read(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered

    def _welcome(self, server: socket.socket) -> None:
        client, _ = server.accept()
        client.settimeout(self._patience_s)
        self._lines[client] = JsonLines()
        self._selector.register(client, selectors.EVENT_READ)

    def _read(self, client: socket.socket) -> None:
        try:
            data = client.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._drop(client)
            return
        for request in self._lines[client].receive(data):
            self.send(client, self._answer(client, request))

    def send(self, client: socket.socket, message: dict[str, Any]) -> None:
        """Send one message to a client; drop it where it does not take the message."""
        try:
            client.sendall(line(message))
        except OSError:
            self._drop(client)

    def has(self, client: socket.socket) -> bool:
        """Return whether that client is still there."""
        return client in self._lines

    def _drop(self, client: socket.socket) -> None:
        if self._lines.pop(client, None) is not None:
            self._selector.unregister(client)
            with contextlib.suppress(OSError):
                client.close()

    def close(self) -> None:
        """Let everybody go."""
        for client in [*self._lines]:
            self._drop(client)
        self._selector.close()
        if self._server is not None:
            self._server.close()
