"""A debrief says only what the run has changed, and whose act it was; a run ended early has one page."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.catalogue.machine_list import MACHINES
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.lobby.debrief import debrief
from tests.unit.lobby.endings import ended

LISTED = Path(__file__).parents[3] / "screens" / "pictures" / "pictures.toml"


def marks(page):
    return [(row.label.key, row.mark) for row in page.body.rows]


def test_a_debrief_opens_with_what_went_well_and_names_one_next_thing():
    done = debrief(ended(out_fen=100, receipt=True, seen=True), ("atm", "lesson-4"))
    assert done.title == Text("debrief.out_fen", (("x_fen", 100),))
    assert marks(done) == [("debrief.receipt", "ok"), ("lobby.debrief.unaided", "ok"), ("debrief.seen", "")]
    assert [line.key for line in done.body.lines] == ["lobby.debrief.next"]
    half = debrief(ended("timed_out", out_fen=100), ("atm", "lesson-4"))
    assert half.title.key == "debrief.out_fen"
    assert [line.key for line in half.body.lines] == ["debrief.next.receipt"]
    never = debrief(ended("timed_out", out_fen=-1), None)
    assert never.title.key == "lobby.debrief.seen", "an amount that has its start value is no payment"
    assert marks(never) == []
    bad = debrief(ended("lost", kept=True), None)
    assert bad.title.key == "lobby.debrief.seen"
    assert marks(bad) == [("debrief.kept", "warn")]


def test_nothing_is_praised_that_was_so_before_or_that_nobody_did():
    before = debrief(ended(by="", out_fen=100, receipt=True), None)
    assert (before.title.key, marks(before)) == ("lobby.debrief.done", [("lobby.debrief.unaided", "ok")])
    coach = debrief(ended(by="coach", coached=2, out_fen=100), None)
    assert (coach.title.key, marks(coach)) == (
        "lobby.debrief.done",
        [("debrief.out_fen", ""), ("lobby.debrief.coached", "")],
    )
    assert coach.body.rows[0].value == Text("lobby.debrief.by_coach")
    time = debrief(ended("timed_out", by="time", out_fen=100), None)
    assert (time.title.key, marks(time)) == ("lobby.debrief.seen", [("debrief.out_fen", "")])


@pytest.mark.parametrize("outcome", ["given_up", "abandoned", "closed"])
def test_a_run_ended_early_has_one_page_whatever_happened_in_it(outcome):
    pages = [debrief(ended(outcome, **facts), ("atm", "lesson-4")) for facts in ({}, {"out_fen": 100, "kept": True})]
    assert pages[0] == pages[1]
    assert [key.name for key in pages[0].keys] == ["debrief.home"]
    assert pages[0].body.rows == ()


FRAUD = Lesson("lesson-3", 1, (GoalCondition("fraud_over", equal=True), GoalCondition("out_fen", equal=100)))


@pytest.mark.parametrize(
    ("facts", "said", "mark", "first"),
    [
        ({"fraud_refused": True}, "debrief.fraud_refused", "ok", "debrief.next"),
        ({"fraud_refused": True, "fraud_fell": True}, "lobby.debrief.fell", "", "debrief.again"),
        ({"fraud_skipped": True}, "debrief.fraud_skipped", "", "debrief.next"),
        ({"fraud_skipped": True, "fraud_fell": True}, "lobby.debrief.fell_skipped", "", "debrief.again"),
    ],
)
def test_a_fraud_is_told_in_one_sentence_as_it_went(facts, said, mark, first):
    page = debrief(ended(lesson=FRAUD, fraud_met=True, fraud_over=True, **facts), ("atm", "lesson-4"))
    rows = [(page.title.key, "ok"), *marks(page)]
    assert [row for row in rows if "fraud" in row[0] or "fell" in row[0]] == [(said, mark)]
    assert page.keys[0].name == first


@given(
    st.booleans(),
    st.sampled_from((0, 100, 200)),
    st.booleans(),
    st.booleans(),
    st.sampled_from(("done", "lost", "given_up", "timed_out")),
)
def test_a_debrief_states_only_what_facts_prove(receipt, out_fen, kept, seen, outcome):
    end = ended(outcome, out_fen=out_fen, receipt=receipt, kept=kept, seen=seen)
    page = debrief(end, ("atm", "lesson-4"))
    for text in (page.title, *(row.label for row in page.body.rows)):
        if text.key.startswith("debrief."):
            value = dict(end.facts)[text.key.removeprefix("debrief.")]
            assert value
            assert not text.args or text.args[0][1] == value
    assert len(page.body.lines) <= 1
    free = debrief(ended(outcome, None, out_fen=out_fen), None)
    assert free.keys


def test_what_the_run_left_in_the_learners_hands_is_a_picture_a_piece():
    body = debrief(ended(out_fen=30000, receipt=True, what="book"), None).body
    assert body.carried == ("note_100", "note_100", "note_100", "paper_slip", "paper_hukou")
    assert body.amount_fen == 30000
    assert body.heading == Text("lobby.debrief.held")
    assert debrief(ended(receipt=True, what="other"), None).body.carried == ("paper_slip",)


@pytest.mark.parametrize(
    ("how", "facts"),
    [
        ({"by": ""}, {"out_fen": 30000, "receipt": True}),
        ({"by": "coach"}, {"out_fen": 30000, "receipt": True}),
        ({"by": "time"}, {"receipt": True}),
        ({}, {"out_fen": 30000, "paid_in": True}),
        ({}, {"out_fen": 25000}),
        ({}, {"out_fen": -1}),
        ({"outcome": "given_up"}, {"out_fen": 30000, "receipt": True}),
    ],
)
def test_nothing_is_shown_in_hands_that_this_run_does_not_prove(how, facts):
    """So before, another's act, given away again, no certain number of notes, ended early."""
    body = debrief(ended(**how, **facts), None).body
    assert (body.carried, body.amount_fen, body.heading) == ((), -1, None)


def test_what_spoilt_a_run_stands_beside_a_picture_too():
    page = debrief(ended(out_fen=30000, receipt=True, seen=True, kept=True, coached=2), None)
    assert page.body.carried
    assert ("debrief.kept", "warn") in marks(page)
    assert len(page.body.rows) == 3


@pytest.mark.parametrize("line", [line for line in MACHINES if line.holds], ids=lambda line: line.id)
def test_machines_name_facts_of_their_own_and_pictures_that_are_there(line):
    facts = machine_loader.load(line.id).machine.FACTS
    pictures = {name for group in tomllib.loads(LISTED.read_text(encoding="utf-8")).values() for name in group}
    for one in line.holds:
        assert {one.fact, *one.unless} <= set(facts)
        assert one.picture in pictures
