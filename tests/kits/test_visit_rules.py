"""A visit's states, calendar and decisions, over any request and any day; and an office that is asked twice."""

from __future__ import annotations

import datetime
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.hosts.visit import (
    Breach,
    Kin,
    Refusal,
    Relative,
    Standing,
    VisitArrived,
    VisitAsk,
    VisitConnected,
    VisitEnded,
    VisitRequest,
    VisitRequested,
    Visits,
    VisitTakenBack,
)
from kiosk_firmware.visit.domain import calendar
from kiosk_firmware.visit.domain.decisions import answered_on, close_visit, now_standing, refusal, slots
from kiosk_firmware.visit.domain.practice_office import judge, record_answer
from kiosk_firmware.visit.domain.states import FINAL, MOVES, Move, MoveError, apply_moves, is_open

RULES = machine_loader.packs("visit").pack[0].rules
ME = "519901198802140030"
DAYS = st.integers(18_000, 25_000)
FAMILY = (
    Relative("mother", "A", "parent", proven=True),
    Relative("brother", "B", "sibling"),
    Relative("friend", "C", "friend"),
)
ORDER = (
    "draft",
    "submitted",
    "kinship",
    "approval",
    "approved",
    "returned",
    "waiting",
    "signing",
    "meeting",
    "ended",
    "stopped",
    "waived",
)


def requested(people: list[str], asked: int, slot: int, kin: str, paper: tuple[str, str]) -> VisitRequest:
    """A request for one of the times that are offered on the day it is asked."""
    day, minute = slots(RULES, asked)[slot]
    return VisitRequest(tuple(people), day, minute, asked, kin, *paper)


REQUESTS = st.builds(
    requested,
    st.lists(st.sampled_from([one.id for one in FAMILY]), min_size=1, max_size=3, unique=True),
    DAYS,
    st.integers(0, RULES.offers - 1),
    st.sampled_from(get_args(Kin)),
    st.tuples(st.sampled_from(["", "hukou", "old_letter"]), st.sampled_from(["", "copy"])),
)


def test_the_states_are_those_of_the_rule_and_all_are_reached() -> None:
    assert get_args(Standing) == ORDER
    reached = {"draft"}
    while more := {after for (at, _), after in MOVES.items() if at in reached} - reached:
        reached |= more
    assert reached == set(ORDER)
    assert {at for at, _ in MOVES} == set(ORDER) - set(FINAL)


@given(st.lists(st.sampled_from(get_args(Move)), max_size=8))
def test_a_move_is_known_or_refused_with_what_is_allowed(moves: list[Move]) -> None:
    state: Standing = "draft"
    for move in moves:
        if (state, move) in MOVES:
            state = apply_moves(state, move)
        else:
            with pytest.raises(MoveError, match=f"visit {state}: no move '{move}'; allowed are "):
                apply_moves(state, move)


@given(DAYS, st.integers(0, 15))
def test_working_days_have_no_weekend_and_are_counted_one_by_one(day: int, count: int) -> None:
    end = calendar.working_days_on(day, count)
    between = [calendar.date_of(one) for one in range(day + 1, end + 1)]
    assert sum(date.weekday() < 5 for date in between) == count
    assert not count or calendar.date_of(end).weekday() < 5


@given(DAYS, st.integers(1, 12))
def test_months_go_on_by_the_calendar(day: int, months: int) -> None:
    date, first = calendar.date_of(day), calendar.date_of(calendar.month_after(day, months))
    assert first.day == 1
    assert (first.year * 12 + first.month) - (date.year * 12 + date.month) == months
    later = calendar.date_of(calendar.months_on(day, months))
    assert (later.year, later.month) == (first.year, first.month)
    assert later.day == date.day or (later.day < date.day and (later + datetime.timedelta(days=1)).day == 1)


@given(REQUESTS, st.integers(-1, 60), st.integers(0, 60))
def test_what_is_decided_is_what_the_rules_say(request: VisitRequest, since: int, suspended: int) -> None:
    last = request.day - since if since >= 0 else -1
    known = Visits(FAMILY, None, last, request.day - 30 + suspended)
    reason, next_day = refusal(RULES, known, request)
    assert reason in ("", *get_args(Refusal))
    people = [one for one in FAMILY if one.id in request.people]
    if not reason:
        assert all(one.kin in RULES.kin for one in people)
        assert all(one.proven for one in people) or (request.proof in RULES.proofs and not request.flaw)
        assert last < 0 or not calendar.same_month(last, request.day)
        assert request.day >= known.until_day
    if next_day:  # who asks for that day is not refused for the same reason again
        again = msgspec.structs.replace(request, day=next_day)
        assert refusal(RULES, known, again)[0] != reason


@given(REQUESTS)
def test_an_answer_comes_in_time_and_never_changes(request: VisitRequest) -> None:
    verdict, ask = judge(RULES, ME, Visits(FAMILY), VisitRequested(ME, request.asked, 600, 1, request=request))
    assert verdict == "ok"
    known = record_answer(Visits(FAMILY), ask)
    assert known.case is not None
    due = answered_on(RULES, known.case)
    seen = [now_standing(RULES, known, day, 0).case for day in range(request.asked, due + 9)]
    states = [case.state for case in seen if case]
    assert [ORDER.index(one) for one in states] == sorted(ORDER.index(one) for one in states)
    assert states[due - request.asked] in ("approved", "returned")
    assert (states[due - request.asked] == "returned") == bool(refusal(RULES, known, request)[0])


@given(REQUESTS, st.data())
def test_asked_twice_the_office_answers_alike_and_books_once(request: VisitRequest, data: st.DataObject) -> None:
    """Whatever is asked, in whatever order: a second time at once, nothing more happens."""
    known = Visits(FAMILY)
    day, minute = request.day, request.minute
    asks: list[VisitAsk] = [
        VisitRequested(ME, request.asked, 600, 1, request=request),
        VisitTakenBack(ME, request.asked, 600, 2),
        VisitArrived(ME, day, minute, 3),
        VisitConnected(ME, day, minute, 4, signed=True),
        VisitEnded(ME, day, minute, 5, breach=data.draw(st.sampled_from(["", *get_args(Breach)]))),
    ]
    for ask in data.draw(st.lists(st.sampled_from(asks), max_size=6)):
        verdict, told = judge(RULES, ME, known, ask)
        if verdict != "ok":
            continue
        known = record_answer(known, told)
        again, same = judge(RULES, ME, known, ask)
        assert again == "ok"
        assert record_answer(known, same) == known


@pytest.mark.parametrize("breach", ["", *get_args(Breach)])
def test_an_end_uses_the_month_and_a_breach_suspends(breach: str) -> None:
    request = VisitRequest(("brother",), 20_790, 570, 20_781, "sibling", "hukou")
    known = Visits(FAMILY)
    for ask in (
        VisitRequested(ME, 20_781, 600, 1, request=request),
        VisitArrived(ME, 20_790, 560, 3),
        VisitConnected(ME, 20_790, 565, 4, signed=True),
    ):
        verdict, told = judge(RULES, ME, known, ask)
        assert verdict == "ok"
        known = record_answer(known, told)
    after = close_visit(RULES, known, breach)
    assert after.case is not None
    assert after.case.state == ("stopped" if breach else "ended")
    assert not is_open(after.case)
    assert after.relative("brother") == Relative("brother", "B", "sibling", proven=True)
    assert after.last_day == request.day
    months = dict(RULES.suspend_months).get(breach, 0)
    assert after.until_day == (calendar.months_on(request.day, months) if months else 0)
    assert after.case.next_day == max(calendar.month_after(request.day), after.until_day)
    assert 1 <= months <= 3 or not breach


def test_nobody_meets_who_did_not_sign_and_who_is_late_has_waived() -> None:
    request = VisitRequest(("mother",), 20_790, 570, 20_781)
    _, told = judge(RULES, ME, Visits(FAMILY), VisitRequested(ME, 20_781, 600, 1, request=request))
    known = record_answer(Visits(FAMILY), told)
    late = 570 + RULES.late_min
    assert judge(RULES, ME, known, VisitArrived(ME, 20_790, 570 - RULES.early_min - 1, 3))[0] == "early"
    assert judge(RULES, ME, known, VisitArrived(ME, 20_790, late + 1, 3))[0] == "late"
    verdict, told = judge(RULES, ME, known, VisitArrived(ME, 20_790, late, 3))
    assert verdict == "ok"
    known = record_answer(known, told)
    assert judge(RULES, ME, known, VisitConnected(ME, 20_790, late, 4))[0] == "unsigned"
    assert judge(RULES, "another", known, VisitConnected(ME, 20_790, late, 4, signed=True))[0] == "nothing"


def test_every_state_reason_and_kinship_can_be_said() -> None:
    words = machine_loader.machine_texts("visit")
    wanted = {f"visit_state.{one}" for one in get_args(Standing)} | {f"visit_kin.{one}" for one in get_args(Kin)}
    wanted |= {f"visit_reason.{one}" for one in (*get_args(Refusal), *get_args(Breach))}
    for language in machine_loader.LANGUAGES:
        assert wanted <= words.keys(language)
