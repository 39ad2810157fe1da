"""Records, mastery and facts: a set of records means the same in whatever order it arrived, and tells nobody's
secrets.
"""

from __future__ import annotations

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.session import facts, owed, paper, progress
from kiosk_firmware.session.progress import RunRecord, StepRecord

LESSONS = tuple(Lesson(f"lesson-{n}", n, goal=()) for n in (1, 2, 3))
RECORDS = st.lists(
    st.builds(
        RunRecord,
        run=st.uuids().map(str), machine=st.sampled_from(("atm", "rail")), skin=st.just("plain"),
        lesson=st.sampled_from([lesson.id for lesson in LESSONS]), learner=st.just("abc"),
        purpose=st.sampled_from(("practice", "demo")), pack=st.just("p"),
        outcome=st.sampled_from(("done", "given_up", "lost")), started_ms=st.integers(0, 10**9),
        ms=st.integers(0, 10**6),
        steps=st.lists(st.builds(StepRecord, st.just("home"), st.integers(0, 2)), max_size=3).map(tuple),
    ),
    max_size=8, unique_by=lambda record: record.started_ms,
)
OFFERED = [("atm", LESSONS), ("rail", LESSONS)]


@given(RECORDS, st.randoms())
def test_progress_does_not_depend_on_the_order_of_records(records, chance):
    mixed = list(records)
    chance.shuffle(mixed)
    assert progress.percent(records, "atm", LESSONS) == progress.percent(mixed, "atm", LESSONS)
    assert progress.recommended(records, OFFERED) == progress.recommended(mixed, OFFERED)
    assert progress.calm_runs(records) == progress.calm_runs(mixed)


@given(RECORDS, RECORDS)
def test_more_records_never_take_progress_away(some, more):
    assert progress.percent([*some, *more], "atm", LESSONS) >= progress.percent(some, "atm", LESSONS)


@given(RECORDS)
def test_what_is_recommended_is_not_mastered(records):
    found = progress.recommended(records, OFFERED)
    if found is None:
        assert all(progress.mastery(records, m, lesson.id) == "mastered" for m, ls in OFFERED for lesson in ls)
    else:
        assert progress.mastery(records, *found) != "mastered"


@given(RECORDS)
def test_a_demo_counts_nothing(records):
    demo = [msgspec.structs.replace(record, purpose="demo") for record in records]
    assert progress.percent(demo, "atm", LESSONS) == 0


@given(RECORDS)
def test_records_are_read_as_they_were_written(records):
    assert [progress.decode(msgspec.json.encode(record)) for record in records] == records


@given(st.from_regex(r"l-[0-9]{6}", fullmatch=True), st.binary(min_size=1), st.binary(min_size=1))
def test_a_pseudonym_hides_the_number(number, key, other):
    name = facts.pseudonym(key, number)
    assert re.fullmatch(r"[0-9a-f]{16}", name)
    assert name == facts.pseudonym(key, number)
    assert number[2:] not in name or len(set(number[2:])) == 1 or name != number
    assert facts.pseudonym(key, "guest") == facts.pseudonym(key, "") == "guest"


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.booleans(), st.text(max_size=40)), max_size=6))
def test_free_text_stays_here(found):
    for value in facts.told(found).values():
        assert isinstance(value, bool | int) or value == "" or re.fullmatch(r"[a-z][a-z0-9_.-]{0,31}", value)


def test_noise_is_told_at_most_once_a_minute():
    noise = facts.Noise()
    told = []
    for now in range(0, 300_000, 1000):
        noise.count("coin_acceptor", "lone_pulse")
        told += [(now, fact.data["count"]) for fact in noise.due(now)]
    assert [now for now, _ in told] == [0, 60_000, 120_000, 180_000, 240_000]
    assert sum(count for _, count in told) == 241


@given(
    st.builds(
        owed.Owed, st.sampled_from(("", "9900")), st.sampled_from(("none", "inside", "exit")), st.integers(0, 10**6),
        st.sampled_from(((), ((10_000, 2),))), st.integers(0, 10**6),
    )
)
def test_what_is_owed_is_read_as_it_was_written(what):
    again = owed.from_rows(owed.rows(what))
    same = what if what.place != "none" else msgspec.structs.replace(what, number="")
    assert again == same
    assert (owed.rows(what) == ()) == (same == owed.NOTHING)


@given(st.text("练习银行abc 12", max_size=60), st.integers(8, 48))
def test_no_line_of_paper_is_too_wide_and_nothing_is_lost(line, columns):
    found = paper.wrapped(line, columns)
    assert all(paper.width(part) <= columns for part in found)
    assert "".join(found).replace(" ", "") == line.replace(" ", "")


def test_a_row_has_its_value_at_the_right():
    document = Document("receipt", Text("回单"), ((Text("金额"), Text("100")),), (Text("练习"),))
    lines = paper.lines(document, Words(), "zh", 32)
    assert lines[2] == "金额" + " " * 25 + "100"
    assert all(paper.width(line) <= 32 for line in lines)
