"""The host's half of a line on which one exchange is open at a time: frame, acknowledge, answer.

The theory. A frame that was not acknowledged is sent again, as long as the device cannot have acted on it; whoever
subclasses says when that is (``tries``). After the acknowledgement nothing is repeated: an answer that is lost or
garbled is reported as such, with *begun* true, and the driver asks the device where things stand. Ports and clocks are
elsewhere: every call that needs the time is given ``now_ms``.
"""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError

M = TypeVar("M")
R = TypeVar("R")


class Reads(Protocol[M]):
    """The part of a codec that an exchange needs."""

    faults: FrameFaults

    def receive_data(self, data: bytes, now_ms: int) -> list[M]:
        """Return the messages that *data* completed."""

    def tick(self, now_ms: int) -> list[M]:
        """Return the messages that a silence completed."""


class NoAnswer(msgspec.Struct, frozen=True):
    """The exchange failed. *begun* tells whether the device may have acted.

    *reason*: ``silent`` (nothing came), ``refused`` (NAK each time), ``garbled`` (the answer's check was wrong).
    """

    command: bytes
    reason: str
    begun: bool


class Exchange(Generic[M, R]):
    """One exchange at a time. A protocol says how a body is sent (``_frame``) and what a message means (``_take``).

    Phases: idle, ack (the frame is out), answer (it was acknowledged). A protocol without acknowledgement begins with
    ``FIRST`` = answer.
    """

    FIRST: ClassVar[str] = "ack"
    ACK_MS: ClassVar[int] = 400
    TRIES: ClassVar[int] = 3
    ABORT: ClassVar[bytes] = b""
    """Sent when an exchange is given up."""

    def __init__(self, codec: Reads[M]) -> None:
        self.codec = codec
        self._out = bytearray()
        self._body = b""
        self._phase = "idle"
        self._left = 0
        self._deadline_ms = 0
        self._answer_ms = 0

    @property
    def busy(self) -> bool:
        """True while an exchange is open."""
        return self._phase != "idle"

    def command(self, body: bytes, now_ms: int, answer_ms: int = 1500) -> None:
        """Open an exchange; the bytes are fetched with data_to_send. Raises LocalProtocolError when one is open."""
        if self.busy:
            raise LocalProtocolError("one exchange at a time")
        self._body, self._left, self._answer_ms = body, self._tries(body), answer_ms
        self._write(now_ms)

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, and empty the store."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[R | NoAnswer]:
        """Take bytes from the device; return the outcome when the exchange has ended (at most one)."""
        return self._all(self.codec.receive_data(data, now_ms), now_ms)

    def tick(self, now_ms: int) -> list[R | NoAnswer]:
        """Let time pass: repeat the frame or give up."""
        outcomes = self._all(self.codec.tick(now_ms), now_ms)
        if self.busy and now_ms >= self._deadline_ms:
            if self._phase == "ack" and self._left > 0:
                self._write(now_ms)
            else:
                outcomes.append(self._end("silent"))
        return outcomes

    def _all(self, messages: list[M], now_ms: int) -> list[R | NoAnswer]:
        return [outcome for message in messages for outcome in self._take(message, now_ms)]

    def _write(self, now_ms: int) -> None:
        self._out += self._frame(self._body)
        self._left -= 1
        self._phase = self.FIRST
        self._deadline_ms = now_ms + (self.ACK_MS if self.FIRST == "ack" else self._answer_ms)

    def _acknowledged(self, now_ms: int) -> None:
        self._phase, self._deadline_ms = "answer", now_ms + self._answer_ms

    def _refused(self, now_ms: int) -> list[R | NoAnswer]:
        """Send the frame again after a NAK: the device did not understand it, whatever it asks for."""
        if self._left <= 0:
            return [self._end("refused", begun=False)]
        self._write(now_ms)
        return []

    def _done(self, outcome: R) -> list[R | NoAnswer]:
        self._phase = "idle"
        return [outcome]

    def _end(self, reason: str, begun: bool | None = None) -> NoAnswer:
        began = self._begun() if begun is None else begun
        self._out += self.ABORT
        self._phase = "idle"
        return NoAnswer(self._body[:2], reason, began)

    # -- what a protocol says -----------------------------------------------------------------------------------------

    def _frame(self, body: bytes) -> bytes:
        raise NotImplementedError

    def _take(self, message: M, now_ms: int) -> list[R | NoAnswer]:
        raise NotImplementedError

    def _tries(self, body: bytes) -> int:
        """Return how often *body* may be sent when nothing is heard."""
        return self.TRIES

    def _begun(self) -> bool:
        """Return whether the device may have acted already."""
        return self._phase == "answer"
