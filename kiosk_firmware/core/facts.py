"""Define what can be known of a run: *facts* say what is, *marks* what happened. Lessons and coach see nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Value = int | str | bool
Facts = Mapping[str, Value]
Marks = tuple[tuple[str, Value], ...]
"""Marks as a sorted tuple of pairs, so that situations hash."""

Hand = Literal["learner", "coach", "time"]
"""Whose act a change goes back to. time: a page's time-out, or nobody's."""

NO_MARKS: Marks = ()


def has_happened(value: Value | None) -> bool:
    """Return whether a fact has left its start value: false, empty, nought, or below nought, as an amount begins."""
    return bool(value) and not (isinstance(value, int) and value < 0)


def with_marks(marks: Marks, new: Facts, asked: frozenset[str]) -> Marks:
    """Return the marks with those of `new` that a lesson asks for; unasked ones would only multiply the space to
    search.
    """
    wanted = {name: value for name, value in new.items() if name in asked}
    if not wanted:
        return marks
    return tuple(sorted({**dict(marks), **wanted}.items()))
