"""Working days by the notices of public holidays: by what the notice says, by properties, and where none is known."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.office.settings import read_settings
from kiosk_firmware.visit.domain.calendar import EPOCH, WEEKDAYS, Workdays, date_of, offered_slots, working_days_on
from kiosk_firmware.visit.office.policy import VisitPolicy
from kiosk_firmware.visit.office.public_holidays import shipped_notices
from kiosk_firmware.visit.office.rule_advice import offered_to_family as slots

POLICY = VisitPolicy()
NOTICE_2026 = {"元旦": 3, "春节": 9, "清明": 3, "劳动节": 5, "端午": 3, "中秋": 3, "国庆": 7}
"""Days of each holiday, as the notice's text counts them."""


def day(text: str) -> int:
    return (datetime.date.fromisoformat(text) - EPOCH).days


def test_the_shipped_notice_counts_as_its_text_does() -> None:
    (notice,) = (one for one in shipped_notices() if one.valid_from.year == 2026)
    assert [(last - first).days + 1 for first, last in notice.off] == list(NOTICE_2026.values())
    assert notice.until == datetime.date(2026, 12, 31)
    assert notice.checked_on is not None
    days = POLICY.workdays
    worked = sum(days.is_worked(one) for one in range(day("2026-01-01"), day("2027-01-01")))
    assert worked == 261 - 13, "weekdays of the year, less the 13 days that the law gives"


@pytest.mark.parametrize(
    ("asked", "count", "answer"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # after the National Day
        ("2026-10-08", 2, "2026-10-10"),  # a Saturday that is worked
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),  # the Spring Festival
        ("2026-12-31", 1, "2027-01-01"),  # no notice of that year: its weekdays
    ],
)
def test_the_answer_is_due_on_a_day_that_is_worked(asked: str, count: int, answer: str) -> None:
    assert working_days_on(day(asked), count, POLICY.workdays) == day(answer)


def test_no_visit_is_offered_on_a_holiday_nor_before_the_family_can_know() -> None:
    assert {date_of(one).isoformat() for one, _ in slots(POLICY, day("2026-09-22"))} == {"2026-10-08"}
    assert {date_of(one).isoformat() for one, _ in slots(POLICY, day("2026-09-18"))} == {"2026-09-29"}


@st.composite
def years(draw: st.DrawFn) -> Workdays:
    off = draw(st.frozensets(st.integers(20_000, 20_120), max_size=60))
    weekend = [one for one in range(20_000, 20_120) if date_of(one).weekday() >= 5 and one not in off]
    return Workdays(off, draw(st.frozensets(st.sampled_from(weekend), max_size=9)), ((20_000, 20_120),))


@given(years(), st.integers(19_990, 20_100), st.integers(0, 12), st.sets(st.integers(0, 6), min_size=1))
def test_days_are_counted_one_by_one_and_offers_are_the_first_there_are(
    days: Workdays, today: int, count: int, weekdays: set[int]
) -> None:
    end = working_days_on(today, count, days)
    assert sum(days.is_worked(one) for one in range(today + 1, end + 1)) == count
    assert not count or days.is_worked(end)
    found = [one for one, _ in offered_slots(today, tuple(weekdays), (570,), 4, days)]
    fits = [one for one in range(today, found[-1] + 1) if date_of(one).weekday() in weekdays and one not in days.off]
    assert found == fits


OWN = """
[[visits.holidays]]
valid_from = 2027-01-01
until = 2027-12-31
source = "a notice of this test"
off = [[2027-01-01, 2027-01-03]]
"""


def said(folder: Path, text: str) -> VisitPolicy:
    path = folder / "office.toml"
    path.write_text(text)
    return read_settings(path).visits


def test_a_deployment_adds_a_year_and_replaces_one(tmp_path: Path) -> None:
    assert not POLICY.workdays.knows(day("2027-01-01"))
    days = said(tmp_path, OWN).workdays
    assert days.knows(day("2027-01-01"))
    assert not days.is_worked(day("2027-01-01"))
    assert not days.is_worked(day("2026-10-01")), "what is shipped for other years stands"
    days = said(tmp_path, OWN.replace("2027", "2026")).workdays
    assert days.is_worked(day("2026-10-01")), "its own notice of the year counts, whole"
    assert not WEEKDAYS.knows(day("2026-10-01"))


@pytest.mark.parametrize(
    ("change", "no"),
    [
        (("[2027-01-01, 2027-01-03]", "[2027-01-03, 2027-01-01]"), "allowed is the first day, then the last"),
        (("[2027-01-01, 2027-01-03]", "[2026-12-31, 2027-01-03]"), "2026-12-31: allowed are 2027-01-01 to 2027-12-31"),
        (("off", "worked = [2027-02-01]\noff"), "worked: 2027-02-01: allowed are Saturdays and Sundays"),
        (
            ("off", "worked = [2027-01-02]\noff"),
            "worked: 2027-01-02: allowed are Saturdays and Sundays that are not off",
        ),
        (("off", "of"), "visits.holidays"),
    ],
)
def test_a_notice_that_cannot_be_so_names_file_key_and_what_is_allowed(tmp_path: Path, change, no: str) -> None:
    with pytest.raises(ValueError, match=no) as error:
        said(tmp_path, OWN.replace(*change))
    assert "office.toml" in str(error.value)
    assert "holidays" in str(error.value)


def test_visits_that_are_never_offered_are_no_setting(tmp_path: Path) -> None:
    for key in ("weekdays", "minutes_of_day"):
        with pytest.raises(ValueError, match=key):
            said(tmp_path, f"[visits]\n{key} = []")
