"""Debrief: what the run proved. It opens with what went well, in one large sentence; each row is a sign, and words;
the next thing to practise stands in a yellow band; then the keys, the recommended one first. What the run left in
somebody's hands is a large picture at the left of rows and band.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.parts import held_things, icons, key_layout, keys, page_content
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

ROW, TALL_ROW = 92.0, 110.0
HELD = 400.0


class Debrief:
    """Draws pages of kind Debrief."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, rows, next step, keys; rows shrink to one panel's height."""
        scene.title_left(Rect(60, scene.top + 20, PAGE.w - 120, 100), 56)
        bottom = self._keys(scene, key_layout.machine_keys(scene))
        room = Rect(60, scene.top + 132, PAGE.w - 120, bottom - scene.top - 132)
        if scene.page.body.carried:
            held_things.draw(scene, Rect(room.x, room.y, HELD, room.h))
            room = Rect(room.x + HELD + 20, room.y, room.w - HELD - 20, room.h)
        self._rows(scene, self._next(scene, room))

    def _keys(self, scene: PageCanvas, found: list[Key]) -> float:
        ordered = [k for k in found if k.role == "primary"] + [k for k in found if k.role != "primary"]
        x, y = 60.0, PAGE.bottom - 20 - 100
        need = [_needed(scene, key) for key in ordered]
        spare = PAGE.w - 120 - sum(need) - 26 * (len(need) - 1)
        for key, wide in zip(ordered, need, strict=True):
            wide += min(0.0, spare / len(need))
            keys.button(scene, key, Rect(x, y, wide, 100))
            x += wide + 26
        return y - 20 if found else PAGE.bottom - 20

    def _next(self, scene: PageCanvas, room: Rect) -> Rect:
        """Draw the band at the bottom of a room; return what is left above it."""
        painter = scene.painter
        for line in reversed(scene.page.body.lines):
            text = scene.write(line)
            laid = painter.letters.fit(text, room.w - 80, 38, 34, 2)
            high = 52.0 + 50 * len(laid.lines)
            rect = Rect(room.x, room.bottom - high, room.w, high)
            painter.box(rect, 28, "#FFF1C9", "#8A6400", 2)
            place = Rect(rect.x + 40, rect.y, rect.w - 80, high)
            painter.text(text, place, laid.size, scene.look.ink, align="left", most=2)
            room = Rect(room.x, room.y, room.w, room.h - high - 18)
        return room

    def _rows(self, scene: PageCanvas, rect: Rect) -> None:
        """Draw signs and words, in two columns where one has no room; beside a picture each has two lines."""
        rows, narrow = scene.page.body.rows, bool(scene.page.body.carried)
        if not rows:
            return
        columns = 1 if narrow or len(rows) * 62 + 24 <= rect.h else 2
        down = -(-len(rows) // columns)
        air = 16.0 if narrow else 40.0
        step = min(TALL_ROW if narrow else ROW, (rect.h - air) / down)
        page_content.panel(scene, Rect(rect.x, rect.y, rect.w, min(rect.h, step * down + air)), 28)
        wide = (rect.w - 2 * air) / columns
        for at, entry in enumerate(rows):
            x, y = rect.x + air + at // down * wide, rect.y + air / 2 + at % down * step
            if entry.mark:
                badge(scene.painter, entry.mark, x + 28, y + step / 2, min(30, step / 2 - 4))
            value = f"　{scene.write(entry.value)}" if entry.value else ""
            place, words = Rect(x + 82, y, wide - 90, step), scene.write(entry.label) + value
            scene.painter.text(words, place, 38, scene.look.ink, align="left", most=2, gap=1.08)


def _needed(scene: PageCanvas, key: Key) -> float:
    """Return how wide a key must be that its words stand on one line, beside its icon where it has one."""
    icon = 32 if icons.icon_exists(key.icon) else 0
    return scene.painter.letters.width(scene.write(key.text), 39, True) + 104 + icon
