"""Looks at a drawn page as a strict reader would: `faults` lists what breaks a rule of the look, empty for none.

It measures what the painter noted (texts with their boxes, keys with their targets) and the very pixels of the
picture: so translucent keys on shaded grounds are judged by what reaches the eye. Any machine's pages can be put
through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from screens.stage.kivy_boot import WIDE
from screens.stage.page_canvas import LYING, GlassFrame
from screens.stage.painter import LEAST, PlacedItem, Rect
from screens.stage.skin import rgba
from screens.text.line_breaking import is_han, lexicon, plain, word_at

TOUCH, DIGITS_APART, TEXT_CONTRAST, BORDER_CONTRAST = 71, 100, 4.5, 3.0
LETTERS_APART, PAD = 78, 13
"""On an upright glass a board of letters, which has more keys than a pad, has ten across, as telephones have."""
Colour = tuple[float, float, float]


def faults(notes: Sequence[PlacedItem], picture: bytes | None, frame: GlassFrame = LYING) -> list[str]:
    """All faults of a drawn page; `picture` is the whole frame in RGB from the top, nothing private in it. Without one,
    contrasts are not looked at.
    """
    texts = [note for note in notes if note.kind == "text"]
    keys = [note for note in notes if note.kind == "key"]
    found = [fault for note in texts for fault in _text(note, frame)]
    found += [fault for note in keys for fault in _key(note, frame)]
    if picture:
        found += [fault for note in texts for fault in _contrast(note, picture, frame.wide)]
        found += [fault for note in keys for fault in _border(note, picture, frame.wide)]
    pictures = [note for note in notes if note.kind == "picture"]
    return [*found, *_overlaps(texts, keys), *_covered(texts, pictures, frame), *_digits(keys, frame)]


def _text(note: PlacedItem, frame: GlassFrame) -> Iterator[str]:
    where = f"text {note.text!r}"
    if not note.fits:
        yield f"{where}: does not fit {note.within}"
    if note.size < LEAST[note.use]:
        yield f"{where}: {note.size} px, at least {LEAST[note.use]} for use {note.use}"
    if not _inside(note.rect, frame):
        yield f"{where}: outside the glass, {note.rect}"
    for line in note.lines:
        letters = [char for char in line if is_han(char) or char.isalnum()]
        if len(letters) == 1 and is_han(letters[0]) and len(note.lines) > 1:
            yield f"{where}: {letters[0]} alone on a line"
    yield from (f"{where}: {split}" for split in splits(plain(note.text), note.lines))


WHOLE = re.compile(
    r"1\d\d \d{4} \d{4}|\d{4} [\d*]{4}(?: [\d*]{4})*|\d{1,2}:\d\d"
    r"|\d[\d,.:]*(?: ?[\u4e00-\u9fff%])?|\d+ (?:yuan|minutes|days|hours|kg|digits)"
)
"""What nobody reads in two halves: telephone and card numbers, sums with their measure, clock times."""


def splits(text: str, lines: Sequence[str]) -> Iterator[str]:
    """Words and numbers that the line ends cut in two."""
    at = 0
    for one in WHOLE.finditer(text):
        if not any(one[0] in line for line in lines):
            yield f"a break inside {one[0]}"
    for line, following in pairwise(lines):
        at = text.find(line, at) + len(line)
        if (
            at < len(text)
            and text[at] != " "
            and line[-1:].isascii()
            and line[-1:].isalnum()
            and following[:1].isascii()
            and following[:1].isalnum()
        ):
            yield f"a break inside {line[-8:]}|{following[:8]}"
        for size in (2, 3, 4, 5):
            for back in range(1, size):
                word = text[at - back : at - back + size]
                if (
                    text[at - back : at]
                    and len(word) == size
                    and word in lexicon()
                    and _is_word_there(text, at - back, size)
                ):
                    yield f"a break inside {word}"


def _is_word_there(text: str, start: int, size: int) -> bool:
    """Whether reading left to right by longest words meets this word at all (自己取款 holds 取款, not 己取)."""
    at = 0
    while at < start:
        at += word_at(text, at)
    return at == start and word_at(text, at) == size


def _key(note: PlacedItem, frame: GlassFrame) -> Iterator[str]:
    if min(note.rect.w, note.rect.h) < TOUCH:
        yield f"key {note.text}: {note.rect.w:.0f}x{note.rect.h:.0f}, at least {TOUCH} each way"
    if not _inside(note.rect, frame):
        yield f"key {note.text}: outside the glass, {note.rect}"


def _inside(rect: Rect, frame: GlassFrame) -> bool:
    return rect.x >= -0.5 and rect.y >= -0.5 and rect.right <= frame.wide + 0.5 and rect.bottom <= frame.high + 0.5


def _overlaps(texts: Sequence[PlacedItem], keys: Sequence[PlacedItem]) -> Iterator[str]:
    for group, slack in ((texts, 1.0), (keys, 0.0)):
        for at, one in enumerate(group):
            for other in group[at + 1 :]:
                if _meet(one.rect, other.rect, slack) and "print" not in (one.use, other.use):
                    yield f"{one.text!r} overlaps {other.text!r}"
    for text in texts:
        for key in keys:
            inside = key.rect.grown(1)
            if _meet(text.rect, key.rect, 1) and not (
                inside.x <= text.rect.x
                and text.rect.right <= inside.right
                and inside.y <= text.rect.y
                and text.rect.bottom <= inside.bottom
            ):
                yield f"text {text.text!r} crosses the rim of key {key.text}"


def _covered(texts: Sequence[PlacedItem], pictures: Sequence[PlacedItem], frame: GlassFrame) -> Iterator[str]:
    """Pictures lie on the glass, and no text upon one."""
    for picture in pictures:
        if not _inside(picture.rect, frame):
            yield f"picture {picture.text}: outside the glass, {picture.rect}"
        for text in texts:
            if _meet(text.rect, picture.rect, 2):
                yield f"text {text.text!r} lies on picture {picture.text}"


def _meet(one: Rect, other: Rect, slack: float) -> bool:
    return (
        one.x < other.right - slack
        and other.x < one.right - slack
        and one.y < other.bottom - slack
        and other.y < one.bottom - slack
    )


def _digits(keys: Sequence[PlacedItem], frame: GlassFrame) -> Iterator[str]:
    digits = [key for key in keys if key.role == "digit"]
    least = LETTERS_APART if frame.tall and len(digits) > PAD else DIGITS_APART
    for at, one in enumerate(digits):
        for other in digits[at + 1 :]:
            (x, y), (u, v) = one.rect.centre, other.rect.centre
            apart = max(abs(x - u), abs(y - v))
            if apart < least - 0.5:
                yield f"keys {one.text} and {other.text}: {apart:.0f} px apart, at least {least}"


# -- colours ------------------------------------------------------------------------------------------


def luminance(colour: Colour) -> float:
    """Relative luminance of an sRGB colour 0..1 (WCAG 2.2)."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, 1..21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pixel(picture: bytes, x: float, y: float, wide: int = WIDE) -> Colour:
    """A pixel of a full-size picture that is so wide, 0..1."""
    high = len(picture) // (3 * wide)
    column, row = min(wide - 1, max(0, int(x))), min(high - 1, max(0, int(y)))
    at = (row * wide + column) * 3
    red, green, blue = picture[at : at + 3]
    return red / 255, green / 255, blue / 255


def _contrast(note: PlacedItem, picture: bytes, wide: int) -> Iterator[str]:
    """The text's colour against what lies around it; the worst but a tenth of the points, for rims that come near."""
    if note.use == "print" or not note.colour:
        return
    ink, rect = rgba(note.colour)[:3], note.rect
    steps = [at / 11 for at in range(12)]
    around = [(rect.x + rect.w * part, y) for part in steps for y in (rect.y - 2, rect.bottom + 2)]
    around += [(x, rect.y + rect.h * part) for part in steps for x in (rect.x - 3, rect.right + 2)]
    ratios = sorted(contrast(ink, pixel(picture, x, y, wide)) for x, y in around)
    worst = ratios[len(ratios) // 10]
    if worst < TEXT_CONTRAST:
        yield f"text {note.text!r}: contrast {worst:.1f}, at least {TEXT_CONTRAST}"


def _border(note: PlacedItem, picture: bytes, wide: int) -> Iterator[str]:
    """Across the key's upper rim: what lies outside against the strongest line within."""
    x = note.rect.x + note.rect.w * 0.5
    outside = pixel(picture, x, note.rect.y - 5, wide)
    within = (pixel(picture, x, note.rect.y + down, wide) for down in range(-1, 7))
    best = max(contrast(outside, colour) for colour in within)
    if best < BORDER_CONTRAST:
        yield f"key {note.text}: its rim has contrast {best:.1f}, at least {BORDER_CONTRAST}"


_DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))
"""Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB."""


def deuteranope(colour: Colour) -> Colour:
    """An sRGB colour as an eye without the green receptor sees it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    mixed = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in _DEUTERANOPIA]
    red, green, blue = (part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in mixed)
    return red, green, blue
