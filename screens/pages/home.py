"""Home: what this unit offers. One recommended step in a dark band, then six large tiles with progress; the rest by
arrows.

The first `primary` key is the recommended step; `choice` keys are tiles; `field` and `back` keys are the small ones
at the top (who is learning, language). Stations of a way with an order stand on a road (`parts/week_path`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from kiosk_firmware.core.pages import Key, Row, Text
from screens.pages.list import DOWN, UP
from screens.parts import icons, keys, week_path
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

TINTS = {
    "atm": ("#DDEBFB", "#1F5FA8"),
    "train": ("#FBE3DF", "#A83325"),
    "metro": ("#E2F2E6", "#1F6B3C"),
    "phone": ("#FFF0D2", "#7D5100"),
    "counter": ("#E8E4F8", "#5B45A8"),
    "plane": ("#DDEBFB", "#1F5FA8"),
    "gate": ("#E2F2E6", "#1F6B3C"),
}
_PLAIN = ("#ECE8DC", "#4C564F")
A_PAGE = 6
_GAP, _ARROW = 16.0, 76.0
_LOW = 200.0
"""A tile that is not higher has a smaller picture, and its words stand closer."""


class Home:
    """Draws pages of kind Home."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title with small keys, the recommended step, the tiles."""
        small = [key for key in scene.page.keys if key.role in ("field", "back", "danger")]
        left = self._small(scene, small)
        scene.title_left(Rect(36, 6, left - 60, 92))
        if week_path.stations(scene):
            week_path.draw(scene, Rect(36, 100, PAGE.w - 72, PAGE.bottom - 104), 4)
            return
        primary = next((key for key in scene.page.keys if key.role == "primary"), None)
        top = 104.0
        if primary:
            self._band(scene, primary, Rect(36, 104, PAGE.w - 72, 150))
            top = 276
        self._tiles(scene, [key for key in scene.page.keys if key.role == "choice"], top)

    def _small(self, scene: PageCanvas, small: list[Key]) -> float:
        x = PAGE.w - 36
        for key in reversed(small):
            beside = 70 if key.icon else 0
            wide = max(110.0, scene.painter.letters.width(scene.write(key.text), 39, True) + beside + 60)
            x -= wide
            keys.button(scene, key, Rect(x, 13, wide, 78))
            x -= 18
        return x

    def _band(self, scene: PageCanvas, key: Key, rect: Rect) -> None:
        lines = [scene.write(line) for line in scene.page.body.lines]
        texts = (lines[0] if lines else "", scene.write(key.sub or key.text), scene.write(key.text) if key.sub else "")
        scene.add(key, rect, partial(_band, texts=texts, icon=key.icon, rect=rect, look=scene.look))

    def _tiles(self, scene: PageCanvas, tiles: list[Key], top: float) -> None:
        shown, wide = tiles, PAGE.w - 72
        high = min(270.0, (PAGE.bottom - 16 - top - _GAP) / 2)
        if len(tiles) > A_PAGE:
            first = scene.scroll * A_PAGE % (-(-len(tiles) // A_PAGE) * A_PAGE)
            shown, wide = tiles[first : first + A_PAGE], wide - _ARROW - _GAP
            self._arrows(scene, first > 0, first + A_PAGE < len(tiles), top, high)
        across = (wide - 2 * _GAP) / 3
        for at, key in enumerate(shown):
            rect = Rect(36 + at % 3 * (across + _GAP), top + at // 3 * (high + _GAP), across, high)
            texts = (scene.write(key.text), scene.write(key.sub) if key.sub else "")
            way = scene.page.body.trail if key is tiles[0] else ()
            scene.add(key, rect, partial(tile, texts=texts, key=key, rect=rect, look=scene.look, way=way))

    def _arrows(self, scene: PageCanvas, up: bool, down: bool, top: float, high: float) -> None:
        for name, icon, y, useful in ((UP, "up", top, up), (DOWN, "down", top + high + _GAP, down)):
            if useful:
                rect = Rect(PAGE.w - 36 - _ARROW, y, _ARROW, high)
                keys.button(scene, Key(name, "choice", Text(""), icon=icon), rect)


def _band(painter: Painter, pressed: bool, texts: tuple[str, str, str], icon: str, rect: Rect, look: SkinLook) -> None:
    why, what, go = texts
    ground, ink = (look.primary.ground, look.primary.ink) if pressed else (look.accent, look.accent_ink)
    painter.box(rect, 28, ground, ground)
    icons.draw(painter, icon or "arrow", Rect(rect.x + 36, rect.y + 30, 90, 90), ink, 7)
    wide = painter.letters.width(go, 42, True) + 112 if go else 0
    left = rect.x + 160
    room = rect.right - 34 - wide - left - 20
    laid = painter.letters.fit(why, room, 30, 28, 2)
    above = 40.0 * len(laid.lines) if why else 0.0
    y = rect.y + (rect.h - above - 58) / 2
    painter.text(why, Rect(left, y, room, above), laid.size, ink, use="read", align="left", most=2, gap=1.25)
    painter.text(what, Rect(left, y + above, room, 58), 42, ink, bold=True, align="left")
    if go:
        pill = Rect(rect.right - 34 - wide, rect.y + 27, wide, 96)
        first, second = (look.accent, look.accent_ink) if pressed else (look.primary.ground, look.primary.ink)
        painter.box(pill, 48, first)
        painter.text(go, pill, 42, second, bold=True)


def tile(
    painter: Painter,
    pressed: bool,
    texts: tuple[str, str],
    key: Key,
    rect: Rect,
    look: SkinLook,
    way: Sequence[Row] = (),
) -> None:
    """Draw a tile: its picture, its name over a second line, and how far somebody is; on a way, by its stations."""
    ground, border, ink = keys.colours(look.key, pressed)
    soft = ink if pressed else look.ink_soft
    painter.box(rect, 26, ground, border, 2)
    back, front = TINTS.get(key.icon, _PLAIN)
    high = rect.h - (44 if way else 30 if key.progress >= 0 else 0)
    low = rect.h <= _LOW
    side, left = (80.0, 14.0) if low else (96.0, 20.0)
    badge = Rect(rect.x + left, rect.y + (high - side) / 2 + 2, side, side)
    painter.box(badge, 24 if low else 28, back)
    icons.draw(painter, key.icon or "help", badge.grown(-side * 0.23), front, 8)
    room = Rect(badge.right + 14, rect.y + 8, rect.right - badge.right - 24, high - 12)
    _names(painter, texts, room, ink, soft, low)
    if way:
        week_path.draw_small(painter, way, Rect(rect.x + 20, rect.bottom - 48, rect.w - 40, 40))
    elif key.progress >= 0:
        bar = Rect(rect.x + 26, rect.bottom - 28, rect.w - 52, 12)
        painter.box(bar, 6, "#DDD8CB", look.key.border, 1)
        if key.progress:
            painter.box(Rect(bar.x, bar.y, max(12, bar.w * key.progress / 100), bar.h), 6, "#2F7D5B")


def _names(painter: Painter, texts: tuple[str, str], room: Rect, ink: str, soft: str, low: bool) -> None:
    """Draw a tile's name over its second line, both within its height."""
    name, sub = texts
    if not sub:
        painter.text(name, room, 40, ink, bold=True, align="left", most=2, gap=1.2)
        return
    fit = painter.letters.fit
    above = 54.0 if fit(name, room.w, 40, 34, 1, True).fits else 80.0 if low else 96.0
    below = 46.0 if fit(sub, room.w, 29, 28).fits else 64.0
    if above + below > room.h:  # the stations of a way have taken the second line's place
        painter.text(name, room, 40, ink, bold=True, align="left", most=2, gap=1.1)
        return
    top = room.y + (room.h - above - below) / 2
    painter.text(name, Rect(room.x, top, room.w, above), 40, ink, bold=True, align="left", most=2, gap=1.1)
    lower = Rect(room.x, top + above, room.w, below)
    painter.text(sub, lower, 29, soft, use="read", align="left", most=2, gap=1.08)
