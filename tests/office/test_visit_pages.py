"""The pages of real visits without network: what a role may, what a second officer and a used token are told, the line
over a WebSocket, and that nothing is played after its days.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import wave

import pytest
from starlette.websockets import WebSocketDisconnect

from kiosk_firmware.office.web import visit_signalling
from kiosk_firmware.office.web.family_station import VOICE
from kiosk_firmware.office.web.visits import marks_on_line, range_response
from kiosk_firmware.visit.office.recordings import DAY_MS
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from tests.office.pages import Visitor
from tests.office.visit_pages import POLICY, Visits, cheap, office
from tests.wire.rig import wait

__all__ = ["cheap", "office"]
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
UP = "kiosk/v1/jia/jia-visit-01/call/up"


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
    ({"learner": "somebody"}, "会见编号不对"),
    ({"learner": "l-123456"}, "会见编号不对"),
    ({"site": "yi"}, "请选在哪个监所"),
    ({"relative0": "r-1"}, "登记号是"),
    ({"kin0": "friend"}, "登记号是"),
    ({"proof0": ""}, "要有亲属关系证明"),
    ({"slot": "1:2"}, "请选一个时间"),
    ({"relative1": "r-000001", "kin1": "child", "proof1": "hukou"}, "登记号不能一样"),
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
    assert "请选这个监所的会见机" in elsewhere.text


def test_against_the_rules_it_needs_words(office: Visits) -> None:
    office.talked()
    number = office.asked()
    office.decide(number, "prove", seen="submitted")
    place = {**office.place(), **office.beside()}
    without = office.decide(number, "approve", seen="approval", **place)
    assert without.status_code == 409
    assert "要写理由" in without.text
    leave = {**place, "reason": "leave of the warden"}
    assert office.decide(number, "approve", seen="approval", **leave).status_code == 303


def test_each_role_sees_its_own_room_and_sites_only(office: Visits) -> None:
    number = office.approved()
    assert office.officer.get("/").headers["location"] == "/visits"
    assert office.station.get("/").headers["location"] == "/station"
    for visitor, paths in (
        (office.officer, ("/units/jia-visit-01", "/board", "/station", "/audit")),
        (office.station, ("/board", "/visits", f"/visits/{number}", f"/visits/{number}/film/0")),
    ):
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


def test_a_line_that_broke_and_came_back_stands_in_the_visits_history_once(office: Visits) -> None:
    kept = office.signed()
    office.room.calls.signed(kept, "unit", "unit")
    for phase in ("talking", "talking", "cut", "cut", "talking", "cut", "over"):
        word = m.StatusReport(visit=kept.case.number, phase=phase, left_ms=9000, running=phase == "talking", end="line")
        office.room.calls.told(kept, word)
    acts = [move for who, move in office.room.store.acts(kept.id) if move.startswith("call.")]
    assert acts == ["call.cut", "call.resumed", "call.cut"]
    assert "线路又通了" in office.officer.get(f"/visits/{kept.case.number}").text


def test_what_was_said_is_played_to_officers_and_after_its_days_to_nobody(office: Visits, monkeypatch) -> None:
    kept = office.talked()
    number = kept.case.number
    sealed = office.room.recordings._folder / f"{number}.sealed"
    with Sealer(sealed, number, office.room.recordings.seal(kept.id)) as sealer:
        sealer.write(b"film " * 100)
    data = sealed.read_bytes()
    sealed.unlink()
    digest = hashlib.sha256(data).hexdigest()
    office.room.recordings.kept(kept.id, m.Kept(visit=number, bytes=len(data), sha256=digest, seconds=1))
    assert "取完就能听" in office.officer.get(f"/visits/{number}/listen").text
    assert office.room.recordings.took(kept.id, m.Piece(visit=number, offset=0, data=data))
    office.room.store.note(kept.id, "li", "call.warn", "phone")
    page = office.officer.get(f"/visits/{number}/listen").text
    assert "长 1 秒" in page
    assert re.search(r'data-seek="\d+">0:0\d</button>.+?<span>提醒', page), "when somebody was warned"
    assert re.search(r'<svg class="pin" x="[\d.]+%"><title>0:0\d 提醒</title><path class="warn"', page)
    assert page.count("data-speed=") == 5
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


def test_marks_lie_on_a_line_as_long_as_the_recording_and_a_broken_line_as_long_as_it_was() -> None:
    acts = [(100, "call.cut"), (150, "call.resumed"), (200, "call.warn"), (900, "call.cut")]
    found = [(one.act.removeprefix("call."), one.at, one.wide) for one in marks_on_line(acts, 1000)]
    assert found == [("cut", 100, 50), ("resumed", 150, 0), ("warn", 200, 0), ("cut", 900, 100)]
    later = marks_on_line([(90, "call.warn")], 60)  # whoever wrote it stopped before
    assert [(one.seconds, one.at) for one in later] == [(90, 1000)]
    assert marks_on_line([], 0) == []


@pytest.mark.parametrize(
    ("asked", "code", "part"),
    [
        ("", 200, b"0123456789"),
        ("bytes=0-", 206, b"0123456789"),
        ("bytes=3-5", 206, b"345"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-", 416, b""),
        ("bytes=-3", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
    ],
)
def test_a_part_of_a_film(asked, code, part) -> None:
    answer = range_response(asked, b"0123456789")
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
    monkeypatch.setattr("kiosk_firmware.office.web.family_station.VOICE", "no-such-voice")
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
            word = m.StatusReport(visit=kept.case.number, phase=phase, left_ms=0, running=False, end="time")
            office.hub.heard(UP, m.ENCODE(word))
            assert line.receive_json()["phase"] == phase
        assert closed(line) == 4410
    answer = office.station.post(f"/visits/{kept.case.number}/token", whose="station")
    assert answer.status_code == 410


def test_talking_keeps_the_session_and_a_closed_account_ends_the_line(office: Visits, monkeypatch) -> None:
    monkeypatch.setattr(visit_signalling, "SESSION_S", 0.0)
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
