"""The door before all pages: who gets in, what each role may do and where, and what a foreign page cannot."""

from __future__ import annotations

import io
import re
from importlib import resources

import pytest

from kiosk_firmware.office.accounts import passwords
from kiosk_firmware.office.accounts.main import main
from kiosk_firmware.office.web import access_control
from kiosk_firmware.office.web.access_control import HEADERS
from tests.office.pages import WORD, Office, Visitor, cheap, office

__all__ = ["cheap", "office"]
TEMPLATES = resources.files("kiosk_firmware.office.web").joinpath("templates")
UNIT = {"site": "jia", "unit": "jia-atm-01"}
MAY = {
    ("/board/do", "stop"): "teach",
    ("/board/do", "end"): "teach",
    ("/alerts/do", ""): "tend",
    ("/alerts/work", ""): "tend",
    ("/people/make", ""): "manage",
    ("/people/shut", ""): "manage",
    ("/proposals/decide", ""): "serve",
}


def test_without_a_session_there_is_only_the_door(office: Office):
    nobody = Visitor(office)
    assert nobody.get("/events", accept="text/event-stream").status_code == 401
    for path in ("/", "/board", "/units/x", "/audit"):
        assert nobody.get(path).headers["location"] == "/login"
        assert nobody.get(path, **{"hx-request": "true"}).headers["hx-redirect"] == "/login"
    assert nobody.ask("POST", "/board/do").status_code == 401
    assert nobody.get("/static/office.css").status_code == 200
    assert "kiosk office init" in nobody.get("/login").text


def test_every_answer_carries_the_headers_and_no_page_has_script_or_style_of_its_own(office: Office):
    visitor = office.come("chief")
    for path in ("/", "/login", "/nowhere", "/static/office.css"):
        for name in HEADERS:
            assert visitor.get(path).headers[name], (path, name)
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    for template in TEMPLATES.iterdir():
        text = template.read_text("utf-8")
        assert not re.search(r"<script(?! src=)|\sstyle=|\son[a-z]+=|hx-on", text), template.name


def test_the_cookie_is_for_this_office_and_no_script(office: Office):
    office.people.accounts.make("test", "li-teacher", "teacher", (), WORD)
    answer = Visitor(office).ask("POST", "/login", data={"name": "li-teacher", "word": WORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    wrong = Visitor(office).ask("POST", "/login", data={"name": "li-teacher", "word": "x"})
    assert wrong.headers["location"] == "/login?wrong=1"
    assert "set-cookie" not in wrong.headers


def test_a_change_needs_the_sessions_own_word(office: Office):
    office.unit("jia-atm-01")
    visitor = office.come("li-teacher", "teacher")
    stop = {**UNIT, "act": "stop"}
    assert visitor.ask("POST", "/board/do", data=stop).status_code == 403
    assert visitor.post("/board/do", {"X-CSRF-Token": "guessed"}, **stop).status_code == 403
    assert visitor.post("/board/do", {"Origin": "http://elsewhere.example"}, **stop).status_code == 403
    assert office.requests() == []
    assert visitor.post("/board/do", {"Origin": "http://testserver"}, **stop).status_code == 204
    assert visitor.ask("POST", "/board/do", data={**stop, "csrf": visitor.word}).status_code == 204
    assert [wish.name for wish in office.requests()] == ["class.stop", "class.stop"]


@pytest.mark.parametrize("role", ["viewer", "teacher", "technician", "administrator"])
def test_each_role_does_what_it_may_and_nothing_else(office: Office, role):
    office.unit("jia-atm-01")
    visitor = office.come("somebody", role)
    person = office.people.accounts.person("somebody")
    said = {
        **UNIT,
        "kind": "door",
        "name": "li-other",
        "role": "viewer",
        "word": WORD,
        "id": 1,
        "key": "x",
        "do": "ack",
        "scope": "jia",
        "why": "w",
    }
    for (path, act), can in MAY.items():
        code = visitor.post(path, **said, act=act).status_code
        assert (code == 403) != person.can(can), (path, act, code)
    for path, can in (("/people", "manage"), ("/audit", "manage"), ("/proposals", "serve")):
        assert (visitor.get(path).status_code == 403) != person.can(can), path


def test_a_site_is_seen_by_its_own_people_only(office: Office):
    office.unit("jia-atm-01")
    office.unit("yi-atm-01", "yi")
    visitor = office.come("li-teacher", "teacher", ("yi",))
    assert "jia-atm-01" not in visitor.get("/").text
    assert "yi-atm-01" in visitor.get("/").text
    for path in ("/units/jia-atm-01", "/units/jia-atm-01/part", "/units/jia-atm-01/glass.jpg", "/board?site=jia"):
        assert visitor.get(path).status_code == 404, path
    assert visitor.post("/units/jia-atm-01/watch").status_code == 404
    assert visitor.post("/board/do", **UNIT, act="stop").status_code == 403
    assert visitor.post("/alerts/work", scope="jia-atm-01", why="w").status_code == 404
    assert office.requests() == []


def test_the_office_answers_to_its_own_names_only(office: Office):
    visitor = office.come("chief")
    assert visitor.get("/", host="elsewhere.example").status_code == 400
    assert visitor.get("/login", host="127.0.0.1").status_code == 200


def test_a_session_cannot_do_too_much_at_once(office: Office, monkeypatch):
    monkeypatch.setattr(access_control, "BURST", 5.0)
    monkeypatch.setattr(access_control, "RATE", 0.0)
    office.unit("jia-atm-01")
    visitor = office.come("li-teacher", "teacher")
    codes = [visitor.post("/board/do", **UNIT, act="stop").status_code for _ in range(7)]
    assert codes == [204] * 5 + [429] * 2
    assert office.come("another", "teacher").post("/board/do", **UNIT, act="stop").status_code == 204


def test_more_than_one_site_takes_two_people(office: Office):
    office.unit("jia-atm-01")
    office.unit("yi-atm-01", "yi")
    one, other, local = office.come("one-chief"), office.come("two-chief"), office.come("local", "technician", ("yi",))
    frame_order(office, "one-chief")
    assert office.requests() == []
    (waiting,) = office.people.proposals.open()
    assert "it takes a second person" in one.post("/proposals/decide", id=waiting.id, yes=1).text
    assert local.post("/proposals/decide", id=waiting.id, yes=1).status_code == 404, "not all of it is theirs"
    assert office.requests() == []
    assert other.post("/proposals/decide", id=waiting.id, yes=1).status_code == 200
    assert [(wish.unit, wish.name) for wish in office.requests()] == [
        ("jia-atm-01", "restart"),
        ("yi-atm-01", "restart"),
    ]
    assert other.post("/proposals/decide", id=waiting.id, yes=1).status_code == 404
    acts = [(entry.who, entry.act) for entry in office.people.audit.rows()]
    assert ("one-chief", "proposed restart") in acts
    assert ("two-chief", "agreed to restart") in acts


def frame_order(office: Office, name: str) -> None:
    from kiosk_firmware.office.fleet.display_names import DisplayNames
    from kiosk_firmware.office.learning.learner_numbers import LearnerNumbers
    from kiosk_firmware.office.web.page_context import PageContext
    from kiosk_firmware.office.web.render import Renderer

    frame = PageContext(office.desk, office.views, Renderer(DisplayNames()), office.people, LearnerNumbers())
    person = office.people.accounts.person(name)
    assert not frame.command(person, office.views.units(0), "restart", {}, 60_000, "new version")


def test_an_administrator_makes_and_closes_accounts_on_the_page(office: Office):
    chief = office.come("chief")
    made = chief.post("/people/make", name="wang-tech", role="technician", sites="jia, yi", word=WORD)
    assert "wang-tech" in made.text
    assert office.people.accounts.person("wang-tech").sites == {"jia", "yi"}
    assert "otpauth://" in chief.post("/people/make", name="second", role="administrator", word=WORD).text
    assert "allowed are" in chief.post("/people/make", name="No Name", role="viewer", word=WORD).text
    chief.post("/people/shut", name="wang-tech")
    assert office.people.accounts.person("wang-tech") is None
    page = chief.get("/audit").text
    assert "建立账号或换口令" in page
    assert "前后相连，没有被改动" in page


def test_the_first_administrator_is_made_once_and_the_chain_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(passwords, "COST", {"length": 32, "iterations": 1, "lanes": 1, "memory_cost": 64})
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{WORD}\n"))
    assert main("init", ["--state", str(tmp_path), "--name", "chief"]) == 0
    assert "otpauth://totp/kiosk:chief?secret=" in capsys.readouterr().out
    assert main("init", ["--state", str(tmp_path), "--name", "chief"]) == 1
    assert main("audit", ["--state", str(tmp_path)]) == 0
    assert "1 rows, unbroken" in capsys.readouterr().out
