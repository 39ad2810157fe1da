"""Keys: the one thing that everybody who stands before a machine must find, read and hit.

Every key has a border that stands out (3:1), a text of at least 34 px, and a pressed look that turns it over
completely, so that a finger at its rim still shows. Forms: `edge` keys touch the left or right edge beside a physical
key, with a chevron; `button` for everything that stands free; `tile` with a large icon above its text; `seat` for a
class of a train; `digit` for a number pad. What is chosen (`state` "on") is filled and bold; what cannot be had ("off")
is dull and not bold, and its words say so: never colour alone.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import icons
from screens.stage.kivy_boot import WIDE
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Align, Painter, Rect
from screens.stage.skin import KeyLook, SkinLook

EDGE_WIDE, EDGE_HIGH = 392, 104
EDGE_TOPS = (212, 332, 452, 572)
"""The four rows of side keys, level with the keys beside the glass."""


def edge_rect(side: int) -> Rect:
    """Return where the key at a side position lies."""
    x = 0 if side < 4 else WIDE - EDGE_WIDE
    return Rect(x, EDGE_TOPS[side % 4], EDGE_WIDE, EDGE_HIGH)


def edge(scene: PageCanvas, key: Key, side: int) -> None:
    """Draw a key at the glass's edge, beside a physical one."""
    rect = edge_rect(side)
    draw = partial(_edge, key=key, texts=_texts(scene, key), rect=rect, look=scene.look, left=side < 4)
    scene.add(key, rect, draw, side)


def button(scene: PageCanvas, key: Key, rect: Rect, align: Align = "centre") -> None:
    """Draw a free-standing key."""
    draw = partial(_button, key=key, texts=_texts(scene, key), rect=rect, style=style_of(scene.look, key), align=align)
    scene.add(key, rect, draw)


def tile(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a key with a large icon above its text."""
    draw = partial(_tile, icon=key.icon, texts=_texts(scene, key), rect=rect, style=style_of(scene.look, key))
    scene.add(key, rect, draw)


def chip(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a filter: one line, just as large as it must be."""
    look = style_of(scene.look, key)
    scene.add(key, rect, partial(_chip, key=key, text=scene.write(key.text), rect=rect, style=look))


def day(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a day with its date below."""
    draw = partial(_day, key=key, texts=_texts(scene, key), rect=rect, style=style_of(scene.look, key))
    scene.add(key, rect, draw)


def arrow(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a narrow, high key that turns the page: its icon large, its words below."""
    words = scene.write(key.text)
    scene.add(key, rect, partial(_arrow, icon=key.icon, text=words, rect=rect, style=scene.look.of(key.role)))


def seat(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a key for a class of a train: class and price, and below what is left."""
    draw = partial(_seat, off=key.state == "off", texts=_texts(scene, key), rect=rect, look=scene.look)
    scene.add(key, rect, draw)


def style_of(look: SkinLook, key: Key) -> KeyLook:
    """Return the look of a key in its state."""
    return look.primary if key.state == "on" else look.back if key.state == "off" else look.of(key.role)


def digit(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a key of a number pad."""
    scene.add(key, rect, partial(_digit, key=key, text=scene.write(key.text), rect=rect, style=scene.look.of(key.role)))


def _texts(scene: PageCanvas, key: Key) -> tuple[str, str]:
    return scene.write(key.text), scene.write(key.sub) if key.sub else ""


def colours(style: KeyLook, pressed: bool) -> tuple[str, str, str]:
    """Return ground, border and ink; pressed keys are opaque, so that the resting look below does not shine through."""
    return (style.pressed, style.pressed, style.pressed_ink) if pressed else (style.ground, style.border, style.ink)


def _edge(
    painter: Painter, pressed: bool, key: Key, texts: tuple[str, str], rect: Rect, look: SkinLook, left: bool
) -> None:
    style = style_of(look, key)
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
    _two_lines(painter, texts, room, ink, align, 39, key.role in ("primary", "danger") and key.state != "off")


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
    inset = 26 if rect.w > 260 else 10
    room = Rect(rect.x + inset, rect.y + 4, rect.w - 2 * inset, rect.h - 8)
    _bar_if_on(painter, key, rect, ink)
    if icons.icon_exists(key.icon) and not texts[0]:
        icons.draw(painter, key.icon, Rect(rect.centre[0] - 26, rect.centre[1] - 26, 52, 52), ink, 11)
    elif icons.icon_exists(key.icon):
        size = min(64, rect.h - 34)
        icon = Rect(rect.x + 26, rect.y + (rect.h - size) / 2, size, size)
        icons.draw(painter, key.icon, icon, ink)
        room = Rect(icon.right + 20, room.y, rect.right - icon.right - 42, room.h)
        align = "left"
    bold = key.role != "back" and key.state != "off"
    _two_lines(painter, texts, room, ink, align, 42 if rect.h > 110 else 39, bold)


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


def _tile(painter: Painter, pressed: bool, icon: str, texts: tuple[str, str], rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, style.radius, ground, border, 3)
    size = min(110.0, rect.h * 0.42)
    top = rect.y + max(14.0, (rect.h - size - 76) / 2)
    icons.draw(painter, icon, Rect(rect.centre[0] - size / 2, top, size, size), ink)
    room = Rect(rect.x + 12, top + size + 4, rect.w - 24, rect.bottom - top - size - 12)
    _two_lines(painter, texts, room, ink, "centre", 44, True)


def _chip(painter: Painter, pressed: bool, key: Key, text: str, rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, min(style.radius, 14), ground, border, 3)
    painter.text(text, rect.grown(-4), 34, ink, bold=key.state == "on")
    _bar_if_on(painter, key, rect, ink)


def _day(painter: Painter, pressed: bool, key: Key, texts: tuple[str, str], rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, min(style.radius, 14), ground, border, 3)
    painter.text(texts[0], Rect(rect.x + 4, rect.y + 6, rect.w - 8, 36), 34, ink, bold=key.state == "on")
    painter.text(texts[1], Rect(rect.x + 4, rect.y + 41, rect.w - 8, 30), 28, ink, use="read")


def _arrow(painter: Painter, pressed: bool, icon: str, text: str, rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, style.radius, ground, border, 3)
    middle = rect.centre[1]
    icons.draw(painter, icon, Rect(rect.centre[0] - 26, middle - 62, 52, 52), ink, 11)
    painter.text(text, Rect(rect.x + 5, middle, rect.w - 10, 68), 30, ink, use="read", most=2, gap=1.1)


def _bar_if_on(painter: Painter, key: Key, rect: Rect, ink: str) -> None:
    """Draw a bar below what is chosen."""
    if key.state == "on":
        painter.fill(Rect(rect.x + rect.w * 0.3, rect.bottom - 9, rect.w * 0.4, 4), ink)


def _seat(painter: Painter, pressed: bool, off: bool, texts: tuple[str, str], rect: Rect, look: SkinLook) -> None:
    style = look.back if off else look.key
    ground, border, ink = colours(style, pressed)
    radius = min(style.radius, 14)
    painter.box(rect, radius, ground, border, 2 if off else 3)
    low = 30.0
    room = Rect(rect.x + 6, rect.y + 3, rect.w - 12, rect.h - low - 6)
    painter.text(texts[0], room, 34, ink, bold=not off, most=2 if room.h > 66 else 1, gap=1.0)
    painter.text(texts[1], Rect(room.x, rect.bottom - low - 6, room.w, low), 28, ink, use="read")


def _digit(painter: Painter, pressed: bool, key: Key, text: str, rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, min(18, rect.h / 2), ground, border, 3)
    if key.icon in icons.ICONS:
        icons.draw(painter, key.icon, rect.grown(-rect.h * 0.24), ink, 8)
    else:
        painter.text(text, rect.grown(-4), 48, ink, bold=True)
