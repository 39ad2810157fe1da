"""Play what comes of the other side: the frames of the screen, and the earpiece.

Neither may hold the line up: pictures are turned into RGB beside the loop, one at a time, and what comes meanwhile is
left out; sound waits in a short queue in front of the player, whose oldest is let go of.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from av import AudioFrame, AudioResampler, VideoFrame
from av.frame import Frame
from av.video.reformatter import VideoReformatter

from hardware.drivers.settings.visit_media import CountingEarpiece, Earpiece
from kiosk_firmware.visit.unit.media_tracks import SAMPLE_RATE
from kiosk_firmware.visit.wire.shared_frames import Writer

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 640, 480
MOST_S = 1 / 25
"""Between two pictures on the glass; the screen shows no more."""
AHEAD = 2
"""Sounds of 20 ms in front of the player. What waits before it is heard later than its picture is seen, and stays late,
since a player takes as much as comes. Beside its own 80 ms there is one sound in the pipe and one on its way there.
"""
PIPE = 4096
"""Bytes: as few as Linux has; of its usual 64 KiB, a third of a second of sound fits in.
"""
AGAIN_S = 1.0
PLAYER = "aplay"


class FrameOutput:
    """A feed's pictures, for the screen process."""

    def __init__(self, path: Path, workers: ThreadPoolExecutor) -> None:
        """Take `path`: the file in memory that both map (`visit.wire.shared_frames`)."""
        self._writer, self._workers = Writer(path, WIDTH, HEIGHT), workers
        self._reformatter = VideoReformatter()
        self._busy, self._shown_at, self._path = False, float("-inf"), path

    def show(self, frame: Frame) -> None:
        """Show the next picture, unless the last one is still under way, or only just there."""
        now = time.monotonic()
        if self._busy or not isinstance(frame, VideoFrame) or now - self._shown_at < MOST_S - 0.01:
            return
        self._busy, self._shown_at = True, now
        asyncio.get_running_loop().run_in_executor(self._workers, self._put, frame)

    def _put(self, frame: VideoFrame) -> None:
        try:
            self._writer.put(fit_frame(frame, WIDTH, HEIGHT, self._reformatter), time.monotonic_ns() // 1_000_000)
        finally:
            self._busy = False

    def close(self) -> None:
        """Show no more pictures, and leave none lying; call it when the workers are done."""
        self._writer.close()
        self._path.unlink(missing_ok=True)


def fit_frame(frame: VideoFrame, width: int, height: int, reformatter: VideoReformatter) -> bytes:
    """Return the picture in RGB, as large as it goes in there, black around."""
    scale = min(width / frame.width, height / frame.height)
    inner, outer = max(2, int(frame.width * scale) // 2 * 2), max(2, int(frame.height * scale) // 2 * 2)
    small = reformatter.reformat(frame, width=inner, height=outer, format="rgb24")
    data, line = bytes(small.planes[0]), small.planes[0].line_size
    if (inner, outer, line) == (width, height, width * 3):
        return data
    left, top = (width - inner) // 2, (height - outer) // 2
    before, after = bytes(left * 3), bytes((width - inner - left) * 3)
    rows = (before + data[at : at + inner * 3] + after for at in range(0, outer * line, line))
    return bytes(top * width * 3) + b"".join(rows) + bytes((height - outer - top) * width * 3)


class AudioOutput:
    """The earpiece. `played`: frames that were handed to it, `failed`: how often its player was missing or went."""

    def __init__(self, table: Earpiece | CountingEarpiece | None) -> None:
        """Take the earpiece's table; None: the unit has none, and nothing is heard."""
        self._device = table.device if isinstance(table, Earpiece) else ""
        self._sounds: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self._resampler = AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE)
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self.played = self.failed = 0
        self.muted = False

    def start(self) -> None:
        """Begin; a stand-in only counts."""
        if self._device:
            self._thread = threading.Thread(target=self._play, name="earpiece", daemon=True)
            self._thread.start()

    def hear(self, frame: Frame) -> None:
        """Play the next sound of the other side."""
        if self.muted or not isinstance(frame, AudioFrame):
            return
        self.played += 1
        if self._thread is not None:
            for sound in self._resampler.resample(frame):
                self._wait(bytes(sound.planes[0])[: sound.samples * 4])

    def _wait(self, sound: bytes | None) -> None:
        if self._sounds.full():
            with suppress(queue.Empty):
                self._sounds.get_nowait()
        self._sounds.put(sound)

    def _play(self) -> None:
        """Play by one player after the other, until there is no more sound."""
        while self._sounds_to(self._player()):
            self.failed += 1
            if self._over.wait(AGAIN_S):
                return

    def _player(self) -> subprocess.Popen[bytes] | None:
        form = ("-t", "raw", "-f", "S16_LE", "-r", str(SAMPLE_RATE), "-c", "2", "--buffer-time=80000")
        try:
            command = [PLAYER, "-q", "-D", self._device, *form, "-"]
            return subprocess.Popen(command, stdin=subprocess.PIPE, pipesize=PIPE)
        except OSError as error:
            log.warning("earpiece: %s", error)
            return None

    def _sounds_to(self, player: subprocess.Popen[bytes] | None) -> bool:
        """Return whether to try another one."""
        if player is None:
            return True
        assert player.stdin is not None
        try:
            while (sound := self._sounds.get()) is not None:
                player.stdin.write(sound)
                player.stdin.flush()
        except OSError as error:
            log.warning("earpiece: %s", error)
            return True
        finally:
            player.kill()
            player.wait()
        return False

    def stop(self) -> None:
        """Fall silent; twice is fine."""
        self._over.set()
        if self._thread is not None:
            self._wait(None)
            self._thread.join(2 * AGAIN_S)
            self._thread = None
