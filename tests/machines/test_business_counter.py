"""The business counter by its dated figures and its calendar, and what its errands leave in the pocket."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import money
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.business_counter.annual_report import in_season
from tests.machines.walking import followed

BUSINESS = "business-counter"


@pytest.mark.parametrize(
    ("day", "free"), [("2021-03-31", 10_000_000), ("2021-04-01", 15_000_000), ("2023-01-01", 10_000_000)]
)
def test_small_sales_are_free_of_tax_as_the_rules_of_the_day_say(day: str, free: int) -> None:
    rules = machine_loader.load(BUSINESS, date=datetime.date.fromisoformat(day)).machine.terms.rules
    assert rules.free_month_fen == free


def test_figures_are_the_reference_s() -> None:
    rules = machine_loader.load(BUSINESS).machine.terms.rules
    assert (rules.name_days, rules.review_days, rules.trade_chars) == (1, 3, 2)
    assert (rules.report_from_month, rules.report_to_month) == (1, 6)


@given(day=st.dates(datetime.date(2026, 1, 1), datetime.date(2030, 12, 31)))
def test_the_yearly_report_is_taken_from_january_to_the_end_of_june(day: datetime.date) -> None:
    rules = machine_loader.load(BUSINESS).machine.terms.rules
    first, last = datetime.date(day.year, 1, 1), datetime.date(day.year, 6, 30)
    assert (in_season(rules, State(day=(day - EPOCH).days)) == "") == (first <= day <= last)


def after(lesson_id: str) -> Persona:
    """Who has done the lesson as the coach says."""
    return followed(BUSINESS, lesson_id, "zhenshang")


def test_a_name_is_granted_on_its_day() -> None:
    person = after("name-fetch")
    assert person.records == ("name_ok",)
    assert {paper.id for paper in person.papers} == {"release", "name_notice"}


def test_a_notice_is_no_refusal_and_no_licence() -> None:
    person = after("notice")
    assert person.records == ("correction", "name_ok")
    assert {paper.id for paper in person.papers} == {"deed", "correction_notice"}


def test_what_was_mended_becomes_a_licence() -> None:
    person = after("licence")
    assert person.records == ("licensed", "name_ok")
    assert "licence" in {paper.id for paper in person.papers}


def test_only_the_seal_costs_money() -> None:
    purse = money.total(machine_loader.personas()["biz_open"].purse)
    assert purse - money.total(after("seal").purse) == 5_000
    assert purse == money.total(after("tax").purse)
