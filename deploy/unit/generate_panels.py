"""Front panels, 1:1: what is cut out where, so that every hand reaches it.

A millimetre of the drawing is a millimetre of the panel (print at 100 %, tiled). The screen is at the top, the parts
below it in two columns. Everything that a hand operates lies 610 to 1220 mm above the floor, the band of the guidance
for seated and standing people; marks at the edge show both limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import msgspec

from deploy.unit.svg import SOFT, Svg
from deploy.unit.unit_kinds import parts, screen

LOW, HIGH = 610, 1220
"""The reach band, mm above the floor."""
KEY, KEYS_APART, KEY_AWAY = 14.0, 30.0, 12.0
"""Side keys: the hole, their centres, and the space between them and the screen's opening."""
LAMP, LAMP_AWAY = 5.0, 8.0
"""A slot's lamp: its hole, and how far right of the slot's opening its middle is."""
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
    def at(self) -> str:
        """Its middle: from the panel's left edge, and above the floor."""
        return f"x {self.x + self.wide / 2:g}, ↑ {self.top - self.high / 2:g}"

    @property
    def bottom(self) -> float:
        """The height of its lower edge."""
        return self.top - self.high


def cuts(kind: str) -> tuple[Cut, ...]:
    """Return all openings of a kind: the screen, then each column from the top down."""
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
    return (*found, *_side_keys(kind, found[0]))


def _side_keys(kind: str, screen_cut: Cut) -> Iterator[Cut]:
    """Yield the cuts of four keys a side, the middle of their column at the middle of the screen."""
    if not any(part.role == "side_keys" for part in parts(kind)):
        return
    first = screen_cut.top - screen_cut.high / 2 + 1.5 * KEYS_APART + KEY / 2
    left, right = screen_cut.x - KEY_AWAY - KEY, screen_cut.x + screen_cut.wide + KEY_AWAY
    for number in range(8):
        x = left if number < 4 else right
        yield Cut(f"side_key_{number + 1}", x, first - KEYS_APART * (number % 4), KEY, KEY)


def lamps(kind: str) -> tuple[Cut, ...]:
    """Return the round holes of the slots' lamps, beside the openings that they belong to."""
    openings = {cut.name: cut for cut in cuts(kind)}
    lit = [key for part in parts(kind) if part.role == "lights" for key, _ in part.pins]
    found = (openings[name] for name in (key.removeprefix("slots.") for key in lit) if name in openings)
    return tuple(Cut(f"lamp {cut.name}", cut.x + cut.wide + LAMP_AWAY - LAMP / 2, cut.top, LAMP, LAMP) for cut in found)


def draw_panel(kind: str) -> str:
    """Draw the SVG, in millimetres."""
    svg = Svg(WIDE, TOP - BOTTOM, f"Front panel of the {kind} unit, 1:1", "mm")
    svg.box(0.5, 0.5, WIDE - 1, TOP - BOTTOM - 1, radius=8)
    svg.words(12, 20, f"{kind}: front panel 面板 1:1", 9, bold=True)
    how = (
        "按 100 % 打印。x 从左边，↑ 从地面，量到孔的中心，毫米。开孔前先比一比手里的部件。",
        "Print at 100 %. x from the left edge, ↑ above the floor, to a hole's middle, mm. Check the part in hand.",
    )
    for line, said in enumerate(how):
        svg.words(12, 30 + 7 * line, said, 5, ink=SOFT)
    for height in (LOW, HIGH):
        y = float(TOP - height)
        svg.line([(0, y), (WIDE, y)], "#A4262C", 0.5, "4 3")
        svg.words(WIDE - 6, y - 2, f"{height}", 6, "end", "#A4262C")
    titles = {part.role: part.about for part in parts(kind)} | {"screen": screen(kind)}
    for cut in cuts(kind):
        y = TOP - cut.top
        svg.box(cut.x, y, cut.wide, cut.high, "#EEF3F0", thick=0.4, radius=2)
        if cut.name not in titles:  # a side key
            svg.words(cut.x + cut.wide / 2, y + cut.high + 5, cut.at, 3.6, "middle", SOFT)
            continue
        for line, said in enumerate((titles[cut.name].zh, titles[cut.name].en)):
            svg.words(cut.x + cut.wide / 2, y - 6.5 + 5 * line, said, 4.4, "middle")
        size = f"{cut.wide:g} x {cut.high:g}; {cut.at}"
        svg.words(cut.x + cut.wide / 2, y + cut.high / 2 + 1.5, size, 4.4, "middle", SOFT)
    for lamp in lamps(kind):
        svg.box(lamp.x, TOP - lamp.top, LAMP, LAMP, thick=0.3, radius=LAMP / 2)
        svg.words(lamp.x + LAMP + 1.5, TOP - lamp.top + LAMP / 2 + 1.2, lamp.at, 3.2, ink=SOFT)
    _holes(svg)
    _rule(svg)
    return svg.text


SHEET_WIDE, SHEET_HIGH, OVERLAP = 190, 277, 10
"""What is printed of a sheet of A4 with margins of 10 mm, and what two neighbours share."""


def tile_pages(kind: str) -> str:
    """Return the drawing on sheets of A4, as a page to print beside `panel.svg`."""
    columns = ceil((WIDE - OVERLAP) / (SHEET_WIDE - OVERLAP))
    rows = ceil((TOP - BOTTOM - OVERLAP) / (SHEET_HIGH - OVERLAP))
    return TILED.format(
        kind=kind,
        wide=WIDE,
        sheet_wide=SHEET_WIDE,
        sheet_high=SHEET_HIGH,
        sheets="\n".join(_sheet(at, columns, rows) for at in range(columns * rows)),
    )


def _sheet(at: int, columns: int, rows: int) -> str:
    row, column = divmod(at, columns)
    x, y = column * (SHEET_WIDE - OVERLAP), row * (SHEET_HIGH - OVERLAP)
    name = f"{'ABCDEFGH'[row]}{column + 1} / {'ABCDEFGH'[rows - 1]}{columns}"
    return (
        f'<div class=sheet><img src="panel.svg" style="left:-{x}mm;top:-{y}mm" alt="">'
        f"<i class=x></i><i class=y></i><b>{name}</b></div>"
    )


TILED = """<!doctype html><html lang=zh><meta charset=utf-8><title>{kind}: 面板 panel, A4</title><style>
@page{{size:A4;margin:10mm}}body{{margin:0;font:4mm sans-serif}}
.sheet{{position:relative;overflow:hidden;width:{sheet_wide}mm;height:{sheet_high}mm;break-after:page}}
img{{position:absolute;width:{wide}mm}}b{{position:absolute;left:2mm;bottom:2mm;background:#fff}}
i{{position:absolute;border:0 dashed #A4262C}}
.x{{right:10mm;top:0;height:100%;border-right-width:.3mm}}.y{{bottom:10mm;left:0;width:100%;border-bottom-width:.3mm}}
.how{{height:30mm}}@media print{{.how{{display:none}}}}
</style>
<p class=how>用 A4 纸、100 % 打印，相邻两张重叠到虚线再粘好；先量图上的 100 mm。<br>
Print on A4 at 100 %; lay each sheet over its neighbour up to the dashed line; measure the 100 mm first.</p>
{sheets}
"""


def _holes(svg: Svg) -> None:
    for x in (14, WIDE - 14):
        for y in (44, TOP - BOTTOM - 14):
            svg.box(x - 2.5, y - 2.5, 5, 5, radius=2.5, thick=0.3)
            at, anchor = (x + 5, "start") if x < WIDE / 2 else (x - 5, "end")
            svg.words(at, y + 1.2, f"x {x:g}, ↑ {TOP - y:g}", 3.2, anchor, SOFT)


def _rule(svg: Svg) -> None:
    """Draw a hundred millimetres, to check the print by."""
    y = TOP - BOTTOM - 12
    svg.line([(30, y), (130, y)], thick=0.5)
    for x in (30, 130):
        svg.line([(x, y - 3), (x, y + 3)], thick=0.5)
    svg.words(80, y - 2, "100 mm", 5, "middle")
