"""All pin twins of a unit, joined to the application's pin link; they go on living while the application is away.

One thread: it sends what the twins plan, when it is due, with the time that it was due; it hears outputs; and when
the application dies (its end of the socket closes) it tells every twin that its outputs are let go, and tries again
until a new application listens.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hardware.transport import jsonl_socket
from hardware.twins.gpio_twin import Act, Drive, Join, PinTwin
from hardware.twins.twin_actions import now_ms

RETRY_MS = 100
REST_MS = 500


class Board:
    """Serves pin twins. `hold` gives one out with the thread kept away; close twice is fine."""

    def __init__(self, path: Path, twins: Mapping[str, PinTwin]) -> None:
        """Take `path`, the application's socket, and `twins` by logical device."""
        self.twins = dict(twins)
        self.unplugged: set[str] = set()
        self.connected = False
        self._path = path
        self._lock = threading.RLock()
        self._wake_read, self._wake_write = socket.socketpair()
        self._by_pin = {pin: name for name, twin in self.twins.items() for pin in twin.watches()}
        self._levels: dict[int, int | None] = {}
        self._peer: socket.socket | None = None
        self._lines = jsonl_socket.JsonLines()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="board", daemon=True)
        self._thread.start()

    @contextmanager
    def hold(self, name: str) -> Iterator[Any]:
        """Yield the twin of that name; what is planned meanwhile is sent right after. KeyError for none."""
        with self._lock:
            yield self.twins[name]
        self._wake()

    def states(self) -> dict[str, dict[str, Any]]:
        """Return what every twin shows."""
        with self._lock:
            return {name: twin.state() for name, twin in self.twins.items()}

    def unplug(self, name: str) -> None:
        """Pull the device's cable: its lines float and it hears nothing."""
        with self._lock:
            self.unplugged.add(name)
            for act in self.twins[name].standing():
                self._send(Drive(act.pin, None) if isinstance(act, Drive) else Join(act.pins, False), now_ms())
            for pin in self.twins[name].watches():
                self.twins[name].heard(pin, None, now_ms())

    def replug(self, name: str) -> None:
        """Put it in again."""
        with self._lock:
            self.unplugged.discard(name)
            for pin in self.twins[name].watches():
                self.twins[name].heard(pin, self._levels.get(pin), now_ms())
            for act in self.twins[name].standing():
                self._send(act, now_ms())

    def close(self) -> None:
        """Let go of everything."""
        if self._stopping:
            return
        self._stopping = True
        self._wake()
        self._thread.join(timeout=5)
        for end in (self._wake_read, self._wake_write, self._peer):
            if end is not None:
                end.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_write.send(b"\0")

    def _run(self) -> None:
        while not self._stopping:
            if self._peer is None:
                self._connect()
            wait_ms = self._tick()
            ends = [self._wake_read] if self._peer is None else [self._wake_read, self._peer]
            readable, _, _ = select.select(ends, [], [], wait_ms / 1000)
            if self._wake_read in readable:
                self._wake_read.recv(4096)
            if self._peer is not None and self._peer in readable:
                self._read(self._peer)

    def _connect(self) -> None:
        peer = jsonl_socket.connect(self._path)
        if peer is None:
            return
        with self._lock:
            self._peer, self._lines, self.connected = peer, jsonl_socket.JsonLines(), True
            self._write(jsonl_socket.line({"watch": sorted(self._by_pin)}))
            for name, twin in self.twins.items():
                for act in twin.standing() if name not in self.unplugged else []:
                    self._send(act, now_ms())

    def _lose(self) -> None:
        with self._lock:
            peer, self._peer, self.connected = self._peer, None, False
            if peer is not None:
                peer.close()
            for pin in self._by_pin:
                self._hear(pin, None)

    def _read(self, peer: socket.socket) -> None:
        try:
            data = peer.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._lose()
            return
        with self._lock:
            for message in self._lines.receive(data):
                match message:
                    case {"pin": int(pin), "out": int() | None as level} if pin in self._by_pin:
                        self._hear(pin, level)
                    case {"join": [int(a), int(b)]}:
                        for twin in self.twins.values():
                            twin.joined((a, b))

    def _hear(self, pin: int, level: int | None) -> None:
        self._levels[pin] = level
        name = self._by_pin[pin]
        if name not in self.unplugged:
            self.twins[name].heard(pin, level, now_ms())

    def _tick(self) -> float:
        with self._lock:
            now = now_ms()
            for name, twin in self.twins.items():
                for at_ms, act in twin.tick(now):
                    if name not in self.unplugged:
                        self._send(act, at_ms)
            due = [at for twin in self.twins.values() if (at := twin.due_ms()) is not None]
            rest_ms = RETRY_MS if self._peer is None else REST_MS
            return max(0.0, min([rest_ms, *(at - now for at in due)]))

    def _send(self, act: Act, at_ms: float) -> None:
        if isinstance(act, Drive):
            self._write(jsonl_socket.line({"pin": act.pin, "level": act.level, "at": at_ms / 1000}))
        else:
            self._write(jsonl_socket.line({"join": list(act.pins), "closed": act.closed}))

    def _write(self, data: bytes) -> None:
        if self._peer is not None:
            with contextlib.suppress(OSError):  # its death is noticed where it is read
                self._peer.sendall(data)
