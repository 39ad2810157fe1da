"""Buffer bytes as every framed codec does: keep bytes until they make a message, and give up what is never finished.

The theory. A codec says only what stands at the head of its buffer (``_one``): a message, something to drop, or "more
bytes are needed". The buffer is searched again after each step, so a frame that a false start had swallowed is found.
A frame whose next byte does not come for ``GAP_MS`` is looked at a last time with *final*, when waiting is no answer
any more. What is kept is one unfinished frame, whatever the wire says.
"""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from hardware.framing.checksums import FrameFaults

M = TypeVar("M")


class Framer(Generic[M]):
    """Bytes to messages of type M. A codec overrides ``_one`` and, where 100 ms are wrong, ``GAP_MS``."""

    GAP_MS: ClassVar[int] = 100

    def __init__(self) -> None:
        self.faults = FrameFaults()
        self._buffer = bytearray()
        self._last_ms = 0

    def receive_data(self, data: bytes, now_ms: int) -> list[M]:
        """Take *data* as it came and return the messages that are now complete, in order."""
        messages = self.tick(now_ms)
        self._buffer += data
        if data:
            self._last_ms = now_ms
        return messages + self._drain(final=False)

    def tick(self, now_ms: int) -> list[M]:
        """Let time pass: an unfinished frame older than GAP_MS is given up, and what it swallowed is looked at
        again.
        """
        if not self._buffer or now_ms - self._last_ms < self.GAP_MS:
            return []
        return self._drain(final=True)

    def _drain(self, final: bool) -> list[M]:
        messages: list[M] = []
        while self._buffer:
            step = self._one(final)
            if step is None:
                break
            used, message = step
            del self._buffer[:used]
            if message is not None:
                messages.append(message)
        return messages

    def _one(self, final: bool) -> tuple[int, M | None] | None:
        """Return (bytes used, message) from the head of the buffer, or None when more bytes are needed; never when
        *final*.
        """
        raise NotImplementedError

    def _restart(self, start: bytes, end: int) -> int:
        """Return how many bytes of a broken frame of *end* bytes to drop: up to where *start* may begin another one.

        The inside of a broken frame is never read as control bytes.
        """
        inner = self._buffer.find(start, 1, end)
        return inner if inner > 0 else min(end, len(self._buffer))
