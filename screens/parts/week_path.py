"""Draw a way with an order as a road of numbered stations that leads to a house.

Keys `stop.<n>` are stations: done (icon "tick") green with a tick, later ones plain. The `primary` key is the next
station's circle, larger than all others and yellow; the station's own key is the name below it. The road runs to the
right, turns, and runs back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from kiosk_firmware.core.pages import Key, Row
from screens.parts import icons, keys
from screens.stage.page_canvas import PageCanvas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook

ROAD, DASH, ROAD_WIDE = "#CDBD9D", "#FFFFFF", 48.0
GREEN, DONE = "#2E7D5B", "#DFF0E4"
SUN, DARK, LATER = "#FFC533", "#8A6400", "#5B665F"
ROUND, NEXT, NAME_HIGH, NUMBER = 58.0, 98.0, 74.0, 24.0
MOST = 7
"""So many stations and a house have their places on the road."""


def stations(scene: PageCanvas) -> list[Key]:
    """Return the page's stations, in their order; none where the page is no way with an order."""
    found = [key for key in scene.page.keys if key.role == "choice"]
    return found if len(found) <= MOST and all(key.name.startswith("stop.") for key in found) else []


def draw(scene: PageCanvas, room: Rect, columns: int) -> None:
    """Draw the road, the house at its end, the stations."""
    found = stations(scene)
    rows = -(-(len(found) + 1) // columns)
    pitch, wide = room.h / rows, room.w / columns
    large = min(NEXT, (pitch - NAME_HIGH - 18) / 2)
    middles = [_middle(at, columns, Rect(room.x, room.y, wide, pitch), large) for at in range(len(found) + 1)]
    _road(scene.painter, middles, columns)
    _house(scene, middles[-1], large)
    following = next((key for key in scene.page.keys if key.role == "primary"), None)
    for number, (key, (x, y)) in enumerate(zip(found, middles[:-1], strict=True), 1):
        if following is not None and following.value == key.value:
            _next(scene, following, key, number, Rect(x - large, y - large, 2 * large, 2 * large), wide)
        else:
            rect = Rect(x - wide / 2 + 6, y - ROUND, wide - 12, 2 * ROUND + NAME_HIGH + 6)
            name = scene.write(key.sub or key.text)
            scene.add(key, rect, partial(_station, key=key, name=name, number=number, rect=rect, look=scene.look))


def draw_small(painter: Painter, way: Sequence[Row], room: Rect) -> None:
    """Draw a way's numbered stations on their road: done green with a tick, the next one yellow, later ones plain."""
    pitch, y = room.w / len(way), room.centre[1]
    first, last = room.x + pitch / 2, room.right - pitch / 2
    painter.fill(Rect(first, y - 5, last - first, 10), ROAD)
    for at, station in enumerate(way):
        x, done = first + at * pitch, station.mark == "ok"
        edge = GREEN if done else DARK if station.mark == "next" else LATER
        painter.disc(x, y, 19, edge)
        painter.disc(x, y, 16, DONE if done else SUN if station.mark == "next" else "#FFFFFF")
        box = Rect(x - 19, y - 19, 38, 38)
        if done:
            icons.draw(painter, "tick", box.grown(-8), GREEN, 12)
        else:
            painter.text(str(at + 1), box, 24, "#1D2B26", use="print", bold=True)


def _middle(at: int, columns: int, cell: Rect, large: float) -> tuple[float, float]:
    """Return where the circle of a place on the road is."""
    row, column = divmod(at, columns)
    column = columns - 1 - column if row % 2 else column
    return cell.x + (column + 0.5) * cell.w, cell.y + row * cell.h + large + 4


def _road(painter: Painter, middles: Sequence[tuple[float, float]], columns: int) -> None:
    for colour, thick in ((ROAD, ROAD_WIDE), (DASH, 5.0)):
        for at, ((x, y), (u, v)) in enumerate(pairwise(middles)):
            if y == v:
                painter.line([(x, y), (u, v)], colour, thick)
            else:
                half = (0, 180) if at // columns % 2 == 0 else (180, 360)
                painter.arc(x, (y + v) / 2, (v - y) / 2, half, colour, thick)


def _house(scene: PageCanvas, middle: tuple[float, float], large: float) -> None:
    """Draw the end of the road; what the page says stands below it once nothing is left."""
    x, y = middle
    painter, high = scene.painter, min(large, 84.0)
    painter.box(Rect(x - high * 0.8, y - high * 0.3, high * 1.6, high * 1.1), 6, "#F6E3BE")
    painter.shape([(x - high, y - high * 0.25), (x, y - high), (x + high, y - high * 0.25)], "#A8452F")
    painter.box(Rect(x - high * 0.2, y + high * 0.1, high * 0.4, high * 0.7), 4, "#7A4A26")
    if all(key.role != "primary" for key in scene.page.keys):
        said = Rect(x - 140, y + ROUND + 10, 280, NAME_HIGH)
        for line in scene.page.body.lines[:1]:
            painter.text(scene.write(line), said, 38, scene.look.ink, bold=True, most=2, gap=1.06)


def _next(scene: PageCanvas, key: Key, station: Key, number: int, rect: Rect, wide: float) -> None:
    """Draw the next station: its circle starts it, its name shows it."""
    texts = (scene.write(key.text), str(number))
    scene.add(key, rect, partial(_large, icon=key.icon, texts=texts, rect=rect))
    plate = Rect(rect.centre[0] - wide / 2 + 6, rect.bottom + 6, wide - 12, NAME_HIGH)
    name = scene.write(station.sub or station.text)
    scene.add(station, plate, partial(_plate, name=name, rect=plate, look=scene.look))


def _large(painter: Painter, pressed: bool, icon: str, texts: tuple[str, str], rect: Rect) -> None:
    (x, y), radius = rect.centre, rect.w / 2
    ink, ground = (SUN, DARK) if pressed else ("#2B2200", SUN)
    painter.disc(x, y, radius, DARK)
    painter.disc(x, y, radius - 7, ground)
    size = radius * 0.62
    icons.draw(painter, icon or "arrow", Rect(x - size / 2, y - radius * 0.74, size, size), ink, 8)
    painter.text(
        texts[0],
        Rect(x - radius * 0.72, y + radius * 0.06, radius * 1.44, radius * 0.56),
        round(radius * 0.42),
        ink,
        bold=True,
    )
    _number(painter, texts[1], x - radius * 0.78, y - radius * 0.72, DARK)


def _plate(painter: Painter, pressed: bool, name: str, rect: Rect, look: SkinLook) -> None:
    ground, border, ink = keys.colours(look.key, pressed)
    painter.box(rect, 22, ground, border, 3)
    painter.text(name, rect.grown(-8), 38, ink, bold=True, most=2, gap=1.02)


def _station(painter: Painter, pressed: bool, key: Key, name: str, number: int, rect: Rect, look: SkinLook) -> None:
    """Draw circle, number and name; done, it is green and has its tick."""
    done = key.icon == "tick"
    x, y = rect.centre[0], rect.y + ROUND
    edge, ground = (GREEN, DONE) if done else (LATER, "#FFFFFF")
    ground, ink = (edge, "#FFFFFF") if pressed else (ground, GREEN if done else look.ink)
    painter.disc(x, y, ROUND, edge)
    painter.disc(x, y, ROUND - 5, ground)
    icons.draw(painter, key.icon or "arrow", Rect(x - 32, y - 32, 64, 64), ink, 10 if done else 8)
    _number(painter, str(number), x - ROUND, y - ROUND + 26, edge)
    wide = min(rect.w - 8, painter.letters.width(name, 36) + 28)
    plate = Rect(x - wide / 2, y + ROUND + 6, wide, NAME_HIGH - 4)
    painter.box(plate, 14, edge if pressed else "#FFFFFF")
    painter.text(name, plate.grown(-4), 36, "#FFFFFF" if pressed else look.ink, most=2, gap=1.02)


def _number(painter: Painter, number: str, x: float, y: float, colour: str) -> None:
    painter.disc(x, y, NUMBER, colour)
    box = Rect(x - NUMBER, y - NUMBER, 2 * NUMBER, 2 * NUMBER)
    painter.text(number, box, 32, "#FFFFFF", use="read", bold=True)
