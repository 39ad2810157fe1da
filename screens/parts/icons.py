"""Small drawings in one colour, as strokes in a box of 100 by 100.

Each icon is data: lines, boxes, rings and discs. They are drawn with the key's own ink, so they need no picture
files, stay sharp at every size, and turn over with the pressed look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import cos, pi, sin

from screens.pictures import atlas
from screens.stage.painter import Painter, Rect

Stroke = tuple[str, tuple[float, ...]]
"""("line" | "loop" | "fill", x0, y0, x1, y1, …) · ("box", x, y, w, h, radius) · ("ring" | "disc", x, y, radius)."""


def _arc(x: float, y: float, radius: float, start: float, end: float, steps: int = 16) -> tuple[float, ...]:
    """Return the points of an arc; degrees clockwise from the top."""
    turns = (start + (end - start) * i / steps for i in range(steps + 1))
    return tuple(n for turn in turns for n in (x + radius * sin(turn * pi / 180), y - radius * cos(turn * pi / 180)))


ICONS: Mapping[str, tuple[Stroke, ...]] = {
    "atm": (("box", (8, 16, 84, 58, 8)), ("line", (28, 58, 72, 58)), ("line", (32, 74, 32, 90, 68, 90, 68, 74))),
    "train": (
        ("box", (24, 8, 52, 62, 15)),
        ("line", (24, 42, 76, 42)),
        ("line", (34, 88, 44, 72)),
        ("line", (66, 88, 56, 72)),
    ),
    "ticket": (
        ("box", (6, 24, 88, 52, 10)),
        ("line", (62, 24, 62, 34)),
        ("line", (62, 45, 62, 55)),
        ("line", (62, 66, 62, 76)),
    ),
    "metro": (
        ("line", _arc(50, 68, 38, -90, 90)),
        ("disc", (12, 70, 8)),
        ("disc", (88, 70, 8)),
        ("disc", (50, 30, 8)),
    ),
    "phone": (("box", (28, 6, 44, 88, 11)), ("line", (44, 80, 56, 80))),
    "counter": (
        ("loop", (10, 36, 50, 12, 90, 36)),
        ("line", (22, 42, 22, 78)),
        ("line", (42, 42, 42, 78)),
        ("line", (60, 42, 60, 78)),
        ("line", (78, 42, 78, 78)),
        ("line", (10, 86, 90, 86)),
    ),
    "plane": (
        ("fill", (50, 4, 57, 16, 57, 86, 50, 94, 43, 86, 43, 16)),
        ("fill", (57, 36, 94, 62, 94, 72, 57, 58)),
        ("fill", (43, 36, 6, 62, 6, 72, 43, 58)),
        ("fill", (57, 76, 72, 88, 72, 95, 57, 88)),
        ("fill", (43, 76, 28, 88, 28, 95, 43, 88)),
    ),
    "gate": (
        ("box", (12, 22, 22, 66, 6)),
        ("box", (66, 22, 22, 66, 6)),
        ("line", (34, 50, 46, 50)),
        ("line", (66, 50, 54, 50)),
    ),
    "bag": (("box", (10, 32, 80, 54, 10)), ("line", (36, 32, 36, 16, 64, 16, 64, 32)), ("line", (10, 56, 90, 56))),
    "battery": (
        ("box", (28, 16, 44, 74, 8)),
        ("line", (42, 16, 42, 8, 58, 8, 58, 16)),
        ("line", (54, 32, 40, 56, 60, 56, 46, 78)),
    ),
    "flame": (
        ("loop", (50, 8, 72, 44, 74, 70, 50, 90, 26, 70, 28, 44)),
        ("line", (50, 90, 42, 70, 50, 54, 58, 70, 50, 90)),
    ),
    "knife": (("loop", (10, 66, 66, 10, 78, 22, 44, 66)), ("line", (44, 66, 62, 84, 90, 84))),
    "bottle": (("box", (28, 34, 44, 58, 10)), ("box", (40, 8, 20, 26, 4)), ("line", (28, 56, 72, 56))),
    "card": (("box", (6, 22, 88, 58, 9)), ("line", (6, 42, 94, 42)), ("line", (20, 64, 40, 64))),
    "cash": (
        ("box", (6, 26, 88, 50, 6)),
        ("ring", (50, 51, 13)),
        ("line", (18, 38, 24, 38)),
        ("line", (76, 64, 82, 64)),
    ),
    "coin": (("ring", (50, 50, 38)), ("ring", (50, 50, 26))),
    "deposit": (
        ("line", (50, 8, 50, 56)),
        ("line", (30, 38, 50, 58, 70, 38)),
        ("line", (10, 62, 10, 88, 90, 88, 90, 62)),
    ),
    "withdraw": (
        ("line", (50, 60, 50, 10)),
        ("line", (30, 30, 50, 10, 70, 30)),
        ("line", (10, 62, 10, 88, 90, 88, 90, 62)),
    ),
    "transfer": (
        ("line", (12, 34, 86, 34)),
        ("line", (68, 16, 87, 34, 68, 52)),
        ("line", (88, 68, 14, 68)),
        ("line", (32, 50, 13, 68, 32, 86)),
    ),
    "balance": (("ring", (42, 42, 30)), ("line", (64, 64, 90, 90))),
    "statement": (
        ("box", (20, 8, 60, 84, 6)),
        ("line", (34, 32, 66, 32)),
        ("line", (34, 50, 66, 50)),
        ("line", (34, 68, 54, 68)),
    ),
    "receipt": (
        ("line", (22, 92, 22, 8, 78, 8, 78, 92, 64, 82, 50, 92, 36, 82, 22, 92)),
        ("line", (36, 32, 64, 32)),
        ("line", (36, 52, 64, 52)),
    ),
    "lock": (
        ("box", (18, 44, 64, 46, 8)),
        ("line", (32, 44, *_arc(50, 32, 18, -90, 90), 68, 44)),
        ("disc", (50, 66, 6)),
    ),
    "language": (
        ("ring", (50, 50, 40)),
        ("line", (10, 50, 90, 50)),
        ("line", (50, 10, 32, 30, 28, 50, 32, 70, 50, 90, 68, 70, 72, 50, 68, 30, 50, 10)),
    ),
    "person": (("ring", (50, 30, 18)), ("line", (14, 90, *_arc(50, 88, 34, -85, 85), 86, 90))),
    "printer": (("box", (12, 38, 76, 34, 8)), ("line", (28, 38, 28, 10, 72, 10, 72, 38)), ("box", (28, 60, 44, 30, 3))),
    "clock": (("ring", (50, 50, 40)), ("line", (50, 26, 50, 52, 68, 62))),
    "erase": (
        ("loop", (34, 20, 92, 20, 92, 80, 34, 80, 8, 50)),
        ("line", (50, 38, 74, 62)),
        ("line", (74, 38, 50, 62)),
    ),
    "tick": (("line", (18, 54, 42, 78, 84, 24)),),
    "cross": (("line", (24, 24, 76, 76)), ("line", (76, 24, 24, 76))),
    "alert": (("line", (50, 16, 50, 58)), ("disc", (50, 80, 7))),
    "arrow": (("line", (14, 50, 84, 50)), ("line", (56, 22, 85, 50, 56, 78))),
    "back": (("line", (86, 50, 16, 50)), ("line", (44, 22, 15, 50, 44, 78))),
    "left": (("line", (64, 16, 32, 50, 64, 84)),),
    "right": (("line", (36, 16, 68, 50, 36, 84)),),
    "up": (("line", (16, 66, 50, 32, 84, 66)),),
    "down": (("line", (16, 34, 50, 68, 84, 34)),),
    "home": (("loop", (12, 50, 50, 14, 88, 50)), ("line", (22, 44, 22, 88, 78, 88, 78, 44))),
    "help": (("ring", (50, 50, 40)), ("line", (*_arc(50, 40, 14, -80, 150), 50, 58)), ("disc", (50, 72, 4))),
    "wrench": (("ring", (70, 30, 18)), ("line", (58, 44, 14, 88))),
    "ear": (
        ("fill", (12, 38, 26, 38, 50, 16, 50, 84, 26, 62, 12, 62)),
        ("line", _arc(52, 50, 18, 45, 135)),
        ("line", _arc(52, 50, 36, 42, 138)),
    ),
    "eye": (("loop", (8, 50, 28, 30, 50, 22, 72, 30, 92, 50, 72, 70, 50, 78, 28, 70)), ("disc", (50, 50, 14))),
    "hand": (
        ("line", (30, 92, 30, 62, 16, 46, 24, 38, 38, 52, 38, 14)),
        ("line", _arc(45, 14, 7, -90, 90)),
        ("line", (52, 14, 52, 44, 66, 40, 82, 48, 80, 70, 74, 92)),
    ),
    "wave": (("line", (6, 58, 22, 42, 38, 44, 50, 56, 62, 66, 78, 60, 94, 46)),),
    "barn": (("line", (18, 86, 18, 38, 50, 14, 82, 38, 82, 86)), ("line", (36, 86, 36, 54, 64, 54, 64, 86))),
}


def icon_exists(name: str) -> bool:
    """Return whether there is an icon or a picture of that name."""
    return name in ICONS or name in atlas.regions()


def most(name: str) -> float:
    """Return how large it may be drawn: a picture no larger than it was rendered."""
    return float("inf") if name in ICONS else max((one.high for one in atlas.regions().get(name, ())), default=0)


def draw(painter: Painter, name: str, rect: Rect, colour: str, thick: float = 8) -> None:
    """Draw an icon into a square box; `thick` is in hundredths of it. What is no icon is looked for among the pictures;
    an unknown name draws nothing: words carry the sense.
    """
    if name not in ICONS:
        painter.picture(name, rect, colour if atlas.is_line(name) else "#FFFFFF")
        return
    size = min(rect.w, rect.h)
    left, top = rect.x + (rect.w - size) / 2, rect.y + (rect.h - size) / 2
    unit = size / 100

    def at(flat: tuple[float, ...]) -> list[tuple[float, float]]:
        return [(left + x * unit, top + y * unit) for x, y in zip(flat[::2], flat[1::2], strict=True)]

    for kind, numbers in ICONS.get(name, ()):
        _STROKES[kind](painter, at, numbers, unit, colour, thick * unit)


_At = Callable[[tuple[float, ...]], list[tuple[float, float]]]


def _line(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    painter.line(at(n), colour, thick)


def _loop(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    painter.line(at(n), colour, thick, closed=True)


def _fill(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    painter.shape(at(n), colour)


def _box(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    ((x, y),) = at(n[:2])
    painter.box(Rect(x, y, n[2] * unit, n[3] * unit), n[4] * unit, border=colour, thick=thick)


def _ring(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    ((x, y),) = at(n[:2])
    painter.arc(x, y, n[2] * unit, (0, 360), colour, thick)


def _disc(painter: Painter, at: _At, n: tuple[float, ...], unit: float, colour: str, thick: float) -> None:
    ((x, y),) = at(n[:2])
    painter.disc(x, y, n[2] * unit, colour)


_STROKES = {"line": _line, "loop": _loop, "fill": _fill, "box": _box, "ring": _ring, "disc": _disc}
