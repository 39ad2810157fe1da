"""List: rows to read, such as a statement; more than fit are paged by two large arrows, which are the screen's own
keys.

Choices of a list (saved payees) are keys like any other and lie where the layout has keys; a timetable and a board of
places have a drawing of their own (`parts.board`).
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key, Text
from screens.parts import key_layout, keys, page_content, station_boards
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Rect

UP, DOWN = "scroll.up", "scroll.down"
"""Names of the screen's own keys; the stage turns the page itself and tells nobody."""
_ARROW = 84.0


class List:
    """Draws pages of kind List."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, the rows that fit from `scene.scroll` on, arrows where there are more, keys."""
        if station_boards.is_timetable(scene):
            station_boards.timetable(scene)
            return
        scene.title()
        if station_boards.is_places(scene):
            station_boards.places(scene)
            return
        room = key_layout.place(scene, key_layout.machine_keys(scene))
        lines = len(scene.page.body.lines)
        rows = scene.page.body.rows
        fit = max(1, int((room.h - 73 - lines * 62) // page_content.ROW_HIGH))
        if len(rows) <= fit:
            page_content.fill(scene, room, picture="")
            return
        shown = Rect(room.x, room.y, room.w - _ARROW - 20, room.h)
        first = min(scene.scroll * fit, (len(rows) - 1) // fit * fit)
        page_content.fill(scene, shown, picture="", rows=rows[first : first + fit])
        x = room.right - _ARROW
        half = (room.h - 20) / 2
        for name, icon, y, useful in (
            (UP, "up", room.y, first > 0),
            (DOWN, "down", room.y + half + 20, first + fit < len(rows)),
        ):
            if useful:
                keys.button(scene, Key(name, "choice", Text(""), icon=icon), Rect(x, y, _ARROW, half))
