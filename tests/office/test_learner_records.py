"""What follows a learner: whole, once, from the site's other units only, and in messages that fit."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.learning.learner_records import ROOM
from kiosk_firmware.unit.coach.progress import RunRecord, StepRecord
from tests.office.test_fact_store import EPOCH, NOW, OTHER, fact, said

ANNA, BEN = "a" * 16, "b" * 16
SEQ = itertools.count(1)


def told(record: RunRecord, unit="u-1", site="jia"):
    """A record's facts, as its unit tells them; the numbers are the instants, too."""
    names = ("run", "machine", "skin", "lesson", "learner", "purpose")
    common = {name: getattr(record, name) for name in names}
    here = {"unit": unit, "site": site}
    facts = [fact(next(SEQ), "run.started", **here, **common, pack=record.pack, armed="")]
    for step in record.steps:
        row = {"step": step.step, "prompt": step.prompt, "slips": step.slips, "ms": step.ms}
        facts.append(fact(next(SEQ), "step.ended", **here, run=record.run, **row))
    ends = {"outcome": record.outcome, "ms": record.ms, "slips": record.slips, "prompt_max": record.prompt_max}
    facts.append(fact(next(SEQ), "run.ended", **here, **common, **ends, facts=record.facts))
    return facts, msgspec.structs.replace(record, started_ms=NOW + facts_end(facts) - record.ms)


def facts_end(facts) -> int:
    return int(msgspec.json.decode(facts[-1].payload)["seq"])


def asked(store, learner=ANNA, unit="u-2", site="jia"):
    outcome = store.apply([fact(next(SEQ), "learner.asked", EPOCH, unit=unit, site=site, learner=learner)])
    commands = [one for one in said(outcome, "cmd") if one["name"] == "learner.records"]
    for answer in outcome.answers:
        assert len(answer.payload) <= 48 * 1024
    return commands


def sent(commands):
    return [msgspec.convert(one, RunRecord) for command in commands for one in command["args"]["records"]]


def record(n: int, learner=ANNA, steps=(), **facts) -> RunRecord:
    return RunRecord(
        f"{EPOCH}-{n}", "atm", "one", "balance", learner, "practice", "p-1", "done", 0, 5, tuple(steps), facts
    )


STEPS = st.lists(
    st.builds(StepRecord, st.sampled_from(("pin", "menu")), st.integers(0, 4), st.integers(0, 3), st.integers(0, 9)),
    max_size=4,
)
RECORDS = st.lists(
    st.tuples(st.sampled_from((ANNA, BEN, "guest")), STEPS, st.sampled_from(("u-1", "u-2", "u-3")), st.booleans()),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(RECORDS)
def test_each_unit_is_sent_exactly_what_the_others_of_its_site_told(rows):
    with tempfile.TemporaryDirectory() as folder:
        store = FactStore(Path(folder) / "office.db")
        wanted = []
        for n, (learner, steps, unit, elsewhere) in enumerate(rows):
            site = "yi" if elsewhere else "jia"
            facts, whole = told(record(n, learner, steps, card_back=True), f"{site}-{unit}", site)
            store.apply(facts)
            if learner == ANNA and not elsewhere and unit != "u-2":
                wanted.append(whole)
        got = sent(asked(store, unit="jia-u-2"))
        assert sorted(got, key=lambda one: one.run) == sorted(wanted, key=lambda one: one.run)
        store.close()


def test_many_records_come_in_messages_that_fit_and_the_same_is_not_sent_twice_at_once(tmp_path):
    store = FactStore(tmp_path / "office.db")
    long = [StepRecord(f"a-rather-long-step-name-{at}", 1, 1, 1000) for at in range(40)]
    for n in range(60):
        store.apply(told(record(n, steps=long))[0])
    commands = asked(store)
    assert len(commands) > 1
    assert all(len(msgspec.json.encode(one["args"]["records"])) <= ROOM + 1024 for one in commands)
    assert {one.run for one in sent(commands)} == {f"{EPOCH}-{n}" for n in range(60)}
    assert asked(store) == []
    store.apply(told(record(99))[0])
    assert f"{EPOCH}-99" in {one.run for one in sent(asked(store))}
    store.close()


def test_the_newest_of_what_was_set_follows_whichever_way_round_it_comes(tmp_path):
    store = FactStore(tmp_path / "office.db")
    assert asked(store) == []
    old = {
        "learner": ANNA,
        "at_ms": 10,
        "mark": "m1",
        "language": "zh",
        "steady": False,
        "voice": False,
        "hold": False,
        "met": ["atm"],
    }
    new = {**old, "at_ms": 20, "mark": "m2", "steady": True}
    for within, one in ((EPOCH, new), (OTHER, old)):
        store.apply([fact(next(SEQ), "learner.kept", within, unit="u-1", **one)])
    (command,) = asked(store)
    assert command["args"] == {"learner": ANNA, "records": [], "kept": new}
    assert asked(store, BEN) == []
    assert asked(store, unit="v-1", site="yi") == []
    store.close()
