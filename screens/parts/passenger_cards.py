"""Draw who travels: a small card for each person that was read, side by side; up to five find room."""

from __future__ import annotations

from screens.parts.status_signs import badge
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

HIGH = 86.0
PLACES = 5


def cards(scene: PageCanvas, rect: Rect) -> None:
    """Draw a card for each line of the page; the first empty place shows that another may follow."""
    gap = 12.0
    wide = (rect.w - gap * (PLACES - 1)) / PLACES
    painter, look = scene.painter, scene.look
    for at, row in enumerate(scene.page.body.rows[:PLACES]):
        card = Rect(rect.x + at * (wide + gap), rect.y, wide, HIGH)
        painter.box(card, 16, look.panel.ground, look.key.border, 3)
        if row.mark:
            badge(painter, row.mark, card.right - 24, card.y + 26, 15)
        label = Rect(card.x + 12, card.y + 8, wide - 56, 36)
        painter.text(scene.write(row.label), label, 30, look.panel.ink, use="read", bold=True, align="left")
        if row.value:
            painter.private = scene.page.private
            tail = Rect(card.x + 12, card.y + 46, wide - 24, 32)
            painter.text(scene.write(row.value), tail, 28, look.panel.ink_soft, use="read", align="left")
            painter.private = False
    free = len(scene.page.body.rows)
    if 0 < free < PLACES:
        painter.dashes(Rect(rect.x + free * (wide + gap) + 2, rect.y + 2, wide - 4, HIGH - 4), 16, look.ink_soft, 2)
