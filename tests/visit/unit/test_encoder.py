"""An encoder keeps to the bits of its rung whatever it is shown, since sound has to share the line with it."""

from __future__ import annotations

import os
from fractions import Fraction

import msgspec
import pytest
from av import VideoFrame
from av.video.frame import PictureType

from kiosk_firmware.visit.unit import codecs
from kiosk_firmware.visit.unit.bandwidth_control import RUNGS

SECONDS = 4
KEY_BIT = 1
"""Of the first byte of a picture (RFC 6386, 9.1), 0: a whole one. Before it stand four bytes of payload descriptor."""


def at_rung(rung):
    line = codecs.EncoderBudget()
    line.budget = msgspec.structs.replace(line.budget, rung=rung)
    return line, codecs.Pictures(line)


def snow(rung, number, strength):
    """Grey with grain, as a camera's decoder hands it on: each a picture of its own."""
    frame = VideoFrame(rung.height * 4 // 3, rung.height, "yuv420p")
    shades = bytes(128 - strength + chance % (2 * strength + 1) for chance in range(256))
    for plane in frame.planes:
        plane.update(os.urandom(plane.buffer_size).translate(shades))
    frame.pict_type = PictureType.I
    frame.pts, frame.time_base = number * 90_000 // rung.fps, Fraction(1, 90_000)
    return frame


def sizes(encoder, rung, strength):
    """Bits of each picture of some seconds."""
    encoded = (encoder.encode(snow(rung, number, strength))[0] for number in range(SECONDS * rung.fps))
    return [8 * sum(map(len, packets)) for packets in encoded]


@pytest.mark.parametrize("at", range(len(RUNGS)))
@pytest.mark.parametrize("strength", [4, 16])
def test_each_second_keeps_to_the_bits_of_its_rung(at, strength):
    rung = RUNGS[at]
    bits = sizes(at_rung(at)[1], rung, strength)
    seconds = [sum(bits[begin : begin + rung.fps]) for begin in range(len(bits) - rung.fps)]
    assert max(seconds) <= 1.5 * rung.bps
    assert sum(bits) <= 1.2 * SECONDS * rung.bps


def test_only_what_was_asked_for_is_a_whole_picture():
    """A camera's pictures are whole ones to their own decoder."""
    rung = RUNGS[2]
    encoder = at_rung(2)[1]
    packets = [encoder.encode(snow(rung, number, 4), number == 5)[0] for number in range(10)]
    whole = [number for number, found in enumerate(packets) if found and not found[0][4] & KEY_BIT]
    assert whole == [0, 5]


def test_an_encoder_follows_the_rung_and_the_size():
    line, encoder = at_rung(5)
    encoder.encode(snow(RUNGS[5], 0, 4))
    line.budget = msgspec.structs.replace(line.budget, rung=1)
    encoder.encode(snow(RUNGS[1], 1, 4))
    assert (encoder.codec.bit_rate, encoder.codec.height) == (RUNGS[1].bps, RUNGS[1].height)
