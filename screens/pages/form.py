"""Form: several fields, one of them open. Field keys show what each holds; a touch opens another; the pad fills the
open one. A page that brings more keys than a number pad has gets a keyboard over the whole width, its field above it.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key
from screens.pages.amount import Amount
from screens.parts import key_layout, keypad, page_content
from screens.parts.keys import colours
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import KeyLook

FIELD_HIGH = 112.0
PAD_MOST = 12
"""Keys of a number pad; more are a keyboard."""
_ACROSS, _KEY_PITCH = 11, 101.0


class Form(Amount):
    """Draws pages of kind Form."""

    hint = ""

    def draw(self, scene: PageCanvas) -> None:
        """Draw it as an amount, or with a keyboard below the field."""
        found = keypad.digits(scene)
        if len(found) <= PAD_MOST:
            super().draw(scene)
            return
        scene.title()
        room = key_layout.place(scene, key_layout.machine_keys(scene))
        rows = -(-len(found) // _ACROSS)
        high = rows * _KEY_PITCH
        board = Rect(room.x, room.bottom - high + 12, room.w, high)
        keypad.board(scene, found, board, _ACROSS)
        self._over(scene, Rect(room.x, scene.body_top, room.w, board.y - 14 - scene.body_top))

    def _over(self, scene: PageCanvas, rect: Rect) -> None:
        """Draw the field at the left, what the page says at its right."""
        field = Rect(rect.x, rect.y, rect.w * 0.46, min(FIELD_HIGH, rect.h))
        for key in scene.page.keys:
            if key.role == "field":
                draw_field(scene, key, field)
        words = Rect(field.right + 24, rect.y, rect.right - field.right - 24, field.h)
        for line in scene.page.body.lines:
            scene.painter.text(scene.write(line), words, 38, scene.look.ink, align="left", most=2, gap=1.1)

    def beside(self, scene: PageCanvas, room: Rect) -> None:
        """Draw the fields, the open one as a box with a caret, then sentences and rows."""
        y = room.y
        fields = [key for key in scene.page.keys if key.role == "field"]
        for key in fields:
            draw_field(scene, key, Rect(room.x, y, room.w, FIELD_HIGH))
            y += FIELD_HIGH + 14
        if not any(key.name == scene.page.body.field_key for key in fields):
            self.field(scene, Rect(room.x, y, room.w, 92))
            y += FIELD_HIGH + 14
        if scene.page.body.lines or scene.page.body.rows:
            page_content.fill(scene, Rect(room.x, y, room.w, room.bottom - y), picture="")


def draw_field(scene: PageCanvas, key: Key, rect: Rect) -> None:
    """Draw a field's key: its name and what it holds; the open one as a box with a caret."""
    is_open = key.name == scene.page.body.field_key
    value = scene.page.body.field if is_open else scene.write(key.sub) if key.sub else key.value
    style = scene.look.key
    scene.add(
        key,
        rect,
        partial(
            _field,
            label=scene.write(key.text),
            value=value,
            rect=rect,
            style=style,
            accent=scene.look.accent,
            is_open=is_open,
            private=scene.page.private,
        ),
    )


def _field(
    painter: Painter,
    pressed: bool,
    label: str,
    value: str,
    rect: Rect,
    style: KeyLook,
    accent: str,
    is_open: bool,
    private: bool,
) -> None:
    ground, border, ink = ("#FFFFFF", accent, "#16222B") if is_open and not pressed else colours(style, pressed)
    painter.box(rect, 16, ground, border, 4 if is_open else 3)
    painter.text(label, Rect(rect.x + 20, rect.y + 6, rect.w - 40, 42), 34, ink, align="left")
    painter.private = private
    room = Rect(rect.x + 20, rect.y + 50, rect.w - 48, rect.h - 56)
    laid = painter.text(value, room, 44, ink, bold=True, align="left")
    painter.private = False
    if is_open:
        x = min(room.x + (laid.widths[0] if laid.widths else 0) + 8, rect.right - 16)
        painter.line([(x, room.y + 4), (x, room.bottom - 6)], ink, 4)
