"""Smooth corners from small textures.

Kivy's smooth shapes cost most of a millisecond each in a software renderer, its plain ones show steps. A rounded box
is instead a nine-part picture: four corners with exact coverage at their rim, everything else solid. One texture
serves all boxes of a radius, in any colour and size.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot, sqrt
from typing import Any

from kivy.graphics.texture import Texture

_WHITE = [bytes((255, 255, 255, value)) for value in range(256)]


def _row(radius: int, reach: float, y: int) -> list[float]:
    """Return the coverage 0..1 of a row's left half by a disc of radius `reach`, its middle `radius` from the corner.

    Only the few pixels at the rim are computed one by one.
    """
    down = max(0.0, radius - y - 0.5)
    outer, inner = (sqrt(max(0.0, (reach + rim) ** 2 - down * down)) for rim in (0.5, -0.5))
    if down > reach + 0.5 or reach <= 0:
        return [0.0] * (radius + 1)
    first = max(0, int(radius - 0.5 - outer))
    full = radius + 1 if down > reach - 0.5 else min(radius + 1, max(first, int(radius + 0.5 - inner)))
    rim = (min(1.0, max(0.0, reach - hypot(max(0.0, radius - x - 0.5), down) + 0.5)) for x in range(first, full))
    return [0.0] * first + list(rim) + [1.0] * (radius + 1 - full)


def corner_bytes(radius: int, border: int) -> bytes:
    """Return RGBA of a square of side 2·radius+2: a disc, or a ring `border` wide (0 < border < radius); white,
    coverage as alpha.
    """
    rows = []
    for y in range(radius + 1):
        values = _row(radius, radius, y)
        if border:
            values = [a - b for a, b in zip(values, _row(radius, radius - border, y), strict=True)]
        half = [_WHITE[round(255 * value)] for value in values]
        rows.append(b"".join(half + half[::-1]))
    return b"".join(rows + rows[::-1])


@lru_cache(maxsize=128)
def corner(radius: int, border: int = 0) -> Any:
    """Return the texture of `corner_bytes`."""
    side = 2 * radius + 2
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    texture.blit_buffer(corner_bytes(radius, border), colorfmt="rgba", bufferfmt="ubyte")
    return texture


@lru_cache(maxsize=16)
def shade(first: tuple[float, float, float], last: tuple[float, float, float], shading: str) -> Any:
    """Return a ground that changes from the top: `down` evenly, `glow` as light from above the middle of the upper
    edge.
    """
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
