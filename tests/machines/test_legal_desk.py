"""The legal desk by its dated figures, and what its errands leave behind."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import money
from kiosk_firmware.core.persona import Persona
from tests.machines.walking import followed

LEGAL = "legal-desk"


@pytest.mark.parametrize(("day", "work"), [("2021-12-31", 15), ("2022-01-01", 7), ("2026-11-24", 7)])
def test_aid_is_decided_as_fast_as_the_rules_of_the_day_say(day: str, work: int) -> None:
    rules = machine_loader.load(LEGAL, date=datetime.date.fromisoformat(day)).machine.terms.rules
    assert rules.aid_work == work


@given(begin=st.dates(datetime.date(2022, 1, 1), datetime.date(2030, 1, 1)), rules_at=st.sampled_from((2021, 2026)))
def test_working_days_have_passed_on_the_day_of_the_slip(begin: datetime.date, rules_at: int) -> None:
    """Whatever the weekday of the application; holidays apart."""
    rules = machine_loader.load(LEGAL, date=datetime.date(rules_at, 11, 1)).machine.terms.rules
    for work, days in ((rules.aid_work, rules.aid_days), (rules.lift_work, rules.lift_days)):
        passed = sum((begin + datetime.timedelta(days=n)).weekday() < 5 for n in range(1, days + 1))
        assert passed >= work


def after(lesson_id: str) -> Persona:
    """Who has done the lesson as the coach says."""
    return followed(LEGAL, lesson_id, "sifa")


def test_whose_fine_is_paid_is_limited_no_more() -> None:
    assert after("lift").records == ()


def test_a_proof_that_the_court_kept_comes_back_with_its_answer() -> None:
    person = after("cannot")
    assert "hardship" in {paper.id for paper in person.papers}
    assert "fine_less" in person.records


def test_what_is_missing_is_asked_for_in_writing() -> None:
    person = after("missing")
    assert "supplement" in person.records
    assert "supplement_notice" in {paper.id for paper in person.papers}


@pytest.mark.parametrize("lesson", ["hotline", "aid-fetch", "less-pay"])
def test_nothing_here_costs_a_fen(lesson: str) -> None:
    before = next(one for one in machine_loader.lessons(LEGAL) if one.id == lesson).setting.persona
    assert money.total(after(lesson).purse) == money.total(machine_loader.personas()[before].purse)
