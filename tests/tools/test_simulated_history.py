"""A past that never was: through the store, complete, plausible, and known for a sample wherever it is shown."""

from __future__ import annotations

import argparse

import pytest

from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.fleet.roster import Roster
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.rebuild_learning_sums import compare_sums
from kiosk_firmware.office.learning.learning_sums import DAY_MS
from kiosk_firmware.office.learning.statistics import Sums
from kiosk_firmware.office.settings import OfficeSettings
from kiosk_firmware.tools.simulation.history import A_SITE, HistoryPlan, careers, weeks_of, write
from tests.office.pages import Office, cheap

__all__ = ["cheap"]
NOW = 1_795_511_854_930
PLAN = HistoryPlan(units=110, weeks=12, runs=900, site="sample", until_ms=NOW)


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "office.db"
    assert write(path, PLAN) > 6 * PLAN.runs
    return path


def test_names_carry_the_site_and_no_site_is_too_large():
    sites = PLAN.sites()
    units = [unit for _, those in sites for unit in those]
    assert len(set(units)) == PLAN.units
    assert all(unit.startswith(f"{site}-") for site, those in sites for unit in those)
    assert max(len(those) for _, those in sites) <= A_SITE


def test_nothing_is_missing_and_the_sums_are_those_of_the_facts(where):
    assert not [one for one in account(where, NOW + DAY_MS) if one.lost or one.under_way or one.wrong]
    kept, made = compare_sums(where, keep=False)
    assert kept == made


def test_people_learn_and_units_have_troubles(where):
    views = Queries(where)
    found = Sums(views, NOW - 100 * DAY_MS)
    lessons = found.lessons()
    assert sum(one.runs for one in lessons) >= 0.8 * PLAN.runs
    assert all(one.alone.k >= one.mastered.k > 0 for one in lessons if one.learners > 20)
    gains = [one.gain for one in lessons]
    assert sum(gain.n for gain in gains) > 50
    assert sum(gain.later for gain in gains) > sum(gain.first for gain in gains)
    assert len(found.weeks()) >= PLAN.weeks - 1
    assert {row["stage"] for row in views.rows("SELECT DISTINCT stage FROM updates")} >= {"kept"}
    assert views.rows("SELECT 1 FROM facts WHERE type = 'device.lost'")
    assert views.rows("SELECT 1 FROM facts WHERE type = 'visit.changed'")


def test_nobody_practises_at_a_weekend_or_after_the_end(where):
    rows = Queries(where).rows("SELECT started_ms FROM runs")
    days = [(row["started_ms"] + 8 * 3_600_000) // DAY_MS for row in rows]
    assert {(day + 3) % 7 for day in days} == {0, 1, 2, 3, 4}
    assert max(row["started_ms"] for row in rows) < NOW


def test_a_samples_units_stay_as_they_were_when_its_past_ended(where):
    seats = Roster(Queries(where), OfficeSettings()).look(NOW + 400 * DAY_MS)
    assert sum(seat.state in ("online", "degraded") for seat in seats) > 0.8 * PLAN.units


def test_what_is_away_went_before_the_past_ended(where):
    seats = Roster(Queries(where), OfficeSettings()).look(NOW)
    away = [seat.seen_ms for seat in seats if seat.state == "offline"]
    assert away
    assert min(away) < NOW - DAY_MS


@pytest.mark.usefixtures("cheap")
def test_each_page_says_that_nothing_is_real(tmp_path):
    office = Office(tmp_path)
    chief = office.come("chief")
    assert "样例中心" not in chief.get("/").text
    store = FactStore(tmp_path / "office.db")
    store.mark_sample(NOW)
    store.close()
    for path in ("/", "/sites", "/learning", "/alerts", "/runs", "/board", "/people", "/audit"):
        assert "样例中心" in chief.get(path).text, path
    office.close()


@pytest.mark.usefixtures("cheap")
def test_a_real_offices_database_is_left_alone(tmp_path):
    office = Office(tmp_path)
    office.unit("jia-atm-01")
    with pytest.raises(ValueError, match="has units already"):
        write(tmp_path / "office.db", PLAN)
    assert Queries(tmp_path / "office.db").sample_until() == 0
    office.close()


def test_careers_are_the_machines_own():
    ways = careers()
    assert len({way[0].machine for way in ways}) >= 7
    assert any(not record.done for way in ways for record in way)
    assert any(record.prompt_max for way in ways for record in way)


@pytest.mark.parametrize("text", ["52", "0w", "521w", "w", "-1w", "1.5w"])
def test_a_length_that_is_none_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="1w to 520w"):
        weeks_of(text)
