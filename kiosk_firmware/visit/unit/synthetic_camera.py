"""The picture of a desk's camera: a bar that moves, and the moment of its drawing, in squares that any codec keeps.

The stamp is the top of the picture: two rows of twenty squares, black for 0 and white for 1, the upper left one first.
Thirty-two bits of UTC ms (its lowest ones), then eight that are their check, so what was smeared is not read wrongly.
Read it from the middle of each square, at whatever size the picture arrives: that is how the delay from glass to
glass is measured.
"""

from __future__ import annotations

import os

from av import VideoFrame

COLUMNS, ROWS = 20, 2
BITS = COLUMNS * ROWS
STAMP_BITS = 32
HIGH = 15
"""A row of squares is that part of the height."""
BLACK, GREY, WHITE = 16, 96, 235
GRAIN = bytes(GREY - 4 + chance % 9 for chance in range(256))
"""The shade that a random byte stands for."""


def draw_frame(width: int, height: int, stamp_ms: int, grain: bool = True) -> VideoFrame:
    """Draw a picture (yuv420p) with the stamp of that moment, UTC ms. `grain`: as in a real camera's picture."""
    frame = VideoFrame(width, height, "yuv420p")
    luma, side = frame.planes[0], height // HIGH
    line = luma.line_size
    rows = [_squares(bits, width).ljust(line, b"\0") for bits in _halves(stamp_ms)]
    luma.update(b"".join(row * side for row in rows) + _field(width, line, height - ROWS * side, stamp_ms, grain))
    for plane, shade in zip(frame.planes[1:], (140, 110), strict=True):
        plane.update(bytes([shade]) * plane.buffer_size)
    return frame


def read_stamp(frame: VideoFrame) -> int | None:
    """Read the stamp of a picture, the lowest 32 bits of UTC ms; None where it cannot be read."""
    luma, side = frame.reformat(format="yuv420p").planes[0], frame.height / HIGH
    data, value = memoryview(luma), 0
    for bit in range(BITS):
        row, column = divmod(bit, COLUMNS)
        x, y = int((column + 0.5) * frame.width / COLUMNS), int((row + 0.5) * side)
        value = value << 1 | (data[y * luma.line_size + x] > (BLACK + WHITE) // 2)
    stamp, check = value >> 8, value & 0xFF
    return stamp if check == _check(stamp) else None


def delay_ms(stamp: int, now_ms: int) -> int:
    """Return the ms from a stamp that was read to now, UTC ms."""
    return (now_ms - stamp) % (1 << STAMP_BITS)


def _halves(stamp_ms: int) -> tuple[str, str]:
    stamp = stamp_ms % (1 << STAMP_BITS)
    bits = f"{stamp << 8 | _check(stamp):0{BITS}b}"
    return bits[:COLUMNS], bits[COLUMNS:]


def _check(stamp: int) -> int:
    return (sum(stamp.to_bytes(4, "big")) * 167 + 90) & 0xFF


def _squares(bits: str, width: int) -> bytes:
    """Draw a row of pixels: the bits side by side."""
    edges = [column * width // COLUMNS for column in range(COLUMNS + 1)]
    return b"".join(
        bytes([WHITE if bit == "1" else BLACK]) * (edges[at + 1] - edges[at]) for at, bit in enumerate(bits)
    )


def _field(width: int, line: int, rows: int, stamp_ms: int, grain: bool) -> bytearray:
    """Draw rows of pixels: grey, and a bar that crosses it in four seconds."""
    size, wide = line * rows, width // 10
    left = stamp_ms % 4000 * (width - wide) // 4000
    field = bytearray(os.urandom(size).translate(GRAIN) if grain else bytes([GREY]) * size)
    for start in range(left, size, line):
        field[start : start + wide] = bytes([WHITE]) * wide
    return field
