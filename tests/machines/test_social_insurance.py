"""The social insurance window by its dated figures: shares, least time of paying, age of retirement."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.kits.counter.errands import Field, Form
from kiosk_firmware.kits.counter.fields import problem
from kiosk_firmware.kits.counter.state import State
from kiosk_firmware.machines.social_insurance.dated_figures import Rules
from kiosk_firmware.machines.social_insurance.eligibility import monthly

SOCIAL = "social-insurance"


def rules(day: str = "2026-11-24") -> Rules:
    machine: Any = machine_loader.load(SOCIAL, date=datetime.date.fromisoformat(day)).machine
    found = machine.terms.rules
    assert isinstance(found, Rules)
    return found


TODAY = rules()


def wanted(name: str) -> Field:
    """The field of that name on one of the window's forms."""
    machine: Any = machine_loader.load(SOCIAL).machine
    steps = [step for errand in machine.terms.errands.errand for step in errand.steps if isinstance(step, Form)]
    return next(field for step in steps for field in step.fields if field.name == name)


@given(yuan=st.integers(4_200, 21_000))
def test_any_base_between_the_bounds_is_taken_and_of_twenty_percent_eight_are_one_s_own(yuan: int) -> None:
    assert said_of(yuan) == ""
    told = monthly(TODAY, State(fields=(("wage", str(yuan)),)))
    assert told == {"base_fen": yuan * 100, "month_fen": yuan * 20, "month_own_fen": yuan * 8}
    assert TODAY.low_fen <= told["month_fen"] <= TODAY.high_fen


@given(yuan=st.integers(1, 9_999_999).filter(lambda yuan: not 4_200 <= yuan <= 21_000))
def test_a_base_outside_the_bounds_is_refused_with_the_side_it_is_on(yuan: int) -> None:
    assert said_of(yuan) == ("too_little" if yuan < 4_200 else "too_much")


def said_of(yuan: int) -> str:
    """The word about that base on the form; bounds are 60 and 300 % of the practised average wage of 7,000 yuan."""
    field = wanted("wage")
    bounds = getattr(TODAY, field.least), getattr(TODAY, field.most)
    return problem(field, str(yuan), "519901198802140030", bounds)


@pytest.mark.parametrize(
    ("year", "months"), [(2026, 180), (2029, 180), (2030, 186), (2031, 192), (2039, 240), (2050, 240)]
)
def test_from_2030_the_least_time_of_paying_grows_to_twenty_years(year: int, months: int) -> None:
    assert TODAY.least(year) == months
    assert rules("2024-12-31").least(year) == 180


def month(year: int, of: int) -> int:
    return year * 12 + of - 1


@pytest.mark.parametrize(
    ("born", "woman", "retires"),
    [
        ((1964, 12), False, month(2024, 12)),
        ((1965, 1), False, month(2025, 2)),
        ((1965, 4), False, month(2025, 5)),
        ((1965, 5), False, month(2025, 7)),
        ((1976, 9), False, month(2039, 9)),
        ((1988, 2), False, month(2051, 2)),
        ((1969, 12), True, month(2024, 12)),
        ((1970, 1), True, month(2025, 2)),
        ((1990, 1), True, month(2048, 1)),
    ],
)
def test_the_age_of_retirement_rises_by_a_month_for_every_four(
    born: tuple[int, int], woman: bool, retires: int
) -> None:
    assert TODAY.retires(born, woman) == retires


@given(year=st.integers(1950, 2005), of=st.integers(1, 12), woman=st.booleans())
def test_nobody_waits_longer_than_three_years_or_is_overtaken(year: int, of: int, woman: bool) -> None:
    due = TODAY.retires((year, of), woman)
    assert 0 <= due - rules("2024-12-31").retires((year, of), woman) <= 36
    later = (year, of + 1) if of < 12 else (year + 1, 1)
    assert due < TODAY.retires(later, woman)
