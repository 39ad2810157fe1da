"""The recording of a visit: both sides in one picture and one sound, sealed as it is made.

Left is the unit, right the station; in the sound, too. So any browser plays it, and it does not matter that a camera
changes its size, or that a line comes and goes: what is missing is a picture that stands, and silence. Time is the
monotonic clock's: where a side has no sound, its silence is as long as it was.

All of it happens in one thread. Clusters of a second go into the seal, and the seal to the disk, each second: what a
power cut costs is two seconds. WebM that ends anywhere can be played up to there.
"""

from __future__ import annotations

import array
import logging
import threading
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

import av
from av import AudioFrame, AudioResampler, VideoFrame
from av.audio.stream import AudioStream
from av.frame import Frame
from av.packet import Packet
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from kiosk_firmware.system.durable_files import remove
from kiosk_firmware.visit.unit.media_tracks import SAMPLE_RATE
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from kiosk_firmware.visit.wire.recording_upload import KEPT

log = logging.getLogger(__name__)

Side = Literal["unit", "station"]
SIDES: tuple[Side, Side] = ("unit", "station")
WIDTH, HEIGHT = 320, 240
"""Of one side."""
RATE = 10
PICTURE_BPS, SOUND_BPS = 250_000, 48_000
"""Half an hour is 70 MB."""
FLUSH_S = 1.0
FIRST_S = 1.0
"""So long a first picture is waited for: it is what stands there before a recording is played."""
LATE = SAMPLE_RATE // 5
"""A side's sound may wait so long for its turn; what is older is let go of, or the sides would drift apart."""
BLACK = (16, 128, 128)


class _Sound:
    """One side's sound until its turn: samples in a row, silence where there are none. Two threads meet here."""

    def __init__(self) -> None:
        self._resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        self._samples = array.array("h")
        self._lock = threading.Lock()

    def hear(self, frame: Frame) -> None:
        """Take what comes, in any layout and rate."""
        with self._lock:
            for sound in self._resampler.resample(cast(AudioFrame, frame)):
                self._samples.frombytes(bytes(sound.planes[0])[: sound.samples * 2])

    def taken(self, count: int) -> array.array[int]:
        """Take the next `count` samples, silence for those that are missing."""
        with self._lock:
            taken = self._samples[:count]
            del self._samples[:count]
            del self._samples[: max(0, len(self._samples) - LATE)]
        taken.frombytes(bytes(2 * (count - len(taken))))
        return taken


class Recorder:
    """A recording under way. `failed`: it cannot be written any more; says why."""

    def __init__(self, path: Path, visit: str, seal: str) -> None:
        """Begin it, in a part of its own.

        Raises:
            ValueError, OSError: as `Sealer`.
        """
        remove(path.with_suffix(KEPT))  # of a part before: it is not whole any more
        self._sealer = Sealer(path, visit, seal)
        self._sounds = {side: _Sound() for side in SIDES}
        self._pictures: dict[Side, VideoFrame] = {}
        self._reformatter = VideoReformatter()
        self._over = threading.Event()
        self.failed = ""
        self._container = av.open(
            self._sealer, "w", "webm", options={"live": "1", "cluster_time_limit": "1000", "flush_packets": "1"}
        )
        self._video, self._audio = self._streams()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def picture(self, side: Side, frame: Frame) -> None:
        """Keep the side's newest picture."""
        self._pictures[side] = cast(VideoFrame, frame)

    def sound(self, side: Side, frame: Frame) -> None:
        """Add the side's next sound."""
        self._sounds[side].hear(frame)

    def close(self) -> None:
        """End it in order; twice is fine."""
        self._over.set()
        self._thread.join()

    def _streams(self) -> tuple[VideoStream, AudioStream]:
        video = self._container.add_stream("libvpx", rate=RATE)
        video.width, video.height, video.pix_fmt = WIDTH * len(SIDES), HEIGHT, "yuv420p"
        video.bit_rate, video.time_base = PICTURE_BPS, Fraction(1, 1000)
        video.codec_context.gop_size = RATE * 5
        video.codec_context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        audio = self._container.add_stream("libopus", rate=SAMPLE_RATE)
        audio.layout, audio.bit_rate, audio.format = "stereo", SOUND_BPS, "s16"
        return video, audio

    def _run(self) -> None:
        try:
            self._record()
            self._container.close()
            self._sealer.close()
        except (OSError, av.FFmpegError) as error:  # the disk is full, mostly
            log.exception("the recording stops")
            self.failed = str(error)

    def _record(self) -> None:
        until = time.monotonic() + FIRST_S
        while not self._pictures and time.monotonic() < until and not self._over.wait(0.02):
            pass
        begun, pictures, samples, flushed = time.monotonic(), 0, 0, 0.0
        while True:
            ended = self._over.wait(max(0.0, begun + pictures / RATE - time.monotonic()))
            now = time.monotonic() - begun
            self._mux(self._video.encode(self._picture(int(now * 1000))))
            pictures = max(pictures + 1, int(now * RATE))
            count = int(now * SAMPLE_RATE) - samples
            self._mux(self._audio.encode(self._mix(samples, count)) if count > 0 else [])
            samples += max(0, count)
            if ended:
                self._mux([*self._video.encode(None), *self._audio.encode(None)])
                return
            if now - flushed >= FLUSH_S:
                self._sealer.flush()
                flushed = now

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        for packet in packets:
            self._container.mux(packet)

    def _mix(self, at: int, count: int) -> AudioFrame:
        mixed = array.array("h", bytes(count * 2 * len(SIDES)))
        for channel, side in enumerate(SIDES):
            mixed[channel :: len(SIDES)] = self._sounds[side].taken(count)
        frame = AudioFrame(format="s16", layout="stereo", samples=count)
        frame.planes[0].update(mixed.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.pts, frame.sample_rate, frame.time_base = at, SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        return frame

    def _small(self, frame: VideoFrame | None) -> VideoFrame | None:
        return frame and self._reformatter.reformat(frame, width=WIDTH, height=HEIGHT, format="yuv420p")

    def _picture(self, at_ms: int) -> VideoFrame:
        both = VideoFrame(WIDTH * len(SIDES), HEIGHT, "yuv420p")
        sides = [self._small(self._pictures.get(side)) for side in SIDES]
        for number, plane in enumerate(both.planes):
            plane.update(_beside([_rows(side, number) for side in sides], plane.line_size))
        both.pts, both.time_base = at_ms, Fraction(1, 1000)
        return both


def _rows(frame: VideoFrame | None, number: int) -> list[bytes]:
    """Return the lines of one plane of a side; black where there is no picture yet."""
    half = 2 if number else 1
    width, height = WIDTH // half, HEIGHT // half
    if frame is None:
        return [bytes([BLACK[number]]) * width] * height
    plane = frame.planes[number]
    data, line = bytes(plane), plane.line_size
    return [data[at : at + width] for at in range(0, height * line, line)]


def _beside(sides: list[list[bytes]], line: int) -> bytes:
    return b"".join(b"".join(row).ljust(line, b"\0") for row in zip(*sides, strict=True))
