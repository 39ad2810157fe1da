"""Video: whom one speaks with on the glass, oneself small in the corner, and the time that is left.

The picture stands at the left with a bar below it that empties with the minutes (`digits` of `length`; no length, no
bar), and the way out lowest; words and answers lie beside it. `icon` says what the picture shows: "talk", "still"
(frozen), "dark", "self" (before the visit: only oneself), "phone" (a telephone held up). These are practised with
drawn people; a real visit's pictures are live and have a place of their own (`parts.call`).
"""

from __future__ import annotations

from screens.parts import face_picture, icons, key_layout, page_content, video_call
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect

FRAME, ROOM, DARK, RIM, GREY = "#101820", "#DCE7EF", "#39424E", "#8795A3", "#6B625E"
BAR_HIGH, KEY_HIGH = 56.0, 84.0


class Video:
    """Draws pages of kind Video."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, picture with its time, words, keys."""
        if scene.page.body.icon.startswith(video_call.LIVE):
            video_call.draw(scene)
            return
        scene.title()
        area, top = scene.area, scene.body_top
        room = Rect(area.x, top, area.w, PAGE.bottom - 20 - top)
        wide = room.w * 0.47
        _far(scene, Rect(room.x, room.y, wide, room.h))
        _beside(scene, Rect(room.x + wide + 20, room.y, room.w - wide - 20, room.h))


def _far(scene: PageCanvas, room: Rect) -> None:
    """Draw the picture, the time below it, the way out below that."""
    low, timed = room.bottom, scene.page.body.length > 0
    out = [key for key in key_layout.machine_keys(scene) if key.role in key_layout.LEAVING]
    if out:
        key_layout.grid(scene, out, Rect(room.x, low - KEY_HIGH, room.w, KEY_HIGH), len(out), KEY_HIGH)
        low -= KEY_HIGH + 12
    if timed:
        _time(scene, Rect(room.x, low - BAR_HIGH, room.w, BAR_HIGH))
        low -= BAR_HIGH + 12
    _picture(scene.painter, scene.page.body.icon, Rect(room.x, room.y, room.w, low - room.y))


def _beside(scene: PageCanvas, room: Rect) -> None:
    """Draw what is said, and the answers to it, one below the other."""
    keys = [key for key in key_layout.machine_keys(scene) if key.role not in key_layout.LEAVING]
    high = len(keys) * (KEY_HIGH + 12)
    if keys:
        key_layout.grid(scene, keys, Rect(room.x, room.bottom - high + 12, room.w, high - 12), 1, KEY_HIGH)
    page_content.fill(scene, Rect(room.x, room.y, room.w, room.h - high), picture="")


def _picture(painter: Painter, icon: str, room: Rect) -> None:
    """Draw whom one sees; frozen, dark, or with a telephone."""
    painter.box(room, 22, FRAME, RIM, 3)
    inner = room.grown(-12)
    painter.box(inner, 14, DARK if icon == "dark" else ROOM)
    x, y = inner.centre
    size = min(inner.w, inner.h) * 0.36
    if icon != "dark":
        if icon != "self":  # an old woman's longer hair
            painter.box(Rect(x - size * 0.74, y - size * 0.82, size * 1.48, size * 1.62), size * 0.6, GREY)
        face_picture.person(painter, "glasses" if icon != "self" else "near", x, y, size)
    if icon == "still":
        badge(painter, "warn", inner.right - 44, inner.y + 44, 32)
    if icon == "phone":
        hand = Rect(inner.x + 20, inner.y + inner.h * 0.4, size * 0.8, size * 1.1)
        icons.draw(painter, "phone", hand, FRAME, 8)
    if icon not in ("self", "dark"):
        own = Rect(inner.right - 116, inner.bottom - 104, 104, 92)
        painter.box(own, 10, "#F4F7FA", RIM, 3)
        face_picture.person(painter, "near", own.centre[0], own.centre[1], 30)


def _time(scene: PageCanvas, rect: Rect) -> None:
    """Draw the minutes that are left, as a figure and as a bar; the last five are marked by a sign, not by colour
    alone.
    """
    painter, body, look = scene.painter, scene.page.body, scene.look
    painter.box(rect, 14, look.panel.ground, look.panel.border, 2)
    last = body.digits <= 5
    figure = Rect(rect.x + (68 if last else 16), rect.y, 124, rect.h)
    if last:
        badge(painter, "warn", rect.x + 36, rect.centre[1], 20)
    painter.text(f"{body.digits}:00", figure, 40, look.panel.ink, bold=True, align="left")
    bar = Rect(figure.right + 8, rect.centre[1] - 9, rect.right - figure.right - 24, 18)
    painter.box(bar, 9, "", look.panel.ink_soft, 2)
    done = bar.w * body.digits / max(1, body.length)
    if done > 18:
        painter.box(Rect(bar.x, bar.y, done, bar.h), 9, look.panel.ink)
