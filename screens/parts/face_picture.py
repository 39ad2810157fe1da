"""A face as the phone's front sees it: no camera is there, a drawn person stands in the frame.

`icon` says how they stand: "far" beside the frame, "near" in it, "shut" with closed eyes, "left" turned, with
"glasses", in a "white_shirt", in the "dark", "ok" when it is done. The ring around the frame fills as steps are done.
"""

from __future__ import annotations

from screens.parts.picture_pen import SKIN
from screens.parts.status_signs import badge
from screens.stage.painter import Painter, Rect

INK, HAIR, SHIRT, WHITE = "#2B3440", "#3A2E28", "#5B7FA6", "#FFFFFF"
LIT, DARK, RIM = "#E8F1F8", "#5A6470", "#1F6B4A"


def draw(painter: Painter, icon: str, room: Rect, done: int, steps: int) -> None:
    """Draw the frame with its person into `room`; `done` of `steps` are behind them."""
    radius = min(room.w, room.h) / 2 - 14
    x, y = room.centre
    painter.disc(x, y, radius, DARK if icon == "dark" else LIT)
    painter.arc(x, y, radius + 6, (0, 360), "#8795A3", 4)
    if steps and done:
        painter.arc(x, y, radius + 6, (0, 360 * min(1.0, done / steps)), RIM, 12)
    person(painter, icon, x + (radius * 0.62 if icon == "far" else 0), y, radius * (0.5 if icon == "far" else 0.72))
    if icon == "ok":
        badge(painter, "ok", x + radius * 0.7, y + radius * 0.7, 30)


def person(painter: Painter, icon: str, x: float, y: float, size: float) -> None:
    """Draw head and shoulders, `size` high from the middle."""
    turn = -0.22 * size if icon == "left" else 0.0
    head = Rect(x - size * 0.52, y - size * 0.72, size * 1.04, size * 1.3)
    shirt = WHITE if icon == "white_shirt" else SHIRT
    painter.box(Rect(x - size * 0.9, y + size * 0.62, size * 1.8, size * 0.55), size * 0.25, shirt)
    painter.box(head.grown(size * 0.06), size * 0.5, HAIR)
    painter.box(Rect(head.x, head.y + size * 0.2, head.w, head.h - size * 0.2), size * 0.42, SKIN)
    for side in (-1, 1):
        _eye(painter, icon, x + turn + side * size * 0.22, y - size * 0.1, size)
    painter.line([(x + turn, y), (x + turn * 1.4, y + size * 0.16)], INK, 3)
    mouth = [(x + turn - size * 0.14, y + size * 0.32), (x + turn + size * 0.14, y + size * 0.32)]
    painter.line(mouth, INK, 4)


def _eye(painter: Painter, icon: str, x: float, y: float, size: float) -> None:
    if icon == "shut":
        painter.line([(x - size * 0.1, y), (x + size * 0.1, y)], INK, 5)
        return
    painter.disc(x, y, max(3.0, size * 0.06), INK)
    if icon == "glasses":
        painter.arc(x, y, size * 0.17, (0, 360), INK, 5)
        painter.line([(x - size * 0.17, y), (x - size * 0.28, y - 4)], INK, 4)
