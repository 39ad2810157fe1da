"""The spoken form: written texts as people say them, in words alone.

Amounts, counts, train numbers and the last digits of a card each have their own way of being read. What is said holds
no digit and no sign that a voice would have to guess at, so that it can be put together from recordings: a number is
spoken as the few words that it is made of.
"""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = ((100_000_000, "亿"), (10_000, "万"), (1000, "千"), (100, "百"), (10, "十"))
_ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000, "million"), (1000, "thousand"), (100, "hundred"))
NUMBER_WORDS = {
    "zh": (*_DIGITS, "两", "点", "百分之", *(unit for _, unit in _UNITS), *"GDCZTKABEF", "整", "分", "次", "元"),
    "en": (*_ONES, *_TENS, "point", "per cent", "oh", "o'clock", *(name for _, name in _SCALES), *"GDCZTKABEF", "yuan"),
}
"""The words that every number is made of, and those that are said with one, by language."""


_QUEUE = re.compile(r"\b([ABEF])(\d{3})\b")
"""A number drawn in a hall; its letter is none that trains have."""
_HOTLINE = re.compile(r"(?<![\d.¥])(?:12306|12321|12333|12345|12348|12388|96110)(?!\d)(?! ?(?:元|yuan))")
"""Telephone numbers that people say digit by digit."""
_CALLED = re.compile(r"(?<!\d)(1\d\d) (\d{4}) (\d{4})(?!\d)|(?<=码是 )\d{4,8}|(?<=code is )\d{4,8}")
"""A person's number as it is written, in three groups, and a code that came in a message: digit by digit, too."""

_PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")


def numeral(n: int, two: str = "二", inner: bool = False) -> str:
    """Write a whole number as Mandarin says it: 105 → 一百零五, 12 → 十二, 112 → 一百一十二.

    `two` is 两 before a measure word; `inner` says that the number stands inside a larger one.
    """
    if n < 10:
        return two if n == 2 else _DIGITS[n]
    size, unit = next((size, unit) for size, unit in _UNITS if n >= size)
    head, rest = divmod(n, size)
    first = "" if (head, unit, inner) == (1, "十", False) else numeral(head, "两" if size >= 100 else "二", inner)
    if not rest:
        return first + unit
    return first + unit + ("零" if rest < size // 10 else "") + numeral(rest, inner=True)


def english(n: int) -> str:
    """Write a whole number in English words: 1250 → one thousand two hundred fifty."""
    if n < 20:
        return _ONES[n]
    if n < 100:
        return _TENS[n // 10 - 2] + (f" {_ONES[n % 10]}" if n % 10 else "")
    size, name = next((size, name) for size, name in _SCALES if n >= size)
    head, rest = divmod(n, size)
    return f"{english(head)} {name}" + (f" {english(rest)}" if rest else "")


def spoken_form(written: str, language: str) -> str:
    """Return the written text as the voice says it. Whatever is written in Han is counted as Mandarin counts, in every
    speech of it; other languages are left to the voice.
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})|\*\*|__+", "", written)
    if language == "en":
        return _english(plain)
    if language != "zh" and not re.search(r"[\u4e00-\u9fff]", plain):
        return plain.replace("¥", "yuan ")
    plain = re.sub(r"\b([GDCZTK]{2})(\d{3,4})\b", lambda m: m[1] + _singly(m[2]), plain)
    plain = re.sub(r"\b([GDCZTK])(\d{1,4})\b(?: ?次)?", lambda m: m[1] + _singly(m[2]) + "次", plain)
    plain = re.sub(r"尾号 ?(\d+)", lambda m: "尾号" + _singly(m[1]), plain)
    plain = re.sub(r"\b(\d{1,2}):(\d\d)\b", lambda m: _clock(int(m[1]), int(m[2])), plain)
    plain = re.sub(r"¥ ?(\d+(?:\.\d+)?)", r"\1 元", plain)
    plain = _PERCENT.sub(r"百分之\1", plain)
    plain = _QUEUE.sub(lambda m: f"{m[1]} {_singly(m[2])}", plain)
    plain = _CALLED.sub(lambda m: "，".join(map(_singly, m[0].split())), plain)
    plain = _HOTLINE.sub(lambda m: _singly(m[0]), plain)
    plain = re.sub(r"(?<![\d.])0\d+|\d{8,}", lambda m: _singly(m[0]), plain)
    return re.sub(r"(\d+)(?:\.(\d+))?( ?)(元|张|次|位|个|天|分钟|秒)?", _number, plain)


def _singly(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _clock(hour: int, minute: int) -> str:
    return numeral(hour, "两") + "点" + ("整" if not minute else ("零" if minute < 10 else "") + numeral(minute) + "分")


def _number(match: re.Match[str]) -> str:
    whole, part, _, measure = match.groups()
    said = numeral(int(whole), "两" if measure else "二")
    if part:
        said = numeral(int(whole)) + "点" + _singly(part)
    return said + (measure or "")


def _english(plain: str) -> str:
    plain = re.sub(r"¥ ?(\d+(?:\.\d+)?)", r"\1 yuan", plain)
    plain = _PERCENT.sub(r"\1 per cent", plain)
    plain = re.sub(r"\b(\d{1,2}):(\d\d)\b", lambda m: _english_clock(int(m[1]), int(m[2])), plain)
    plain = re.sub(r"\b([GDCZTK])([GDCZTK]?)(\d{1,4})\b", lambda m: " ".join((*m[1], *m[2], _one_by_one(m[3]))), plain)
    plain = _QUEUE.sub(lambda m: f"{m[1]} {_one_by_one(m[2])}", plain)
    plain = _CALLED.sub(lambda m: ", ".join(map(_one_by_one, m[0].split())), plain)
    plain = _HOTLINE.sub(lambda m: _one_by_one(m[0]), plain)
    plain = re.sub(r"(?<=ending )\d+|(?<![\d.])0\d+|\d{8,}", lambda m: _one_by_one(m[0]), plain)
    return re.sub(r"(\d+)(?:\.(\d+))?", _english_number, plain)


def _english_clock(hour: int, minute: int) -> str:
    return f"{english(hour)} " + (f"{'oh ' if minute < 10 else ''}{english(minute)}" if minute else "o'clock")


def _one_by_one(digits: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in digits)


def _english_number(match: re.Match[str]) -> str:
    whole, part = match.groups()
    return english(int(whole)) + (f" point {_one_by_one(part)}" if part else "")
