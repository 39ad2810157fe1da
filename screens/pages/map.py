"""Map: a network too large for one glass, in two steps that fingers can hit: first the lines, then one line's stations.

The lines are keys with number, colour and pattern. Where the layout shows the map first, the network's schema stands
beside them, with the place where one is; where it shows lists, each line says where it ends. A line's stations stand in
its order along its band, three rows a page, with the lines to change to as signs beside each; the one where one is
(state "on") says so. Stations that were found by a letter stand there without a band. Keys are placed by their area,
which is equal in all skins: `line`, `station`, `page` (turn over), and whatever is left in the row below.
"""

from __future__ import annotations

from functools import partial

from kiosk_firmware.core.pages import Key, Track
from screens.parts import keys as parts
from screens.parts import map_lines, station_boards
from screens.parts.keys import colours
from screens.parts.station_boards import LOW, ROW_KEYS_HIGH
from screens.stage.page_canvas import PAGE, PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import KeyLook

DOWN, GAP = 3, 10.0
SIGN = 40.0


class Map:
    """Draws pages of kind Map."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw title, lines or the stations of one, and the row below."""
        area = scene.area
        scene.title()
        low = Rect(area.x, PAGE.bottom - LOW - ROW_KEYS_HIGH, area.w, ROW_KEYS_HIGH)
        room = Rect(area.x, scene.body_top, area.w, low.y - GAP - scene.body_top)
        station_boards.spread(scene, _rest(scene), low)
        if _of(scene, "station"):
            _stations(scene, room)
        elif scene.look.layout in ("metro-map", "gate-wide"):
            _chart(scene, room)
        else:
            _lines(scene, room, 2 if room.w > 900 else 1)


def _of(scene: PageCanvas, area: str) -> list[Key]:
    return [key for key in scene.page.keys if key.name.partition(".")[0] == area]


def _rest(scene: PageCanvas) -> list[Key]:
    """Return the way out first, then what leads elsewhere."""
    found = [key for key in scene.page.keys if key.name.partition(".")[0] not in ("line", "station")]
    return sorted(found, key=lambda key: key.role != "back")


def _track(scene: PageCanvas, number: str) -> Track:
    return next(track for track in scene.page.body.tracks if track.number == number)


# -- lines -------------------------------------------------------------------------------------------------------------


def _chart(scene: PageCanvas, room: Rect) -> None:
    """Draw the schema at the left, the lines at the right in two columns."""
    wide = room.w * 0.62
    panel, body = Rect(room.x, room.y, wide, room.h), scene.page.body
    scene.painter.box(panel, 22, map_lines.PAPER, scene.look.panel.border, 2)
    said = Rect(panel.x + 24, panel.bottom - 50, panel.w - 48, 42)
    for line in body.lines:
        scene.painter.text(scene.write(line), said, 34, map_lines.DARK, align="left")
    field = Rect(panel.x + 14, panel.y + 12, panel.w - 28, panel.h - 66)
    map_lines.chart(scene.painter, body.tracks, body.spot, field)
    _lines(scene, Rect(panel.right + 18, room.y, room.right - panel.right - 18, room.h), 2, ends=False)


def _lines(scene: PageCanvas, room: Rect, columns: int, ends: bool = True) -> None:
    """Draw a key for each line; `ends`: it says where the line ends."""
    found = _of(scene, "line")
    if ends:
        for line in scene.page.body.lines:
            said = Rect(room.x + 12, room.y, room.w - 24, 42)
            scene.painter.text(scene.write(line), said, 34, scene.look.ink, align="left")
            room = Rect(room.x, room.y + 48, room.w, room.h - 48)
    rows = max(1, -(-len(found) // columns))
    wide, high = (room.w - GAP * (columns - 1)) / columns, min(120.0, (room.h - GAP * (rows - 1)) / rows)
    for at, key in enumerate(found):
        x, y = room.x + at % columns * (wide + GAP), room.y + at // columns * (high + GAP)
        rect, texts = Rect(x, y, wide, high), (scene.write(key.text), scene.write(key.sub) if ends and key.sub else "")
        track = _track(scene, key.value)
        scene.add(key, rect, partial(_line, track=track, texts=texts, rect=rect, style=scene.look.key))


def _line(painter: Painter, pressed: bool, track: Track, texts: tuple[str, str], rect: Rect, style: KeyLook) -> None:
    ground, border, ink = colours(style, pressed)
    painter.box(rect, style.radius, ground, border, 3)
    name, ends = texts
    square = Rect(rect.x + 16, rect.y + 6, 44, 44)
    map_lines.sign(painter, track, square, 34)
    words = Rect(square.right + 14, square.y, rect.right - square.right - 24, 44)
    painter.text(name, words, 36, ink, bold=True, align="left")
    if not ends:
        map_lines.band(painter, track, [(rect.x + 24, rect.bottom - 15), (rect.right - 24, rect.bottom - 15)], 12)
        return
    beyond = words.x + painter.letters.width(name, 36, True) + 24
    map_lines.band(painter, track, [(beyond, square.centre[1]), (rect.right - 24, square.centre[1])], 14)
    low = Rect(rect.x + 16, square.bottom - 1, rect.w - 26, rect.bottom - square.bottom - 6)
    painter.text(ends, low, 28, ink, use="read", align="left")


# -- stations of a line ------------------------------------------------------------------------------------------------


def _stations(scene: PageCanvas, room: Rect) -> None:
    """Draw the stations in their order, row by row, the line's band running through them, where they are one line's."""
    found, number = _of(scene, "station"), scene.page.body.track
    track = _track(scene, number) if number else None
    across = 4 if room.w > 1200 else 3
    wide, high = (room.w - GAP * (across - 1)) / across, (room.h - GAP * (DOWN - 1)) / DOWN
    for row in range(-(-len(found) // across) if track else 0):  # seen between the keys, which have it themselves
        y, last = room.y + row * (high + GAP) + 24, len(found) <= (row + 1) * across
        count = len(found) - row * across if last else across
        right = room.x + count * (wide + GAP) - GAP
        scene.painter.line([(room.x, y), (right, y)], _track(scene, number).colour, 14)
    for at, key in enumerate(found):
        x, y = room.x + at % across * (wide + GAP), room.y + at // across * (high + GAP)
        rect = Rect(x, y, wide, high)
        others = [one for one in scene.page.body.tracks if key.value in one.stops and one is not track]
        here = scene.write(key.sub) if key.sub and key.state == "on" else ""
        scene.add(
            key,
            rect,
            partial(
                _station,
                track=track,
                others=others,
                name=scene.write(key.text),
                here=here,
                rect=rect,
                style=parts.style_of(scene.look, key),
            ),
        )


def _station(
    painter: Painter,
    pressed: bool,
    track: Track | None,
    others: list[Track],
    name: str,
    here: str,
    rect: Rect,
    style: KeyLook,
) -> None:
    """Draw a station: its stop on the band (a ring where one can change), the lines to change to, its name. Without a
    band the lines that stop there.
    """
    ground, border, ink = colours(style, pressed)
    painter.box(rect, style.radius, ground, border, 3)
    y = rect.y + 24
    if track:
        map_lines.band(painter, track, [(rect.x + 3, y), (rect.right - 3, y)], 14)
        for radius, colour in (
            (17.0, map_lines.DARK),
            (13.0, map_lines.MARKS),
            *(((7.0, map_lines.DARK),) if others else ()),
        ):
            painter.disc(rect.x + 34, y, radius, colour)
    for at, other in enumerate(reversed(others)):
        map_lines.sign(painter, other, Rect(rect.right - 12 - SIGN - at * (SIGN + 4), y - SIGN / 2, SIGN, SIGN), 28)
    room = Rect(rect.x + 12, y + 18, rect.w - 24, rect.bottom - y - 24)
    if here:
        room = Rect(room.x, room.y, room.w, room.h * 0.56)
        low = Rect(room.x, room.bottom, room.w, rect.bottom - room.bottom - 6)
        painter.text(here, low, 28, ink, use="read")
    painter.text(name, room, 39, ink, bold=True, most=2, gap=1.02)
