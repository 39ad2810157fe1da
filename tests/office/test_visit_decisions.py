"""What an officer decides and is shown: a moved visit, times and numbers that cannot be, holidays, what is overdue."""

from __future__ import annotations

import datetime

import msgspec
import pytest

from kiosk_firmware.office.web.visits import range_response
from kiosk_firmware.visit.domain.calendar import EPOCH, date_of
from kiosk_firmware.visit.office.appointments import day_and_minute
from kiosk_firmware.visit.office.public_holidays import HolidayNotice
from kiosk_firmware.visit.office.recordings import DAY_MS
from tests.office.visit_pages import POLICY, Visits, cheap, office

__all__ = ["cheap", "office"]
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")


def test_an_officer_moves_a_visit_and_the_family_is_told_anew(office: Visits) -> None:
    number = office.approved()
    office.station.post(f"/station/visits/{number}/do", do="told")
    page = f"/visits/{number}/move"
    assert page in office.officer.get(f"/visits/{number}").text
    place = {**office.place(), **office.later(1)}
    look = office.officer.get(f"{page}?day={place['day']}&minute={place['minute']}").text
    assert f'name="minute" value="{place["minute"]}"' in look
    assert "要写理由" in office.decide(number, "move", seen="waiting", **place).text
    late = office.decide(number, "move", seen="approved", reason="repair", **place)
    assert late.status_code == 409
    assert "现在是“待会见”" in late.text
    assert office.decide(number, "move", seen="waiting", reason="repair", **place).status_code == 303
    one = office.room.store.appointment(office.room.store.by_number(number).id)
    assert (one.day, one.minute) == day_and_minute(office.day_ms(1))
    assert ("li-visits", "visit.move") in [(row.who, row.act) for row in office.people.audit.rows()]
    said = office.officer.get(f"/visits/{number}").text
    assert "改期" in said
    assert "repair" in said
    assert "改期了，请告知" in office.station.get("/station").text
    slip = office.station.get(f"/station/visits/{number}").text
    assert "第 2 张，以前的作废" in slip
    assert "repair" not in slip, "an officer's words stay with officers"
    again = office.decide(number, "move", seen="approved", reason="repair", **place)
    assert "时间和地点都没变" in again.text
    assert again.status_code == 409


def test_nothing_is_moved_onto_another_visit_nor_out_of_a_finished_one(office: Visits) -> None:
    first, number = office.approved(), office.asked("f" * 16)
    office.decide(number, "prove", seen="submitted")
    there = {**office.place(), **office.later(1)}
    assert office.decide(number, "approve", seen="approval", **there).status_code == 303
    taken = office.decide(number, "move", seen="approved", reason="x", **office.place())
    assert taken.status_code == 409
    assert "已经约出去了" in taken.text
    office.decide(first, "cancel", seen="approved", reason="x")
    assert office.officer.get(f"/visits/{first}/move").headers["location"] == f"/visits/{first}"
    answer = office.decide(first, "move", seen="approved", reason="x", **there)
    assert answer.status_code == 409
    assert office.officer.get(f"/visits/{number}/move?day=yesterday").status_code == 400
    strange = office.come("zhao-visits", "visits", ("yi",))
    assert strange.get(f"/visits/{number}/move").status_code == 404


def test_a_visit_is_given_no_time_that_has_passed_or_is_a_year_away(office: Visits) -> None:
    number = office.asked()
    office.decide(number, "prove", seen="submitted")
    for when_ in (office.later(-1), office.later(400), {"day": datetime.date.min}, {"day": datetime.date.max}):
        answer = office.decide(number, "approve", seen="approval", reason="x", **{**office.place(), **when_})
        assert answer.status_code == 409, when_
        assert "从现在起一年以内" in answer.text
    for day in ("", "2026-13-01", "tomorrow"):
        assert office.decide(number, "approve", seen="approval", **{**office.place(), "day": day}).status_code == 400


LONG = "9" * 5000
"""More digits than Python reads as a number."""


def test_numbers_that_no_visit_has_are_refused_in_words_and_never_an_error(office: Visits) -> None:
    kept = office.signed()
    number = kept.case.number
    for part in ("-1", "10000", LONG, "0x1", "１"):
        assert office.officer.get(f"/visits/{number}/film/{part}").status_code == 404, part[:9]
    for path in (f"/visits/{LONG}", f"/visits/{LONG}/film/0"):
        assert office.officer.get(path).status_code == 404
    for minute in ("-30", "1440", LONG):
        assert office.decide(number, "cancel", seen="signing", reason="x", minute=minute).status_code == 422
        assert office.officer.get(f"/visits/{number}/move?minute={minute}").status_code == 422
    for day in ("-1", "60001", LONG):
        assert office.officer.get(f"/visits/calendar?day={day}").status_code == 422
        assert office.station.get(f"/station?page={day}").status_code == 422
    assert office.officer.post(f"/visits/{number}/reviewed", found="weather").status_code == 400
    before = len(office.people.audit.rows())
    assert office.decide(number, "approve", seen="approval", unit="u" * 99, **office.later(1)).status_code == 422
    assert len(office.people.audit.rows()) == before, "what no unit is called stands in no audit"
    form = {**office.form("e" * 16), "slot": f"{LONG}:{LONG}"}
    answer = office.station.post("/station/ask", step="check", **form)
    assert answer.status_code == 400
    assert "请选一个时间" in answer.text
    assert range_response(f"bytes={LONG}-", b"film").status_code == 200


def test_a_year_whose_holidays_nobody_has_said_is_told_to_the_officer(office: Visits, monkeypatch) -> None:
    page = "年的放假安排"
    known = (datetime.date(2026, 10, 1) - EPOCH).days
    assert page not in office.officer.get(f"/visits/calendar?day={known}").text
    assert "公休日" in office.officer.get(f"/visits/calendar?day={known}").text
    assert "调休上班" in office.officer.get(f"/visits/calendar?day={known + 9}").text
    assert f"还不知道 2031 {page}" in office.officer.get(f"/visits/calendar?day={known + 5 * 365 + 2}").text
    for day, said in ((known, False), (known + 5 * 365, True)):
        monkeypatch.setattr("kiosk_firmware.office.web.visits.now_ms", lambda day=day: day * DAY_MS)
        assert (page in office.officer.get("/visits").text) == said


def test_on_a_public_holiday_an_officer_says_why(office: Visits) -> None:
    number = office.asked()
    office.decide(number, "prove", seen="submitted")
    date = date_of(day_and_minute(office.room.now_ms())[0])
    year = HolidayNotice(date.replace(month=1, day=1), date.replace(month=12, day=31), "a test", ((date, date),))
    office.room.policy = msgspec.structs.replace(POLICY, holidays=(year,))
    without = office.decide(number, "approve", seen="approval", **office.place())
    assert without.status_code == 409
    assert "那一天是公休日" in without.text
    assert office.decide(number, "approve", seen="approval", reason="leave", **office.place()).status_code == 303


def test_who_listens_too_late_is_shown_what_to_do(office: Visits, monkeypatch) -> None:
    office.talked()
    assert 'id="overdue"' not in office.officer.get("/visits").text
    later = office.room.now_ms() + (POLICY.review_days * 24 + 1) * 3_600_000
    monkeypatch.setattr("kiosk_firmware.office.web.visits.now_ms", lambda: later)
    assert "有 1 次会见过了期限还没有复听" in office.officer.get("/visits").text
