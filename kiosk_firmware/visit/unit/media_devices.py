"""The unit's camera, microphone, earpiece and the frames for its screen, as one visit has them."""

from __future__ import annotations

import array
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from av.frame import Frame

from hardware.drivers.settings.hardware_settings import DeviceTables
from kiosk_firmware.visit.unit import capture
from kiosk_firmware.visit.unit.media_playback import AudioOutput, FrameOutput
from kiosk_firmware.visit.unit.peer_connections import CallMedia
from kiosk_firmware.visit.wire.shared_frames import FAR, SELF

FRESH_S = 1.5
"""Nothing for so long: the camera, or the microphone, is not there."""
FAINT_DB, LOUD_DB = -50.0, -6.0


class MediaDevices:
    """The media devices of this unit."""

    def __init__(self, devices: DeviceTables, run: Path, sides: CallMedia) -> None:
        """Take `run`: the folder in memory where the screen looks for frames."""
        self.sides, self.ear = sides, AudioOutput(devices.earpiece)
        self._workers = ThreadPoolExecutor(1, "glass")
        self._glasses = FrameOutput(run / FAR, self._workers), FrameOutput(run / SELF, self._workers)
        camera = capture.camera(devices.camera, sides.own_picture)
        microphone = capture.microphone(devices.microphone, sides.own_sound)
        self._sources = [source for source in (camera, microphone) if source is not None]
        self._peak = 0

    def start(self) -> None:
        """Open everything; what is not there is looked for again and again."""
        far, own = self._glasses
        self.sides.far_picture.listen(far.show)
        self.sides.own_picture.listen(own.show)
        self.sides.far_sound.listen(self.ear.hear)
        self.sides.own_sound.listen(self._weigh)
        self.ear.start()
        for source in self._sources:
            source.start()

    def has_camera(self) -> bool:
        """Return whether pictures of one's own come."""
        return self.sides.own_picture.is_fresh(FRESH_S)

    def loudness(self) -> int:
        """Return how loud it was here since the last time, 0..100; -1: no microphone."""
        if not self.sides.own_sound.is_fresh(FRESH_S):
            return -1
        peak, self._peak = self._peak, 0
        level = 20 * math.log10(max(1, peak) / 32768)
        return round(100 * min(1.0, max(0.0, (level - FAINT_DB) / (LOUD_DB - FAINT_DB))))

    def _weigh(self, frame: Frame) -> None:
        samples = array.array("h", bytes(frame.planes[0])[: frame.samples * 2])  # type: ignore[attr-defined]
        self._peak = max(self._peak, *map(abs, (min(samples), max(samples)))) if samples else self._peak

    async def close(self) -> None:
        """Let go of everything."""
        for source in self._sources:
            await source.stop()
        self.ear.stop()
        self._workers.shutdown()
        for glass in self._glasses:
            glass.close()
