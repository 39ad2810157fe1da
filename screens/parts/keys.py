"""Keys: the one thing that everybody who stands before a machine must find, read and hit.

Every key has a border that stands out (3:1), a text of at least 34 px, and a pressed look that turns it over
completely, so that a finger at its rim still shows. Forms: `edge` keys touch the left or right edge beside a physical
key, with a chevron; `button` for everything that stands free; `tile` with a large icon; `digit` for a number pad.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.boot import WIDE
from screens.look import KeyLook, Look
from screens.paint import Align, Painter, Rect
from screens.parts import icons
from screens.scene import Scene

EDGE_WIDE, EDGE_HIGH = 392, 104
EDGE_TOPS = (212, 332, 452, 572)
"""The four rows of side keys, level with the keys beside the glass."""


def edge_rect(side: int) -> Rect:
    """Where the key at a side position lies."""
    x = 0 if side < 4 else WIDE - EDGE_WIDE
    return Rect(x, EDGE_TOPS[side % 4], EDGE_WIDE, EDGE_HIGH)


def edge(scene: Scene, key: Key, side: int) -> None:
    """A key at the glass's edge, beside a physical one."""
    rect = edge_rect(side)
    draw = partial(_edge, key=key, texts=_texts(scene, key), rect=rect, look=scene.look, left=side < 4)
    scene.add(key, rect, draw, side)


def button(scene: Scene, key: Key, rect: Rect, align: Align = "centre") -> None:
    """A free-standing key."""
    draw = partial(_button, key=key, texts=_texts(scene, key), rect=rect, style=scene.look.of(key.role), align=align)
    scene.add(key, rect, draw)


def digit(scene: Scene, key: Key, rect: Rect) -> None:
    """A key of a number pad."""
    scene.add(key, rect, partial(_digit, key=key, text=scene.write(key.text), rect=rect, style=scene.look.of(key.role)))


def _texts(scene: Scene, key: Key) -> tuple[str, str]:
    return scene.write(key.text), scene.write(key.sub) if key.sub else ""


def colours(style: KeyLook, pressed: bool) -> tuple[str, str, str]:
    """Ground, border and ink; pressed keys are opaque, so that the resting look below does not shine through."""
    return (style.pressed, style.pressed, style.pressed_ink) if pressed else (style.ground, style.border, style.ink)


def _edge(
    painter: Painter, pressed: bool, key: Key, texts: tuple[str, str], rect: Rect, look: Look, left: bool
) -> None:
    style = look.of(key.role)
    ground, border, ink = colours(style, pressed)
    beyond = style.radius + 4
    shown = (
        Rect(rect.x - beyond, rect.y, rect.w + beyond, rect.h)
        if left
        else Rect(rect.x, rect.y, rect.w + beyond, rect.h)
    )
    painter.box(shown, style.radius, ground, border, 2)
    inset = 34
    if look.chevrons != "none":
        outward = look.chevrons == "out"
        name = "left" if left == outward else "right"
        x = rect.x + 24 if left else rect.right - 24 - 42
        icons.draw(painter, name, Rect(x, rect.y + 31, 42, 42), ink, 12)
        inset = 86
    room = Rect(rect.x + inset, rect.y + 6, rect.w - inset - 26, rect.h - 12)
    if not left:
        room = Rect(rect.x + 26, room.y, room.w, room.h)
    align: Align = "left" if left else "right"
    _two_lines(painter, texts, room, ink, align, 39, key.role in ("primary", "danger"))


def _button(
    painter: Painter,
    pressed: bool,
    key: Key,
    texts: tuple[str, str],
    rect: Rect,
    style: KeyLook,
    align: Align,
) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, min(style.radius, rect.h / 2), ground, border, 3)
    room = Rect(rect.x + 26, rect.y + 4, rect.w - 52, rect.h - 8)
    if key.icon in icons.ICONS and not texts[0]:
        icons.draw(painter, key.icon, Rect(rect.centre[0] - 26, rect.centre[1] - 26, 52, 52), ink, 11)
    elif key.icon in icons.ICONS:
        size = min(64, rect.h - 34)
        icon = Rect(rect.x + 26, rect.y + (rect.h - size) / 2, size, size)
        icons.draw(painter, key.icon, icon, ink)
        room = Rect(icon.right + 20, room.y, rect.right - icon.right - 42, room.h)
        align = "left"
    _two_lines(painter, texts, room, ink, align, 42 if rect.h > 110 else 39, key.role != "back")


def _two_lines(
    painter: Painter,
    texts: tuple[str, str],
    room: Rect,
    ink: str,
    align: Align,
    size: int,
    bold: bool,
) -> None:
    text, sub = texts
    if not sub:
        painter.text(text, room, size, ink, align=align, bold=bold, most=2, gap=1.16)
        return
    split = room.h * 0.56
    painter.text(text, Rect(room.x, room.y, room.w, split), size, ink, align=align, bold=bold)
    lower = Rect(room.x, room.y + split, room.w, room.h - split - 4)
    painter.text(sub, lower, 29, ink, use="read", align=align)


def _digit(painter: Painter, pressed: bool, key: Key, text: str, rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, min(18, rect.h / 2), ground, border, 3)
    if key.icon in icons.ICONS:
        icons.draw(painter, key.icon, rect.grown(-rect.h * 0.24), ink, 8)
    else:
        painter.text(text, rect.grown(-4), 48, ink, bold=True)
