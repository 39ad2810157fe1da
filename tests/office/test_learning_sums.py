"""Sums kept as facts arrive are those that a rebuild makes of the facts: in any order, with duplicates, late ones,
clocks that were mended, learners who were erased, units that moved, days that were retired; in both databases.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk_firmware.office.database.connection import Where, connect, is_url
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.office.learning import learning_sums as sums
from kiosk_firmware.office.learning.learning_sums import DAY_MS, TABLES, LearningSums, way_of
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.event_clock import Stamp

NOW = 1_795_511_854_930
EPOCH, PERSON = "0123456789abcdef", "{:016x}"
HOME = {"u-1": "jia", "u-2": "jia", "u-3": "yib"}
RUN = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(sorted(HOME)),
        "learner": st.sampled_from([PERSON.format(1), PERSON.format(2), "guest"]),
        "purpose": st.sampled_from(["practice", "proctored", "demo"]),
        "lesson": st.sampled_from(["withdraw-100", "balance", ""]),
        "skin": st.sampled_from(["a", "b"]),
        "half_days": st.integers(0, 12),
        "outcome": st.sampled_from(["done", "done", "given_up", ""]),
        "prompt": st.integers(0, 2),
        "guessed": st.booleans(),
        "end": st.sampled_from([{}, {"recovered": True}, {"fraud_met": True, "fraud_refused": False}]),
        "steps": st.lists(st.tuples(st.sampled_from(["pin", "take_card"]), st.integers(0, 1)), max_size=3),
    }
)


def facts_of(number: int, run: dict) -> list[tuple[int, str, dict]]:
    """(ms after its begin, type, data); a run with an empty outcome goes on."""
    name = f"{EPOCH}-{number * 10 + 1}"
    named = {key: run[key] for key in ("learner", "purpose", "lesson", "skin")}
    whole = {"run": name, "machine": "atm", **named}
    steps = [
        {"run": name, "step": step, "prompt": run["prompt"], "slips": slips, "ms": 4000, "kinds": {"dead_key": slips}}
        for step, slips in run["steps"]
    ]
    end = {
        **whole,
        "outcome": run["outcome"],
        "ms": 9000 + number,
        "slips": 1,
        "prompt_max": run["prompt"],
        "facts": run["end"],
    }
    told = [(0, "run.started", {**whole, "pack": ""}), *((10 + n, "step.ended", one) for n, one in enumerate(steps))]
    return [*told, (9000 + number, "run.ended", end)] if run["outcome"] else told


def messages(runs: list[dict]) -> list[IncomingMessage]:
    made = []
    for number, run in enumerate(runs):
        for n, (after, kind, data) in enumerate(facts_of(number, run)):
            at, site = NOW - run["half_days"] * DAY_MS // 2 + after, HOME[run["unit"]]
            # In a boot whose clock was wrong by days until a later run of it was synchronised.
            quality = "guess" if run["guessed"] else "synced"
            stamp = Stamp(quality, f"0000000{run['unit'][-1]}", at - (NOW - 20 * DAY_MS))
            fact = Fact(EPOCH, number * 10 + n + 1, at, kind, json.dumps(data).encode(), stamp=stamp)
            wrong = Fact(EPOCH, number * 10 + n + 1, at - 3 * DAY_MS, kind, fact.data, stamp=stamp)
            wire = encode(site, run["unit"], wrong if run["guessed"] else fact, quality)
            made.append(IncomingMessage(topics.topic(site, run["unit"], "evt", topics.fact_leaf(kind)), wire, NOW))
    return made


def dump(where: Where) -> dict[str, list[tuple]]:
    """All sums that are not nothing, and what they are read from."""
    with closing(connect(where)) as db:
        found = {}
        for table, (keys, figures) in TABLES.items():
            rows = db.execute(f"SELECT {', '.join((*keys, *figures))} FROM {table}").fetchall()
            found[table] = sorted(tuple(row) for row in rows if any(row[len(keys) :]))
        for table in ("learner_lessons", "runs"):
            found[table] = sorted(map(tuple, db.execute(f"SELECT * FROM {table}").fetchall()))
        return found


def emptied(where: Where) -> None:
    """Nothing is left in it: making tables anew for each example takes most of the time."""
    every = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    with closing(connect(where)) as db:
        names = db.execute(every if is_url(where) else "SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        db.begin()
        for (name,) in names:
            if name != "steps_taken":
                db.execute(f"DELETE FROM {name}")
        db.commit()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path):
    """A function that gives an empty database of either kind, again and again."""
    where = tmp_path / "office.db" if request.param == "sqlite" else request.getfixturevalue("postgres")

    def again() -> Where:
        emptied(where)
        return where

    return again


ANY = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(st.lists(RUN, min_size=1, max_size=7), st.data())
def test_sums_kept_are_sums_rebuilt(place, runs, data):
    where = place()
    told = messages(runs)
    order = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=3))]))
    size, erased_at = data.draw(st.integers(1, 9)), data.draw(st.none() | st.integers(0, len(order)))
    with closing(FactStore(where, lambda unit: HOME[unit])) as store:
        for at in range(0, len(order), size):
            if erased_at is not None and at <= erased_at < at + size:
                store.erasing.erase("jia", PERSON.format(1), NOW + DAY_MS)
            store.apply(order[at : at + size])
        kept = dump(where)
        store.rebuild()
    assert dump(where) == kept
    if erased_at is None:
        assert counted(kept) == plainly(runs)


def counted(kept: dict[str, list[tuple]]) -> dict[str, Counter]:
    """What the sums say of all sites and of each, over all days."""
    found = {"runs": Counter(), "steps": Counter(), "learners": Counter()}
    for site, _, _, lesson, runs, done, unaided, *_ in kept["sum_lessons"]:
        found["runs"] += Counter({(site, lesson, "runs"): runs, (site, lesson, "done"): done})
        found["runs"] += Counter({(site, lesson, "unaided"): unaided})
    for site, _, lesson, _, step, kind, ended, _, slips, _, stopped in kept["sum_steps"]:
        found["steps"] += Counter({(site, lesson, step, kind): ended, (site, lesson, step, kind, "stopped"): stopped})
        found["steps"] += Counter({(site, lesson, step, kind, "slips"): slips})
    for site, _, machine, lesson, learners, *_ in kept["sum_learners"]:
        if machine:
            found["learners"] += Counter({(site, lesson): learners})
    return found


def plainly(runs: list[dict]) -> dict[str, Counter]:
    """The same, reckoned from the runs themselves."""
    found = {"runs": Counter(), "steps": Counter(), "learners": Counter()}
    who: dict[tuple[str, str], set] = {}
    for run in runs:
        if run["learner"] == "guest" or run["purpose"] == "demo" or not run["lesson"] or not run["outcome"]:
            continue
        for site in (HOME[run["unit"]], ""):
            here = (site, run["lesson"])
            done = run["outcome"] == "done"
            found["runs"] += Counter({(*here, "runs"): 1, (*here, "done"): int(done)})
            found["runs"] += Counter({(*here, "unaided"): int(done and run["prompt"] == 0)})
            who.setdefault(here, set()).add((HOME[run["unit"]], run["learner"]))
            for step, slips in run["steps"]:
                found["steps"] += Counter({(*here, step, ""): 1, (*here, step, "", "slips"): slips})
                found["steps"] += Counter({(*here, step, "dead_key"): slips})
            if not done and run["steps"]:
                found["steps"] += Counter({(*here, run["steps"][-1][0], "", "stopped"): 1})
    found["learners"] += Counter({here: len(those) for here, those in who.items()})
    return found


@ANY
@given(st.lists(RUN, min_size=2, max_size=7), st.integers(0, 13))
def test_what_is_retired_stays_in_the_sums_and_a_rebuild_leaves_it(place, runs, half_days):
    where, told = place(), messages(runs)
    with closing(FactStore(where)) as store:
        store.apply(told[: len(told) // 2])
        store.erasing.retire(NOW - half_days * DAY_MS // 2)
        before = counted(dump(where))["runs"]
        store.apply(told[len(told) // 2 :])
        assert counted(dump(where))["runs"] >= before
        store.erasing.retire(NOW - half_days * DAY_MS // 2)
        kept = dump(where)
        store.rebuild()
    assert dump(where) == kept


def test_skills_are_known_when_the_machine_is_told_after_the_steps(place):
    where = place()
    run = {"unit": "u-1", "learner": PERSON.format(1), "purpose": "practice", "lesson": "balance", "skin": "a"}
    run |= {"half_days": 1, "outcome": "done", "prompt": 0, "guessed": False, "end": {}, "steps": [("pin", 0)]}
    began, step, end = messages([run])
    with closing(FactStore(where)) as store:
        for one in (step, end, began):
            store.apply([one])
    assert ("jia", PERSON.format(1), "", "pin_unseen") in {row[:4] for row in dump(where)["learner_lessons"]}


def test_a_unit_that_moves_takes_its_sums_along(place):
    where, home = place(), {}
    run = {"unit": "u-1", "learner": PERSON.format(1), "purpose": "practice", "lesson": "balance", "skin": "a"}
    run |= {"half_days": 1, "outcome": "done", "prompt": 0, "guessed": False, "end": {}, "steps": [("pin", 0)]}
    with closing(FactStore(where, lambda unit: home.get(unit, ""))) as store:
        store.apply(messages([run]))
    home["u-1"] = "bing"
    with closing(FactStore(where, lambda unit: home.get(unit, ""))) as store:
        store.apply(messages([run]))  # comes from a site that is its own no more
        kept = dump(where)
        store.rebuild()
    assert dump(where) == kept
    assert {row[0] for row in kept["sum_lessons"]} == {"", "bing"}


def test_a_database_of_the_release_before_is_summed_when_it_is_opened(place):
    where = place()
    run = {"unit": "u-1", "learner": PERSON.format(1), "purpose": "practice", "lesson": "balance", "skin": "a"}
    run |= {"half_days": 1, "outcome": "done", "prompt": 0, "guessed": False, "end": {}, "steps": [("pin", 1)]}
    with closing(FactStore(where)) as store:
        store.apply(messages([run, {**run, "unit": "u-3"}]))
    kept = dump(where)
    with closing(connect(where)) as db:
        db.begin()
        for table in (*TABLES, "learner_lessons", "properties"):
            db.execute(f"DELETE FROM {table}")
        db.execute("UPDATE runs SET told = '', skills = ''")
        db.commit()
    FactStore(where).close()
    assert dump(where) == kept
    assert len(kept["sum_lessons"]) == 3


def test_a_way_is_mastered_by_a_run_alone_on_an_unfamiliar_look_a_day_later():
    alone = [(day * DAY_MS, str(day), True, "a") for day in range(3)]
    assert way_of(alone)[6] == 0
    assert way_of([*alone, (3 * DAY_MS, "3", True, "a")])[6] == 0  # a look that was practised yesterday
    assert way_of([*alone, (2 * DAY_MS + 9, "3", True, "b")])[6] == 0  # too soon
    assert way_of([*alone, (3 * DAY_MS, "3", False, "b")])[6] == 0  # with help
    assert way_of([*alone, (3 * DAY_MS, "3", True, "b")])[6] == 1
    assert way_of([*alone, (9 * DAY_MS, "3", True, "a")])[6] == 1


def test_classes_of_time_hold_what_they_say():
    assert [sums.time_class(ms) for ms in (0, 8_000, 8_001, 16_000, 10**9)] == [0, 0, 1, 2, sums.CLASSES - 1]


def test_nothing_is_summed_where_the_batch_fails(place, monkeypatch):
    where = place()
    run = {"unit": "u-1", "learner": PERSON.format(1), "purpose": "practice", "lesson": "balance", "skin": "a"}
    run |= {"half_days": 1, "outcome": "done", "prompt": 0, "guessed": False, "end": {}, "steps": [("pin", 1)]}
    with closing(FactStore(where)) as store:

        def broken(*_: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(LearningSums, "_ways", broken)
        with pytest.raises(OSError, match="full"):
            store.apply(messages([run]))
        assert not any(dump(where).values())
        monkeypatch.undo()
        store.apply(messages([run]))
    assert dump(where)["sum_lessons"]
