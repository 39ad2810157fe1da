"""The half hour: what is spent, what rests, what is said, whatever happens in whichever order."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.visit.unit import call_state as courses
from kiosk_firmware.visit.unit import visit_timer as clocks
from kiosk_firmware.visit.unit.call_state import (
    Ended,
    Heard,
    Moving,
    Muted,
    Signed,
    StationHere,
    TeacherCalled,
    Ticked,
    Warned,
    call_status,
    notice,
    update,
)
from kiosk_firmware.visit.unit.visit_timer import VisitTimer
from kiosk_firmware.visit.wire.messages import CallRules

GOING = st.sampled_from(["held", "running", "resting"])
CLOCKS = st.builds(VisitTimer, st.integers(0, 2_000_000), st.integers(0, 400_000), st.integers(0, 10**9), GOING)
MS = st.integers(0, 600_000)
HAPPENED = st.one_of(
    st.just(Signed()),
    st.builds(StationHere, st.booleans()),
    st.builds(Heard, st.booleans()),
    st.just(Ticked()),
    st.builds(Moving, st.booleans()),
    st.just(Warned()),
    st.just(TeacherCalled()),
    st.builds(Muted, st.sampled_from(["unit", "station"]), st.booleans()),
    st.builds(Ended, st.sampled_from(["unit", "station", "officer", "words"])),
)
RULES = st.builds(CallRules, st.integers(1, 1800), st.integers(0, 900), st.integers(0, 300), st.integers(1, 300))
STORY = st.lists(st.tuples(HAPPENED, st.integers(0, 120_000)), max_size=40)


@given(CLOCKS, st.lists(MS, max_size=8))
def test_a_clock_may_be_read_as_often_as_one_likes(clock, steps):
    """... and a `now` from before changes nothing."""
    now, read = clock.at_ms, clock
    for step in steps:
        now += step
        read = clocks.timer_at(clocks.timer_at(read, now), now - step)
    assert read == clocks.timer_at(clock, now)


@given(CLOCKS, MS, MS)
def test_time_is_spent_or_rests_and_nothing_else(clock, first, second):
    after = clocks.timer_at(
        clocks.set_going(clocks.timer_at(clock, clock.at_ms + first), clock.at_ms + first, "held"), clock.at_ms + 1
    )
    assert clocks.timer_at(after, after.at_ms + second).left_ms == after.left_ms
    spent, rested = clock.left_ms - after.left_ms, clock.rest_ms - after.rest_ms
    assert spent >= 0
    assert 0 <= rested <= first
    if clock.going == "held":
        assert (spent, rested) == (0, 0)
    elif after.left_ms:
        assert spent + rested == first


@given(st.lists(st.integers(1, 400_000), max_size=30))
def test_each_warning_is_given_once(steps):
    clock = VisitTimer(1_800_000, 0, 0, "running")
    read = [clock, *(clocks.timer_at(clock, now) for now in itertools.accumulate(steps))]
    given_ = [warned for one, two in itertools.pairwise(read) if (warned := clocks.warning_between(one, two))]
    assert len(given_) == len(set(given_))
    assert ("one_left" in given_) == (read[-1].left_ms <= clocks.ONE_MS)


def lived(rules, story, course=None):
    """The courses after each step, with the moments."""
    course, now = course or courses.open_call(rules, 0, rules.late_s * 1000, rules.seconds * 1000), 0
    found = [(course, now)]
    for happened, wait in story:
        now += wait
        course = update(course, happened, now)
        found.append((course, now))
    return found


@given(RULES, STORY)
def test_whatever_happens_the_course_keeps_its_word(rules, story):
    found = lived(rules, story)
    for (before, then), (after, now) in itertools.pairwise(found):
        seen = call_status(after)
        assert seen.left_ms <= call_status(before).left_ms
        if before.phase == "over":
            assert after == before  # nothing wakes what is over
        if after.phase != "over" and after.begun:
            assert seen.left_ms > 0
        if before.phase == "talking" == after.phase:
            assert call_status(before).left_ms - seen.left_ms == min(now - then, courses.UNSEEN_MS)
        if before.phase in ("waiting", "ready"):
            assert after.phase in ("over", "talking") or not seen.running
        if after.phase == "talking":
            assert after.signed  # nobody talks who has not signed
        assert (seen.phase == "over") == bool(seen.end)
    assert not any(one.begun for one, _ in found) or any(isinstance(what, Heard) for what, _ in story)


@given(RULES, STORY)
def test_every_visit_comes_to_an_end(rules, story):
    """... at the latest when the talk, the cuts and the time to come are over."""
    (course, now), longest = lived(rules, story)[-1], 2 * 1800 + 900 + 300 + 300
    while course.phase != "over":
        now += 1_000
        course = update(course, Ticked(), now)
        assert now < sum(wait for _, wait in story) + longest * 1000


def looked(course, now):
    """The course at `now`, looked at each second until then."""
    while course.clock.at_ms < now and course.phase != "over":
        course = update(course, Ticked(), min(now, course.clock.at_ms + 1_000))
    return course


def talking():
    """They talk since 1 s."""
    rules = CallRules(seconds=600, rests_s=60, back_s=120)
    return update(update(courses.open_call(rules, 0, 900_000, 600_000), Signed(), 0), Heard(True), 1_000)


def test_a_cut_rests_then_runs_then_ends():
    course = update(talking(), Heard(False), 2_000)
    assert (course.phase, notice(course)) == ("cut", "line_cut")
    rested = looked(course, 61_000)
    assert (call_status(rested).left_ms, call_status(rested).running) == (599_000, False)
    spent = looked(course, 72_000)
    assert (call_status(spent).left_ms, call_status(spent).running) == (589_000, True)
    assert call_status(update(spent, Heard(True), 73_000)).notice == "line_back"
    assert looked(spent, 122_000).end == "line"


@given(st.integers(courses.UNSEEN_MS, 10**8), st.sampled_from([Ticked(), Heard(True), Moving(True), Warned()]))
def test_while_the_process_stood_still_nobody_talked(still_ms, first):
    """... whatever it hears of first when it goes on, for what waited at its sockets may come before its own look."""
    woken = update(talking(), first, 1_000 + still_ms)
    assert (woken.phase, call_status(woken).left_ms) == ("talking", 600_000 - courses.UNSEEN_MS)
    assert call_status(looked(woken, 1_000 + still_ms + 10_000)).left_ms == 590_000 - courses.UNSEEN_MS
    assert update(woken, Heard(False), 1_000 + still_ms).phase == "cut"


@given(st.integers(courses.UNSEEN_MS, 10**8))
def test_while_the_process_stood_still_a_cut_came_no_nearer_to_its_end(still_ms):
    cut = looked(update(talking(), Heard(False), 2_000), 12_000)
    woken = update(cut, Ticked(), 12_000 + still_ms)
    assert (woken.phase, woken.clock.rest_ms) == ("cut", cut.clock.rest_ms - courses.UNSEEN_MS)
    assert call_status(update(woken, Heard(True), 12_000 + still_ms)).left_ms == 599_000
    ends = 12_000 + still_ms + 110_000 - courses.UNSEEN_MS
    assert (looked(woken, ends - 1).phase, looked(woken, ends).end) == ("cut", "line")


def test_what_power_parted_goes_on_with_what_was_left():
    rules = CallRules(rests_s=60, back_s=120)
    course = courses.resume_call(rules, 5_000, 700_000, 30_000)
    assert (course.phase, call_status(course).left_ms) == ("cut", 700_000)
    assert call_status(update(course, Heard(True), 20_000)).left_ms == 700_000
    assert looked(course, 125_000).end == "line"
