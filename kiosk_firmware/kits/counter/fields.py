"""The fields of a counter's forms: what may be typed, and what is wrong with what stands there.

Every problem is one word, told kindly at the field (`form.<word>`). An ID number is checked as GB 11643-1999 does
(ISO 7064 MOD 11-2); so a slip of the finger is found before the clerk sees it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from kiosk_firmware.kits.counter.errands import Field

LENGTH: Mapping[str, int] = {"ident": 18, "birth": 8, "date": 8, "phone": 11, "amount": 7}
"""Characters of a field that is typed."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check_digit(first: str) -> str:
    """Return the 18th character of the ID number that begins with these 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def is_typed(field: Field) -> bool:
    """Return whether it is typed, not chosen."""
    return field.kind in LENGTH


def problem(field: Field, text: str, owner: str, bounds: tuple[int, int]) -> str:
    """Return what is wrong with the field, as a word; empty if nothing is. `owner`: the ID number of the person at the
    window; `bounds`: of an amount, fen.
    """
    match field.kind:
        case "ident":
            return _ident(text, owner)
        case "birth":
            return _date(text) or ("" if text == owner[6:14] else "not_yours")
        case "date":
            return _date(text)
        case "phone":
            return "short" if len(text) < LENGTH["phone"] else "" if text.startswith("1") else "no_mobile"
        case "amount":
            return _amount(text, bounds)
        case _:
            return ""


def _ident(text: str, owner: str) -> str:
    if len(text) < LENGTH["ident"] or not text[:17].isdigit():
        return "short"
    if text[17] != check_digit(text[:17]):
        return "check"
    if wrong := _date(text[6:14]):
        return wrong
    return "" if text == owner else "not_yours"


def _date(text: str) -> str:
    if len(text) < LENGTH["date"]:
        return "short"
    try:
        datetime.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return "no_date"
    return ""


def _amount(text: str, bounds: tuple[int, int]) -> str:
    if not text:
        return "short"
    fen = int(text) * 100
    return "too_little" if fen < bounds[0] else "too_much" if fen > bounds[1] else ""
