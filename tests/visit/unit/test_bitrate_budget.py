"""What a line bears decides on the picture: down at once, up with patience."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.visit.unit import bandwidth_control as budgets
from kiosk_firmware.visit.unit.bandwidth_control import RUNGS, Budget

HEARD = st.lists(st.tuples(st.integers(1_000, 3_000_000), st.floats(0, 1), st.integers(0, 2_000_000)), max_size=60)


def full(line_bps, seconds, budget=None, moves=True):
    """A line that bears so much beside the sound: what its receiver would say while we send what the budget allows. The
    rungs in use.
    """
    budget, rungs = budget or Budget(), []
    for _ in range(seconds):
        sent = RUNGS[budget.rung].bps if moves else 20_000
        budget = budgets.apply_report(budget, 0.0 if sent <= line_bps else 1 - line_bps / sent, sent)
        budget = budgets.apply_estimate(budget, int(0.85 * line_bps if sent > line_bps else 1.5 * sent + 10_000))
        rungs.append(budget.rung)
    return budget, rungs


@given(HEARD)
def test_a_rung_is_always_one_that_there_is(heard):
    budget = Budget()
    for bps, lost, sent in heard:
        budget = budgets.apply_estimate(budgets.apply_report(budget, lost, sent), bps)
        assert 0 <= budget.rung <= budget.most
        assert budget.rung == 0 or RUNGS[budget.rung].bps <= budget.ceiling


@given(st.integers(40_000, 1_500_000))
def test_what_is_sent_settles_below_what_the_line_bears(line_bps):
    """A minute after, the line is full in no more than one second of ten."""
    budget, _ = full(line_bps, 60)
    _, rungs = full(line_bps, 100, budget)
    over = sum(RUNGS[rung].bps > line_bps for rung in rungs)
    assert over <= 10


@given(HEARD)
def test_no_more_is_believed_than_one_rung_above_what_was_sent(heard):
    budget, most = Budget(), budgets.UNPROVEN
    for bps, lost, sent in heard:
        budget = budgets.apply_estimate(budgets.apply_report(budget, lost, sent), bps)
        most = max([most, *(at + 1 for at, rung in enumerate(RUNGS) if rung.bps * budgets.TRIED <= sent)])
        assert budget.rung <= most


@given(st.integers(40_000, 1_500_000), st.booleans())
def test_a_line_that_is_suddenly_full_is_left_within_four_seconds(line_bps, stood_still):
    """... whether it became weak, or the picture only begins to move."""
    budget, _ = full(line_bps, 120, moves=False) if stood_still else full(2_000_000, 60)
    _, rungs = full(line_bps, 4, budget)
    assert min(RUNGS[rung].bps for rung in rungs) <= line_bps


def test_one_congestion_is_answered_once():
    """What is heard for two seconds more still means what was sent before."""
    budget, _ = full(2_000_000, 60)
    once = budgets.apply_report(budget, 0.6, 900_000)
    again = budgets.apply_estimate(budgets.apply_report(once, 0.6, 300_000), 100_000)
    assert once.rung == again.rung < budget.rung
    assert again.lost == 0


def test_a_weak_line_has_a_small_picture_and_a_good_one_the_best():
    assert RUNGS[max(full(250_000, 60)[1][20:])].height >= 240
    assert full(2_000_000, 60)[1][-1] == len(RUNGS) - 1


def test_a_good_line_has_fifteen_pictures_a_second_before_ten_seconds_are_over():
    _, rungs = full(2_000_000, 10)
    assert RUNGS[rungs[-2]].fps >= 15


def test_a_picture_that_hardly_moves_does_not_make_itself_smaller():
    """What a receiver thinks is never much more than what came: that says nothing about the line."""
    assert full(2_000_000, 60, moves=False)[1][-1] == budgets.UNPROVEN


def test_much_loss_is_answered_at_once():
    budget, _ = full(2_000_000, 60)
    for _ in range(12):
        budget = budgets.apply_report(budget, 0.4, RUNGS[budget.rung].bps)
    assert budget.rung <= 2
    steady = msgspec.structs.replace(budget, lost=0.07)
    assert budgets.apply_report(steady, 0.07, 100_000).ceiling == budget.ceiling


def test_a_thin_picture_is_not_held_down_by_one_packet():
    """At five packets a second the loss of one looks like a fifth; one in ten seconds is two in a hundred."""
    budget = msgspec.structs.replace(Budget(), ceiling=RUNGS[0].bps, rung=0)
    for second in range(60):
        budget = budgets.apply_report(budget, 0.2 * (second % 10 == 0), RUNGS[budget.rung].bps)
    assert budget.rung >= budgets.FIRST
