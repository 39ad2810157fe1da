r"""Find where a line may break, by measuring; pure, so it is tested without a window.

Chinese has no spaces, yet a reader who is slow with letters reads words, not characters: 取/款 on two lines is read
twice. So a break may fall (best first) after a full stop, after a comma, at a space, between two words. It never
falls inside a Latin word, a number (199 9021 1160) or a day (10 月 20 日), between a number and its measure word
(300 元, 5 minutes), inside “…” or a **bold** span that names a key, inside a word of `words_zh.txt` or of
`words_cut_zh.txt` (made by `deploy/generate_words.py`), before a closing mark or after an opening one, and never leaves
one character alone. Among all ways with the fewest lines the most even one is taken. `**bold**` marks a span; "\\n"
always breaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

Measure = Callable[[str, bool], float]
"""Width of a text in one weight (text, bold), in pixels at the size being tried."""

NEVER = float("inf")
_CLOSING = "，。！？、；：”’）》」』】〕…—·%％,.!?;:)]}>"
_OPENING = "“‘（《「『【〔([{<¥￥"
_SYLLABLE_ENDS = "་།༎༏"
"""Tibetan: a line may end after the dot between syllables, or a stroke; never within one, whose letters stack."""
_MARK = re.compile(r"(?<!\*)\*\*(?!\*)")
"""Two stars, no more: a masked card number keeps its four."""
_MEASURES = "yuan|fen|kg|km|ml|MB|GB|ms|h|s|min|%|minutes?|hours?|days?|weeks?|months?|years?|digits|figures|seconds?"
_NUMBERS = re.compile(
    r"[*\d]{3,}(?: [*\d]{3,})+"  # a telephone or card number in groups
    r"|\d+ ?月 ?\d+ ?日"
    rf"|\d[\d,.:]* (?:{_MEASURES})\b"
)
"""Spans that are read at one go."""
_KEPT = 8
"""Quotations and bold spans of up to this many characters stay on one line."""
_LONELY = 10_000.0
_ROUGH = 40.0


class TextRun(msgspec.Struct, frozen=True):
    """Text of one weight."""

    text: str
    bold: bool = False


Line = tuple[TextRun, ...]


class WrappedText(msgspec.Struct, frozen=True):
    """Lines with their widths. `fits` is False where a line is wider than was allowed or there are too many; `rough`
    is True where a break falls between two characters without any mark or space.
    """

    lines: tuple[Line, ...]
    widths: tuple[float, ...]
    fits: bool
    rough: bool = False


def runs(text: str, bold: bool = False) -> Line:
    """Split `**bold**` spans; `bold` is the weight outside them."""
    parts = _MARK.split(text)
    return tuple(TextRun(part, bold or at % 2 == 1) for at, part in enumerate(parts) if part)


def plain(text: str) -> str:
    """Return the text without its marks."""
    return _MARK.sub("", text)


def wrap(text: str, width: float, measure: Measure, most: int = 99, bold: bool = False) -> WrappedText:
    """Lay `text` into lines of at most `width`, at most `most` of them."""
    lines: list[Line] = []
    widths: list[float] = []
    rough = False
    for paragraph in text.split("\n"):
        line = runs(paragraph, bold)
        whole = _width(line, measure)
        parts, worst = ([line], 0.0) if whole <= width else _broken(line, width, measure)
        rough = rough or worst >= _ROUGH
        lines += parts
        widths += [_width(part, measure) for part in parts]
    fits = len(lines) <= most and all(part <= width + 0.5 for part in widths)
    return WrappedText(tuple(lines), tuple(widths), fits, rough)


def _width(line: Line, measure: Measure) -> float:
    return sum(measure(run.text, run.bold) for run in line)


def _broken(line: Line, width: float, measure: Measure) -> tuple[list[Line], float]:
    text = "".join(run.text for run in line)
    costs = _costs(line, text)
    places = [0, *(at for at in range(1, len(text)) if costs[at] < NEVER), len(text)]
    pieces = {(a, b): _cut(line, a, b) for i, a in enumerate(places) for b in places[i + 1 :]}
    wide = {span: _width(piece, measure) for span, piece in pieces.items()}
    cuts = _best(places, wide, costs, width, text)
    return [pieces[span] for span in cuts], max((costs[start] for start, _ in cuts[1:]), default=0.0)


def _best(
    places: list[int], wide: dict[tuple[int, int], float], costs: list[float], width: float, text: str
) -> list[tuple[int, int]]:
    """Return the cheapest way over all break places; fewest lines first, then evenness and the quality of
    the breaks.
    """
    best: dict[int, tuple[float, list[tuple[int, int]]]] = {0: (0.0, [])}
    for i, end in enumerate(places[1:], 1):
        ways = []
        for start in places[:i]:
            if start not in best:
                continue
            over = max(0.0, wide[start, end] - width)
            slack = max(0.0, width - wide[start, end]) / width
            cost = (
                1000
                + over * 1000
                + (_LONELY if over > 0.5 else 0)
                + 120 * slack * slack
                + (costs[end] if end < len(text) else 0)
            )
            cost += _LONELY if _is_lonely(text[start:end]) else 0
            ways.append((best[start][0] + cost, [*best[start][1], (start, end)]))
        best[end] = min(ways, key=lambda way: way[0])
    return best[places[-1]][1]


def _is_lonely(piece: str) -> bool:
    letters = [c for c in piece.strip() if c not in _CLOSING and c not in _OPENING]
    return len(letters) == 1 and is_han(letters[0])


def _cut(line: Line, start: int, end: int) -> Line:
    parts, at = [], 0
    for run in line:
        part = run.text[max(0, start - at) : max(0, end - at)]
        at += len(run.text)
        if part:
            parts.append(TextRun(part, run.bold))
    if parts:
        parts[0] = TextRun(parts[0].text.lstrip(), parts[0].bold)
        parts[-1] = TextRun(parts[-1].text.rstrip(), parts[-1].bold)
    return tuple(part for part in parts if part.text)


def _costs(line: Line, text: str) -> list[float]:
    """Return the cost of a break before each character; NEVER where there must be none."""
    costs = [NEVER] + [_cost(text, at) for at in range(1, len(text))]
    numbers = (found.span() for found in _NUMBERS.finditer(text))
    for start, end in (*_kept_spans(line, text), *_words(text), *numbers):
        for at in range(start + 1, end):
            costs[at] = NEVER
    return costs


def _cost(text: str, at: int) -> float:
    left, right = text[at - 1], text[at]
    if right in _CLOSING or left in _OPENING or right == " ":
        return NEVER
    if left == " ":
        return _cost_at_space(text, at)
    if left in "。！？；":
        return 0
    if left in "，、：”）》":
        return 4
    if left in _SYLLABLE_ENDS and right not in _SYLLABLE_ENDS:
        return 8
    if is_han(left) or is_han(right):
        return NEVER if left.isdigit() else _ROUGH
    return NEVER


def _cost_at_space(text: str, at: int) -> float:
    before, after = text[:at].rstrip()[-1:], text[at]
    if before.isdigit() and is_han(after):
        return NEVER
    return 0 if before in "。.!?" else 15


def _kept_spans(line: Line, text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for run in line:
        if run.bold and len(line) > 1:
            spans.append((at, at + len(run.text)))
        at += len(run.text)
    for opening, closing in ("“”", "《》", "「」"):
        start = text.find(opening)
        while start >= 0 and (end := text.find(closing, start)) >= 0:
            spans.append((start, end + 1))
            start = text.find(opening, end)
    return [(a, b) for a, b in spans if b - a <= _KEPT + 2]


def _words(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    while at < len(text):
        size = word_at(text, at)
        if size > 1:
            found.append((at, at + size))
        at += size
    return found


def word_at(text: str, at: int) -> int:
    """Return the length of the longest known word that begins at a place; 1 where none does."""
    return next((n for n in (5, 4, 3, 2) if at + n <= len(text) and text[at : at + n] in lexicon()), 1)


def is_han(char: str) -> bool:
    """Return whether a character is written without spaces around words: Han, and Yi syllables."""
    return unicodedata.name(char, "").startswith(("CJK UNIFIED", "YI SYLLABLE"))


@cache
def lexicon() -> frozenset[str]:
    """Return the words of two to five characters that never break: by hand, and those of our own texts."""
    files = [Path(__file__).with_name(name) for name in ("words_zh.txt", "words_cut_zh.txt")]
    return frozenset(word for file in files for word in file.read_text(encoding="utf-8").split())
