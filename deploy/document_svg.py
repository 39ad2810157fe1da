"""Compose a document that looks like one at arm's length, as SVG: its shape, its colour, its title, its seal.

A new one is a line of `screens/pictures/pictures.toml`: `paper:SHAPE TITLE [#COLOUR] [seal]`, a title of two lines
written with a stroke between them. None is a copy of a real one: no emblem, no issuer, and each says that it is for
practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

PRACTICE = "练习用"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" font-family="Noto Sans CJK SC">{body}</svg>'
INK, SOFT, RED = "#23201A", "#A9A294", "#C22A22"
RIM = 'stroke="#8E8778" stroke-width="3"'


def svg(spec: str) -> str:
    """Draw the document of a line.

    Raises:
        ValueError: a shape that is none; says what is allowed.
    """
    shape, title, *marks = spec.split()
    if shape not in SHAPES:
        raise ValueError(f"paper:{spec}: {shape!r}: allowed are {', '.join(SHAPES)}")
    colour = next((mark for mark in marks if mark.startswith("#")), "")
    return SHAPES[shape](title.split("|"), colour, "seal" in marks)


def _words(lines: list[str], x: float, y: float, room: float, size: float, colour: str) -> str:
    """Draw lines in the middle of a room, as large as it holds them."""
    fits = min(size, *(room / max(1, len(line)) for line in lines))
    return "".join(
        f'<text x="{x}" y="{y + at * fits * 1.2:.1f}" font-size="{fits:.1f}" font-weight="700" text-anchor="middle"'
        f' fill="{colour}">{line}</text>'
        for at, line in enumerate(lines)
    )


def _rules(lines: list[tuple[int, int, int]], colour: str = SOFT) -> str:
    """Draw lines that nobody needs to read."""
    return "".join(f'<rect x="{x}" y="{y}" width="{w}" height="6" rx="3" fill="{colour}"/>' for x, y, w in lines)


def _seal(x: int, y: int) -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="32" fill="none" stroke="{RED}" stroke-width="5"/>'
        f'<text x="{x}" y="{y + 7}" font-size="19" font-weight="700" text-anchor="middle" fill="{RED}">练习章</text>'
    )


def _sheet(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a printed page."""
    body = (
        f'<rect x="2" y="2" width="176" height="226" rx="4" fill="{colour or "#FFFEFA"}" {RIM}/>'
        + _words(title, 90, 38, 152, 26, INK)
        + _rules([(22, 78, 136), (22, 96, 136), (22, 114, 120), (22, 132, 136), (22, 150, 76), (22, 196, 54)])
        + (_seal(132, 180) if is_sealed else "")
        + f'<text x="22" y="222" font-size="15" fill="#6B6558">{PRACTICE}</text>'
    )
    return SVG.format(w=180, h=230, body=body)


def _book(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a small bound book with a coloured cover."""
    body = (
        '<rect x="8" y="6" width="160" height="222" rx="8" fill="#00000066"/>'
        f'<rect x="2" y="2" width="160" height="222" rx="8" fill="{colour or "#8A3128"}"/>'
        '<rect x="2" y="2" width="14" height="222" rx="6" fill="#00000040"/>'
        + _words(title, 90, 66, 124, 34, "#F7DFA0")
        + '<path d="M46 150h88M58 166h64" stroke="#F7DFA0" stroke-width="5" stroke-linecap="round"/>'
        + f'<text x="90" y="208" font-size="18" text-anchor="middle" fill="#F7DFA0">{PRACTICE}</text>'
    )
    return SVG.format(w=170, h=230, body=body)


def _card(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a card of plastic with a chip and a portrait."""
    body = (
        f'<rect x="2" y="2" width="296" height="186" rx="16" fill="{colour or "#2F6D8A"}" {RIM}/>'
        '<path d="M2 120c70-50 150 30 296-30v82a16 16 0 0 1-16 16H18a16 16 0 0 1-16-16z" fill="#FFFFFF26"/>'
        + _words(title, 104, 48, 170, 34, "#FFFFFF")
        + '<rect x="26" y="74" width="50" height="40" rx="7" fill="#E8C15A"/>'
        '<path d="M26 94h50M51 74v40" stroke="#8A6A14" stroke-width="3"/>'
        '<rect x="206" y="40" width="72" height="92" rx="6" fill="#E4EEF4"/>'
        '<circle cx="242" cy="76" r="17" fill="#8AA0B2"/>'
        '<path d="M214 132c0-28 12-34 28-34s28 6 28 34z" fill="#8AA0B2"/>'
        + f'<text x="26" y="166" font-size="20" fill="#FFFFFF">{PRACTICE}</text>'
    )
    return SVG.format(w=300, h=190, body=body)


def _certificate(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a page across, with a border of ornament, as it hangs on a wall."""
    line = f'stroke="{colour or "#B8862B"}" stroke-width="3"'
    body = (
        f'<rect x="2" y="2" width="256" height="186" rx="4" fill="#FFFDF2" {line}/>'
        f'<rect x="14" y="14" width="232" height="162" fill="none" {line}/>'
        + _words(title, 130, 56, 200, 36, INK)
        + _rules([(36, 80, 180), (36, 100, 150), (36, 120, 170)])
        + _seal(200, 134)
        + f'<text x="36" y="164" font-size="17" fill="#6B6558">{PRACTICE}</text>'
    )
    return SVG.format(w=260, h=190, body=body)


def _slip(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a strip out of a printer, torn off below."""
    body = (
        '<path d="M6 2h158v214l-13-9-13 9-13-9-13 9-13-9-14 9-13-9-13 9-13-9-13 9-13-9-14 9z" fill="#FFFFFF"'
        ' stroke="#8E8778" stroke-width="3"/>'
        + _words(title, 85, 44, 132, 28, INK)
        + '<path d="M24 76h122" stroke="#8E8778" stroke-width="3" stroke-dasharray="8 8"/>'
        + _rules([(26, 94, 118), (26, 114, 90), (26, 134, 112), (26, 154, 70)])
        + f'<text x="85" y="194" font-size="16" text-anchor="middle" fill="#6B6558">{PRACTICE}</text>'
    )
    return SVG.format(w=170, h=222, body=body)


def _portrait(x: int, y: int, w: int, h: int, ground: str, second: bool = False) -> str:
    """Draw head and shoulders before a plain ground."""
    heads = [(x + w * 0.33, 0.8), (x + w * 0.67, 0.8)] if second else [(x + w / 2, 1.0)]
    drawn = f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{ground}"/>'
    for middle, part in heads:
        radius = h * 0.2 * part
        drawn += f'<circle cx="{middle}" cy="{y + h * 0.4}" r="{radius}" fill="#E6B088"/>'
        drawn += f'<path d="M{middle - radius} {y + h * 0.38}a{radius} {radius} 0 0 1 {2 * radius} 0z" fill="#2B211C"/>'
        top, wide = h * 0.36, radius * 1.7
        drawn += f'<path d="M{middle - wide} {y + h}c0-{h * 0.3} {wide * 0.4}-{top} {wide}-{top}'
        drawn += f's{wide} 0 {wide} {top}z" fill="#3B4A5E"/>'
    return drawn


def _photos(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw four small portraits on one print, not yet cut."""
    body = '<rect x="2" y="2" width="176" height="216" rx="4" fill="#FFFFFF" stroke="#8E8778" stroke-width="3"/>'
    body += "".join(_portrait(x, y, 70, 90, "#BFD9EA") for x in (16, 94) for y in (16, 114))
    return SVG.format(w=180, h=220, body=body)


def _couple(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw two people on one print."""
    body = '<rect x="2" y="2" width="216" height="156" rx="4" fill="#FFFFFF" stroke="#8E8778" stroke-width="3"/>'
    return SVG.format(w=220, h=160, body=body + _portrait(14, 14, 192, 132, "#B3261E", True))


def _copy(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a copy: all of it grey, what was copied small on a white page."""
    body = (
        '<rect x="2" y="2" width="176" height="226" rx="4" fill="#F6F6F6" stroke="#8E8778" stroke-width="3"/>'
        '<rect x="26" y="24" width="128" height="84" rx="8" fill="#D9D9D9" stroke="#8C8C8C" stroke-width="3"/>'
        + _rules([(38, 40, 56), (38, 58, 50), (38, 76, 60)], "#8C8C8C")
        + '<rect x="112" y="38" width="32" height="44" fill="#9C9C9C"/>'
        + _words(title, 90, 150, 150, 26, "#4A4A4A")
        + f'<text x="90" y="212" font-size="16" text-anchor="middle" fill="#5A5A5A">{PRACTICE}</text>'
    )
    return SVG.format(w=180, h=230, body=body)


def _stamp(title: list[str], colour: str, is_sealed: bool) -> str:
    """Draw a seal with its handle, and its round print."""
    body = (
        '<path d="M62 92c-14-40 0-74 38-74s52 34 38 74l10 30H52z" fill="#6B4A2C"/>'
        '<rect x="40" y="118" width="120" height="34" rx="8" fill="#4A3320"/>' + _seal(100, 186)
    )
    return SVG.format(w=200, h=224, body=body)


SHAPES: Mapping[str, Callable[[list[str], str, bool], str]] = {
    "sheet": _sheet,
    "book": _book,
    "card": _card,
    "certificate": _certificate,
    "slip": _slip,
    "photos": _photos,
    "couple": _couple,
    "copy": _copy,
    "stamp": _stamp,
}
