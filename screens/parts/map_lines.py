"""Lines of a map: a band along a course, told by its pattern as well as by its colour, and the sign with its number.

The pattern is laid over the band in white (dots, dashes, cross strokes …), so that two lines stay two lines for an eye
that sees no colours. A sign's ink is black or white, whichever stands out more. Patterns are hundreds of corners, and
the same again each time the map comes: they are reckoned once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, pi, sin

from kiosk_firmware.core.pages import Track
from screens.stage.painter import Painter, Points, Rect
from screens.stage.skin import rgba

MARKS = "#FFFFFF"
DARK, BLACK = "#10202B", "#000000"
PAPER = "#F7FAFB"
"""What a chart is drawn on, whatever the skin: its colours are the lines' own."""


def ink(colour: str) -> str:
    """Return black or white, the one that stands out more on the colour (WCAG's relative luminance)."""
    parts = rgba(colour)[:3]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return BLACK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else MARKS


def sign(painter: Painter, track: Track, rect: Rect, size: int) -> None:
    """Draw the line's number on its colour."""
    painter.box(rect, 10, track.colour, MARKS, 2)
    painter.text(track.number, rect, size, ink(track.colour), use="read", bold=True)


def band(painter: Painter, track: Track, points: Points, thick: float) -> None:
    """Draw the line along its course."""
    painter.line(points, track.colour, thick)
    _OVER.get(track.pattern, _solid)(painter, tuple(points), thick)


def _along(points: Points, every: float) -> Iterator[tuple[float, float, float, float]]:
    """Yield places along a course, `every` so many pixels: x, y, and the direction there."""
    left = every / 2
    for (x, y), (u, v) in pairwise(points):
        length = hypot(u - x, v - y)
        while length and left <= length:
            part = left / length
            yield x + (u - x) * part, y + (v - y) * part, (u - x) / length, (v - y) / length
            left += every
        left -= length


def _solid(painter: Painter, points: Points, thick: float) -> None:
    """Draw nothing more on the line."""


def _dots(painter: Painter, points: Points, thick: float) -> None:
    painter.shapes(_dots_along(points, thick * 2.2, thick * 0.27), MARKS)


@lru_cache(maxsize=128)
def _dots_along(points: Points, every: float, radius: float) -> tuple[Points, ...]:
    round_it = [(radius * cos(n * pi / 5), radius * sin(n * pi / 5)) for n in range(10)]
    return tuple(tuple((x + dx, y + dy) for dx, dy in round_it) for x, y, _, _ in _along(points, every))


@lru_cache(maxsize=128)
def _bars(points: Points, every: float, ahead: float, side: float) -> tuple[Points, ...]:
    """Return oblongs across or along the course, reaching so far ahead and behind, and to either side."""
    corners = ((-ahead, -side), (ahead, -side), (ahead, side), (-ahead, side))
    return tuple(
        tuple((x + dx * a - dy * b, y + dy * a + dx * b) for a, b in corners) for x, y, dx, dy in _along(points, every)
    )


def _stripes(painter: Painter, points: Points, thick: float) -> None:
    painter.shapes(_bars(points, thick * 1.8, thick * 0.11, thick * 0.4), MARKS)


def _dashes(painter: Painter, points: Points, thick: float) -> None:
    painter.shapes(_bars(points, thick * 3, thick * 0.75, thick * 0.13), MARKS)


def _double(painter: Painter, points: Points, thick: float) -> None:
    painter.line(points, MARKS, thick * 0.28)


def _zigzag(painter: Painter, points: Points, thick: float) -> None:
    side, turned = thick * 0.24, []
    for at, (x, y, dx, dy) in enumerate(_along(points, thick * 0.9)):
        way = side if at % 2 else -side
        turned.append((x + dy * way, y - dx * way))
    if len(turned) > 1:
        painter.line(turned, MARKS, thick * 0.18)


def _ring(painter: Painter, points: Points, thick: float) -> None:
    for radius, colour in ((0.36, MARKS), (0.17, DARK)):
        painter.shapes(_dots_along(points, thick * 2.6, thick * radius), colour)


_OVER: Mapping[str, Callable[[Painter, Points, float], None]] = {
    "dots": _dots,
    "stripes": _stripes,
    "dashes": _dashes,
    "double": _double,
    "zigzag": _zigzag,
    "ring": _ring,
}


def chart(painter: Painter, tracks: Sequence[Track], spot: Sequence[int], rect: Rect) -> None:
    """Draw the whole network as a schema, and where one stands in it."""

    def at(x: int, y: int) -> tuple[float, float]:
        return rect.x + x * rect.w / 100, rect.y + y * rect.h / 60

    drawn = [track for track in tracks if track.way]
    for track in drawn:
        band(painter, track, [at(x, y) for x, y in track.way], 11)
    for track in drawn:
        x, y = at(*track.way[0])
        sign(painter, track, Rect(x - 20, y - 20, 40, 40), 28)
    if spot:
        here = at(spot[0], spot[1])
        for radius, colour in ((20.0, DARK), (15.0, "#FFC533"), (7.0, DARK)):
            painter.disc(*here, radius, colour)
