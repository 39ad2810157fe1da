"""Front panels, 1:1: what is cut out where, so that every hand reaches it.

A millimetre of the drawing is a millimetre of the panel (print at 100 %, tiled). The screen is at the top, the parts
below it in two columns. Everything that a hand operates lies 610 to 1220 mm above the floor, the band of the guidance
for seated and standing people; marks at the edge show both limits.
"""

from __future__ import annotations

import msgspec

from deploy.unit.svg import SOFT, Svg
from deploy.unit.unit_kinds import parts, screen

LOW, HIGH = 610, 1220
"""The reach band, mm above the floor."""
WIDE, TOP, BOTTOM = 480, 1300, 540
"""The panel: its width, and the heights of its edges above the floor."""
SCREEN_TOP = 1200.0
GAP = 26


class Cut(msgspec.Struct, frozen=True):
    """An opening: its part, left edge, height of its upper edge above the floor, width and height; mm."""

    name: str
    x: float
    top: float
    wide: float
    high: float

    @property
    def bottom(self) -> float:
        """The height of its lower edge."""
        return self.top - self.high


def cuts(kind: str) -> tuple[Cut, ...]:
    """All openings of a kind: the screen, then each column from the top down."""
    wide, high = screen(kind).cut
    found = [Cut("screen", (WIDE - wide) / 2, SCREEN_TOP, wide, high)]
    top = {"left": SCREEN_TOP - high - 40.0, "right": SCREEN_TOP - high - 40.0}
    for part in parts(kind):
        wide, high = part.about.cut
        if not wide:
            continue
        side = "left" if part.about.side == "left" else "right"
        middle = WIDE * (0.27 if side == "left" else 0.72)
        found.append(Cut(part.role, middle - wide / 2, top[side], wide, high))
        top[side] -= high + GAP
    return tuple(found)


def drawn(kind: str) -> str:
    """The SVG, in millimetres."""
    svg = Svg(WIDE, TOP - BOTTOM, f"Front panel of the {kind} unit, 1:1", "mm")
    svg.box(0.5, 0.5, WIDE - 1, TOP - BOTTOM - 1, radius=8)
    svg.words(12, 20, f"{kind}: front panel 面板 1:1", 9, bold=True)
    how = "Print at 100 %. Heights are above the finished floor, mm. Check the part in hand before cutting."
    svg.words(12, 31, how, 5.5, ink=SOFT)
    for height in (LOW, HIGH):
        y = float(TOP - height)
        svg.line([(0, y), (WIDE, y)], "#A4262C", 0.5, "4 3")
        svg.words(WIDE - 6, y - 2, f"{height}", 6, "end", "#A4262C")
    titles = {part.role: part.about for part in parts(kind)} | {"screen": screen(kind)}
    for cut in cuts(kind):
        y = TOP - cut.top
        svg.box(cut.x, y, cut.wide, cut.high, "#EEF3F0", thick=0.4, radius=2)
        for line, said in enumerate((titles[cut.name].zh, titles[cut.name].en)):
            svg.words(cut.x + cut.wide / 2, y - 6.5 + 5 * line, said, 4.4, "middle")
        size = f"{cut.wide:g} x {cut.high:g}, middle {cut.top - cut.high / 2:g}"
        svg.words(cut.x + cut.wide / 2, y + cut.high / 2 + 1.5, size, 4.4, "middle", SOFT)
    _holes(svg)
    _rule(svg)
    return svg.text


def _holes(svg: Svg) -> None:
    for x in (14, WIDE - 14):
        for y in (44, TOP - BOTTOM - 14):
            svg.box(x - 2.5, y - 2.5, 5, 5, radius=2.5, thick=0.3)


def _rule(svg: Svg) -> None:
    """A hundred millimetres, to check the print by."""
    y = TOP - BOTTOM - 12
    svg.line([(30, y), (130, y)], thick=0.5)
    for x in (30, 130):
        svg.line([(x, y - 3), (x, y + 3)], thick=0.5)
    svg.words(80, y - 2, "100 mm", 5, "middle")
