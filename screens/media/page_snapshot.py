"""Pictures of the glass: for the office's live view, for tests and for the README.

The glass's instructions are lent to an off-screen frame, drawn there at the wanted size, and given back. Boxes that
hold what is private are covered before any byte leaves, never after.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.graphics import (
    ClearBuffers,
    ClearColor,
    Color,
    Fbo,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Scale,
)

from screens.stage.kivy_boot import HIGH
from screens.stage.painter import Rect

COVER = (0.5, 0.5, 0.5, 1.0)


class PageSnapshot:
    """Takes pictures of one surface."""

    def __init__(self, size: Sequence[float], surface: Any, high: float = HIGH) -> None:
        """Take `size` in window pixels; `surface`, the instruction group of the glass; `high` in logical pixels."""
        self._size, self._surface, self._high = size, surface, high

    def taken(self, width: int, height: int, covered: Sequence[Rect] = (), scale: float = 1.0) -> bytes:
        """Return RGB bytes, rows from the top; `covered` in logical pixels."""
        frame = Fbo(size=(width, height))
        covers = InstructionGroup()
        covers.add(Color(*COVER))
        for rect in covered:
            low = (rect.x * scale, (self._high - rect.bottom) * scale)
            covers.add(Rectangle(pos=low, size=(rect.w * scale, rect.h * scale)))
        shrink = Scale(width / self._size[0], height / self._size[1], 1)
        parts = (ClearColor(0, 0, 0, 1), ClearBuffers(), PushMatrix(), shrink, self._surface, covers, PopMatrix())
        for part in parts:
            frame.add(part)
        frame.draw()
        raw = frame.pixels
        frame.remove(self._surface)
        return _top_down(raw, width, height)


def _top_down(raw: bytes, width: int, height: int) -> bytes:
    """Convert RGBA rows from the bottom to RGB rows from the top."""
    rows = (raw[y * width * 4 : (y + 1) * width * 4] for y in range(height - 1, -1, -1))
    out = bytearray(b"".join(rows))
    del out[3::4]
    return bytes(out)
