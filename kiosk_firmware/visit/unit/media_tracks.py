"""One side's pictures or sound on their way to whoever is there for them: screen, earpiece, recording, the lines.

A feed outlives what feeds it: a camera that is plugged in again, a station that calls anew. A line's end of it is a
`Tap`, a track that never ends by itself; what a slow line has not fetched in time is dropped, oldest first. Everything
here runs in the one loop of the visit process. Whoever makes a picture smaller has a reformatter of their own: a
frame's own one stands still for ever when two threads ask for it at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

from aiortc import MediaStreamTrack
from av import AudioFrame, VideoFrame
from av.frame import Frame
from av.video.reformatter import VideoReformatter

SAMPLE_RATE = 48_000
PICTURE_CLOCK = 90_000
WAITING_SOUNDS = 10
"""Of 20 ms each."""

Ear = Callable[[Frame], None]


class MediaFeed:
    """A feed that gives each frame to all its listeners."""

    def __init__(self) -> None:
        self._ears: list[Ear] = []
        self.heard_at = float("-inf")
        """When the last frame came, seconds of the monotonic clock."""

    def listen(self, ear: Ear) -> Callable[[], None]:
        """Hear it from now on, until what is returned is called; twice is fine."""
        self._ears.append(ear)

        def leave() -> None:
            with suppress(ValueError):
                self._ears.remove(ear)

        return leave

    def put(self, frame: Frame) -> None:
        """Hand the next frame to everybody who is there for it."""
        self.heard_at = time.monotonic()
        for ear in tuple(self._ears):
            ear(frame)

    def is_fresh(self, seconds: float) -> bool:
        """Return whether anything came within that time."""
        return time.monotonic() - self.heard_at < seconds


class _Tap(MediaStreamTrack):
    """The common base of the two kinds: a short queue, and stamps of its own."""

    def __init__(self, feed: MediaFeed, longest: int, clock: int) -> None:
        super().__init__()
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(longest)
        self._leave = feed.listen(self._came)
        self._begun, self._base = time.monotonic(), Fraction(1, clock)

    def _came(self, frame: Frame) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(frame)

    def _now(self) -> int:
        """Return the time since the beginning, in the track's own clock."""
        return int((time.monotonic() - self._begun) * self._base.denominator)

    def stop(self) -> None:
        """Stop taking frames; twice is fine."""
        self._leave()
        super().stop()


class SoundTap(_Tap):
    """Sound for a line: s16, 48 kHz, whole or muted."""

    kind = "audio"

    def __init__(self, feed: MediaFeed) -> None:
        super().__init__(feed, WAITING_SOUNDS, SAMPLE_RATE)
        self._next = 0
        self.muted = False

    async def recv(self) -> Frame:
        """Return the next frame, on a clock that leaves out what was never there."""
        frame = await self._queue.get()
        assert isinstance(frame, AudioFrame)
        samples = frame.samples
        sound = silence(samples, frame.layout.name) if self.muted else _copy(frame)
        self._next = max(self._next, self._now() - samples * WAITING_SOUNDS)
        sound.pts, sound.time_base, sound.sample_rate = self._next, self._base, SAMPLE_RATE
        self._next += samples
        return sound


class PictureTap(_Tap):
    """Pictures for a line, as large and as many as it bears."""

    kind = "video"

    def __init__(self, feed: MediaFeed, shape: Callable[[], tuple[int, int]]) -> None:
        """Take `shape`: the height and the number a second that the line bears now."""
        super().__init__(feed, 1, PICTURE_CLOCK)
        self._shape, self._due = shape, float("-inf")
        self._reformat = VideoReformatter().reformat

    def _came(self, frame: Frame) -> None:
        now, gap = time.monotonic(), 1 / self._shape()[1]
        if now >= self._due - 0.01:  # a camera sways by some ms
            self._due = max(self._due, now - gap / 2) + gap  # twelve of twenty a second are twelve, not ten
            super()._came(frame)

    async def recv(self) -> Frame:
        """Return the next picture, no larger than it came."""
        frame = await self._queue.get()
        assert isinstance(frame, VideoFrame)
        height = min(self._shape()[0], frame.height)
        width = frame.width * height // frame.height // 2 * 2
        picture = self._reformat(frame, width=width, height=height, format="yuv420p")
        if picture is frame:  # others have the same one, with stamps of their own
            picture = _copy_of_picture(frame)
        picture.pts, picture.time_base = self._now(), self._base
        return picture


def silence(samples: int, layout: str = "mono") -> AudioFrame:
    """Return so many samples of nothing."""
    frame = AudioFrame(format="s16", layout=layout, samples=samples)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = SAMPLE_RATE
    return frame


def _copy(frame: AudioFrame) -> AudioFrame:
    copy = AudioFrame(format=frame.format.name, layout=frame.layout.name, samples=frame.samples)
    for to, of in zip(copy.planes, frame.planes, strict=True):
        to.update(bytes(of)[: to.buffer_size])  # a decoder's planes are longer than their sound
    return copy


def _copy_of_picture(frame: VideoFrame) -> VideoFrame:
    copy = VideoFrame(frame.width, frame.height, frame.format.name)
    for to, of in zip(copy.planes, frame.planes, strict=True):
        to.update(_lines(bytes(of), of.line_size, to.line_size))
    return copy


def _lines(plane: bytes, long: int, wanted: int) -> bytes:
    """Return a plane in lines of the wanted length: a decoder's are longer than its picture."""
    if long == wanted:
        return plane
    lines = (plane[at : at + min(long, wanted)] for at in range(0, len(plane), long))
    return b"".join(line.ljust(wanted, b"\0") for line in lines)
