"""Lessons' rows, marks and dated rule packs."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.facts import with_marks
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.core.rulepack import Pack, Packs, overdue, valid_on

VALUES = st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from(("", "a", "b")))
BOUNDS = st.one_of(st.none(), st.integers(-3, 3))


@given(VALUES, VALUES)
def test_equal_means_equal_and_of_one_kind(value, wanted):
    same = value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
    assert GoalCondition("x", equal=wanted).holds({"x": value}) == same


@given(VALUES, BOUNDS, BOUNDS)
def test_bounds_hold_for_whole_numbers_only(value, low, high):
    if low is None and high is None:
        return
    inside = isinstance(value, int) and (low is None or value >= low) and (high is None or value <= high)
    assert GoalCondition("x", min=low, max=high).holds({"x": value}) == inside


@given(VALUES, st.lists(VALUES, min_size=1, max_size=3))
def test_one_of_means_one_of(value, allowed):
    assert GoalCondition("x", one_of=tuple(allowed)).holds({"x": value}) == (value in allowed)


@given(VALUES, VALUES, BOUNDS, BOUNDS)
def test_all_bounds_of_a_row_must_hold(value, wanted, low, high):
    whole = GoalCondition("x", equal=wanted, min=low, max=high).holds({"x": value})
    parts = [GoalCondition("x", equal=wanted), GoalCondition("x", min=low, max=high)]
    assert whole == all(row.holds({"x": value}) for row in parts)


def test_an_unknown_fact_is_an_error():
    with pytest.raises(KeyError):
        GoalCondition("nowhere", equal=1).holds({"x": 1})


@given(st.booleans(), st.booleans(), st.booleans())
def test_reached_is_all_of_the_goal_and_nothing_of_never(one, two, bad):
    lesson = Lesson(
        "l-1",
        1,
        (GoalCondition("one", equal=True), GoalCondition("two", equal=True)),
        (GoalCondition("bad", equal=True),),
    )
    facts = {"one": one, "two": two, "bad": bad}
    assert lesson.reached(facts) == (one and two and not bad)
    assert lesson.spoilt(facts) == bad
    assert lesson.facts() == {"one", "two", "bad"}


MARKS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@given(MARKS, MARKS, st.frozensets(st.sampled_from("abcd")))
def test_only_marks_that_are_asked_for_are_kept(old, new, asked):
    marks = with_marks(tuple(sorted((k, v) for k, v in old.items() if k in asked)), new, asked)
    assert dict(marks) == {k: v for k, v in {**old, **new}.items() if k in asked}
    assert list(marks) == sorted(marks, key=lambda pair: pair[0])


DATES = st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 1, 1))


def pack(date, review=datetime.date(2027, 1, 1)):
    return Pack(date, "source", date, review, {"since": date.isoformat()})


@given(st.lists(DATES, min_size=1, max_size=6, unique=True), DATES)
def test_the_latest_pack_that_is_not_after_the_date_counts_whole(dates, today):
    packs = Packs(tuple(pack(date) for date in dates))
    before = [date for date in dates if date <= today]
    if before:
        found = valid_on(packs, today)
        assert found.valid_from == max(before)
        assert found.rules == {"since": max(before).isoformat()}
        assert found.id == max(before).isoformat()
    else:
        with pytest.raises(LookupError, match=min(dates).isoformat()):
            valid_on(packs, today)


@given(st.lists(DATES, min_size=1, max_size=6, unique=True), DATES)
def test_an_overdue_pack_is_named(dates, today):
    packs = Packs(tuple(pack(date, review=date) for date in dates))
    assert set(overdue(packs, today)) == {date.isoformat() for date in dates if date < today}
