"""Encode what is sent, and how thin: aiortc's encoders, led by a line's budget.

This and `identity` are the places that reach into aiortc: its senders make their encoders themselves and hand them what
the receiver estimates (REMB), so ours are put in before the first frame. `tests/visit/unit` holds that this still
works.

A picture with grain, as each real camera's, takes all the bits that it is given. What holds it to those of its rung is
libvpx's own account of a second: coarser while that helps, then pictures are left out (options: FFmpeg's libvpxenc;
their values: what browsers give libvpx for calls).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction

from aiortc import RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs.base import Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioResampler, VideoCodecContext, VideoFrame
from av.frame import Frame
from av.video.frame import PictureType

from kiosk_firmware.visit.unit import bandwidth_control as budgets
from kiosk_firmware.visit.unit.bandwidth_control import RUNGS, Budget, Rung
from kiosk_firmware.visit.unit.media_tracks import PICTURE_CLOCK, SAMPLE_RATE

SOUND_BPS = 24_000
SAMPLES = 960
COARSEST = 63
"""libvpx's coarsest quantizer."""
DROPS_BELOW = 30
"""Pictures are left out where less than that share (%) of a second's bits is left."""
WHOLE, LEAST_WHOLE = 25, 200
"""A whole picture is a burst that sound waits behind: so much of a second's bits, and of a picture's at least, %."""
WHOLE_EVERY = 3000
"""Pictures; who lost something asks for a whole one."""
PACKET_HEAD = 50
"""Bytes: RTP with its extensions, and what SRTP adds."""


class EncoderBudget:
    """The budget of one line, as its encoders and its pictures ask for it."""

    def __init__(self, most: int = len(RUNGS) - 1, pictures: int = 1) -> None:
        """Take `most`: the highest rung that it is given; `pictures`: how many streams of them."""
        self.budget = Budget(most=most, rung=min(budgets.FIRST, most), pictures=pictures)
        self._sent, self._at = 0, time.monotonic()

    def shape(self) -> tuple[int, int]:
        """Return the height of a picture, and how many a second."""
        rung = RUNGS[self.budget.rung]
        return rung.height, rung.fps

    def estimated(self, bps: int) -> None:
        """Take the receiver's estimate of what the line bears, in bits a second."""
        self.budget = budgets.apply_estimate(self.budget, bps)

    async def measure(self, senders: Sequence[RTCRtpSender]) -> None:
        """Measure once a second what was lost, of the sound too, and what was sent of pictures: that leads what will
        be.
        """
        lost, sent = 0.0, 0
        for sender in senders:
            for stats in (await sender.getStats()).values():
                if stats.type == "remote-inbound-rtp":
                    lost = max(lost, float(stats.fractionLost) / 256)
                elif stats.type == "outbound-rtp" and sender.kind == "video":
                    sent += stats.bytesSent + stats.packetsSent * PACKET_HEAD
        passed = time.monotonic() - self._at
        self.budget = budgets.apply_report(self.budget, lost, max(0, sent - self._sent) * 8 / passed)
        self._sent, self._at = sent, self._at + passed


class Pictures(Vp8Encoder):
    """VP8 at the rung of the line, and within its bits."""

    def __init__(self, line: EncoderBudget) -> None:
        super().__init__()
        self._line, self._rung = line, RUNGS[line.budget.rung]

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Encode a picture into packets, none where its bits are spent; in a thread, so the rung is read once."""
        assert isinstance(frame, VideoFrame)
        self._rung, codec = RUNGS[self._line.budget.rung], self.codec
        if codec is None or (codec.width, codec.height, codec.bit_rate) != (frame.width, frame.height, self._rung.bps):
            self.codec = _vp8(frame.width, frame.height, self._rung)
        frame.pict_type = PictureType.NONE  # a camera's are all whole ones to who decoded them, and would be made so
        return super().encode(frame, force_keyframe)

    @property
    def target_bitrate(self) -> int:
        """Bits a second. Setting it is what aiortc does when it hears an estimate."""
        return self._rung.bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._line.estimated(bitrate)


def _vp8(width: int, height: int, rung: Rung) -> VideoCodecContext:
    """Make an encoder that keeps to the bits of a rung, over a second."""
    codec = VideoCodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate, codec.framerate, codec.time_base = rung.bps, Fraction(rung.fps), Fraction(1, PICTURE_CLOCK)
    codec.qmin, codec.qmax, codec.gop_size, codec.thread_count = 2, COARSEST, WHOLE_EVERY, 1
    bits = str(rung.bps)
    codec.options = {
        "minrate": bits,
        "maxrate": bits,
        "bufsize": bits,
        "drop-threshold": str(DROPS_BELOW),
        "max-intra-rate": str(max(LEAST_WHOLE, WHOLE * rung.fps)),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "deadline": "realtime",
        "cpu-used": "-6",
        "lag-in-frames": "0",
        "noise-sensitivity": "4",
        "static-thresh": "1",
    }
    return codec


class Sound(OpusEncoder):
    """Opus for one voice, thin, with what mends a lost packet in the next one."""

    def __init__(self) -> None:
        super().__init__()
        self.codec.bit_rate, self.codec.layout = SOUND_BPS, "mono"
        self.codec.options = {"application": "voip", "fec": "1", "packet_loss": "10"}
        self.resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=SAMPLES)


def only_vp8(transceiver: RTCRtpTransceiver) -> None:
    """Answer with what every browser speaks, and the sending again of what was lost, whatever a browser likes best.

    Raises:
        ValueError: its offer has no VP8.
    """
    offered = transceiver._codecs
    kept = {codec.payloadType for codec in offered if codec.mimeType.lower() == "video/vp8"}
    if not kept:
        raise ValueError("the offer has no VP8")
    transceiver._codecs = [
        codec for codec in offered if codec.payloadType in kept or codec.parameters.get("apt") in kept
    ]


def lead(sender: RTCRtpSender, encoder: Encoder) -> None:
    """Let that sender use this encoder; before it sends."""
    sender._RTCRtpSender__encoder = encoder  # type: ignore[attr-defined]
