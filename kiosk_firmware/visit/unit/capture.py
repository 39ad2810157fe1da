"""Capture one's own side: a camera and a microphone, or what stands for them at a desk.

A device is read by a thread of its own, through PyAV (V4L2, ALSA). One that is not there, or goes, is tried again every
two seconds: a visit is not over because somebody pulled a plug.
"""

from __future__ import annotations

import array
import asyncio
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping

import av
from av import AudioFrame, AudioResampler, VideoFrame
from av.frame import Frame

from hardware.drivers.settings.visit_media import DrawnCamera, Microphone, Tone, V4l2Camera
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.visit.unit.media_tracks import SAMPLE_RATE, MediaFeed
from kiosk_firmware.visit.unit.synthetic_camera import draw_frame

log = logging.getLogger(__name__)

AGAIN_S = 2.0
SAMPLES = 960
"""20 ms."""
QUIET = 0.05
"""How loud the tone of a desk is, of what there is."""


class CaptureThread:
    """A thread that reads frames of `make` into a feed, from `start` to `stop`."""

    def __init__(self, name: str, feed: MediaFeed, make: Callable[[], Iterator[Frame]]) -> None:
        self._feed, self._make, self._name = feed, make, name
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin; the feed is fed in the loop that runs now."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """End; twice is fine."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, AGAIN_S)
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except (OSError, av.FFmpegError) as error:
                log.warning("%s: %s", self._name, error)
            self._stop.wait(AGAIN_S)

    def _read(self) -> None:
        assert self._loop is not None
        for frame in self._make():
            if self._stop.is_set():
                return
            self._loop.call_soon_threadsafe(self._feed.put, frame)


def camera(table: V4l2Camera | DrawnCamera | None, feed: MediaFeed) -> CaptureThread | None:
    """Return the unit's camera; None where it has none."""
    match table:
        case V4l2Camera(device, width, height, rate, form):
            options = {"video_size": f"{width}x{height}", "framerate": str(rate), "input_format": form}
            return CaptureThread("camera", feed, lambda: pictures(device, "v4l2", options))
        case DrawnCamera(width, height, rate, grain):
            return CaptureThread("camera", feed, lambda: _draw_frames(width, height, rate, grain))
        case None:
            return None


def microphone(table: Microphone | Tone | None, feed: MediaFeed) -> CaptureThread | None:
    """Return the unit's microphone; None where it has none."""
    match table:
        case Microphone(device):
            return CaptureThread("microphone", feed, lambda: sounds(device, "alsa", {"sample_rate": str(SAMPLE_RATE)}))
        case Tone(hz):
            return CaptureThread("microphone", feed, lambda: _tone(hz))
        case None:
            return None


def pictures(device: str, form: str, options: Mapping[str, str]) -> Iterator[VideoFrame]:
    """Yield what a device, or a file, shows. Raises OSError or av's error: it is not there, or went."""
    with av.open(device, format=form, options=dict(options)) as container:
        for frame in container.decode(video=0):
            yield frame.reformat(format="yuv420p")


def sounds(device: str, form: str, options: Mapping[str, str]) -> Iterator[AudioFrame]:
    """Yield what a device, or a file, lets hear: s16, mono, 48 kHz, 20 ms each. Raises as `pictures`."""
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=SAMPLES)
    with av.open(device, format=form, options=dict(options)) as container:
        for frame in container.decode(audio=0):
            yield from resampler.resample(frame)


# -- for desks and tests -----------------------------------------------------------------------------------------------


def _draw_frames(width: int, height: int, rate: int, grain: bool) -> Iterator[VideoFrame]:
    for _ in _pace(1 / rate):
        yield draw_frame(width, height, utc_ms(), grain)


def _tone(hz: int) -> Iterator[AudioFrame]:
    """Yield one second of it, again and again: whole waves, so that nothing clicks."""
    wave = [round(32767 * QUIET * math.sin(2 * math.pi * hz * at / SAMPLE_RATE)) for at in range(SAMPLE_RATE)]
    pieces = [array.array("h", wave[at : at + SAMPLES]).tobytes() for at in range(0, SAMPLE_RATE, SAMPLES)]
    for number, _ in enumerate(_pace(SAMPLES / SAMPLE_RATE)):
        frame = AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(pieces[number % len(pieces)])
        frame.sample_rate = SAMPLE_RATE
        yield frame


def _pace(seconds: float) -> Iterator[None]:
    """Yield so often; what was missed is not made up for."""
    due = time.monotonic()
    while True:
        yield
        due = max(due + seconds, time.monotonic() - seconds)
        time.sleep(max(0.0, due - time.monotonic()))
