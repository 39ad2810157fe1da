"""Makers of shapes that cost little where a processor draws, which Kivy has no instruction for.

A pixel of any rectangle costs a software renderer 6 ns, as it may have a texture and be half transparent; a pixel that
is cleared within a scissor costs 1 ns. So what is plain and opaque is cleared: grounds, and all of a rounded box but
its four corners. A border is drawn as its corners and four thin bands, never as the emptiness between them. A scissor
counts in the pixels of its frame and knows no scale: these shapes lie on sheets, never in the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import hypot, sqrt
from typing import Any

from kivy.graphics import (
    BorderImage,
    ClearBuffers,
    ClearColor,
    InstructionGroup,
    Mesh,
    Rectangle,
    ScissorPop,
    ScissorPush,
)

Pair = tuple[int, int]
Quad = tuple[float, ...]
"""x, y, width, height on the frame, and the same of the texture's pixels that it shows."""
SMALL = 8000
"""Pixels of a rounded box that is painted sooner than cut into three to clear; of a plain one a quarter."""


def plain(colour: tuple[float, ...], pos: Pair, size: Pair) -> Any:
    """Make an opaque box."""
    if size[0] * size[1] < SMALL // 4:
        return Rectangle(pos=pos, size=size)
    return _cleared(colour, [(*pos, *size)])


def draw_rounded_box(colour: tuple[float, ...], texture: Any, corners: int, pos: Pair, size: Pair) -> Any:
    """Make an opaque box with round corners: `texture` is that of `masks.corner(corners)`."""
    (x, y), (wide, high) = pos, size
    inner = high - 2 * corners
    if wide * high < SMALL:
        return BorderImage(texture=texture, border=(corners,) * 4, pos=pos, size=size)
    sides = [(x, y + corners, corners, inner), (x + wide - corners, y + corners, corners, inner)] if inner > 0 else []
    middle = [(x + corners, y, wide - 2 * corners, high)] if wide > 2 * corners else []
    group = _cleared(colour, [*middle, *sides])
    group.add(_quads(_corners(texture, corners, pos, size), texture))
    return group


def ring(texture: Any, corners: int, width: int, pos: Pair, size: Pair) -> Any:
    """Make the border of a round box, `width` thick: `texture` is that of `masks.corner(corners, width)`."""
    (x, y), (wide, high) = pos, size
    long, tall, solid = wide - 2 * corners, high - 2 * corners, (corners + 1, 0.5, 0, 0)
    bands = [
        (x + corners, y, long, width, *solid),
        (x + corners, y + high - width, long, width, *solid),
        (x, y + corners, width, tall, *solid),
        (x + wide - width, y + corners, width, tall, *solid),
    ]
    quads = [*_corners(texture, corners, pos, size), *(band for band in bands if band[2] > 0 and band[3] > 0)]
    return _quads(quads, texture)


def mesh(corners: tuple[float, ...], indices: tuple[int, ...], mode: str) -> Any:
    """Make a Mesh of corners (x, y, x, y …) without a texture."""
    vertices = [n for at in range(0, len(corners), 2) for n in (corners[at], corners[at + 1], 0, 0)]
    return Mesh(vertices=vertices, indices=list(indices), mode=mode)


@lru_cache(maxsize=4096)
def spike(flat: tuple[float, ...], closed: bool) -> float:
    """Return how many times its half width a line through x, y, x, y … reaches beyond its points: at a bend as far as
    its sides meet, however sharp the bend is; a cap reaches as far as a right angle.
    """
    points = list(zip(flat[::2], flat[1::2], strict=True))
    if closed:
        points += points[:2]
    ways = [(u - x, v - y) for (x, y), (u, v) in pairwise(points) if (x, y) != (u, v)]
    bends = (_cos(one, other) for one, other in pairwise(ways))
    return sqrt(2 / max(1e-6, min([0.0, *bends]) + 1))


def _cos(one: tuple[float, float], other: tuple[float, float]) -> float:
    return (one[0] * other[0] + one[1] * other[1]) / (hypot(*one) * hypot(*other))


def _cleared(colour: tuple[float, ...], boxes: Sequence[tuple[int, int, int, int]]) -> Any:
    group = InstructionGroup()
    group.add(ClearColor(*colour))
    for x, y, wide, high in boxes:
        group.add(ScissorPush(x=x, y=y, width=wide, height=high))
        group.add(ClearBuffers())
        group.add(ScissorPop())
    return group


def _corners(texture: Any, corners: int, pos: Pair, size: Pair) -> list[Quad]:
    """Return the four corners: where each lies, and its pixels in the texture."""
    far, (x, y), (wide, high) = texture.width - corners, pos, size
    return [
        (x + dx * (wide - corners), y + dy * (high - corners), corners, corners, dx * far, dy * far, corners, corners)
        for dx in (0, 1)
        for dy in (0, 1)
    ]


def _quads(quads: Sequence[Quad], texture: Any) -> Any:
    """Make boxes cut out of a texture, in one instruction."""
    vertices, indices = _cut(tuple(quads), texture.width)
    return Mesh(vertices=vertices, indices=indices, mode="triangles", texture=texture)


@lru_cache(maxsize=4096)
def _cut(quads: tuple[Quad, ...], side: int) -> tuple[list[float], list[int]]:
    """Return vertices and indices for a square texture of that side."""
    vertices: list[float] = []
    indices: list[int] = []
    for at, (x, y, w, h, u, v, du, dv) in enumerate(quads):
        a, b, c, d = u / side, v / side, (u + du) / side, (v + dv) / side
        vertices += (x, y, a, b, x + w, y, c, b, x + w, y + h, c, d, x, y + h, a, d)
        first = 4 * at
        indices += (first, first + 1, first + 2, first, first + 2, first + 3)
    return vertices, indices
