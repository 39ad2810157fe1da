"""Speaks to the twins' process: the front panel's and the tests' end of the control socket.

Imports no device, no twin and no toolkit. `TwinControlClient` asks and gets an answer; `Subscription` keeps the newest
state in a thread of its own and calls back when it has changed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hardware.transport import jsonl_socket


class TwinsError(RuntimeError):
    """The twins refused a request that makes no sense, or their process is gone."""


class TwinControlClient:
    """One connection; every request waits for its answer. `with` and close twice work."""

    def __init__(self, path: Path | str, wait_s: float = 10.0) -> None:
        """Connect, waiting up to `wait_s` for the process to come up. Raises TwinsError when it does not."""
        self._socket = _connect(Path(path), wait_s)
        self._socket.settimeout(30.0)
        self._lines = _objects(self._socket)
        self._lock = threading.Lock()
        self._number = 0

    def __enter__(self) -> TwinControlClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def do(self, act: str, **arguments: Any) -> dict[str, Any]:
        """Ask for an act; returns its answer: `ok`, and `error` where the cabinet did not let it.

        Raises:
            TwinsError: the twins' process is gone.
        """
        with self._lock:
            self._number += 1
            try:
                self._socket.sendall(jsonl_socket.line({"do": act, "id": self._number, **arguments}))
                for answer in self._lines:
                    if answer.pop("id", None) == self._number:
                        return answer
            except OSError as error:
                raise TwinsError(f"the twins do not answer: {error}") from error
        raise TwinsError("the twins' process is gone")

    def must(self, act: str, **arguments: Any) -> dict[str, Any]:
        """Do an act as `do`; raise TwinsError where the cabinet did not let it."""
        answer = self.do(act, **arguments)
        if not answer.get("ok"):
            raise TwinsError(f"{act} {arguments}: {answer.get('error')}")
        return answer

    def state(self) -> dict[str, Any]:
        """Return what stands before the person now, by logical device."""
        found: dict[str, Any] = self.must("state")["state"]
        return found


class Subscription:
    """The newest state, kept up to date; comes back by itself when the twins' process does."""

    def __init__(self, path: Path | str, changed: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        """Take `changed(state)`, which is called in the subscription's thread."""
        self.state: dict[str, Any] = {}
        self._path, self._changed = Path(path), changed
        self._stopping = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="twins state", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up; twice is fine."""
        self._stopping.set()
        end = self._socket
        if end is not None:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            end = jsonl_socket.connect(self._path)
            if end is None:
                self._stopping.wait(0.2)
                continue
            self._socket = end
            with end, contextlib.suppress(OSError):
                end.sendall(jsonl_socket.line({"do": "subscribe"}))
                for message in _objects(end):
                    if isinstance(message.get("state"), dict):
                        self.state = message["state"]
                        self._changed(self.state)


def _connect(path: Path, wait_s: float) -> socket.socket:
    end = time.monotonic() + wait_s
    while (found := jsonl_socket.connect(path)) is None:
        if time.monotonic() >= end:
            raise TwinsError(f"nobody listens at {path}")
        time.sleep(0.05)
    return found


def _objects(end: socket.socket) -> Iterator[dict[str, Any]]:
    lines = jsonl_socket.JsonLines()
    while data := end.recv(65536):
        yield from lines.receive(data)
