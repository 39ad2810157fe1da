"""What is sent, and how thin: aiortc's encoders, led by a line's budget.

This and `identity` are the places that reach into aiortc: its senders make their encoders themselves and hand them what
the receiver estimates (REMB), so ours are put in before the first frame. `tests/visit` holds that this still works.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from aiortc import RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs.base import Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioResampler

from kiosk_firmware.visit import budget as budgets
from kiosk_firmware.visit.budget import RUNGS, Budget
from kiosk_firmware.visit.feeds import SAMPLE_RATE

SOUND_BPS = 24_000
SAMPLES = 960
PACKET_HEAD = 50
"""Bytes: RTP with its extensions, and what SRTP adds."""


class Line:
    """The budget of one line, as its encoders and its pictures ask for it."""

    def __init__(self, most: int = len(RUNGS) - 1, pictures: int = 1) -> None:
        """`most`: the highest rung that it is given; `pictures`: how many streams of them."""
        self.budget = Budget(most=most, rung=min(budgets.FIRST, most), pictures=pictures)
        self._sent, self._at = 0, time.monotonic()

    def shape(self) -> tuple[int, int]:
        """Height of a picture, and how many a second."""
        rung = RUNGS[self.budget.rung]
        return rung.height, rung.fps

    def estimated(self, bps: int) -> None:
        """The receiver's word of what the line bears."""
        self.budget = budgets.estimated(self.budget, bps)

    async def measure(self, senders: Sequence[RTCRtpSender]) -> None:
        """Once a second: what was lost and sent leads what will be."""
        lost, sent = 0.0, 0
        for sender in (one for one in senders if one.kind == "video"):
            for stats in (await sender.getStats()).values():
                if stats.type == "remote-inbound-rtp":
                    lost = max(lost, float(stats.fractionLost) / 256)
                elif stats.type == "outbound-rtp":
                    sent += stats.bytesSent + stats.packetsSent * PACKET_HEAD
        passed = time.monotonic() - self._at
        self.budget = budgets.reported(self.budget, lost, max(0, sent - self._sent) * 8 / passed)
        self._sent, self._at = sent, self._at + passed


class Pictures(Vp8Encoder):
    """VP8 at the rung of the line."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    @property
    def target_bitrate(self) -> int:
        """Bits a second. Setting it is what aiortc does when it hears an estimate."""
        return RUNGS[self._line.budget.rung].bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._line.estimated(bitrate)


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
