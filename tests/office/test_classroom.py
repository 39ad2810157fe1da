"""The room on the class board, without a browser: pictures, seats, what units can do, a lesson shown."""

from __future__ import annotations

import base64
import re

import pytest

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.learning.classroom_seating import SeatPlan, plan_of
from kiosk_firmware.office.shared_state import GlassSnapshot
from kiosk_firmware.wire.messages import Now
from tests.office.pages import Office, cheap, office
from tests.office.test_learning import practised, told

__all__ = ["cheap", "office"]
JPEG = b"\xff\xd8 a picture"
ANNA = "a" * 16


@pytest.fixture
def room(office: Office):
    for n in (1, 2, 3):
        office.unit(f"jia-atm-0{n}")
    office.unit("yi-atm-01", "yi")
    return office


def test_a_watched_room_shows_the_pictures_that_came_since_and_none_of_before(room: Office):
    teacher = room.come("li-teacher", "teacher", ("jia",))
    room.desk.show("jia-atm-01", GlassSnapshot(JPEG, utc_ms() - 60_000))
    assert teacher.post("/board/watch", site="jia", first="1").status_code == 204
    assert {(wish.kind, wish.unit) for wish in room.requests()} == {("watch", f"jia-atm-0{n}") for n in (1, 2, 3)}
    assert teacher.get("/board/glasses.json?site=jia").json()["glasses"] == {}, "that was seen before"
    room.desk.show("jia-atm-02", GlassSnapshot(JPEG, utc_ms()))
    room.desk.show("yi-atm-01", GlassSnapshot(JPEG, utc_ms()))
    found = teacher.get("/board/glasses.json?site=jia").json()
    assert found["glasses"] == {"jia-atm-02": f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"}
    assert teacher.get(f"/board/glasses.json?site=jia&since={utc_ms()}").json()["glasses"] == {}
    teacher.post("/board/watch", site="jia")
    watched = room.people.db.rows("SELECT who, about FROM audit WHERE act = 'glass.watched'")
    assert [tuple(row) for row in watched] == [("li-teacher", "jia")]


def test_the_menu_offers_what_the_rooms_units_can_do(room: Office):
    names = {"atm/withdraw-100": {"zh": "取 100 元"}, "rail/buy": {"zh": "买票"}, "visit/copy": {"zh": "复印"}}
    room.frame.renderer.names = type(room.frame.renderer.names)(lessons=names)
    teacher = room.come("li-teacher", "teacher", ("jia",))
    page = teacher.get("/board?site=jia").text
    assert all(f'value="{one}"' in page for one in names), "nobody has said what it has"
    told(room, "unit.started", machines=["rail"])
    told(room, "unit.started", machines=["atm", "rail"])
    page = teacher.get("/board?site=jia&lesson=rail/buy").text
    assert 'value="rail/buy" selected' in page
    assert 'value="atm/withdraw-100"' in page
    assert 'value="visit/copy"' not in page
    assert '"jia-atm-01": ["atm", "rail"]' in page


def test_a_pressed_key_says_what_became_of_it(room: Office):
    """One unit did it, one has it and stands still, one failed; what was pressed before is no part of it."""
    teacher, now = room.come("li-teacher", "teacher", ("jia",)), utc_ms()
    outcome = re.compile(r'<p id="outcome"[^>]*class="(\w+)">([^<]*)</p>')
    assert outcome.search(teacher.get("/board/part?site=jia").text)[2] == ""

    def sent(unit: str, name: str, state: str, ago_ms: int, args: str = "{}", stands_ms: int = 60_000) -> None:
        row = (f"{unit}{name}{ago_ms}", unit, unit[: unit.index("-")], name, args, now - ago_ms, now + stands_ms, state)
        room.db.execute(f"INSERT INTO commands VALUES({', '.join('?' * 8)}, '')", row)

    sent("jia-atm-01", "class.go", "failed", 40_000)
    sent("jia-atm-01", "class.stop", "failed", 30_000)
    sent("yi-atm-01", "class.stop", "failed", 20)
    for n, state in ((1, "done"), (2, "received"), (3, "sent")):
        sent(f"jia-atm-0{n}", "class.stop", state, n)
    look, text = outcome.search(teacher.get("/board/part?site=jia").text).groups()
    assert "全部停：3 台里 1 台做了 · 还没做： jia-atm-02、jia-atm-03" in text
    assert (look, "没做成" in text) == ("soft", False)
    room.db.execute("UPDATE commands SET expires_at = ? WHERE unit = 'jia-atm-03'", (now - 1,))
    room.db.execute("UPDATE commands SET state = 'done' WHERE unit = 'jia-atm-02'")
    look, text = outcome.search(teacher.get("/board/part?site=jia").text).groups()
    assert "2 台做了 · 没做成： jia-atm-03" in text
    assert look == "bad"
    room.db.execute("UPDATE commands SET state = 'done'")
    assert outcome.search(teacher.get("/board/part?site=jia").text)[1] == "good"


@pytest.mark.parametrize("path", ["/board?site=jia", "/board/sheet?site=jia"])
def test_a_large_room_asks_the_database_no_more_often_than_a_small_one(room: Office, monkeypatch, path):
    """Each question is a way to PostgreSQL and back: 50 units were 150 of them."""
    teacher, asked, rows = room.come("li-teacher", "teacher", ("jia",)), [], room.views.rows
    monkeypatch.setattr(room.views, "rows", lambda sql, *args: asked.append(sql) or rows(sql, *args))
    assert teacher.get(path).status_code == 200
    small = len(asked)
    for n in range(30):
        room.unit(f"jia-more-{n:02d}", kind="atm")
    asked.clear()
    assert "jia-more-29" in teacher.get(path).text
    assert len(asked) <= small


def test_a_lesson_is_shown_on_a_unit(room: Office):
    teacher = room.come("li-teacher", "teacher", ("jia",))
    form = {"act": "show", "site": "jia", "unit": "jia-atm-02", "lesson": "atm/withdraw-100"}
    assert teacher.post("/board/do", **form).status_code == 204
    (sent,) = room.requests()
    assert (sent.unit, sent.name) == ("jia-atm-02", "lesson.show")
    assert sent.args == {"machine": "atm", "lesson": "withdraw-100"}
    assert teacher.post("/board/do", **{**form, "lesson": ""}).status_code == 400


def test_a_tile_says_what_its_learner_has_learnt_to_whoever_may_know(room: Office):
    practised(room, 1, learner=ANNA)
    room.sum_up()
    room.desk.place("jia-atm-01", Now(utc_ms(), learner=ANNA, machine="atm", lesson="withdraw-100"))
    teacher, viewer = room.come("li-teacher", "teacher", ("jia",)), room.come("a-viewer", "viewer", ("jia",))
    page = teacher.get("/board/part?site=jia").text
    assert "学会 0 课" in page
    assert "自己做到" in page
    assert "学会 0 课" not in viewer.get("/board/part?site=jia").text


def seats_of(page: str) -> list[str]:
    return [part.partition('id="tile-')[2][:10] for part in page.split("<li ")[1:]]


def test_units_stand_where_the_teacher_put_them(room: Office):
    teacher = room.come("li-teacher", "teacher", ("jia",))
    assert seats_of(teacher.get("/board?site=jia").text) == ["jia-atm-01", "jia-atm-02", "jia-atm-03"]
    sent = teacher.post("/board/seats", site="jia", columns="3", seats="jia-atm-03,,jia-atm-01")
    assert (sent.status_code, sent.headers["location"]) == (303, "/board?site=jia")
    page = teacher.get("/board?site=jia").text
    assert seats_of(page) == ["jia-atm-03", "", "jia-atm-01", "jia-atm-02"], "who has no seat stands behind"
    assert "columns-3" in page
    room.desk.place("jia-atm-01", Now(utc_ms(), calling=True))
    assert seats_of(teacher.get("/board?site=jia").text)[0] == "jia-atm-03", "nobody's seat moves"
    arranged = teacher.get("/board/seats?site=jia").text
    assert 'value="jia-atm-03,,jia-atm-01,jia-atm-02,' in arranged
    teacher.post("/board/seats", site="jia", columns="3", seats="")
    assert "columns-" not in teacher.get("/board?site=jia").text


@pytest.mark.parametrize(
    ("columns", "seats"), [("9", "jia-atm-01"), ("3", "yi-atm-01"), ("3", "jia-atm-01,jia-atm-01"), ("1", "")]
)
def test_a_plan_that_is_none_is_refused(room: Office, columns, seats):
    teacher = room.come("li-teacher", "teacher", ("jia",))
    assert teacher.post("/board/seats", site="jia", columns=columns, seats=seats).status_code == 400
    assert room.people.db.rows("SELECT * FROM seat_plans") == []


def test_a_plan_lets_go_of_units_that_are_gone_and_of_free_seats_at_the_end():
    plan = SeatPlan(2, ("b", "", "gone", "a", "", ""))
    assert plan.of(["a", "b", "c"]) == SeatPlan(2, ("b", "", "", "a", "", "", "c"))
    assert plan.of(["b"]).seats == ("b",)
    assert plan_of(2, "a,,b", ["a", "b"]) == SeatPlan(2, ("a", "", "b"))
