"""Alerts: when they stand and when not, one for a whole site, what people do about them, and that they go out once."""

from __future__ import annotations

import hmac
import json
import re
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.alerts.alert_list import AlertMonitor, Incident, current_conditions, rules, standing_alerts
from kiosk_firmware.office.alerts.notifications import SIGNATURE, Notifier
from kiosk_firmware.office.fleet.roster import MOODS, UnitState
from kiosk_firmware.office.process.periodic_tasks import PeriodicTasks
from kiosk_firmware.office.settings import Mail, OfficeSettings, Webhook
from kiosk_firmware.office.web.alerts import DUTY_ROOM
from kiosk_firmware.office.web.render import RULE_PARTS, office_texts
from kiosk_firmware.wire.messages import Health, Now
from tests.office.pages import Office, cheap, office

__all__ = ["cheap", "office"]
MINUTE = 60_000


def seat(unit: str, state: str = "online", site: str = "jia", **more) -> UnitState:
    figures = {"uptime_s": 1, "spool_depth": 0, "spool_oldest_s": 0, "disk_free": 8 << 30, "load": 0.1, "timeq": "rtc"}
    health = Health(ts=1, **{**figures, **{k: more.pop(k) for k in list(more) if k in Health.__struct_fields__}})
    return UnitState(unit, site, state=state, health=health, first_ms=1, **more)


def kinds(office: Office) -> list[tuple[str, str]]:
    return sorted((one.unit or one.site, one.kind) for one in standing_alerts(office.views, office.people.db, utc_ms()))


def test_a_unit_that_comes_back_soon_is_no_alert_and_one_that_does_not_is(office: Office):
    watcher = AlertMonitor(office.people.db)
    for at, state in ((0, "offline"), (1, "offline"), (1.9, "online"), (2.5, "offline"), (4, "offline")):
        watcher.look([seat("u-1", state)], int(at * MINUTE))
    assert kinds(office) == []
    watcher.look([seat("u-1", "offline")], int(4.6 * MINUTE))
    assert kinds(office) == [("u-1", "offline")]
    again = AlertMonitor(office.people.db)
    again.look([seat("u-1", "offline")], 5 * MINUTE)
    assert kinds(office) == [("u-1", "offline")], "a restart of the office forgets nothing that stands"
    again.look([seat("u-1", "asleep")], 6 * MINUTE)
    assert kinds(office) == []


def test_what_was_too_little_voltage_and_is_no_more_is_no_alert():
    assert current_conditions([seat("u-1", throttled=0x50000)], MINUTE) == set(), "the upper half tells of the past"


@pytest.mark.parametrize(
    ("kind", "spoilt"),
    [
        ("hot", {"temp_c": 81.0}),
        ("disk", {"disk_free": 1}),
        ("queue", {"spool_depth": 501}),
        ("denied", {"denied": 1}),
        ("store", {"spool_full": 0.91}),
        ("late", {"missing": 1}),
        ("clock", {"timeq": "guess"}),
        ("power", {"throttled": 0x50005}),
        ("certificate", {"until_ms": 3 * 86_400_000}),
        ("offline", {"state": "offline"}),
    ],
)
def test_each_rule_holds_where_it_says_and_only_there(kind, spoilt):
    assert current_conditions([seat("u-1", until_ms=400 * 86_400_000)], MINUTE) == set()
    assert current_conditions([seat("u-1", **spoilt)], MINUTE) == {("jia", "u-1", kind, "")}
    if "state" not in spoilt and "until_ms" not in spoilt:
        assert current_conditions([seat("u-1", "offline", **spoilt)], MINUTE) == {("jia", "u-1", "offline", "")}, (
            "old figures"
        )


def test_half_a_site_away_is_one_alert(office: Office):
    watcher = AlertMonitor(office.people.db)
    away = [seat(f"u-{n}", "offline") for n in range(5)] + [seat("u-9")] + [seat("v-1", "offline", "yi")]
    watcher.look(away, 0)
    watcher.look(away, 3 * MINUTE)
    assert kinds(office) == [("jia", "outage"), ("v-1", "offline")]
    watcher.look([*away[:1], *(seat(f"u-{n}") for n in range(1, 10)), away[-1]], 4 * MINUTE)
    assert kinds(office) == [("u-0", "offline"), ("v-1", "offline")]


def test_nearly_all_sites_away_is_one_alert_of_the_office_that_looks_at_the_broker(office: Office):
    watcher = AlertMonitor(office.people.db)
    away = [seat(f"{site}-{n}", "offline", site) for site in ("aaa", "bbb", "ccc", "ddd") for n in range(4)]
    there = [seat("eee-1", site="eee"), seat("fff-1", "asleep", "fff")]
    watcher.look([*away, *there], 0)
    watcher.look([*away, *there], 3 * MINUTE)
    assert kinds(office) == [("", "deaf")]
    assert "broker" in office.frame.renderer.incident(standing_alerts(office.views, office.people.db, 1)[0], "en")
    back = [seat(one.unit, site=one.site) if one.site == "aaa" else one for one in away]
    watcher.look([*back, *there], 4 * MINUTE)
    assert kinds(office) == [("bbb", "outage"), ("ccc", "outage"), ("ddd", "outage")], "three of five: their own"
    watcher.look([seat(one.unit, site=one.site) for one in away], 5 * MINUTE)
    assert kinds(office) == []


def test_two_sites_away_are_two_alerts_even_where_there_are_no_more(office: Office):
    watcher = AlertMonitor(office.people.db)
    away = [seat(f"{site}-{n}", "offline", site) for site in ("aaa", "bbb") for n in range(4)]
    for at in (0, 3):
        watcher.look(away, at * MINUTE)
    assert kinds(office) == [("aaa", "outage"), ("bbb", "outage")]


def test_many_alerts_are_shown_a_page_at_a_time_filtered_and_tended_together(office: Office):
    now = utc_ms()
    for n in range(130):
        unit = f"jia-{n:03d}"
        office.unit(unit, "jia" if n % 2 else "yib")
        kind, about = ("device", "pin_pad") if n < 70 else ("clash", "e")
        columns = "INSERT INTO alerts(unit, kind, about, opened_ms) VALUES(?, ?, ?, ?)"
        office.db.execute(columns, (unit, kind, about, now - n))
    chief = office.come("chief")
    page = chief.get("/alerts").text
    assert page.count("<tr data-kind") == 50
    assert "1 / 3" in page
    assert chief.get("/alerts?page=3").text.count("<tr data-kind") == 30
    assert chief.get("/alerts?page=99").text.count("<tr data-kind") == 30
    assert chief.get("/alerts?kind=clash&site=jia&page=1").text.count("<tr data-kind") == 30
    assert chief.get("/alerts?q=jia-007").text.count("<tr data-kind") == 1
    assert "没有符合条件的告警" in chief.get("/alerts?q=nothing-like-that").text
    office.come("second")
    first = chief.get("/alerts").text.partition("<tr data-kind")[2].partition("</tr>")[0]
    shown, folded = re.sub(r"<details.*</details>", "", first, flags=re.DOTALL), 'class="give"'
    assert folded in first
    assert folded not in shown, "to whom it is given is asked where its story stands, not on each line"
    keys = re.findall(r'name="key" value="([^"]+)" id="pick', page)
    assert len(keys) == 50
    part = chief.post("/alerts/do?owner=none", key=keys[:20], do="take").text
    assert part.count("<tr data-kind") == 50
    assert "110" in part, "what was taken is asked for no more"
    assert chief.get("/alerts?owner=me").text.count("<tr data-kind") == 20
    chief.post("/alerts/do", key=keys[:3], do="dismiss")
    assert [(one.name, one.unit) for one in office.requests()] == [("device", f"jia-{n:03d}") for n in range(3)]
    assert chief.post("/alerts/do", key=["x"] * 201, do="ack").status_code == 422


def test_a_visit_that_nobody_listened_to_is_an_alert_of_its_site_until_somebody_has(office: Office):
    """Only who may see that site sees it; the clerk asks each time."""
    late = [("jia", "HJ000007"), ("yi", "HJ000008")]
    clerk = PeriodicTasks(office.desk, office.views, office.people, office.roster, overdue=lambda: late)
    clerk.watch(1)
    assert kinds(office) == [("jia", "review"), ("yi", "review")]
    (one,) = standing_alerts(office.views, office.people.db, 1, ["jia"])
    assert (one.kind, one.about, one.book) == ("review", "HJ000007", False)
    assert "HJ000007" in office.frame.renderer.incident(one, "en")
    page = office.come("li-teacher", "teacher", ("jia",)).get("/alerts").text
    assert "会见 HJ000007 超期没有复听" in page
    assert "HJ000008" not in page
    late.clear()
    clerk.watch(2)
    assert kinds(office) == []


@given(st.lists(st.sampled_from(MOODS), max_size=12))
def test_who_sleeps_or_was_never_seen_is_never_alerted(states):
    found = current_conditions([seat(f"u-{n}", state) for n, state in enumerate(states)], MINUTE)
    assert {unit for _, unit, kind, _ in found if kind == "offline"} == {
        f"u-{n}" for n, state in enumerate(states) if state == "offline"
    }
    away, there = states.count("offline"), len(states) - states.count("never")
    assert any(kind == "outage" for _, _, kind, _ in found) == (away >= 3 and away * 2 >= there)


def alerted(office: Office, unit: str, kind: str, about: str = "") -> None:
    row = (unit, kind, about, utc_ms())
    office.db.execute("INSERT INTO alerts(unit, kind, about, opened_ms) VALUES(?, ?, ?, ?)", row)


def test_what_people_do_about_an_alert(office: Office):
    office.unit("u-1")
    alerted(office, "u-1", "tamper")
    tech = office.come("wang-tech", "technician")
    office.come("chen-tech", "technician")
    (one,) = standing_alerts(office.views, office.people.db, utc_ms())
    assert "去现场看封条" in tech.get("/alerts").text
    assert "wang-tech 已知道" in tech.post("/alerts/do", key=one.key, do="ack").text
    tech.post("/alerts/do", key=one.key, do="take", owner="chen-tech")
    tech.post("/alerts/do", key=one.key, do="silence", hours=24)
    (now,) = standing_alerts(office.views, office.people.db, utc_ms())
    assert (now.acked_by, now.owner, now.hushed) == ("wang-tech", "chen-tech", True)
    assert "去现场看封条" not in tech.get("/alerts/duty").text
    tech.post("/alerts/do", key=one.key, do="speak")
    assert "chen-tech" in tech.get("/alerts/duty").text
    tech.post("/alerts/do", key=one.key, do="dismiss")
    (wish,) = office.requests()
    assert (wish.kind, wish.unit, wish.name, wish.args) == ("dismiss", "u-1", "tamper", {"about": ""})
    assert tech.post("/alerts/do", key="nothing", do="ack").status_code == 404
    acts = [entry.act for entry in office.people.audit.rows(5)]
    assert acts == ["alert.dismiss", "alert.speak", "alert.silence", "alert.take", "alert.ack"]


def test_a_duty_list_says_each_first_step_once_and_is_asked_for_by_site(office: Office):
    for n in range(3):
        office.unit(f"u-{n}")
        alerted(office, f"u-{n}", "tamper")
    office.unit("v-1", site="yi")
    alerted(office, "v-1", "tamper")
    chief = office.come("chief")
    page = chief.get("/alerts/duty").text
    assert page.count("去现场看封条") == 1
    assert [page.count(f"□ {unit} ") for unit in ("u-0", "u-1", "u-2", "v-1")] == [1, 1, 1, 1]
    yi = chief.get("/alerts/duty?site=yi").text
    assert ("□ v-1 " in yi, "□ u-1 " in yi) == (True, False)
    assert "/alerts/duty?site=yi" in chief.get("/alerts?site=yi").text


def test_a_duty_list_of_a_bad_day_is_short_enough_to_open_and_says_what_is_left(office: Office):
    for n in range(DUTY_ROOM + 7):
        office.unit(f"u-{n}")
        alerted(office, f"u-{n}", "tamper")
    page = office.come("chief").get("/alerts/duty").text
    assert page.count("□") == DUTY_ROOM
    assert "还有 7 条" in page
    assert len(page.encode()) < 300_000


def test_a_screen_on_the_wall_shows_what_stands_first_things_first_and_says_what_it_has_no_room_for(office: Office):
    for n in range(9):
        office.unit(f"u-{n}")
        alerted(office, f"u-{n}", "tamper" if n % 2 else "unknown", f"x-{n}")
    alerted(office, "u-0", "teacher")
    tech = office.come("wang-tech", "technician")
    page = tech.get("/alerts/wall").text
    standing_ = re.search(r'<ol id="standing".*</ol>', page, re.DOTALL)[0]
    assert re.findall(r'<li class="(\w+)">', standing_) == ["now"] * 4 + ["day"] * 2 + ["more"]
    assert "还有 3 条" in standing_
    assert "去现场看封条" in standing_, "the first step, to be read from afar"
    assert "teacher" not in standing_, "who is called in the room is the room's"
    assert tech.get("/alerts/wall/part").text.strip() == standing_.strip()


def test_announced_work_hushes_its_site_until_it_is_over(office: Office):
    office.unit("u-1")
    office.unit("v-1", "yi")
    alerted(office, "u-1", "door")
    alerted(office, "v-1", "door")
    tech = office.come("wang-tech", "technician")
    tech.post("/alerts/work", scope="jia", hours=2, why="new cabling")
    hushed = {one.unit: one.hushed for one in standing_alerts(office.views, office.people.db, utc_ms())}
    assert hushed == {"u-1": True, "v-1": False}
    assert "new cabling" in tech.get("/alerts").text
    tech.post("/alerts/work/end", id=1)
    assert not any(one.hushed for one in standing_alerts(office.views, office.people.db, utc_ms()))
    assert tech.post("/alerts/work", scope="nowhere", hours=1, why="x").status_code == 404


class Post(socketserver.StreamRequestHandler):
    """An SMTP server, as far as one message needs it."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.strip() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.heard.append(b"".join(lines).decode())
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.headers.get(SIGNATURE), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def servers():
    """A mail server and a webhook on loopback."""
    made = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post), HTTPServer(("127.0.0.1", 0), Hook)
    for server in made:
        server.heard, server.answers = [], []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    for server in made:
        server.shutdown()
        server.server_close()


def test_what_is_new_goes_out_once_by_each_way_and_again_only_where_it_was_not_taken(office, servers, tmp_path: Path):
    post, hook = servers
    secret = tmp_path / "hook.key"
    secret.write_bytes(b"between us\n")
    settings = OfficeSettings(
        mail=Mail(port=post.server_address[1], to=("duty@example.org",)),
        webhook=(Webhook(f"http://127.0.0.1:{hook.server_address[1]}/", str(secret)),),
    )
    teller = Notifier(office.people.db, settings, lambda one: f"{one.kind} {one.unit}\nsteps")
    usual = {"about": "", "book": True, "weight": "now"}
    door, call, hushed = (
        Incident("jia", "u-1", "tamper", opened_ms=1, **usual),
        Incident("jia", "u-1", "teacher", opened_ms=2, **{**usual, "weight": "room"}),
        Incident("jia", "u-2", "door", opened_ms=3, hushed=True, **usual),
    )
    hook.answers.append(503)
    for at in (0, 1000, 30_000):
        teller.tell([door, call, hushed], at)
    assert len(post.heard) == 1
    assert "Subject: tamper u-1" in post.heard[0]
    assert "teacher" not in post.heard[0]
    assert len(hook.heard) == 1, "not taken: not before a minute has passed"
    teller.tell([door, call, hushed], 61_000)
    teller.tell([door, call, hushed], 200_000)
    assert (len(post.heard), len(hook.heard)) == (1, 2)
    signature, body = hook.heard[1]
    assert signature == hmac.digest(b"between us", body, "sha256").hex()
    assert [one["kind"] for one in json.loads(body)["alerts"]] == ["tamper"]


def test_the_clerk_sees_tells_and_hands_over(office: Office, servers):
    post, _ = servers
    office.unit("u-1", online=0)
    settings = OfficeSettings(mail=Mail(port=post.server_address[1], to=("duty@example.org",)))
    teller = Notifier(office.people.db, settings, lambda one: f"{one.kind} {one.unit}")
    clerk = PeriodicTasks(office.desk, office.views, office.people, office.roster, teller)
    now = utc_ms()
    clerk.watch(now)
    assert post.heard == []
    clerk.watch(now + 130_000)
    assert "offline u-1" in post.heard[0]
    assert kinds(office) == [("u-1", "offline")]
    assert "看屏幕亮不亮" in office.come("chief").get("/alerts/duty").text


def test_a_parked_task_is_handed_once_to_its_learner_wherever_they_come_back(office: Office):
    now = utc_ms()
    for unit in ("u-1", "u-2"):
        office.unit(unit)
    office.unit("v-1", "yi")
    clerk = PeriodicTasks(office.desk, office.views, office.people, office.roster)
    with office.people.db.change() as db:
        db.execute("INSERT INTO parked VALUES('jia', 'aa', 'atm', 'q', 'withdraw-100', ?, 'li')", (now - 60_000,))
        db.execute("INSERT INTO parked VALUES('jia', 'bb', 'atm', 'q', 'balance', ?, 'li')", (now,))
    office.desk.place("v-1", Now(now, learner="aa"))
    office.desk.place("u-1", Now(now, learner="bb"))
    clerk.turn()
    assert office.requests() == [], "of another site; or only just parked"
    office.desk.place("u-2", Now(now, learner="aa", machine="rail"))
    clerk.turn()
    assert office.requests() == [], "in the middle of something"
    office.desk.place("u-2", Now(now, learner="aa"))
    clerk.turn()
    clerk.turn()
    (wish,) = office.requests()
    task = {"machine": "atm", "lesson": "withdraw-100", "skin": "q", "learner": "aa"}
    assert (wish.unit, wish.name, wish.args) == ("u-2", "class.tasks", {"tasks": [task]})
    assert [row["learner"] for row in office.people.db.rows("SELECT learner FROM parked")] == ["bb"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_rule_has_cause_effect_and_three_steps(language):
    known = office_texts().keys(language)
    for kind in rules():
        assert f"alert.{kind}" in known
        assert {f"rule.{kind}.{part}" for part in RULE_PARTS} <= known
