"""Share what every twin on a serial line has in common: how it is spoken to, and how its wire can go wrong.

A twin is the other end of a wire: a device made of software that answers bytes with bytes. Its core has no port,
thread or clock (``receive`` and ``tick`` are told the time); whoever serves it on a pty, or a test, calls them. What
a person or a technician does to the real thing (put a card in, open the cover) are methods of the twin; ``state()``
says what a person standing there would see. All methods must be called from one thread or under the runner's lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol


class Twin(Protocol):
    """The calls that the runner makes to a twin."""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return what the device says to them now."""

    def tick(self, now_ms: int) -> bytes:
        """Time passed; returns what the device says by itself, or says late."""

    def state(self) -> dict[str, Any]:
        """Return what can be seen of the device, as JSON values."""


class Codec(Protocol):
    """A protocol's codec: bytes or time in, whole messages (and broken ones) out."""

    def receive_data(self, data: bytes, now_ms: int) -> Iterable[Any]:
        """Return what these bytes complete."""

    def tick(self, now_ms: int) -> Iterable[Any]:
        """Return what was never finished."""


class WireFaults:
    """The ways in which a twin's answers are spoiled. Switches are set by a test or by a technician's exercise.

    deaf: nothing is heard. silent: nothing is answered, though it is heard and done. bad_checks: so many next answers
    get their last byte changed. late_ms: answers come that much later. noise: bytes that reach the host next, once.
    hit: what ``spoil`` has done so far, by kind.
    """

    def __init__(self) -> None:
        self.deaf = False
        self.silent = False
        self.bad_checks = 0
        self.late_ms = 0
        self.noise = b""
        self.hit: dict[str, int] = {"silent": 0, "bad_check": 0, "late": 0}
        self._waiting: list[tuple[int, bytes]] = []

    def hear(self, data: bytes) -> bytes:
        """Return what of *data* reaches the twin."""
        return b"" if self.deaf else data

    def spoil(self, answer: bytes, now_ms: int, spoilable: bool = True) -> bytes:
        """Return *answer* as it reaches the wire now. *spoilable* False spares it from ``bad_checks`` (a single control
        byte).
        """
        if not answer:
            return b""
        if self.silent:
            self.hit["silent"] += 1
            return b""
        if self.bad_checks and spoilable:
            self.bad_checks -= 1
            self.hit["bad_check"] += 1
            answer = answer[:-1] + bytes([answer[-1] ^ 0x55])
        if self.late_ms or self._waiting:
            self.hit["late"] += 1
            self._waiting.append((now_ms + self.late_ms, answer))
            return b""
        return answer

    def due(self, now_ms: int) -> bytes:
        """Return late answers whose time has come, after whatever ``noise`` there is."""
        out, self.noise = self.noise, b""
        while self._waiting and self._waiting[0][0] <= now_ms:
            out += self._waiting.pop(0)[1]
        return out


class FramedTwin:
    """A twin that answers messages of its codec, one by one, over a wire that can be spoiled."""

    _codec: Codec
    wire: WireFaults

    def receive(self, data: bytes, now_ms: int) -> bytes:
        """Take bytes from the host; return what the device says to them."""
        out = self.tick(now_ms)
        for message in self._codec.receive_data(self.wire.hear(data), now_ms):
            out += self._take(message, now_ms)
        return out

    def tick(self, now_ms: int) -> bytes:
        """Return late answers, and what is said to a message that was never finished."""
        out = self.wire.due(now_ms)
        for message in self._codec.tick(now_ms):
            out += self._take(message, now_ms)
        return out

    def _take(self, message: Any, now_ms: int) -> bytes:
        raise NotImplementedError
