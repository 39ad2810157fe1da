"""The fleet page: every state of a unit, filters and sorts against a plain reckoning, hours, saved views, CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.fleet.roster import MOODS, SORTS, Roster, RosterQuery, UnitState, choose_units
from kiosk_firmware.office.settings import OfficeSettings, Site, is_awake, read_settings, span
from kiosk_firmware.wire.messages import ENCODE, Health
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
NIGHT = Site(hours=("mon-sun 00:00-00:01",))


def health(**figures) -> str:
    usual = {"uptime_s": 1, "spool_depth": 0, "spool_oldest_s": 0, "disk_free": 8 << 30, "load": 0.1, "timeq": "synced"}
    return ENCODE(Health(ts=utc_ms(), **{**usual, **figures})).decode()


def states(office: Office, settings: OfficeSettings, register=None) -> dict[str, str]:
    roster = Roster(office.views, settings, register)
    return {seat.unit: seat.state for seat in roster.look(utc_ms())}


def test_every_state_a_unit_can_be_in(office: Office):
    now = utc_ms()
    office.unit("on-1", health=health())
    office.unit("full-1", health=health(disk_free=1))
    office.unit("off-1", online=0)
    office.unit("silent-1", seen_ms=now - 10 * 60_000)
    office.unit("new-1", fw="0.2.0")
    office.unit("night-1", "yi", online=0)
    office.unit("stuck-1", online=0)
    for unit, at_ms in (("new-1", now), ("stuck-1", now - 3 * 3_600_000)):
        row = (unit, "rollout-1", "system", "0.2.0", "installing", "", at_ms)
        office.db.execute("INSERT INTO updates VALUES(?, ?, ?, ?, ?, ?, ?)", row)
    minute = datetime.fromtimestamp(now / 1000, UTC)
    hours = f"mon-sun {(minute.hour + 12) % 24:02d}:00-{(minute.hour + 12) % 24:02d}:01"  # half a day from UTC+8's now
    settings = OfficeSettings({"jia": Site(units=("never-1", "on-1")), "yi": Site(hours=(hours,))})
    assert states(office, settings) == {
        "on-1": "online",
        "full-1": "degraded",
        "off-1": "offline",
        "silent-1": "offline",
        "new-1": "updating",
        "night-1": "asleep",
        "never-1": "never",
        "stuck-1": "offline",
    }
    assert states(office, OfficeSettings())["night-1"] == "offline", "without hours everything should be awake"


def test_only_what_was_touched_is_read_again_and_nothing_is_missed(office: Office):
    now = utc_ms()
    office.unit("old-1", seen_ms=now - 60_000, since_ms=now - 60_000, first_ms=now - 60_000)
    roster = Roster(office.views, OfficeSettings())
    assert [seat.state for seat in roster.look(now)] == ["online"]
    office.db.execute("UPDATE units SET online = 0, since_ms = ? WHERE unit = 'old-1'", (now + 1000,))
    office.unit("fresh-1", seen_ms=now + 1000)
    assert {seat.unit: seat.state for seat in roster.look(now + 2000)} == {"old-1": "offline", "fresh-1": "online"}
    office.db.execute("INSERT INTO alerts(unit, kind, about, opened_ms) VALUES('fresh-1', 'device', 'pin_pad', 1)")
    assert {seat.unit: seat.state for seat in roster.look(now + 4000)}["fresh-1"] == "degraded"
    office.db.execute("UPDATE alerts SET closed_ms = 2")
    assert {seat.unit: seat.state for seat in roster.look(now + 6000)}["fresh-1"] == "online"


def test_what_was_heard_is_seen_at_once(office: Office):
    now, news = utc_ms(), [0]
    office.unit("u-1", seen_ms=now)
    roster = Roster(office.views, OfficeSettings(), news=lambda: news[0])
    assert roster.look(now)[0].state == "online"
    office.db.execute("UPDATE units SET online = 0, since_ms = ?", (now + 400,))
    assert roster.look(now + 400)[0].state == "online", "nobody said that anything changed"
    news[0] += 1
    assert roster.look(now + 900)[0].state == "offline"


SEATS = st.lists(
    st.builds(
        UnitState,
        unit=st.text("abc", min_size=1, max_size=3),
        site=st.sampled_from(["jia", "yi"]),
        kind=st.sampled_from(["atm", "rail"]),
        fw=st.sampled_from(["1", "2"]),
        state=st.sampled_from(MOODS),
        lost=st.integers(0, 3),
        seen_ms=st.integers(0, 9),
        text=st.text("abc ", max_size=6),
    ),
    max_size=12,
)


@given(
    seats=SEATS,
    want=st.builds(
        RosterQuery,
        q=st.text("ab ", max_size=3),
        state=st.sampled_from(["", *MOODS]),
        site=st.sampled_from(["", "jia"]),
        kind=st.sampled_from(["", "rail"]),
        version=st.sampled_from(["", "2"]),
        alert=st.just(""),
        sort=st.sampled_from([*SORTS, "nonsense"]),
        down=st.sampled_from([0, 1]),
        page=st.just(1),
    ),
)
def test_the_table_holds_what_was_asked_for_and_in_its_order(seats, want):
    found = choose_units(seats, want)
    for seat in seats:
        fits = want.state in ("", seat.state) and want.site in ("", seat.site) and want.kind in ("", seat.kind)
        fits = fits and want.version in ("", seat.fw) and all(word in seat.text for word in want.q.split())
        assert (any(seat is one for one in found)) == fits
    keys = [SORTS.get(want.sort, SORTS["state"])(seat) for seat in found]
    assert keys == sorted(keys, reverse=bool(want.down))


@pytest.mark.parametrize(
    ("text", "at", "awake"),
    [
        ("mon-fri 08:30-11:30", "2026-11-26T00:30:00", True),
        ("mon-fri 08:30-11:30", "2026-11-26T03:30:00", False),
        ("mon-fri 08:30-11:30", "2026-11-28T01:00:00", False),
        ("sat-mon 00:00-24:00", "2026-11-29T01:00:00", True),
        ("thu 17:00-18:00", "2026-11-26T09:00:00", True),
    ],
)
def test_hours_are_those_of_the_sites_own_clock(text, at, awake):
    at_ms = int(datetime.fromisoformat(f"{at}+00:00").timestamp() * 1000)
    assert is_awake(Site(hours=(text,)), at_ms) is awake


@pytest.mark.parametrize("text", ["mon-fri", "mon-xyz 08:00-09:00", "mon 09:00-08:00", "mon 08:00-25:00", "every day"])
def test_hours_that_are_none_are_refused(text, tmp_path):
    with pytest.raises(ValueError):
        span(text)
    path = tmp_path / "office.toml"
    path.write_text(f'[sites.jia]\nhours = ["{text}"]\n')
    with pytest.raises(ValueError, match=r"office\.toml: sites\.jia\.hours"):
        read_settings(path)


def test_a_wrong_file_is_named_with_its_key(tmp_path):
    path = tmp_path / "office.toml"
    assert read_settings(path) == OfficeSettings()
    path.write_text("[mail]\nprot = 25\n")
    with pytest.raises(ValueError, match=r"office\.toml.*prot"):
        read_settings(path)


def test_pages_views_and_csv(office: Office):
    for n in range(120):
        office.unit(f"jia-atm-{n:03d}", health=health(spool_depth=n), fw="0.1.0" if n % 2 else "0.2.0")
    visitor = office.come("chief")
    page = visitor.get("/").text
    assert page.count('<tr id="unit-') == 50
    assert "1 / 3" in page
    assert '<b class="soft" id="n-never">1</b>' in page
    last = visitor.get("/fleet/part?sort=backlog&page=3&version=0.2.0").text
    assert last.count('<tr id="unit-') == 10
    assert "120" not in last
    visitor.post("/fleet/save", name="old ones", query="version=0.1.0")
    assert 'href="/?version=0.1.0"' in visitor.get("/").text
    assert "old ones" not in office.come("other").get("/").text
    visitor.post("/fleet/save", name="old ones", query="")
    assert "old ones" not in visitor.get("/").text
    rows = list(csv.reader(io.StringIO(visitor.get("/fleet.csv?version=0.1.0").text.removeprefix("\ufeff"))))
    assert len(rows) == 61
    assert rows[1][0] == "jia-atm-001"
    entry = office.people.audit.rows(1)[0]
    assert (entry.who, entry.act, entry.reason) == ("chief", "exported", "60 rows version=0.1.0")
    assert office.come("looker", "viewer").get("/fleet.csv").status_code == 403


def test_sites_show_their_hours_and_states(office: Office):
    office.unit("jia-atm-01")
    page = office.come("chief").get("/sites").text
    assert 'id="site-jia"' in page
    assert 'href="/?site=jia&amp;state=never"' in page


def test_sites_are_found_by_name_and_by_what_is_wrong_there(office: Office):
    for n in range(60):
        office.unit(f"s{n:03d}-01", f"s{n:03d}", online=int(n != 7))
    chief = office.come("chief")
    page = chief.get("/sites").text
    assert page.count('<tr id="site-') == 50
    assert page.count("<li><a class=") == 61, "the map shows all: 60, and the one that is expected only"
    assert chief.get("/sites?page=2").text.count('<tr id="site-') == 11
    assert chief.get("/sites?q=s00").text.count('<tr id="site-') == 10
    ill = chief.get("/sites?only=ill").text
    assert ill.count('<tr id="site-') == 1
    assert 'class="out" href="/?site=s007"' in ill
    assert chief.get("/sites?only=other").status_code == 422


@pytest.mark.parametrize(("away", "look"), [(0, "well"), (1, "few"), (2, "few"), (3, "some"), (15, "out")])
def test_a_tile_of_the_map_tells_a_few_from_many(office: Office, away: int, look: str):
    """At a nation's size nearly each site has one unit that is not well: a map of these alone would say nothing."""
    for n in range(30):
        office.unit(f"big-{n:02d}", "big", online=int(n >= away))
    assert f'class="{look}" href="/?site=big"' in office.come("chief").get("/sites").text


def test_pages_are_packed_for_whoever_takes_that(office: Office):
    for n in range(50):
        office.unit(f"u-{n:02d}")
    chief = office.come("chief")
    answer = chief.get("/", **{"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.num_bytes_downloaded * 4 < len(answer.content)
    assert "content-encoding" not in chief.get("/", **{"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize(("path", "code"), [("/nopage", 404), ("/units/u-99/care", 404), ("/sites?page=x", 422)])
def test_what_cannot_be_shown_is_said_in_words_to_a_browser_and_in_json_to_a_program(office: Office, path, code):
    chief = office.come("chief")
    page = chief.get(path, Accept="text/html,*/*")
    assert page.status_code == code
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>" in page.text
    assert '<nav class="side"' in page.text
    assert chief.get(path).json()["detail"]
    assert chief.get(path, Accept="text/html", **{"HX-Request": "true"}).json()["detail"]


@pytest.mark.parametrize("path", ["/", "/sites", "/alerts", "/learning", "/runs", "/board", "/units/u-01", "/nopage"])
def test_each_page_has_one_heading(office: Office, path):
    office.unit("u-01")
    assert office.come("chief").get(path, Accept="text/html").text.count("<h1") == 1


def test_updates_read_no_units_health(office: Office, monkeypatch):
    """A nation's 34,000 healths take longer to read than a page may take."""
    office.unit("u-01", kind="atm")
    chief, asked, rows = office.come("chief"), [], office.views.rows
    monkeypatch.setattr(office.views, "rows", lambda sql, *args: asked.append(sql) or rows(sql, *args))
    assert chief.get("/updates").status_code == 200
    assert any("FROM units" in sql for sql in asked)
    assert not [sql for sql in asked if "health" in sql]
