"""A real visit on the glass: the picture large at the left with all keys below it, the time and what is said beside; on
an upright glass one below the other, the keys lowest. Whatever is said, the picture keeps its place.

`icon` says what the picture is: "live-talk" whom one speaks with, oneself small in its corner; "live-still" the same,
frozen, with the word above it; "live-cut" nobody, the line is gone; "live-self" oneself, before the family is there;
"live-sound" oneself, and a bar that moves when one speaks; "live-dark" nothing yet. `digits` of `length` are seconds
of the visit, or hundredths of loudness. The pictures themselves are films (`screens.stage.video_layer`).
"""

from __future__ import annotations

from screens.parts import icons, key_layout, keys, page_content
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect
from screens.stage.video_layer import VideoPlace

LIVE = "live-"
FRAME, DARK, WORDS = "#101820", "#39424E", "#FFFFFF"
PICTURE = Rect(36, 20, 736, 556)
OWN_WIDE, OWN_HIGH, GAP = 184.0, 138.0, 20.0
KEY_HIGH, BESIDE, TIME_HIGH, BANNER = 84.0, 796.0, 124.0, 68.0
TALL_KEY, TALL_WORDS, TALL_GAP = 104.0, 210.0, 12.0
LAST_S = 300
"""From here on the time is marked by a sign, not by colour alone."""


def draw(scene: PageCanvas) -> None:
    """Draw the whole page."""
    _picture(scene, PICTURE)
    _keys(scene, Rect(PICTURE.x, PAGE.bottom - 16 - KEY_HIGH, PICTURE.w, KEY_HIGH), GAP)
    wide, top = PAGE.w - 36 - BESIDE, 120.0
    scene.title_left(Rect(BESIDE, 16, wide, 96))
    _told(scene, Rect(BESIDE, top, wide, PAGE.bottom - 16 - top), 16)


def upright(scene: PageCanvas, room: Rect) -> None:
    """Draw all below the title."""
    gap = TALL_GAP
    low = room.bottom - TALL_KEY
    top = low - gap - TALL_WORDS - gap - TIME_HIGH
    _picture(scene, Rect(room.x, room.y, room.w, top - gap - room.y))
    _told(scene, Rect(room.x, top, room.w, low - gap - top), gap)
    _keys(scene, Rect(room.x, low, room.w, TALL_KEY), gap)


def _told(scene: PageCanvas, room: Rect, gap: float) -> None:
    """Draw the time, where there is one, and what is said below it."""
    used = 0.0
    if scene.page.body.length:
        time = Rect(room.x, room.y, room.w, TIME_HIGH)
        (_meter if scene.page.body.icon == "live-sound" else _time)(scene, time)
        used = TIME_HIGH + gap
    page_content.fill(scene, Rect(room.x, room.y + used, room.w, room.h - used), picture="")


def _keys(scene: PageCanvas, room: Rect, gap: float) -> None:
    """Draw the way out at the left, what goes on at the right."""
    order = {"back": 0, "danger": 0, "primary": 2}
    row = sorted(key_layout.machine_keys(scene), key=lambda key: order.get(key.role, 1))
    wide = (room.w - gap * (len(row) - 1)) / max(1, len(row))
    for at, key in enumerate(row):
        keys.button(scene, key, Rect(room.x + at * (wide + gap), room.y, wide, room.h))


def _picture(scene: PageCanvas, rect: Rect) -> None:
    what = scene.page.body.icon.removeprefix(LIVE)
    painter, inner = scene.painter, rect.grown(-8)
    painter.box(rect, 18, FRAME, FRAME)
    if what in ("still", "cut"):
        painter.text(
            scene.write(scene.page.title),
            Rect(inner.x + 80, inner.y, inner.w - 96, BANNER - 8),
            39,
            WORDS,
            bold=True,
            align="left",
        )
        badge(painter, "warn", inner.x + 40, inner.y + BANNER / 2 - 2, 26)
        inner = Rect(inner.x, inner.y + BANNER, inner.w, inner.h - BANNER)
    painter.fill(inner, DARK)
    if what == "cut":
        icons.draw(painter, "person", Rect(inner.centre[0] - 70, inner.centre[1] - 70, 140, 140), "#8795A3", 6)
        return
    if what == "dark":
        icons.draw(painter, "eye", Rect(inner.centre[0] - 70, inner.centre[1] - 70, 140, 140), "#8795A3", 6)
        return
    if what in ("self", "sound"):
        scene.films.append(VideoPlace("self", inner))
        return
    own = Rect(inner.right - OWN_WIDE - 10, inner.bottom - OWN_HIGH - 10, OWN_WIDE, OWN_HIGH)
    scene.films += [VideoPlace("far", inner), VideoPlace("self", own, WORDS)]


def _time(scene: PageCanvas, rect: Rect) -> None:
    """Draw what is left, in minutes and seconds and as a bar that empties."""
    painter, body, look = scene.painter, scene.page.body, scene.look
    painter.box(rect, 14, look.panel.ground, look.panel.border, 2)
    last = body.digits <= LAST_S
    figure = Rect(rect.x + (84 if last else 24), rect.y + 10, 200, rect.h - 56)
    if last:
        badge(painter, "warn", rect.x + 46, rect.y + 44, 24)
    painter.text(f"{body.digits // 60}:{body.digits % 60:02d}", figure, 60, look.panel.ink, bold=True, align="left")
    _bar(scene, Rect(rect.x + 24, rect.bottom - 34, rect.w - 48, 16))


def _meter(scene: PageCanvas, rect: Rect) -> None:
    """Draw how loud one is: an ear, and a bar."""
    painter, look = scene.painter, scene.look
    painter.box(rect, 14, look.panel.ground, look.panel.border, 2)
    icons.draw(painter, "ear", Rect(rect.x + 20, rect.centre[1] - 32, 64, 64), look.panel.ink, 7)
    _bar(scene, Rect(rect.x + 104, rect.centre[1] - 16, rect.w - 132, 32))


def _bar(scene: PageCanvas, bar: Rect) -> None:
    painter, body, ink = scene.painter, scene.page.body, scene.look.panel
    painter.box(bar, bar.h / 2, "", ink.ink_soft, 2)
    done = bar.w * min(1.0, body.digits / body.length)
    if done > bar.h:
        painter.box(Rect(bar.x, bar.y, done, bar.h), bar.h / 2, ink.ink)
