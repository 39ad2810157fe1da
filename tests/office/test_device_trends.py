"""A unit's care: its day, its curves, devices against their first week, commands with reasons, notes."""

from __future__ import annotations

import json
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.fleet import device_trends
from kiosk_firmware.office.fleet.device_trends import DAY_MS, Rate
from kiosk_firmware.wire.messages import LogLines
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
UNIT = "jia-atm-01"


def told(office: Office, fact: str, at_ms: int, **data) -> None:
    columns = "unit, epoch, seq, digest, type, at_ms, timeq, heard_ms, data"
    row = (UNIT, "e", secrets.randbits(40), "", fact, at_ms, "", at_ms, json.dumps(data))
    office.db.execute(f"INSERT INTO facts({columns}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def test_the_days_line_has_runs_and_losses_within_its_bounds(office: Office):
    now = utc_ms()
    office.unit(UNIT)
    run = "INSERT INTO runs(unit, run, machine, started_ms, ended_ms, outcome) VALUES(?, ?, 'atm', ?, ?, ?)"
    office.db.execute(run, (UNIT, "r-1", now - DAY_MS - 60_000, now - DAY_MS + 864_000, "done"))
    office.db.execute(run, (UNIT, "r-2", now - 864_000, 0, ""))
    office.db.execute(run, (UNIT, "r-3", now - 3 * DAY_MS, now - 2 * DAY_MS, "done"))
    told(office, "device.lost", now - DAY_MS // 2, at="pin_pad")
    told(office, "device.back", now - DAY_MS // 4, at="pin_pad")
    told(office, "device.lost", now - DAY_MS // 4, at="gate")
    found = {(piece.what, piece.first, piece.last, piece.about) for piece in device_trends.day(office.views, UNIT, now)}
    assert found == {
        ("done", 0.0, 10.0, "atm"),
        ("going", 990.0, 1000.0, "atm"),
        ("lost", 500.0, 750.0, "pin_pad"),
        ("lost", 750.0, 1000.0, "gate"),
    }


@given(uses=st.integers(1, 500), first=st.integers(1, 500), rate=st.floats(0, 0.05))
def test_what_is_as_it_was_is_never_called_worse(uses, first, rate):
    assert not Rate("x", uses, int(uses * rate), first, int(first * rate) + 1).worse
    assert Rate("x", uses, uses + 50, first, 0).worse or first < 100


def test_rates_are_of_this_week_and_the_first(office: Office):
    now = utc_ms()
    office.unit(UNIT, first_ms=now - 30 * DAY_MS)
    office.db.begin()
    for n in range(100):
        told(office, "items.moved", now - 30 * DAY_MS + n, run="r", at="coin_acceptor", what="accepted", fen=100)
        told(office, "items.moved", now - 1000 + n, run="r", at="coin_acceptor", what="accepted", fen=100)
    told(office, "noise.counted", now - 1000, at="coin_acceptor", kind="lone", count=30)
    told(office, "noise.counted", now - 15 * DAY_MS, at="coin_acceptor", kind="lone", count=99)
    office.db.commit()
    (rate,) = device_trends.rates(office.views, UNIT, now - 30 * DAY_MS, now)
    assert (rate.uses, rate.troubles, rate.first_uses, rate.first_troubles, rate.worse) == (100, 30, 100, 0, True)


def test_curves_are_gaps_where_a_figure_is_unknown(office: Office):
    now = utc_ms()
    office.unit(UNIT)
    for n, heat in enumerate((50.0, None, 52.5)):
        at = now - 3_600_000 + n * 900_000
        figures = {"samples": 3, "spool_max": n, "disk_free_min": 5_000_000_000, "temp_max_c": heat}
        told(office, "health.summarised", at, since_ms=0, until_ms=0, **figures)
    visitor = office.come("looker", "viewer")
    found = visitor.get(f"/units/{UNIT}/series.json").json()
    assert found["heat"][1] == [50.0, None, 52.5]
    assert found["backlog"][1] == [0, 1, 2]
    assert len(found["disk"][0]) == 3


@pytest.mark.parametrize(
    ("said", "name", "args"),
    [
        ({"order": "restart"}, "restart", {}),
        ({"order": "self.test"}, "self.test", {}),
        ({"order": "out.of.service", "reason": "repair"}, "out.of.service", {"reason": "repair"}),
        ({"order": "reload"}, "reload", {}),
        ({"order": "log.lines"}, "log.lines", {}),
        ({"order": "in.service"}, "out.of.service", {"reason": ""}),
        ({"order": "fault.arm", "fault": "paper_out"}, "fault.arm", {"fault": "paper_out"}),
    ],
)
def test_a_command_goes_with_its_reason_which_is_kept(office: Office, said, name, args):
    office.unit(UNIT)
    visitor = office.come("wang-tech", "technician")
    path = f"/units/{UNIT}/command"
    assert visitor.post(path, **said).status_code == 422
    assert visitor.post(path, **said, why="  ").status_code == 400
    assert office.requests() == []
    assert visitor.post(path, **said, why="paper stuck").status_code == 204
    (wish,) = office.requests()
    assert (wish.unit, wish.name, wish.args) == (UNIT, name, args)
    entry = office.people.audit.rows(1)[0]
    assert (entry.who, entry.act, entry.about, entry.reason) == ("wang-tech", name, UNIT, "paper stuck")
    assert office.come("li-teacher", "teacher").post(path, **said, why="x").status_code == 403


def test_what_is_no_command_is_refused(office: Office):
    office.unit(UNIT)
    visitor = office.come("wang-tech", "technician")
    for said in ({"order": "out.of.service", "reason": "bored"}, {"order": "fault.arm", "fault": "x"}):
        assert visitor.post(f"/units/{UNIT}/command", **said, why="w").status_code == 400
    assert visitor.post(f"/units/{UNIT}/command", order="erase", why="w").status_code == 422


def test_notes_and_results_stand_on_the_page(office: Office):
    office.unit(UNIT)
    now = utc_ms()
    row = "INSERT INTO commands VALUES(?, ?, 'jia', ?, '{}', ?, ?, ?, ?)"
    office.db.execute(row, ("c-1", UNIT, "self.test", now - 2000, now + 1000, "failed", "pin_pad bad"))
    office.db.execute(row, ("c-2", UNIT, "restart", now - 9000, now - 1000, "sent", ""))
    visitor = office.come("wang-tech", "technician")
    page = visitor.post(f"/units/{UNIT}/note", text="<b>the door sticks</b>").text
    assert "&lt;b&gt;the door sticks" in page
    assert "pin_pad bad" in page
    assert "过期，没有执行" in page
    assert visitor.get(f"/units/{UNIT}/care").status_code == 200
    assert office.come("looker", "viewer").post(f"/units/{UNIT}/note", text="x").status_code == 403


def test_log_lines_are_for_whoever_may_serve(office: Office):
    office.unit(UNIT)
    office.desk.read_out(UNIT, LogLines(utc_ms(), ["<b>pin pad lost"], ["broker back"]))
    page = office.come("wang-tech", "technician").get(f"/units/{UNIT}/care").text
    assert "&lt;b&gt;pin pad lost" in page
    assert "broker back" in page
    assert "broker back" not in office.come("looker", "viewer").get(f"/units/{UNIT}/care").text
