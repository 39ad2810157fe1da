"""Decide what the civil affairs office decides by figures: who is below the line, and who may marry.

A judgement reads what stands on the form and on the ID card, and says the word of a refusal, or nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.civil_affairs.dated_figures import Rules

PEOPLE: Mapping[str, int] = {"one": 1, "two": 2, "three": 3}
"""How many live together, as the form has it."""


def over_line(rules: Rules, state: State) -> str:
    """Return whether what the household has a month, by the person, is above the subsistence line."""
    form = dict(state.fields)
    income = int(form.get("income") or 0) * 100
    return "over_line" if income > rules.line_fen * PEOPLE[form.get("people", "one")] else ""


def too_young(rules: Rules, state: State) -> str:
    """Return whether the person is below the age for marriage; sex and birthday stand in the ID number (GB
    11643-1999).
    """
    least = rules.man_years if int(state.owner[16]) % 2 else rules.woman_years
    return "" if age(state) >= least else "too_young"


def old_book(rules: Rules, state: State) -> str:
    """Return whether the rules of the day still want the household book, and the office of its place."""
    return "old_book" if rules.marriage_book else ""


def age(state: State) -> int:
    """Return full years on the practised day."""
    born, today = state.owner[6:14], EPOCH + datetime.timedelta(days=state.day)
    years = today.year - int(born[:4])
    return years - ((today.month, today.day) < (int(born[4:6]), int(born[6:])))


JUDGES: Mapping[str, Callable[[Any, State], str]] = {
    "over_line": over_line,
    "too_young": too_young,
    "old_book": old_book,
}
