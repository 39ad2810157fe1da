"""The top of an app on a telephone: back at the left, the page's name, and messages at the right where they are waited
for. And keys as an app has them: a picture alone, or a picture in a coloured square above its name.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.parts import icons
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

HIGH, SIDE, GAP = 84.0, 72.0, 10.0
OWN = ("nav.back", "nav.lock", "nav.sms")
"""The phone's own keys."""
GROUNDS = ("#0E5FA8", "#A3341A", "#1B6B3A", "#7A4B00", "#0B6170", "#5B3FA0")
"""Of an app's squares, by turns: dark enough for white lines and for a rim of their own."""


def title(scene: PageCanvas, room: Rect, unit: float = 1.0) -> Rect:
    """Draw it; the room below. `unit`: how much larger an upright glass has it."""
    painter, look, high = scene.painter, scene.look, HIGH * unit
    band = Rect(room.x, room.y, room.w, high)
    painter.fill(band, look.header.ground)
    ring = scene.ring_wide - 40 if scene.frame.tall and scene.page.timer else 0.0
    side, left, right = SIDE * unit, band.x + 12, band.right - 12 - ring
    for key in scene.page.keys:
        if key.name in ("nav.back", "nav.lock"):
            sign(scene, key, Rect(left, band.y + (high - side) / 2, side, side), look.header.ink)
            left += side + 12
        elif key.name in OWN and not scene.frame.tall:
            wide = painter.letters.width(scene.write(key.text), 34, True) + 32
            _word(scene, key, Rect(right - wide, band.y + (high - side) / 2, wide, side))
            right -= wide + 10
    named = Rect(left, band.y + 2, right - left, high - 4)
    size = round(38 * unit)
    painter.text(scene.write(scene.page.title), named, size, look.header.ink, bold=True, align="left", most=2, gap=1.08)
    below = Rect(room.x, room.y + high, room.w, room.h - high)
    return _messages(scene, below, SIDE + 2) if scene.frame.tall else below


def _messages(scene: PageCanvas, room: Rect, high: float) -> Rect:
    """Draw a row of messages below the band on an upright glass, where ring and name take the band; return the room
    below.
    """
    key = scene.page.key("nav.sms")
    if key is None:
        return room
    scene.painter.fill(Rect(room.x, room.y, room.w, high + 12), scene.look.header.ground)
    _word(scene, key, Rect(room.x + 12, room.y, room.w - 24, high))
    return Rect(room.x, room.y + high + 12, room.w, room.h - high - 12)


def _word(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a key of words on the band."""
    look, text = scene.look.header, scene.write(key.text)

    def drawn(painter: Painter, pressed: bool) -> None:
        painter.box(rect, 16, "#FFC533" if pressed else look.ink, look.ink, 2)
        painter.text(text, rect.grown(-4), 34, "#2B2200" if pressed else look.ground, bold=True)

    scene.add(key, rect, drawn)


SIGNS = {"nav.back": "back_line", "nav.lock": "off"}


def sign(scene: PageCanvas, key: Key, rect: Rect, ink: str, name: str = "") -> None:
    """Draw a key whose shape everybody knows: a picture alone in a ring."""
    scene.add(key, rect, partial(_sign, name=name or key.icon or SIGNS.get(key.name, ""), rect=rect, ink=ink))


def _sign(painter: Painter, pressed: bool, name: str, rect: Rect, ink: str) -> None:
    painter.box(rect, rect.h / 2, ink if pressed else "", ink, 3)
    shown = "#FFC533" if pressed else ink
    icons.draw(painter, name, rect.grown(-rect.h * 0.2), shown)


def app(scene: PageCanvas, key: Key, rect: Rect, ground: str, ink: str) -> None:
    """Draw an app: its picture in a coloured square, its name below."""
    texts = (scene.write(key.text), scene.write(key.sub) if key.sub else "")
    scene.add(key, rect, partial(_app, key=key, texts=texts, rect=rect, ground=ground, ink=ink, look=scene.look))


def _app(
    painter: Painter, pressed: bool, key: Key, texts: tuple[str, str], rect: Rect, ground: str, ink: str, look: SkinLook
) -> None:
    low = min(82.0, rect.h * 0.46)
    side = min(rect.w, rect.h - low)
    square = Rect(rect.x + (rect.w - side) / 2, rect.y, side, side)
    painter.box(square, side * 0.24, "#FFC533" if pressed else ground, "#FFFFFF", 2)
    icons.draw(painter, key.icon, square.grown(-side * 0.2), "#2B2200" if pressed else "#FFFFFF")
    if texts[1]:
        painter.disc(square.right - 8, square.y + 8, 14, "#C8321F")
    words = Rect(rect.x, square.bottom + 6, rect.w, rect.bottom - square.bottom - 6)
    name = f"{texts[0]} · {texts[1]}" if texts[1] else texts[0]
    painter.text(name, words, 34, ink, use="read", bold=True, most=2, gap=1.08, top=True)
