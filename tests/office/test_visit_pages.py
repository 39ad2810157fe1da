"""The pages of real visits without network: what a role may, what a second officer and a used token are told, the line
over a WebSocket, and that nothing is played after its days.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import shutil
import wave

import msgspec
import pytest
from starlette.websockets import WebSocketDisconnect

from kiosk_firmware.calls import messages as m
from kiosk_firmware.calls.sealing import Sealer
from kiosk_firmware.office.calls.hub import Hub
from kiosk_firmware.office.calls.inviting import Inviting
from kiosk_firmware.office.web import signal
from kiosk_firmware.office.web.app import build
from kiosk_firmware.office.web.station import VOICE
from kiosk_firmware.office.web.visits import ranged
from kiosk_firmware.visits.holidays import Notice
from kiosk_firmware.visits.judging import offered
from kiosk_firmware.visits.policy import VisitPolicy
from kiosk_firmware.visits.recordings import DAY_MS
from kiosk_firmware.visits.room import VisitRoom
from kiosk_firmware.visits.store import Kept, when
from tests.office.pages import Office, Visitor, cheap
from tests.telemetry.rig import wait

__all__ = ["cheap"]
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
LEARNER = "1234567890abcdef"
UP = "kiosk/v1/jia/jia-visit-01/call/up"
HALF_HOUR_MS = 30 * 60_000
POLICY = VisitPolicy(late_min=60, early_min=60)


class Visits(Office):
    """An office with a visit unit, a station and two officers."""

    def __init__(self, folder) -> None:
        super().__init__(folder)
        self.room = VisitRoom(folder, POLICY)
        self.hub = Hub(self.room, Inviting(self.room, folder), self.people.note)
        self.app = build(self.frame, self.roster, hub=self.hub)
        self.unit("jia-visit-01", kind="visit")
        self.station = self.come("sifa-01", "station", ("jia",))
        self.officer = self.come("li-visits", "visits", ("jia",))

    def asked(self, learner=LEARNER) -> str:
        form = self.form(learner)
        for step in ("who", "people", "when"):
            assert self.station.post("/station/ask", step=step, **form).status_code == 200
        return self.station.post("/station/ask", step="check", **form).headers["location"].rpartition("/")[2]

    def form(self, learner=LEARNER) -> dict[str, str]:
        day, minute = offered(POLICY, when(self.room.now_ms())[0])[0]
        comer = {"relative0": "r-000001", "kin0": "parent", "proof0": "hukou"}
        return {"site": "jia", "learner": learner, "slot": f"{day}:{minute}", **comer}

    def decide(self, number: str, act: str, visitor: Visitor | None = None, **more):
        return (visitor or self.officer).post(f"/visits/{number}/decide", act=act, **more)

    def approved(self) -> str:
        number = self.asked()
        assert self.decide(number, "prove", seen="submitted").status_code == 303
        assert self.decide(number, "approve", seen="approval", **self.place()).status_code == 303
        return number

    def place(self) -> dict[str, object]:
        day, minute = when(self.room.now_ms())
        date = datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
        return {"unit": "jia-visit-01", "station": "sifa-01", "day": date.isoformat(), "minute": minute // 30 * 30}

    def day_ms(self, days: int) -> int:
        """The half hour that `place` has, so many days later."""
        return self.room.now_ms() // HALF_HOUR_MS * HALF_HOUR_MS + days * DAY_MS

    def later(self, days: int) -> dict[str, object]:
        day, minute = when(self.day_ms(days))
        return {"day": (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat(), "minute": minute}

    def signed(self) -> Kept:
        number = self.approved()
        for do in ("papers", "pledge"):
            assert self.station.post(f"/station/visits/{number}/do", do=do).status_code == 303
        return self.room.store.by_number(number)

    def close(self) -> None:
        self.room.close()
        super().close()


@pytest.fixture
def office(tmp_path, cheap):
    made = Visits(tmp_path)
    yield made
    made.close()


def test_a_family_asks_the_officer_decides_the_family_signs_in(office: Visits) -> None:
    kept = office.signed()
    call = office.room.calls.call(kept.id)
    assert (kept.case.state, bool(call.station_signed_ms)) == ("signing", True)
    acts = [row.act for row in office.people.audit.rows()]
    for act in ("visit.asked", "visit.prove", "visit.approve", "visit.papers", "visit.pledge"):
        assert act in acts
    for page in ("/visits", "/visits/calendar", f"/visits/{kept.case.number}", f"/visits/{kept.case.number}/watch"):
        assert kept.case.number in office.officer.get(page).text, page
    talk = office.station.get(f"/station/visits/{kept.case.number}/talk")
    assert talk.headers["permissions-policy"] == "camera=(self), microphone=(self), geolocation=()"
    assert "camera=()" in office.station.get("/station").headers["permissions-policy"]


WRONG = (
    ({"learner": "somebody"}, "会见编号不对"), ({"learner": "l-123456"}, "会见编号不对"),
    ({"site": "yi"}, "请选在哪里"), ({"relative0": "r-1"}, "登记号是"), ({"kin0": "friend"}, "登记号是"),
    ({"proof0": ""}, "要有亲属证明"), ({"slot": "1:2"}, "请选一个时间"),
    ({"relative1": "r-000001", "kin1": "child", "proof1": "hukou"}, "登记号不一样"),
)


def test_what_is_wrong_with_a_request_is_said_on_its_page_and_nothing_is_kept(office: Visits) -> None:
    for change, no in WRONG:
        answer = office.station.post("/station/ask", step="check", **{**office.form(), **change})
        assert answer.status_code == 400, change
        assert no in answer.text
    assert office.room.store.of_station("sifa-01", 9) == ()


def test_the_second_officer_is_told_what_it_is_by_now(office: Visits) -> None:
    number, other = office.asked(), office.come("wang-visits", "visits", ("jia",))
    office.decide(number, "prove", seen="submitted")
    assert office.decide(number, "approve", seen="approval", **office.place()).status_code == 303
    late = office.decide(number, "refuse", other, seen="approval", reason="taken")
    assert late.status_code == 409
    assert "已经有人处理了：现在是“已批准”" in late.text
    assert office.room.store.by_number(number).case.state == "approved"


def test_two_requests_for_one_half_hour_one_is_told(office: Visits) -> None:
    office.approved()
    number = office.asked("f" * 16)
    office.decide(number, "prove", seen="submitted")
    late = office.decide(number, "approve", seen="approval", **office.place())
    assert late.status_code == 409
    assert "jia-visit-01 或 sifa-01 已经约出去了" in late.text
    elsewhere = office.decide(number, "approve", seen="approval", **{**office.place(), "unit": "yi-visit-01"})
    assert "请选这个监区的会见机" in elsewhere.text


def test_against_the_rules_it_needs_words(office: Visits) -> None:
    kept = office.signed()
    office.room.calls.signed(kept, "unit", "unit")
    for phase in ("talking", "over"):
        office.room.calls.told(kept, m.Told(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time"))
    number = office.asked()
    office.decide(number, "prove", seen="submitted")
    place = {**office.place(), "minute": (int(office.place()["minute"]) + 720) % 1440}
    without = office.decide(number, "approve", seen="approval", **place)
    assert without.status_code == 409
    assert "要写理由" in without.text
    leave = {**place, "reason": "leave of the warden"}
    assert office.decide(number, "approve", seen="approval", **leave).status_code == 303


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
    assert (one.day, one.minute) == when(office.day_ms(1))
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
    assert ranged(f"bytes={LONG}-", b"film").status_code == 200


def test_a_year_whose_holidays_nobody_has_said_is_told_to_the_officer(office: Visits, monkeypatch) -> None:
    page = "年的放假安排还不知道"
    known = (datetime.date(2026, 10, 1) - datetime.date(1970, 1, 1)).days
    assert page not in office.officer.get(f"/visits/calendar?day={known}").text
    assert "公休日" in office.officer.get(f"/visits/calendar?day={known}").text
    assert "调休上班" in office.officer.get(f"/visits/calendar?day={known + 9}").text
    assert f"2031 {page}" in office.officer.get(f"/visits/calendar?day={known + 5 * 365 + 2}").text
    for day, said in ((known, False), (known + 5 * 365, True)):
        monkeypatch.setattr("kiosk_firmware.office.web.visits.now_ms", lambda day=day: day * DAY_MS)
        assert (page in office.officer.get("/visits").text) == said


def test_on_a_public_holiday_an_officer_says_why(office: Visits) -> None:
    number = office.asked()
    office.decide(number, "prove", seen="submitted")
    today, _ = when(office.room.now_ms())
    date = datetime.date(1970, 1, 1) + datetime.timedelta(days=today)
    year = Notice(date.replace(month=1, day=1), date.replace(month=12, day=31), "a test", ((date, date),))
    office.room.policy = msgspec.structs.replace(POLICY, holidays=(year,))
    without = office.decide(number, "approve", seen="approval", **office.place())
    assert without.status_code == 409
    assert "那一天是公休日" in without.text
    assert office.decide(number, "approve", seen="approval", reason="leave", **office.place()).status_code == 303


def test_who_listens_too_late_is_shown_what_to_do(office: Visits, monkeypatch) -> None:
    kept = office.signed()
    office.room.calls.signed(kept, "unit", "unit")
    for phase in ("talking", "over"):
        office.room.calls.told(kept, m.Told(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time"))
    assert 'id="overdue"' not in office.officer.get("/visits").text
    later = office.room.now_ms() + (POLICY.review_days * 24 + 1) * 3_600_000
    monkeypatch.setattr("kiosk_firmware.office.web.visits.now_ms", lambda: later)
    assert "有 1 次会见超期没有复听" in office.officer.get("/visits").text


def test_each_role_sees_its_own_room_and_sites_only(office: Visits) -> None:
    number = office.approved()
    assert office.officer.get("/").headers["location"] == "/visits"
    assert office.station.get("/").headers["location"] == "/station"
    for visitor, paths in ((office.officer, ("/units/jia-visit-01", "/board", "/station", "/audit")),
                           (office.station, ("/board", "/visits", f"/visits/{number}", f"/visits/{number}/film/0"))):
        for path in paths:
            assert visitor.get(path).status_code == 403, path
    strange = office.come("zhao-visits", "visits", ("yi",))
    other = office.come("sifa-02", "station", ("jia",))
    for visitor, path in ((strange, f"/visits/{number}"), (other, f"/station/visits/{number}")):
        assert visitor.get(path).status_code == 404
    ends = (strange, "officer"), (other, "station"), (office.officer, "station"), (office.station, "officer")
    for visitor, whose in ends:
        assert visitor.post(f"/visits/{number}/token", whose=whose).status_code == 404
    teacher = office.come("li-teacher", "teacher")
    assert teacher.get("/visits").status_code == 403
    assert "/visits" not in teacher.get("/").text


def test_what_was_said_is_played_to_officers_and_after_its_days_to_nobody(office: Visits, monkeypatch) -> None:
    kept = office.signed()
    number = kept.case.number
    office.room.calls.signed(kept, "unit", "unit")
    for phase in ("talking", "over"):
        office.room.calls.told(kept, m.Told(visit=number, phase=phase, left_ms=0, running=False, end="time"))
    sealed = office.room.recordings._folder / f"{number}.sealed"
    with Sealer(sealed, number, office.room.recordings.seal(kept.id)) as sealer:
        sealer.write(b"film " * 100)
    data = sealed.read_bytes()
    sealed.unlink()
    digest = hashlib.sha256(data).hexdigest()
    office.room.recordings.kept(kept.id, m.Kept(visit=number, bytes=len(data), sha256=digest, seconds=1))
    assert "取完就能听" in office.officer.get(f"/visits/{number}/listen").text
    assert office.room.recordings.took(kept.id, m.Piece(visit=number, offset=0, data=data))
    film = f"/visits/{number}/film/0"
    assert office.officer.get(film).content == b"film " * 100
    assert office.officer.get(film, range="bytes=5-9").content == b"film "
    assert office.officer.get(f"/visits/{number}/film/1").status_code == 404
    assert [row.act for row in office.people.audit.rows()].count("visit.listened") == 1
    assert office.officer.post(f"/visits/{number}/reviewed", found="").status_code == 303
    assert "已经有人复听过了" in office.officer.post(f"/visits/{number}/reviewed", found="phone").text
    later = office.room.now_ms() + POLICY.keep_days * DAY_MS
    office.room.recordings._now_ms = lambda: later
    monkeypatch.setattr("kiosk_firmware.office.web.visits.now_ms", lambda: later)
    assert office.officer.get(film).status_code == 404, "its days are over, before anybody has cleared it away"
    office.hub.expire()
    assert office.officer.get(film).status_code == 404
    assert "不能再听" in office.officer.get(f"/visits/{number}/listen").text
    assert not sealed.exists()


@pytest.mark.parametrize(("asked", "code", "part"), [
    ("", 200, b"0123456789"), ("bytes=0-", 206, b"0123456789"), ("bytes=3-5", 206, b"345"), ("bytes=8-99", 206, b"89"),
    ("bytes=10-", 416, b""), ("bytes=-3", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"),
])  # fmt: skip
def test_a_part_of_a_film(asked, code, part) -> None:
    answer = ranged(asked, b"0123456789")
    assert (answer.status_code, answer.body) == (code, part)


def test_a_page_is_read_aloud_where_there_is_a_voice(office: Visits, monkeypatch) -> None:
    if shutil.which(VOICE) is None:
        pytest.skip("no espeak-ng here; on Debian: apt-get install espeak-ng")
    assert "hear-it" in office.station.get("/station").text
    answer = office.station.get("/station/say?text=您要办什么？12月10日")
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert len(sound.readframes(10**8)) > 2 * sound.getframerate(), "it says more than a second"
    assert office.station.get(f"/station/say?text={'x' * 301}").status_code == 422
    assert office.officer.get("/station/say?text=x").status_code == 403
    monkeypatch.setattr("kiosk_firmware.office.web.station.VOICE", "no-such-voice")
    assert "hear-it" not in office.station.get("/station").text
    assert office.station.get("/station/say?text=y").status_code == 404


# -- the line ----------------------------------------------------------------------------------------------------------


class Line:
    """A browser's WebSocket, by the application itself."""

    def __init__(self, office: Visits, visitor: Visitor, number: str) -> None:
        from starlette.testclient import TestClient

        self._client = TestClient(office.app, cookies=dict(visitor._cookies))
        self._visitor, self._number = visitor, number

    def token(self, whose="station") -> str:
        answer = self._visitor.post(f"/visits/{self._number}/token", whose=whose)
        assert answer.status_code == 200
        return answer.json()["token"]

    def open(self, **headers):
        return self._client.websocket_connect(f"/visits/{self._number}/signal", headers=headers)


def closed(line) -> int:
    """With which code it is shut, whatever was said before."""
    try:
        while True:
            line.receive_text()
    except WebSocketDisconnect as end:
        return end.code


def test_a_line_is_opened_by_a_token_once_and_a_second_tab_is_told(office: Visits) -> None:
    kept = office.signed()
    family = Line(office, office.station, kept.case.number)
    token = family.token()
    with family.open() as first:
        first.send_json({"token": token, "page": "a"})
        assert first.receive_json() == {"type": "Peer", "visit": kept.case.number, "end": "unit", "here": False}
        with family.open() as again:
            again.send_json({"token": token, "page": "a"})
            assert closed(again) == 4403
        with family.open() as second:
            second.send_json({"token": family.token(), "page": "b"})
            assert closed(second) == 4409
        with family.open() as third:
            third.send_json({"token": family.token(), "page": "b", "over": True})
            assert third.receive_json()["type"] == "Peer"
            assert closed(first) == 4409
            offer = {"type": "Offered", "visit": kept.case.number, "end": "station", "session": 1, "sdp": "v=0"}
            third.send_json(offer)
            office.hub.heard(UP, m.ENCODE(m.Left(visit=kept.case.number, end="unit")))
            assert third.receive_json()["type"] == "Left"


def test_no_line_without_a_session_from_elsewhere_or_with_anothers_token(office: Visits) -> None:
    kept = office.signed()
    nobody = Line(office, Visitor(office), kept.case.number)
    officer = Line(office, office.officer, kept.case.number)
    for line, headers in ((nobody, {}), (officer, {"origin": "http://elsewhere.example"})):
        with pytest.raises(WebSocketDisconnect), line.open(**headers):
            pass
    for first in ("no json", '{"token": "x"}', '{"token": "x", "page": "a"}'):
        with officer.open() as line:
            line.send_text(first)
            assert closed(line) == 4403
    stolen = Line(office, office.station, kept.case.number).token()
    with officer.open() as line:
        line.send_json({"token": stolen, "page": "a"})
        assert closed(line) == 4403


def test_a_line_ends_with_the_visit_and_no_other_is_given(office: Visits) -> None:
    kept = office.signed()
    family = Line(office, office.station, kept.case.number)
    with family.open() as line:
        line.send_json({"token": family.token(), "page": "a"})
        line.receive_json()
        office.room.calls.signed(kept, "unit", "unit")
        for phase in ("talking", "over"):
            word = m.Told(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time")
            office.hub.heard(UP, m.ENCODE(word))
            assert line.receive_json()["phase"] == phase
        assert closed(line) == 4410
    answer = office.station.post(f"/visits/{kept.case.number}/token", whose="station")
    assert answer.status_code == 410


def test_talking_keeps_the_session_and_a_closed_account_ends_the_line(office: Visits, monkeypatch) -> None:
    monkeypatch.setattr(signal, "SESSION_S", 0.0)
    kept = office.signed()
    family = Line(office, office.station, kept.case.number)
    looked: list[str] = []
    who = office.people.door.who
    monkeypatch.setattr(office.people.door, "who", lambda cookie: looked.append(cookie) or who(cookie))
    with family.open() as line:
        line.send_json({"token": family.token(), "page": "a"})
        line.receive_json()
        looked.clear()
        line.send_json({"type": "Here"})
        wait(lambda: looked, "the session to be looked at")
        office.people.accounts.shut("test", "sifa-01")
        line.send_json({"type": "Here"})
        assert closed(line) == 4403
