"""A picture that others have, too, is copied whole, whatever the decoder left beside its lines."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import av
import pytest

from kiosk_firmware.visit.unit.media_tracks import MediaFeed, PictureTap
from kiosk_firmware.visit.unit.synthetic_camera import draw_frame


def decoded(width: int, height: int) -> av.VideoFrame:
    """A picture as a browser's line brings it."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base = Fraction(1, 20)
    decoder = av.CodecContext.create("vp8", "r")
    frame = draw_frame(width, height, 5).reformat(format="yuv420p")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return next(one for packet in packets for one in decoder.decode(packet))


def visible(frame: av.VideoFrame) -> list[bytes]:
    return [
        bytes(plane)[y * plane.line_size : y * plane.line_size + plane.width]
        for plane in frame.planes
        for y in range(plane.height)
    ]


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (322, 182), (1280, 720)])
def test_a_copy_shows_what_its_original_shows(size):
    original = decoded(*size)
    feed = MediaFeed()
    tap = PictureTap(feed, lambda: (original.height, 20))

    async def copied() -> av.VideoFrame:
        tap._came(original)
        return await tap.recv()

    copy = asyncio.run(copied())
    assert copy is not original
    assert (copy.width, copy.height) == (original.width, original.height)
    assert visible(copy) == visible(original)
