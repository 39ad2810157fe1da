"""Measured and drawn text: one family, textures kept, nothing rendered twice.

`screens/fonts` holds Noto Sans SC in two weights (a subset: GB 2312, Latin, marks) and one face each for Yi and
Tibetan. A run of text is split by script, each part drawn with the face that has it. A character in none of them (a
rare name typed at the office) falls back to the system's full Noto CJK if the unit carries it, else to the family's
empty box: it is opened only then, since the full face costs tens of megabytes.

Tibetan hangs from its head line and stacks letters downwards, deeper than a Han line is high. So it is drawn a little
smaller and higher than its neighbours, and its lines stand further apart (`TALL_GAP`): no stack is cut, none reaches
into the next line or over the rim of its key.

Text is rendered white and tinted by the canvas, so one texture serves every colour. All sizes are logical pixels of the
1280x800 page; `scale` turns them into the window's.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from kivy.core.text import Label as CoreLabel

from screens.text.line_breaking import WrappedText, plain, wrap

FONTS = Path(__file__).parent.parent / "fonts"
FACES = {False: FONTS / "NotoSansSC-Regular.otf", True: FONTS / "NotoSansSC-Bold.otf"}
YI = FONTS / "NotoSansYi-Regular.ttf"
TIBETAN = FONTS / "NotoSerifTibetan-Regular.ttf"
FULL = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")

ACT_MIN = 34
"""Smallest text that is needed to act, in pixels (looks.md)."""
READ_MIN = 28
"""Smallest other text."""
EM_TOP = 0.88
"""How far Noto's em box reaches above the baseline, in ems."""
TALL_SIZE, TALL_RISE, TALL_GAP = 0.8, 0.16, 1.85
"""Tibetan: its size beside Han, how far its baseline is raised (ems of the Han size), and its lines' distance."""
_KEPT_TEXTURES, _KEPT_LAID = 500, 4000


class FittedText(WrappedText, frozen=True):
    """Wrapped text at the size that was chosen for it."""

    size: int = READ_MIN


class TextTextures:
    """Measures and renders at one scale."""

    def __init__(self, scale: float = 1.0) -> None:
        """Take `scale`: window pixels for a logical one."""
        self.scale = scale
        self._textures: OrderedDict[tuple[str, int, bool], list[tuple[Any, float]]] = OrderedDict()
        self._laid = lru_cache(maxsize=_KEPT_LAID)(self._fit)
        self._wide = lru_cache(maxsize=_KEPT_LAID)(self._width)

    def width(self, text: str, size: int, bold: bool = False) -> float:
        """Return how wide a line of text is, in logical pixels."""
        return self._wide(text, size, bold)

    def _width(self, text: str, size: int, bold: bool) -> float:
        return sum(_extent(part, face, self._pixels(face, size)) for part, face in by_face(text, bold)) / self.scale

    def textures(self, text: str, size: int, bold: bool = False) -> list[tuple[Any, float]]:
        """Return white textures for a line, one for each face in it, left to right, in window pixels; with each, how
        far its top lies above the line's em box, in logical pixels.
        """
        key = (text, size, bold)
        if key in self._textures:
            self._textures.move_to_end(key)
            return self._textures[key]
        made = [
            (_rendered(part, face, self._pixels(face, size)), self._above(face, size))
            for part, face in by_face(text, bold)
        ]
        self._textures[key] = made
        if len(self._textures) > _KEPT_TEXTURES:
            self._textures.popitem(last=False)
        return made

    def _pixels(self, face: str, size: int) -> int:
        return max(1, round(size * self.scale * (TALL_SIZE if face == str(TIBETAN) else 1)))

    def _above(self, face: str, size: int) -> float:
        baseline = (EM_TOP - (TALL_RISE if face == str(TIBETAN) else 0)) * size
        return _ascent(face, self._pixels(face, size)) / self.scale - baseline

    def fit(
        self,
        text: str,
        width: float,
        size: int,
        least: int,
        most: int = 1,
        bold: bool = False,
        high: float = 1e6,
        gap: float = 1.32,
    ) -> FittedText:
        """Return the largest size from `size` down to `least` at which `text` fits into `width` and `high`.

        One line a little smaller reads better than two lines, and a break at a mark better than one between characters:
        both are tried first, down to 6/7 of `size`. What was laid lately is not laid again.
        """
        return self._laid(text, width, size, least, most, bold, high, gap)

    def _fit(
        self, text: str, width: float, size: int, least: int, most: int, bold: bool, high: float, gap: float
    ) -> FittedText:
        rough: FittedText | None = None
        near = range(size, max(least, size * 6 // 7) - 1, -2)
        for lines, sizes in ((1, near), (most, range(size, least - 1, -2))):
            for tried in sizes:
                if rough and tried not in near:
                    return rough
                room = min(lines, 1 + int((high + 1 - tried) / (tried * gap)))
                if room >= 1 and self._may_fit(text, width * room, tried, bold):
                    laid = self._at(text, width, tried, room, bold)
                    if laid.fits and not laid.rough:
                        return laid
                    rough = rough or (laid if laid.fits else None)
        return rough or self._at(text, width, least, most, bold)

    def _may_fit(self, text: str, width: float, size: int, bold: bool) -> bool:
        """Return whether the whole text is short enough for so much width at all; cheap."""
        return "\n" in text or self.width(plain(text), size, bold) <= width * 1.02

    def _at(self, text: str, width: float, size: int, most: int, bold: bool) -> FittedText:
        wrapped = wrap(text, width, lambda part, heavy: self.width(part, size, heavy), most, bold)
        return FittedText(wrapped.lines, wrapped.widths, wrapped.fits, wrapped.rough, size)


def tall(text: str) -> bool:
    """Return whether the text has signs that are higher than a line of Han."""
    return any(0xF00 <= ord(char) < 0x1000 for char in text)


def by_face(text: str, bold: bool) -> list[tuple[str, str]]:
    """Split a text into (part, font file) by the face that has its characters."""
    parts: list[tuple[str, str]] = []
    for char in text:
        face = _face(char, bold)
        if parts and parts[-1][1] == face:
            parts[-1] = (parts[-1][0] + char, face)
        else:
            parts.append((char, face))
    return parts


@lru_cache(maxsize=8192)
def _face(char: str, bold: bool) -> str:
    code = ord(char)
    if code < 0x250 or _in_gb2312(char):
        return str(FACES[bold])
    if 0xA000 <= code < 0xA4D0:
        return str(YI)
    if 0xF00 <= code < 0x1000:
        return str(TIBETAN)
    if code in characters(str(FACES[False])) or not FULL.exists():
        return str(FACES[bold])
    return str(FULL)


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def characters(path: str) -> frozenset[int]:
    """Return the code points that a font file maps, read from its `cmap` (formats 4 and 12; OpenType 1.9)."""
    data = Path(path).read_bytes()
    tables = {data[at : at + 4]: struct.unpack_from(">II", data, at + 8) for at in range(12, 12 + 16 * data[5], 16)}
    start = tables[b"cmap"][0]
    count = struct.unpack_from(">H", data, start + 2)[0]
    codes: set[int] = set()
    for at in range(start + 4, start + 4 + 8 * count, 8):
        sub = start + struct.unpack_from(">I", data, at + 4)[0]
        kind = struct.unpack_from(">H", data, sub)[0]
        if kind == 4:
            half = struct.unpack_from(">H", data, sub + 6)[0] // 2
            ends = struct.unpack_from(f">{half}H", data, sub + 14)
            starts = struct.unpack_from(f">{half}H", data, sub + 16 + 2 * half)
            codes.update(code for a, b in zip(starts, ends, strict=True) for code in range(a, b + 1) if code != 0xFFFF)
        elif kind == 12:
            groups = struct.unpack_from(">I", data, sub + 12)[0]
            for group in range(sub + 16, sub + 16 + 12 * groups, 12):
                first, last = struct.unpack_from(">II", data, group)
                codes.update(range(first, last + 1))
    return frozenset(codes)


@lru_cache(maxsize=256)
def _label(face: str, pixels: int) -> Any:
    return CoreLabel(text="", font_name=face, font_size=pixels)


@lru_cache(maxsize=20000)
def _extent(text: str, face: str, pixels: int) -> float:
    return float(_label(face, pixels).get_extents(text)[0])


@lru_cache(maxsize=256)
def _ascent(face: str, pixels: int) -> float:
    return float(_label(face, pixels).get_ascent())


def _rendered(text: str, face: str, pixels: int) -> Any:
    label = CoreLabel(text=text, font_name=face, font_size=pixels, color=(1, 1, 1, 1))
    label.refresh()
    return label.texture
