"""Debrief: what the run proved. It opens with what went well, in one large sentence; each row is a sign, and words;
the next thing to practise stands in a yellow band; then the keys, the recommended one first.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.parts import icons, key_layout, keys, page_content
from screens.parts.status_signs import badge
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

ROW = 92.0


class Debrief:
    """Draws pages of kind Debrief."""

    def draw(self, scene: PageCanvas) -> None:
        """Title, rows, next step, keys; rows shrink to one panel's height."""
        scene.title_left(Rect(60, scene.top + 20, PAGE.w - 120, 100), 56)
        bottom = self._keys(scene, key_layout.machine_keys(scene))
        bottom = self._next(scene, bottom)
        self._rows(scene, Rect(60, scene.top + 132, PAGE.w - 120, bottom - scene.top - 132))

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

    def _next(self, scene: PageCanvas, bottom: float) -> float:
        painter = scene.painter
        for line in reversed(scene.page.body.lines):
            text = scene.write(line)
            laid = painter.letters.fit(text, PAGE.w - 200, 38, 34, 2)
            high = 52.0 + 50 * len(laid.lines)
            rect = Rect(60, bottom - high, PAGE.w - 120, high)
            painter.box(rect, 28, "#FFF1C9", "#8A6400", 2)
            painter.text(text, Rect(100, rect.y, PAGE.w - 200, high), laid.size, scene.look.ink, align="left", most=2)
            bottom -= high + 18
        return bottom

    def _rows(self, scene: PageCanvas, rect: Rect) -> None:
        rows = scene.page.body.rows
        if not rows:
            return
        columns = 1 if len(rows) * 62 + 24 <= rect.h else 2
        down = -(-len(rows) // columns)
        step = min(ROW, (rect.h - 40) / down)
        page_content.panel(scene, Rect(rect.x, rect.y, rect.w, min(rect.h, step * down + 40)), 28)
        wide = (rect.w - 80) / columns
        for at, entry in enumerate(rows):
            x, y = rect.x + 40 + at // down * wide, rect.y + 20 + at % down * step
            if entry.mark:
                badge(scene.painter, entry.mark, x + 28, y + step / 2, min(30, step / 2 - 4))
            value = f"　{scene.write(entry.value)}" if entry.value else ""
            place = Rect(x + 82, y, wide - 90, step)
            scene.painter.text(scene.write(entry.label) + value, place, 38, scene.look.ink, align="left", most=2)


def _needed(scene: PageCanvas, key: Key) -> float:
    """Return how wide a key must be that its words stand on one line, beside its icon where it has one."""
    icon = 32 if icons.known(key.icon) else 0
    return scene.painter.letters.width(scene.write(key.text), 39, True) + 104 + icon
