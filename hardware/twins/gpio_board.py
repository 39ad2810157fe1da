"""All pin twins of a unit, joined to the application's pin link; they go on living while the application is away.

One thread: it sends what the twins plan, when it is due, with the time that it was due, and when the next is; it hears
outputs, with the time that they happened; and when the application dies (its end of the socket closes) it tells every
twin that its outputs are let go, and tries again until a new application listens.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any

from hardware.transport import jsonl_socket
from hardware.twins.gpio_twin import Act, Drive, Join, PinTwin
from hardware.twins.twin_actions import now_ms

RETRY_MS = 100
REST_MS = 500
ASK_MS, ASK_AGAIN_MS = 5, 1000
"""Between two questions, and where a driver ended before it answered."""


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
        self._next_s: float | None = None
        self._heard = 0
        self._asked = 0
        self._ask_ms = 0.0
        self._asking: dict[str, int] = {}
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
            now = now_ms()
            self._read_all()  # what happened until now is heard before now counts as past
            wait_ms = self._tick(now)
            ends = [self._wake_read] if self._peer is None else [self._wake_read, self._peer]
            readable, _, _ = select.select(ends, [], [], wait_ms / 1000)
            if self._wake_read in readable:
                self._wake_read.recv(4096)

    def _connect(self) -> None:
        peer = jsonl_socket.connect(self._path)
        if peer is None:
            return
        with self._lock:
            self._peer, self._lines, self.connected = peer, jsonl_socket.JsonLines(), True
            self._next_s, self._heard, self._ask_ms = None, 0, 0.0
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
                self._hear(pin, None, now_ms())

    def _read_all(self) -> None:
        while self._peer is not None and select.select([self._peer], [], [], 0)[0]:
            self._read(self._peer)

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
                    case {"pin": int(pin), "out": int() | None as level, "at": float(at_s)} if pin in self._by_pin:
                        self._hear(pin, level, 1000 * at_s)
                        self._heard += 1
                    case {"ask": int(number), "rests": bool(rests)} if number == self._asked:
                        self._ask_ms = now_ms() + ASK_MS
                        for name, about in self._asking.items():
                            self.twins[name].answered(about, rests)

    def _hear(self, pin: int, level: int | None, at_ms: float) -> None:
        self._levels[pin] = level
        name = self._by_pin[pin]
        if name not in self.unplugged:
            self.twins[name].heard(pin, level, at_ms)

    def _tick(self, now: float) -> float:
        with self._lock:
            self._say_next(only_sooner=True)  # before what is due, so that nobody takes a moment in between for silence
            acts = [(at_ms, name, act) for name, twin in self.twins.items() for at_ms, act in twin.tick(now)]
            for at_ms, name, act in sorted(acts, key=lambda planned: planned[0]):
                if name not in self.unplugged:
                    self._send(act, at_ms)
            self._say_next()
            self._ask(now)
            due = [at for twin in self.twins.values() if (at := twin.due_ms()) is not None]
            rest_ms = RETRY_MS if self._peer is None else REST_MS
            return max(0.0, min([rest_ms, *(at - now for at in due)]))

    def _say_next(self, only_sooner: bool = False) -> None:
        """Say when the next of what is planned happens, and how many outputs that plan knows of, where it is news."""
        planned = [at for twin in self.twins.values() if (at := twin.next_ms()) is not None]
        next_s = min(planned) / 1000 if planned else None
        if next_s != self._next_s and (not only_sooner or (next_s or inf) < (self._next_s or inf)):
            self._next_s = next_s
            self._write(jsonl_socket.line({"next": next_s}))
        if self._heard and not only_sooner:
            self._write(jsonl_socket.line({"heard": self._heard}))
            self._heard = 0

    def _ask(self, now: float) -> None:
        """Ask one question at a time."""
        if now < self._ask_ms:
            return
        asking = {name: about for name, twin in self.twins.items() if (about := twin.asks()) is not None}
        for name in [name for name in asking if self._peer is None or name in self.unplugged]:
            self.twins[name].answered(asking.pop(name), True)
        if asking:
            self._asking, self._asked, self._ask_ms = asking, self._asked + 1, now + ASK_AGAIN_MS
            self._write(jsonl_socket.line({"ask": self._asked}))

    def _send(self, act: Act, at_ms: float) -> None:
        if isinstance(act, Drive):
            self._write(jsonl_socket.line({"pin": act.pin, "level": act.level, "at": at_ms / 1000}))
        else:
            self._write(jsonl_socket.line({"join": list(act.pins), "closed": act.closed}))

    def _write(self, data: bytes) -> None:
        if self._peer is not None:
            with contextlib.suppress(OSError):  # its death is noticed where it is read
                self._peer.sendall(data)
