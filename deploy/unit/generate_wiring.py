"""The wiring of a kind, drawn: the board's header in the middle, a wire from each pin that unit.toml uses to its part,
and the parts on USB. Pins come from unit.toml and boards.toml alone, so the drawing cannot say anything else.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from deploy.unit.svg import COLOURS, SOFT, Svg
from deploy.unit.unit_kinds import KindPart, in_chinese, parts
from hardware.setup import reference_boards

WIDE, HEAD_X, TOP, PITCH = 1400.0, 640.0, 110.0, 30.0
ROW, GAP = 20.0, 16.0
HOW_ZH = "GPIO 后面是 BCM 编号，括号里是排针上的位置。针脚只能接 3.3 V，绝不能接 5 V 或 12 V。"
HOW = (
    "Drawn from unit.toml and boards.toml. GPIO numbers are BCM; in brackets the place on the header. 3.3 V only: "
    "never 5 V or 12 V on a pin."
)


def draw_wiring(kind: str) -> str:
    """Draw the SVG."""
    on_pins = [part for part in parts(kind) if part.pins]
    on_usb = [part for part in parts(kind) if part.port]
    left, right = _sides(on_pins)
    high = max(TOP + 20 * PITCH, *(_high(side) for side in (left, right))) + 70 + 100 * -(-len(on_usb) // 3) + 130
    svg = Svg(WIDE, high, f"Wiring of the {kind} unit")
    svg.words(30, 44, f"{kind}: wiring 接线图", 26, bold=True)
    svg.words(330, 44, HOW_ZH, 14, ink=SOFT)
    svg.words(30, 70, HOW, 14, ink=SOFT)
    _header(svg)
    for column, side in (("left", left), ("right", right)):
        _column(svg, side, column == "left")
    below = _usb(svg, on_usb, max(TOP + 20 * PITCH, _high(left), _high(right)) + 50)
    for at, board in enumerate(reference_boards.boards().values()):
        serial = board.differences[0]
        zh = f"{board.title}：电源 5.1 V {board.amps:g} A。{in_chinese('board', serial)}"
        svg.words(30, below + 24 + 40 * at, zh, 13, ink=SOFT)
        svg.words(30, below + 42 + 40 * at, f"Supply 5.1 V, {board.amps:g} A. {serial}", 13, ink=SOFT)
    return svg.text


def _sides(found: list[KindPart]) -> tuple[list[KindPart], list[KindPart]]:
    """Return the parts left and right of the header, so that both columns are about as long."""
    left: list[KindPart] = []
    right: list[KindPart] = []
    for part in sorted(found, key=lambda part: -len(part.pins)):
        (left if _high(left) <= _high(right) else right).append(part)
    return left, right


def _high(side: list[KindPart]) -> float:
    return TOP + sum(_box(part) + GAP for part in side)


def _box(part: KindPart) -> float:
    return 34 + ROW * len(part.pins) + 15 * len(_said(part)) + 8


def _said(part: KindPart) -> list[str]:
    return _wrapped(part.about.wire, 58)


def _wrapped(wire: str, wide: int) -> list[str]:
    """Wrap what a part's signals need, in Chinese and then in English."""
    return [*_wrapped_zh(in_chinese("wire", wire), wide), *textwrap.wrap(wire, wide)]


def _wrapped_zh(said: str, wide: int) -> list[str]:
    """Wrap Chinese, whose signs are two wide: never within a Latin word, before a unit or a stop."""
    lines = [""]
    for piece in re.findall(r"(?:[\d.]+ [A-Za-zΩ]+|[\w.-]+?(?=[^!-~]|$)|.)[，。；：）、]*", said, re.ASCII):
        fits = sum(2 if ord(sign) > 0x2E80 else 1 for sign in lines[-1] + piece) <= wide
        lines = [*lines[:-1], lines[-1] + piece] if fits else [*lines, piece.lstrip()]
    return lines


def _header(svg: Svg) -> None:
    """Draw the 40 pins, number 1 at the top left."""
    header = reference_boards.header()
    names = {place: f"GPIO{pin}" for pin, place in header.place.items()}
    names |= dict.fromkeys(header.power_3v3, "3V3") | dict.fromkeys(header.power_5v, "5V")
    names |= dict.fromkeys(header.ground, "GND")
    svg.box(HEAD_X - 62, TOP - 24, 244, 20 * PITCH + 34, "#EEF3F0", "#1F6B4A", 2)
    svg.words(HEAD_X + 60, TOP - 6, "Raspberry Pi 4 / 5", 13, "middle", bold=True)
    for place, name in sorted(names.items()):
        x, y = _pin(place)
        fill = {"3V3": "#F7D58B", "5V": "#F2B3AE", "GND": "#C9D2DA"}.get(name, "#FFFFFF")
        svg.box(x - 8, y - 8, 16, 16, fill)
        odd = place % 2 == 1
        svg.words(x - 14 if odd else x + 14, y + 4, f"{name} ({place})", 11, "end" if odd else "start")


def _pin(place: int) -> tuple[float, float]:
    """Return the middle of a pin: odd places left, even ones right."""
    return HEAD_X + (46 if place % 2 else 74), TOP + 12 + (place - 1) // 2 * PITCH


def _wires() -> Iterator[int]:
    lane = 0
    while True:
        yield lane
        lane += 1


def _column(svg: Svg, side: list[KindPart], is_left: bool) -> None:
    y, lanes = TOP, _wires()
    for at, part in enumerate(side):
        colour = COLOURS[at % len(COLOURS)]
        x = 30.0 if is_left else WIDE - 430
        svg.box(x, y - 14, 400, _box(part) - GAP / 2, "#F7F9FA", colour, 2)
        svg.words(x + 10, y + 4, f"{part.about.en} {part.about.zh}", 12, bold=True, ink=colour)
        row = y + 26
        for key, pin in part.pins:
            place = reference_boards.header().place[pin]
            anchor = "end" if is_left else "start"
            svg.words(x + (388 if is_left else 12), row + 4, f"{key}: GPIO{pin} ({place})", 12, anchor)
            _wire(svg, x + (400 if is_left else 0), row, place, next(lanes), is_left, colour)
            row += ROW
        for said in _said(part):
            svg.words(x + 10, row + 4, said, 11, ink=SOFT)
            row += 15
        y += _box(part) + GAP


def _wire(svg: Svg, x: float, y: float, place: int, lane: int, is_left: bool, colour: str) -> None:
    """Draw a wire out of the box, down its own lane, to the edge of the board beside the pin's name; a pin of the other
    row is reached between two rows of pins.
    """
    pin_x, pin_y = _pin(place)
    turn = (HEAD_X - 76 - lane * 4.4) if is_left else (HEAD_X + 196 + lane * 4.4)
    near = (place % 2 == 1) == is_left
    level = pin_y if near else pin_y - PITCH / 2
    edge = HEAD_X - 60 if is_left else HEAD_X + 180
    points = [(x, y), (turn, y), (turn, level), (edge if near else pin_x, level)]
    svg.line(points if near else [*points, (pin_x, pin_y - 8)], colour, 1.4)


def _usb(svg: Svg, found: list[KindPart], top: float) -> float:
    """Draw parts on serial ports of USB adapters, three a row; those on one bus name the same port."""
    if not found:
        return top
    svg.words(30, top, "On USB adapters 接 USB 转接口", 15, bold=True)
    for at, part in enumerate(found):
        x, y = 30 + at % 3 * 450, top + 14 + at // 3 * 100
        svg.box(x, y, 436, 90, "#F7F9FA")
        svg.words(x + 10, y + 18, f"{part.about.en} {part.about.zh}", 12, bold=True)
        for line, said in enumerate([part.port, *_wrapped(part.about.wire, 74)][:5]):
            svg.words(x + 10, y + 34 + 13 * line, said, 11, ink=SOFT)
    return top + 14 + 100.0 * -(-len(found) // 3)
