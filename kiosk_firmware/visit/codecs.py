"""What is sent, and how thin: aiortc's encoders, led by a line's budget.

This is the one place that reaches into aiortc: its senders make their encoders themselves and hand them what the
receiver estimates (REMB), so ours are put in before the first frame. `tests/visit` holds that this still works.
"""

from __future__ import annotations

from aiortc import RTCRtpSender
from aiortc.codecs.base import Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder
from av import AudioResampler

from kiosk_firmware.visit import budget as budgets
from kiosk_firmware.visit.budget import RUNGS, Budget
from kiosk_firmware.visit.feeds import SAMPLE_RATE

SOUND_BPS = 24_000
SAMPLES = 960


class Line:
    """The budget of one line, as its encoders and its pictures ask for it."""

    def __init__(self, most: int = len(RUNGS) - 1) -> None:
        """`most`: the highest rung that it is given."""
        self.budget = Budget(most=most, rung=min(budgets.FIRST, most))

    def shape(self) -> tuple[int, int]:
        """Height of a picture, and how many a second."""
        rung = RUNGS[self.budget.rung]
        return rung.height, rung.fps

    def estimated(self, bps: int) -> None:
        """The receiver's word of what the line bears."""
        self.budget = budgets.estimated(self.budget, bps)

    def reported(self, lost: float) -> None:
        """The share of the last second's packets that was lost."""
        self.budget = budgets.reported(self.budget, lost)


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


def lead(sender: RTCRtpSender, encoder: Encoder) -> None:
    """Let that sender use this encoder; before it sends."""
    sender._RTCRtpSender__encoder = encoder  # type: ignore[attr-defined]


async def lost(sender: RTCRtpSender) -> float | None:
    """The share of packets lost that the receiver reported last; None: it has reported nothing yet."""
    for stats in (await sender.getStats()).values():
        if stats.type == "remote-inbound-rtp":
            return float(stats.fractionLost) / 256
    return None
