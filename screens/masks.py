"""Smooth corners from small textures.

Kivy's smooth shapes cost most of a millisecond each in a software renderer, its plain ones show steps. A rounded box
is instead a nine-part picture: four corners with exact coverage at their rim, everything else solid. One texture
serves all boxes of a radius, in any colour and size.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot
from typing import Any

from kivy.graphics.texture import Texture


def _coverage(distance: float, radius: float) -> float:
    return min(1.0, max(0.0, radius - distance + 0.5))


def corner_bytes(radius: int, border: int) -> bytes:
    """RGBA of a square of side 2·radius+2: a disc, or a ring `border` wide (0 < border < radius), white, coverage as
    alpha.
    """
    quarter: list[list[int]] = []
    for y in range(radius + 1):
        row = []
        for x in range(radius + 1):
            far = hypot(max(0.0, radius - x - 0.5), max(0.0, radius - y - 0.5))
            value = _coverage(far, radius) - (_coverage(far, radius - border) if border else 0.0)
            row.append(round(255 * max(0.0, value)))
        quarter.append(row)
    half = [row + row[::-1] for row in quarter]
    out = bytearray()
    for row in half + half[::-1]:
        for value in row:
            out += bytes((255, 255, 255, value))
    return bytes(out)


@lru_cache(maxsize=128)
def corner(radius: int, border: int = 0) -> Any:
    """The texture of `corner_bytes`."""
    side = 2 * radius + 2
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    texture.blit_buffer(corner_bytes(radius, border), colorfmt="rgba", bufferfmt="ubyte")
    return texture


@lru_cache(maxsize=16)
def shade(first: tuple[float, float, float], last: tuple[float, float, float], shading: str) -> Any:
    """A ground that changes from the top: `down` evenly, `glow` as light from above the middle of the upper edge."""
    wide, high = (64, 40) if shading == "glow" else (1, 64)
    out = bytearray()
    for y in range(high):  # textures begin at the bottom
        for x in range(wide):
            down = 1 - (y + 0.5) / high
            part = min(1.0, hypot(((x + 0.5) / wide - 0.5) * 1.07, down * 1.14)) if shading == "glow" else down
            out += bytes(round(255 * (a + (b - a) * part)) for a, b in zip(first, last, strict=True))
    texture = Texture.create(size=(wide, high), colorfmt="rgb")
    texture.blit_buffer(bytes(out), colorfmt="rgb", bufferfmt="ubyte")
    return texture
