"""How the fleet has been of late: a site's own counters, practice by day, what differs from yesterday, and links."""

from __future__ import annotations

import re

import pytest

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.learning.learning_sums import DAY_MS
from kiosk_firmware.office.learning.recent_changes import DAYS, SITE_DAYS, practice, site_lines
from tests.office.pages import Office, cheap, office
from tests.office.test_learning import practised

__all__ = ["cheap", "office"]
HOUR_MS = 3_600_000


def shown(page: str, name: str) -> int:
    return int(re.search(rf'id="n-{name}"[^>]*>(\d+)<', page)[1])


@pytest.fixture
def two(office: Office) -> Office:
    """Two sites; at jia one of three units went offline three hours ago, and practice was done."""
    now = utc_ms()
    office.unit("jia-atm-01", first_ms=now - 9 * DAY_MS)
    office.unit("jia-atm-02", first_ms=now - 9 * DAY_MS, seen_ms=now - 3 * HOUR_MS)
    office.unit("jia-atm-03", first_ms=now - 9 * DAY_MS, seen_ms=now - 3 * DAY_MS)
    for n in range(4):
        office.unit(f"yi-atm-0{n}", "yi", first_ms=now - HOUR_MS)
    practised(office, 6)
    practised(office, 2, started_ms=now - 3 * DAY_MS, outcome="given_up")
    practised(office, 5, unit="yi-atm-01")
    office.sum_up()
    alert = "INSERT INTO alerts(unit, kind, about, opened_ms, closed_ms) VALUES(?, 'device', 'gate', ?, ?)"
    office.db.execute(alert, ("jia-atm-01", now - HOUR_MS, 0))
    office.db.execute(alert, ("yi-atm-01", now - 5 * DAY_MS, now - HOUR_MS))
    return office


def test_a_sites_page_counts_that_site_alone(two: Office):
    chief = two.come("a-chief", "viewer")
    page, part = chief.get("/?site=yi").text, chief.get("/fleet/cards?site=yi").text
    for text in (page, part):
        assert (shown(text, "online"), shown(text, "offline"), shown(text, "runs")) == (4, 0, 5)
    assert 'hx-get="/fleet/cards?site=yi"' in part
    whole = chief.get("/").text
    assert (shown(whole, "online") + shown(whole, "degraded"), shown(whole, "runs")) == (5, 11)
    assert len(re.findall(r'id="run-', chief.get("/runs?site=yi").text)) == 5


def test_counters_of_a_site_that_is_not_ones_own_are_not_shown(two: Office):
    own = two.come("a-viewer", "viewer", ("jia",))
    for path in ("/?site=yi", "/fleet/cards?site=yi", "/runs?site=yi", "/runs/part?site=yi"):
        assert own.get(path).status_code == 404, path
    assert shown(own.get("/").text, "runs") == 6


def test_practice_by_day_has_every_day(two: Office):
    days = practice(two.views, (), utc_ms())
    assert len(days) == DAYS
    assert (days[-1].runs + days[-2].runs, days[-1].done + days[-2].done) == (11, 11)
    assert (days[-4].runs, days[-4].done) == (2, 0)
    assert sum(one.runs for one in practice(two.views, ("yi",), utc_ms())) == 5
    line = site_lines(two.views, ["jia", "yi", "none"], utc_ms())
    assert {site: (len(runs), sum(runs)) for site, runs in line.items()} == {
        "jia": (SITE_DAYS, 8),
        "yi": (SITE_DAYS, 5),
    }


def test_what_is_otherwise_than_yesterday_links_to_what_it_counts(two: Office):
    viewer = two.come("a-viewer", "viewer", ("jia",))
    page = viewer.get("/").text
    for said in ("1 台新离线", "0 台第一次上线", "1 个新告警", "0 个告警已解除"):
        assert said in page
    rows = re.findall(r'<tr id="unit-([^"]+)"', viewer.get("/?lately=gone").text)
    assert rows == ["jia-atm-02"]
    chief = two.come("a-chief", "viewer")
    assert "4 台第一次上线" in chief.get("/?site=yi").text
    assert len(re.findall(r'<tr id="unit-', chief.get("/?lately=first").text)) == 4


def test_the_map_has_a_line_where_there_was_practice(two: Office):
    page = two.come("a-chief", "viewer").get("/sites").text
    assert page.count("<polyline") == 2
