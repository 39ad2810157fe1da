"""Hall: waiting among others until one's number is called, and then the window with who speaks there.

A look with its steps in a column has its board over the windows and the person at the right; others have the board
beside the windows and the person at the left.
"""

from __future__ import annotations

from kiosk_firmware.core.pages import Key
from screens.parts import hall_windows, key_layout, service_window
from screens.parts import keys as parts
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Rect

SIGN_HIGH = 92.0
FLOOR_HIGH, OVER_FLOOR = 226.0, 216.0
CALLED_FLOOR = 134.0
BOARD_HIGH = 92.0


class Hall:
    """Draws pages of kind Hall."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw the hall, or one window of it."""
        if len(scene.page.body.windows) == 1:
            at_window(scene)
        else:
            waiting(scene)


def waiting(scene: PageCanvas) -> None:
    """Draw board, windows, and the floor with chairs, one's number and the keys."""
    scene.title()
    area, top = scene.area, scene.body_top
    rail = scene.look.rail
    wide = Rect(area.x, top, area.w, PAGE.bottom - top) if rail else Rect(24, top, PAGE.w - 48, PAGE.bottom - top)
    hall(scene, wide, over=rail)


def split(scene: PageCanvas) -> tuple[Key | None, Key | None, list[Key]]:
    """Return the key of the board, that of the window that calls, and the others."""
    found = {key.name: key for key in key_layout.machine_keys(scene)}
    look, called = found.pop("wait.look", None), any(window.called for window in scene.page.body.windows)
    go = found.pop("call.go", None) if called else None
    return look, go, list(found.values())


def hall(scene: PageCanvas, room: Rect, over: bool) -> None:
    """Draw the hall in a box; `over`: the board hangs over the windows."""
    look, go, keys = split(scene)
    low = CALLED_FLOOR if go else OVER_FLOOR if over else FLOOR_HIGH
    upper = Rect(room.x, room.y, room.w, room.h - low - 10)
    edge = (room.x, room.w) if over else (0.0, scene.frame.page.w)
    hall_windows.floor(scene, Rect(edge[0], room.bottom - low, edge[1], low), keys)
    if over:
        hall_windows.board(scene, Rect(upper.x, upper.y, upper.w, BOARD_HIGH), look)
        top = upper.y + BOARD_HIGH + 10
        hall_windows.windows(scene, Rect(upper.x, top, upper.w, upper.bottom - top), go)
        return
    hall_windows.board(scene, Rect(upper.x, upper.y, 300, upper.h), look)
    hall_windows.windows(scene, Rect(upper.x + 314, upper.y, upper.w - 314, upper.h), go)


def at_window(scene: PageCanvas) -> None:
    """Draw who speaks, and the keys below."""
    top, bottom = scene.top + 12, PAGE.bottom - 16
    rail = scene.look.rail
    area = Rect(scene.area.x, top, scene.area.w, bottom - top) if rail else Rect(24, top, PAGE.w - 48, bottom - top)
    above = answers(scene, area)
    if rail:
        service_window.draw(scene, Rect(above.x, above.y, above.w, above.h - 64), mirrored=True)
        service_window.sign(scene, Rect(above.x, above.bottom - 72, above.w, 72))
    else:
        _with_sign(scene, above)


def answers(scene: PageCanvas, area: Rect) -> Rect:
    """Draw the answers from the bottom up; the room above. The key that confirms stands at the right of the way out,
    where there is nothing to choose.
    """
    keys = key_layout.machine_keys(scene)
    if not keys:
        return area
    order = {"back": 0, "danger": 0, "choice": 1, "primary": 2}
    columns = columns_of(scene, keys)
    rows = -(-len(keys) // columns)
    high = rows * (104.0 if rows < 3 else 90.0) + (rows - 1) * 16.0
    room = Rect(area.x, area.bottom - high, area.w, high)
    if any(key.role == "primary" for key in keys) and rows == 1:
        _row(scene, sorted(keys, key=lambda key: order.get(key.role, 1)), room, columns)
    else:
        key_layout.grid(scene, keys, room, columns, 104)
    return Rect(area.x, area.y, area.w, area.h - high - 16)


def _row(scene: PageCanvas, keys: list[Key], room: Rect, columns: int) -> None:
    """Draw equal keys; one alone at the right."""
    wide = (room.w - 20 * (columns - 1)) / columns
    first = columns - len(keys)
    for at, key in enumerate(keys, first):
        parts.button(scene, key, Rect(room.x + at * (wide + 20), room.y, wide, room.h))


def _with_sign(scene: PageCanvas, room: Rect) -> None:
    """Draw the wall behind the window, the sign at its right; the time-out ring keeps its corner."""
    window, painter = service_window, scene.painter
    ring = scene.page.timer is not None
    beside = max(scene.ring_wide - 16 if ring else 0.0, 330.0)
    right = Rect(room.right - beside, room.y + (100 if ring else 0), beside, room.h - (100 if ring else 0))
    painter.box(Rect(room.x, right.y, room.w, right.h), 22, window.WALL, window.RIM, 2)
    top = right.y + 2 if ring else room.y + 3
    window.draw(scene, Rect(room.x, room.y, room.w - beside, room.h), wall=(room.right, top))
    window.sign(scene, Rect(right.x + 20, right.y + 22, right.w - 40, SIGN_HIGH))


def columns_of(scene: PageCanvas, keys: list[Key]) -> int:
    """Return how many keys stand side by side: as many as keep their names whole, with no row for one alone."""
    letters, names = scene.painter.letters, [scene.write(key.text) for key in keys]
    for columns in (4, 3):
        wide = (scene.area.w - 20 * (columns - 1)) / columns - 56
        least = columns if columns == 3 else 7
        fits = all(letters.fit(name, wide, 39, 34, 1 if columns == 4 else 2, True).fits for name in names)
        if (len(keys) >= least or len(keys) == columns) and fits:
            return columns
    return 2
