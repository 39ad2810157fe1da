"""The medical insurance window by its dated figures: who waits how long, when the next year is paid, who is spared."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.medical_insurance.dated_figures import Rules
from kiosk_firmware.machines.medical_insurance.eligibility import is_closed, not_spared

MEDICAL = "medical-insurance"
days = st.dates(datetime.date(2025, 1, 1), datetime.date(2029, 12, 31))


def rules(day: str = "2026-11-24") -> Rules:
    machine: Any = machine_loader.load(MEDICAL, date=datetime.date.fromisoformat(day)).machine
    found = machine.terms.rules
    assert isinstance(found, Rules)
    return found


TODAY = rules()


def on(day: datetime.date, out: datetime.date | None = None) -> State:
    """A visit on that day, with that day of release on the form."""
    fields = () if out is None else (("out", f"{out:%Y%m%d}"),)
    return State(day=(day - EPOCH).days, fields=fields)


@pytest.mark.parametrize(
    ("missed", "now", "before"), [(0, 3, 3), (1, 4, 3), (2, 5, 3), (3, 6, 3), (4, 7, 3), (9, 12, 3)]
)
def test_each_missed_year_makes_the_wait_longer_since_2025(missed: int, now: int, before: int) -> None:
    assert (TODAY.wait(missed), rules("2024-12-31").wait(missed)) == (now, before)


@given(missed=st.integers(4, 40), fixed=st.integers(0, 6), year=st.integers(0, 2))
def test_after_a_gap_of_four_years_nobody_waits_less_than_six_months(missed: int, fixed: int, year: int) -> None:
    """Also where a place has its own fixed time."""
    local = msgspec.structs.replace(TODAY, wait_months=fixed, year_months=year)
    assert local.wait(missed) >= 6
    assert local.wait(missed) <= local.wait(missed + 1)


@given(day=days)
def test_the_next_year_is_paid_from_september_to_december(day: datetime.date) -> None:
    assert (is_closed(TODAY, on(day)) == "") == (day.month >= 9)


@given(out=days, after=st.integers(-400, 400))
def test_only_within_ninety_days_of_release_there_is_no_wait(out: datetime.date, after: int) -> None:
    said = not_spared(TODAY, on(out + datetime.timedelta(after), out))
    assert said == ("ahead" if after < 0 else "" if after <= 90 else "too_late")


@given(out=days, after=st.integers(1, 400))
def test_where_there_is_no_such_rule_nobody_is_spared(out: datetime.date, after: int) -> None:
    none = msgspec.structs.replace(TODAY, exempt_days=0)
    assert not_spared(none, on(out + datetime.timedelta(after), out)) == "too_late"


def test_a_year_costs_what_the_rules_of_the_day_say() -> None:
    assert (TODAY.resident_fen, rules("2024-12-31").resident_fen) == (40_000, 38_000)
