"""Records, mastery and facts: a set of records means the same in whatever order it arrived, and tells nobody's
secrets.
"""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.lessons import Lesson, LessonSetting
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach import progress
from kiosk_firmware.unit.coach.progress import RunRecord, StepRecord
from kiosk_firmware.unit.runtime import liabilities, receipt_lines, run_facts
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.run_start import fit_request

LESSONS = tuple(Lesson(f"lesson-{n}", n, goal=()) for n in (1, 2, 3))
RECORDS = st.lists(
    st.builds(
        RunRecord,
        run=st.uuids().map(str),
        machine=st.sampled_from(("atm", "rail")),
        skin=st.sampled_from(("plain", "other")),
        lesson=st.sampled_from([lesson.id for lesson in LESSONS]),
        learner=st.just("abc"),
        purpose=st.sampled_from(("practice", "demo")),
        pack=st.just("p"),
        outcome=st.sampled_from(("done", "given_up", "lost")),
        started_ms=st.integers(0, 10**9),
        ms=st.integers(0, 10**6),
        steps=st.lists(st.builds(StepRecord, st.just("home"), st.integers(0, 2)), max_size=3).map(tuple),
    ),
    max_size=8,
    unique_by=lambda record: record.started_ms,
)
OFFERED = [("atm", LESSONS), ("rail", LESSONS)]
SKINS, NOW = ("plain", "other"), 10**10


@given(RECORDS, st.randoms())
def test_progress_does_not_depend_on_the_order_of_records(records, chance):
    mixed = list(records)
    chance.shuffle(mixed)
    assert progress.percent(records, "atm", LESSONS) == progress.percent(mixed, "atm", LESSONS)
    assert progress.recommend_lesson(records, OFFERED) == progress.recommend_lesson(mixed, OFFERED)
    assert progress.starts(records, "atm") == progress.starts(mixed, "atm")
    for lesson in LESSONS:
        assert progress.mastery(records, "atm", lesson) == progress.mastery(mixed, "atm", lesson)
        assert progress.retest(records, "atm", lesson, SKINS, NOW) == progress.retest(mixed, "atm", lesson, SKINS, NOW)


@given(RECORDS)
def test_a_record_that_comes_twice_counts_once(records):
    twice = [*records, *reversed(records)]
    assert progress.percent(twice, "atm", LESSONS) == progress.percent(records, "atm", LESSONS)
    assert progress.count_practice(twice, "atm") == progress.count_practice(records, "atm")
    for lesson in LESSONS:
        assert progress.unaided_runs(twice, "atm", lesson.id) == progress.unaided_runs(records, "atm", lesson.id)


@given(RECORDS, RECORDS)
def test_later_records_never_take_progress_away(some, more):
    more = [msgspec.structs.replace(record, started_ms=record.started_ms + 10**9) for record in more]
    assert progress.percent([*some, *more], "atm", LESSONS) >= progress.percent(some, "atm", LESSONS)


@given(RECORDS)
def test_what_is_recommended_is_not_mastered(records):
    found = progress.recommend_lesson(records, OFFERED)
    of = {(machine, lesson.id): progress.mastery(records, machine, lesson) for machine, ls in OFFERED for lesson in ls}
    if found is None:
        assert set(of.values()) <= {"steady", "mastered"}
    else:
        assert of[found] not in ("steady", "mastered")


@given(RECORDS, st.sampled_from([(machine, lesson.id) for machine in ("atm", "rail") for lesson in LESSONS]))
def test_a_retest_that_is_due_comes_first_and_who_opts_in_is_never_told_to(records, due):
    assert progress.recommend_lesson(records, OFFERED, {due}) == due
    chosen = [(m, [msgspec.structs.replace(lesson, opt_in=True) for lesson in ls]) for m, ls in OFFERED]
    assert progress.recommend_lesson(records, chosen, {due}) is None


def run(n, skin="plain", at_ms=0, prompt=0, **fields):
    steps = (StepRecord("home"), StepRecord("menu", prompt))
    base = RunRecord(f"r{n}", "atm", skin, "lesson-1", "abc", "practice", "p", "done", at_ms, 1000, steps)
    return msgspec.structs.replace(base, **fields)


def steady(at_ms=0):
    return [run(n, at_ms=at_ms + n) for n in range(3)]


@pytest.mark.parametrize(
    ("retest", "is_mastered"),
    [
        (run(9, "other", progress.DAY_MS + 10), True),
        (run(9, "other", progress.DAY_MS - 10), False),  # too soon
        (run(9, "plain", progress.DAY_MS + 10), False),  # the look is known
        (run(9, "plain", progress.FAMILIAR_MS + 10), True),  # so long ago that it is not
        (run(9, "other", progress.DAY_MS + 10, prompt=progress.POINTED), False),  # with help
        (run(9, "other", progress.DAY_MS + 10, outcome="given_up"), False),
        (run(9, "other", progress.DAY_MS + 10, purpose="guest"), False),
    ],
)
def test_mastered_is_unaided_a_day_later_on_an_unfamiliar_skin(retest, is_mastered):
    lesson = LESSONS[0]
    assert progress.mastery(steady(), "atm", lesson) == "steady"
    assert progress.mastery([*steady(), retest], "atm", lesson) == ("mastered" if is_mastered else "steady")
    assert progress.mastery([*steady()[:2], retest], "atm", lesson) != "mastered"


def test_a_lesson_of_one_skin_is_tried_again_on_that():
    lesson = msgspec.structs.replace(LESSONS[0], setting=LessonSetting(skin="plain"))
    assert progress.retest(steady(), "atm", lesson, SKINS, progress.DAY_MS + 10) == "plain"
    assert progress.mastery([*steady(), run(9, "plain", progress.DAY_MS + 10)], "atm", lesson) == "mastered"


def test_a_retest_is_due_a_day_later_and_on_the_skin_that_was_never_seen():
    lesson, later = LESSONS[0], progress.DAY_MS + 10
    assert progress.retest(steady(), "atm", lesson, SKINS, progress.DAY_MS - 10) == ""
    assert progress.retest(steady(), "atm", lesson, SKINS, later) == "other"
    assert progress.retest(steady()[:2], "atm", lesson, SKINS, later) == ""
    assert progress.retest([*steady(), run(9, "other", later)], "atm", lesson, SKINS, 3 * later) == ""


@pytest.mark.parametrize(
    ("records", "at_ms", "pace", "retest"),
    [
        ([], 0, "calm", False),
        (steady()[:2], 10, "calm", False),
        (steady(), 10, "gentle", False),
        (steady(), progress.DAY_MS + 10, "real", True),
        ([run(n, at_ms=n, prompt=progress.POINTED) for n in range(9)], progress.DAY_MS + 10, "calm", False),
    ],
)
def test_time_is_off_until_three_runs_without_help_then_gentle_and_real_only_in_a_retest(records, at_ms, pace, retest):
    order = RunRequest("atm", "other", Persona(), LESSONS[0], "abc")
    fit = fit_request(order, records, at_ms)
    assert (fit.pace, fit.retest) == (pace, retest)
    assert fit.practised == len(records)
    assert fit_request(order, records, at_ms, "calm").pace == "calm"
    guest = fit_request(msgspec.structs.replace(order, purpose="guest"), records, at_ms)
    assert not guest.retest
    assert fit_request(msgspec.structs.replace(order, lesson=None), records, at_ms).pace == "calm"


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_help_begins_one_below_what_was_needed_last(needed):
    records = [run(n, at_ms=n, prompt=prompt) for n, prompt in enumerate(needed)]
    begins = progress.starts(records, "atm")
    assert begins.get("menu", progress.POINTED) == max(progress.POINTED, needed[-1] - 1)
    assert progress.starts(records, "rail") == {}


@given(RECORDS)
def test_a_demo_counts_nothing(records):
    demo = [msgspec.structs.replace(record, purpose="demo") for record in records]
    assert progress.percent(demo, "atm", LESSONS) == 0


@given(RECORDS)
def test_records_are_read_as_they_were_written(records):
    assert [progress.decode(msgspec.json.encode(record)) for record in records] == records


@given(st.from_regex(r"l-[0-9]{6}", fullmatch=True), st.binary(min_size=1), st.binary(min_size=1))
def test_a_pseudonym_hides_the_number(number, key, other):
    name = run_facts.pseudonym(key, number)
    assert re.fullmatch(r"[0-9a-f]{16}", name)
    assert name == run_facts.pseudonym(key, number)
    assert number[2:] not in name or len(set(number[2:])) == 1 or name != number
    assert run_facts.pseudonym(key, "guest") == run_facts.pseudonym(key, "") == "guest"


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.booleans(), st.text(max_size=40)), max_size=6))
def test_free_text_stays_here(found):
    for value in run_facts.tellable_facts(found).values():
        assert isinstance(value, bool | int) or value == "" or re.fullmatch(r"[a-z][a-z0-9_.-]{0,31}", value)


def test_noise_is_told_at_most_once_a_minute():
    noise = run_facts.Noise()
    told = []
    for now in range(0, 300_000, 1000):
        noise.count("coin_acceptor", "lone_pulse")
        told += [(now, fact.data["count"]) for fact in noise.due(now)]
    assert [now for now, _ in told] == [0, 60_000, 120_000, 180_000, 240_000]
    assert sum(count for _, count in told) == 241


@given(
    st.builds(
        liabilities.Liabilities,
        st.sampled_from(("", "9900")),
        st.sampled_from(("none", "inside", "exit")),
        st.integers(0, 10**6),
        st.sampled_from(((), ((10_000, 2),))),
        st.integers(0, 10**6),
    )
)
def test_what_is_owed_is_read_as_it_was_written(what):
    again = liabilities.from_rows(liabilities.rows(what))
    same = what if what.place != "none" else msgspec.structs.replace(what, number="")
    assert again == same
    assert (liabilities.rows(what) == ()) == (same == liabilities.NOTHING)


@given(st.text("练习银行abc 12", max_size=60), st.integers(8, 48))
def test_no_line_of_paper_is_too_wide_and_nothing_is_lost(line, columns):
    found = receipt_lines.wrap_line(line, columns)
    assert all(receipt_lines.width(part) <= columns for part in found)
    assert "".join(found).replace(" ", "") == line.replace(" ", "")


def test_a_row_has_its_value_at_the_right():
    document = Document("receipt", Text("回单"), ((Text("金额"), Text("100")),), (Text("练习"),))
    lines = receipt_lines.lines(document, Words(partial=True), "zh", 32)
    assert lines[2] == "金额" + " " * 25 + "100"
    assert all(receipt_lines.width(line) <= 32 for line in lines)


def test_a_fraud_that_somebody_fell_for_first_is_not_done():
    """It comes again as any lesson that was only tried, and counts for no unaided run."""
    met = {"fraud_met": True, "fraud_refused": True, "fraud_over": True}
    held, fell = (
        RunRecord("e-1", "atm", "plain", "lesson-1", "abc", "practice", "p", "done", 1, 1, (), facts)
        for facts in (met, {**met, "fraud_fell": True})
    )
    assert (progress.mastery([held], "atm", LESSONS[0]), held.unaided) == ("done", True)
    assert (progress.mastery([fell], "atm", LESSONS[0]), fell.unaided) == ("tried", False)
