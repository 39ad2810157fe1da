"""Whatever stands in the books, no page fails: what cannot be shown is left out or said, and all else is there."""

from __future__ import annotations

import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.office.accounts.service import utc_ms
from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.office.database.queries import StoredFact
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.fleet.metrics import samples
from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.web.fact_sentences import Sentences
from kiosk_firmware.office.web.render import Renderer, office_texts
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.facts import FACTS
from kiosk_firmware.wire.messages import ENCODE, Health, Now
from tests.office.hostile import of_unit, sample
from tests.office.pages import Office, Visitor, cheap, office
from tests.office.routes import LEARNER, filled, pages
from tests.office.test_fact_store import fact

__all__ = ["cheap", "office"]
GOOD, BAD, EPOCH = "jia-atm-01", "jia-bad-01", "00000000000000aa"
EXTREMES = (2**63 - 1, -(2**63), 253402300800000, 2**53, -1, 0)
BAD_DATA = ("", "not json", "[" * 5000, "[]", "5", '"x"', "{}", '{"ms":"x","fen":[],"counted":7}', '{"at":{"a":1}}')


def looked_at(office: Office, visitor: Visitor) -> None:
    """Every page answers, for both units; the good one's is whole, and the tables have it."""
    for path in pages(office.app):
        for unit in (GOOD, BAD):
            answer = visitor.get(filled(path, unit=unit))
            assert answer.status_code < 500, (path, answer.text[:300])
    for path in ("/", "/fleet/part", "/fleet.csv", "/board?site=jia", "/board/sheet?site=jia", f"/units/{GOOD}"):
        page = visitor.get(path)
        assert page.status_code == 200
        assert GOOD in page.text, path
    assert "取 100 元" in visitor.get("/runs").text


def furnish(office: Office) -> None:
    now = utc_ms()
    office.unit(GOOD, health=ENCODE(Health(now, 5, 2, 9, 8 << 30, 0.1, "rtc", 51.0)).decode())
    run = {
        "unit": GOOD,
        "run": "r-good",
        "machine": "atm",
        "lesson": "withdraw-100",
        "learner": LEARNER,
        "purpose": "practice",
        "started_ms": now,
        "ended_ms": now,
        "outcome": "done",
    }
    office.db.execute(f"INSERT INTO runs({', '.join(run)}) VALUES({', '.join(f':{name}' for name in run)})", run)
    office.desk.place(GOOD, Now(now, LEARNER, "atm", lesson="withdraw-100", acted_ms=now))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_unit_says_every_page_answers(office: Office, long, seed):
    furnish(office)
    rng, store = random.Random(seed), FactStore(office.views.where)
    collector = Collector(BrokerSettings(), store, office.desk)
    visitor = office.come("chief")
    for _ in range(10 if long else 1):
        for _ in range(150):
            topic, payload = of_unit(rng, "jia", BAD, EPOCH, utc_ms())
            collector._stored([IncomingMessage(topic, payload, utc_ms())])
        looked_at(office, visitor)
        visitor.get("/language/en")
    assert list(samples(office.views.where, utc_ms()))
    assert [one.wrong for one in account(office.views.where, utc_ms())] == [""]
    store.close()


@pytest.mark.parametrize("at_ms", EXTREMES)
def test_rows_of_an_older_release_that_nobody_bounded_spoil_no_page(office: Office, at_ms):
    """Each table with what its columns can hold at worst; the good unit stands beside it on every page."""
    furnish(office)
    office.unit(BAD, health="{broken", since_ms=at_ms, first_ms=at_ms, run="r-1", machine="\0")
    db, many = office.db, (1, 2)
    for n, data in enumerate(BAD_DATA, 1):
        for name in ("custody.counted", "device.lost", "health.summarised", "noise.counted", "step.ended", "run.ended"):
            db.execute(
                "INSERT INTO facts(unit, epoch, seq, digest, type, at_ms, timeq, heard_ms, data)"
                " VALUES(?, ?, ?, 'x', ?, ?, 'rtc', ?, ?)",
                (BAD, name, n, name, at_ms if n % 2 else utc_ms(), utc_ms(), data),
            )
    for n in many:
        db.execute("INSERT INTO epochs VALUES(?, ?, 0, ?, ?, 0)", (BAD, f"e{n}", 2**63 - 1, 2**63 - 1))
        db.execute("INSERT INTO holes VALUES(?, ?, 1, ?, 0)", (BAD, f"e{n}", 2**63 - 2))
    run = (BAD, "r-1", "atm", "withdraw-100", LEARNER, "practice", max(at_ms, utc_ms()), at_ms, "done", at_ms, at_ms)
    db.execute(
        "INSERT INTO runs(unit, run, machine, lesson, learner, purpose, started_ms, ended_ms, outcome, ms, slips)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        run,
    )
    db.execute("INSERT INTO alerts VALUES(?, 'device', 'x', ?, 0)", (BAD, at_ms))
    db.execute("INSERT INTO alerts VALUES(?, 'no-kind', '', ?, 0)", (BAD, at_ms))
    db.execute("INSERT INTO devices VALUES(?, 'reader', 1, ?)", (BAD, at_ms))
    db.execute("INSERT INTO updates VALUES(?, 'u-1', 'other', 'v', 'no-stage', 'x', ?)", (BAD, at_ms))
    db.execute("INSERT INTO reported VALUES(?, ?, 'none', '', '[broken', ?)", (BAD, at_ms, at_ms))
    db.execute("INSERT INTO configs VALUES(?, ?, 'jia', '[broken', '', ?)", (BAD, at_ms, at_ms))
    db.execute("INSERT INTO commands VALUES('c-1', ?, 'jia', 'x', '{', ?, ?, 'sent', '')", (BAD, at_ms, at_ms))
    with office.people.db.change() as own:
        columns = "scope, from_ms, until_ms, who, reason"
        own.execute(f"INSERT INTO windows({columns}) VALUES('jia', 0, ?, 'x', '')", (2**63 - 1,))
        own.execute("INSERT INTO incidents VALUES('jia', ?, 'hot', '', ?, 0)", (BAD, at_ms))
        own.execute("INSERT INTO notes(unit, at_ms, who, text) VALUES(?, ?, 'x', 'y')", (BAD, at_ms))
    office.desk.place(BAD, Now(at_ms, "0" * 16, "atm", step="x", prompt=at_ms, acted_ms=at_ms, pace="none"))
    looked_at(office, office.come("chief"))
    assert office.come("li-teacher", "teacher", ("jia",)).get("/learning.csv").status_code == 200
    assert list(samples(office.views.where, utc_ms()))


HELPERS = Renderer(DisplayNames())._helpers("zh")
NUMBER = st.one_of(st.integers(), st.sampled_from(EXTREMES), st.floats(), st.none(), st.text(max_size=5))


@pytest.mark.parametrize(
    "name",
    [
        "clock",
        "day",
        "date",
        "weekday",
        "hour",
        "percent",
        "points",
        "ago",
        "span",
        "thousands",
        "piece",
        "bold",
        "why",
        "alert_words",
        "incident_place",
    ],
)
@given(value=st.data())
def test_formatting_never_raises(name, value):
    assert isinstance(str(HELPERS[name](value.draw(NUMBER))), str)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(string.printable, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "at",
                    "ms",
                    "fen",
                    "counted",
                    "expected",
                    "what",
                    "act",
                    "phase",
                    "end",
                    "contact",
                    "k",
                    "fen.x",
                    "when",
                    "kind",
                    "stage",
                    "missing",
                    "step",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(type_=st.sampled_from([*FACTS, "no.fact"]), data=JSON, at_ms=st.integers())
def test_any_fact_is_a_sentence_or_said_to_be_none(type_, data, at_ms):
    assert HELPERS["sentence"](StoredFact(1, type_, at_ms, "rtc", data))


def test_an_honest_fact_is_never_the_unreadable_one():
    rng = random.Random(5)
    say = Sentences(office_texts(), DisplayNames(), "zh")
    unreadable = HELPERS["sentence"](StoredFact(1, "custody.counted", 0, "rtc", {"counted": 7}))
    for name, shape in FACTS.items():
        data = sample(shape, rng)
        assert say.fact(StoredFact(1, name, 0, "rtc", data)) == HELPERS["sentence"](
            StoredFact(1, name, 0, "rtc", data)
        ), name
        assert HELPERS["sentence"](StoredFact(1, name, 0, "rtc", data)) != unreadable, name


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z", "2036-02-07T06:28:16Z"])
def test_an_instant_that_cannot_be_is_the_one_at_which_it_was_heard(tmp_path, time):
    store = FactStore(tmp_path / "office.db")
    one = fact(1, unit=GOOD)
    wire = json.loads(one.payload)
    wire["time"], wire["timeq"] = time, "synced"
    store.apply([IncomingMessage(one.topic, json.dumps(wire).encode(), one.heard_ms)])
    (row,) = store._db.execute("SELECT at_ms, timeq FROM facts").fetchall()
    assert tuple(row) == (one.heard_ms, "guess")
    assert store._db.execute("SELECT * FROM boots").fetchall() == []
    store.close()


def test_a_unit_cannot_shut_a_learners_settings_for_ever(tmp_path):
    """The newest counts over a whole site: what comes from the future is as new as what is heard now."""
    store = FactStore(tmp_path / "office.db")
    kept = {"learner": LEARNER, "mark": ""}
    store.apply([fact(1, "learner.kept", unit=BAD, at_ms=9 * 10**12, language="en", **kept)])
    later = fact(1, "learner.kept", unit=GOOD, at_ms=fact(1).heard_ms + 1, language="zh", **kept)
    store.apply([later])
    (row,) = store._db.execute("SELECT kept FROM learners").fetchall()
    assert json.loads(row[0])["language"] == "zh"
    store.close()
