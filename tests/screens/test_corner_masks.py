"""Rounded corners: the quick way of computing coverage equals the plain one, for discs and rings."""

from __future__ import annotations

from math import hypot

import pytest

from screens.stage.corner_masks import corner_bytes


def plain(radius: int, border: int, x: int, y: int) -> int:
    """Coverage of one pixel, straight from its distance; the right and lower halves mirror the left and upper."""
    x, y = min(x, 2 * radius + 1 - x), min(y, 2 * radius + 1 - y)
    far = hypot(max(0.0, radius - x - 0.5), max(0.0, radius - y - 0.5))
    outer, inner = (min(1.0, max(0.0, reach - far + 0.5)) for reach in (radius, radius - border))
    return round(255 * (outer - (inner if border else 0.0)))


@pytest.mark.parametrize(("radius", "border"), [(3, 0), (3, 2), (22, 0), (22, 2), (40, 9), (57, 0), (58, 3)])
def test_coverage(radius: int, border: int) -> None:
    side = 2 * radius + 2
    data = corner_bytes(radius, border)
    assert len(data) == side * side * 4
    alphas = [data[at] for at in range(3, len(data), 4)]
    wanted = [plain(radius, border, x, y) for y in range(side) for x in range(side)]
    assert max(abs(a - b) for a, b in zip(alphas, wanted, strict=True)) <= 1
