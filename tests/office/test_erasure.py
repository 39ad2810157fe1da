"""Forgetting, by each of its three ways: the page's form, the command line beside a running office, the daily timer."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from contextlib import closing
from types import SimpleNamespace

import pytest

from kiosk_firmware.office.accounts.service import AccountService, utc_ms
from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.database.connection import Where, is_url
from kiosk_firmware.office.ingest.collector import RETIRE_S, Collector, now_ms
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.process.erase_command import main as erase
from kiosk_firmware.office.shared_state import OfficeRequest, SharedState
from kiosk_firmware.tools.demo.mosquitto import free_port
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.messages import ENCODE, Status
from kiosk_firmware.wire.mqtt import MqttMessage
from tests.office.pages import Office, cheap, office
from tests.office.test_fact_store import rows

__all__ = ["cheap", "office"]
WHO, OTHER = "0123456789abcdef", "00000000000000ff"
EPOCH, DAY_MS = "0123456789abcdef", 86_400_000
RUN = {"run": f"{EPOCH}-1", "machine": "atm", "skin": "s", "lesson": "", "pack": "", "purpose": "practice"}


def told(seq: int, at_ms: int, kind: str = "sitting.started", unit: str = "u-1", **data: object) -> IncomingMessage:
    wire = encode("jia", unit, Fact(EPOCH, seq, at_ms, kind, json.dumps(data or {"learner": WHO}).encode()), "synced")
    return IncomingMessage(topics.topic("jia", unit, "evt", topics.fact_leaf(kind)), wire, at_ms)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path) -> Where:
    return tmp_path / "office.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


def parked(people: AccountService, learner: str) -> None:
    with people.db.change() as db:
        columns = [row["name"] for row in people.db.rows("SELECT name FROM pragma_table_info('parked')")]
        values = {"site": "jia", "learner": learner}
        db.execute(
            f"INSERT INTO parked({', '.join(columns)}) VALUES({', '.join('?' * len(columns))})",
            [values.get(column, 0) for column in columns],
        )


def test_the_form_is_an_administrators_wants_a_reason_and_is_written_down(office: Office):
    office.unit("u-1")
    chief, teacher = office.come("chief"), office.come("teacher-li", "teacher")
    parked(office.people, WHO)
    parked(office.people, OTHER)
    path = f"/learners/jia/{WHO}/erase"
    assert 'id="erase"' in chief.get(f"/learners/jia/{WHO}").text
    assert 'id="erase"' not in teacher.get(f"/learners/jia/{WHO}").text
    assert teacher.post(path, why="wanted").status_code == 403
    assert chief.post(path, why="  ").status_code == 400
    assert chief.post(path).status_code == 422
    assert chief.post("/learners/jia/nobody/erase", why="wanted").status_code == 404
    assert chief.ask("POST", path, data={"why": "wanted"}).status_code == 403, "without the session's word"
    assert office.requests() == []
    assert [row["learner"] for row in office.people.db.rows("SELECT learner FROM parked")] == [OTHER, WHO]
    assert chief.post(path, why="the learner asked").headers["location"] == "/board?site=jia"
    assert office.requests() == [OfficeRequest("erase", "", args={"site": "jia", "learner": WHO})]
    assert [row["learner"] for row in office.people.db.rows("SELECT learner FROM parked")] == [OTHER]
    (last,) = office.people.audit.rows(1)
    said = (last.who, last.act, last.about, last.reason)
    assert said == ("chief", "learner.erased", f"jia/{WHO}", "the learner asked")


def test_a_forms_wish_is_carried_out_by_the_collector(where):
    now = now_ms()
    desk, store = SharedState(), FactStore(where)
    with closing(Collector(BrokerSettings(port=free_port()), store, desk)) as collector:
        store.apply([told(1, now - 5), told(2, now - 4, learner=OTHER)])
        desk.requests.put(OfficeRequest("erase", "", args={"site": "jia", "learner": WHO}))
        collector.turn()
        said = [json.loads(data)["learner"] for (data,) in rows(where, "SELECT data FROM facts ORDER BY seq")]
        assert said == ["guest", OTHER]
        ((name, args),) = rows(where, "SELECT name, args FROM commands")
        assert (name, json.loads(args)) == ("learner.erase", {"learner": WHO})


def test_the_command_line_forgets_beside_a_running_office(where, tmp_path, capsys):
    """Whose collector has read whom to forget long before: what it hears later is a guest's all the same."""
    now = utc_ms()
    key, state = tmp_path / "site.key", tmp_path / "state"
    key.write_bytes(b"between us\n")
    who = hmac.digest(b"between us", b"l-104233", hashlib.sha256).hex()[:16]
    with closing(FactStore(where)) as running:
        running.apply([told(1, now - 9000, learner=who), told(2, now - 8000, "run.started", learner=who, **RUN)])
        running.apply([told(1, now - 9000, unit="u-2", learner=OTHER)])
        database = ["--database", str(where)] if is_url(where) else []
        words = ["l-104233", "--site", "jia", "--why", "asked", "--who", "li", "--site-key", str(key), *database]
        if not database:
            state = where.parent
        assert erase("erase-learner", [*words, "--state", str(state)]) == 0
        assert "2 units of jia are to forget" in capsys.readouterr().out
        running.apply([told(3, now - 7000, learner=who)])
        status = ENCODE(Status(True, "s", 1, "0", now, "atm"))
        outcome = running.apply([IncomingMessage("kiosk/v1/jia/u-1/status", status, now)])
        assert [json.loads(one.payload)["name"] for one in outcome.answers] == ["learner.erase"], (
            "sent when it is there"
        )
        lately = told(4, utc_ms() + 60_000, learner=who)
        running.apply([lately])
    facts = rows(where, "SELECT data FROM facts WHERE unit = 'u-1' ORDER BY seq")
    assert [json.loads(data)["learner"] for (data,) in facts] == ["guest", "guest", "guest", who], "new practice counts"
    assert rows(where, "SELECT learner FROM runs WHERE unit = 'u-1'") == [("guest",)]
    with closing(AccountService(state)) as people:
        (last,) = people.audit.rows(1)
        assert (last.who, last.act, last.about, last.reason) == ("li", "learner.erased", f"jia/{who}", "asked")
    assert all(one.wrong == "" and one.lost == 0 for one in account(where, now)), "no number is missing for it"


@pytest.mark.parametrize(
    ("learner", "more", "what"),
    [("l-104233", [], "--site-key"), ("zhang-san", [], "allowed"), ("ABCDEF0123456789", [], "16 hex digits")],
)
def test_wrong_words_say_what_is_allowed_and_forget_nobody(tmp_path, learner, more, what):
    words = [learner, "--site", "jia", "--why", "asked", "--state", str(tmp_path), *more]
    with pytest.raises(ValueError, match=what):
        erase("erase-learner", words)
    assert not (tmp_path / "office.db").exists()


def test_the_daily_timer_lets_what_is_old_go_once_a_day_and_never_within_a_batch(where, monkeypatch):
    now, clock = now_ms(), [1000.0]
    hours = SimpleNamespace(monotonic=lambda: clock[0], sleep=time.sleep)
    monkeypatch.setattr("kiosk_firmware.office.ingest.collector.time", hours)
    store = FactStore(where)
    forgotten = "SELECT seq FROM facts WHERE type = 'forgotten' ORDER BY seq"
    with closing(Collector(BrokerSettings(port=free_port()), store, SharedState(), raw_days=30)) as collector:
        device = told(3, now - 40 * DAY_MS, "device.back", at="gate")
        store.apply([told(1, now - 40 * DAY_MS), told(2, now - 20 * DAY_MS), device])
        collector.turn()
        assert rows(where, forgotten) == [], (
            "not at once: an office that is started anew again and again has work to do"
        )
        clock[0] += RETIRE_S / 24 + 1
        collector._blocked_until = clock[0] + 60
        waiting = told(4, now)
        collector._hear(MqttMessage(waiting.topic, waiting.payload))
        collector.turn()
        assert rows(where, forgotten) == []
        collector._blocked_until = 0.0
        clock[0] += 1
        collector.turn()
        collector.turn()
        assert rows(where, forgotten) == [(1,)], "a device's fact says nothing of anybody"
        late = told(5, now - 90 * DAY_MS)
        store.apply([IncomingMessage(late.topic, late.payload, now - 35 * DAY_MS)])
        clock[0] += RETIRE_S - 100
        collector.turn()
        assert rows(where, forgotten) == [(1,)]
        clock[0] += 200
        collector.turn()
        assert rows(where, forgotten) == [(1,), (5,)]
    assert all(one.wrong == "" for one in account(where, now))
