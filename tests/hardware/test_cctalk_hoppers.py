"""Change on a ccTalk wire on which everything goes wrong, judged by what lies in the cup afterwards.

As `test_cctalk_far_end.py`, for hoppers: whatever befell the wire, the hopper and our process, what was told and booked
is what fell out, no more falls than was asked for, and where nobody can know, the difference is reported as that.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.settings.coins import Hopper
from kiosk_firmware.core import money
from kiosk_firmware.core.events import ItemsPresented
from tests.hardware.cctalk_ends import BRIEFLY, Change
from tests.hardware.far_end import LUCK, owns_up

PAY_ACTS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 2),
        LUCK,
        st.lists(
            st.tuples(
                st.sampled_from(["reset", "forget", "jam", "unplug", "replug", "die", "wait", "empty"]),
                st.integers(20, 900),
                LUCK,
            ),
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=3,
)


@BRIEFLY
@given(acts=PAY_ACTS, number=st.sampled_from([0, 1, 254, 255]), echo=st.booleans())
def test_payout_is_what_fell_out_or_the_difference_is_reported(tmp_path_factory, acts, number, echo):
    change = Change(tmp_path_factory.getbasetemp(), number, echo)
    most: Counter[int] = Counter()
    for small, big, luck, mishaps in acts:
        before, asked = len(change.sim.all(ItemsPresented)), money.items((100, small), (500, big))
        most.update(dict(asked))
        fell = len(change.cup)
        change.sim.luck(*luck)
        change.pay(*asked)
        for kind, ms, more in mishaps:
            change.sim.run(ms)
            change.sim.luck(*more)
            change.befall(kind)
        change.sim.replug()
        died = any(kind == "die" for kind, _, _ in mishaps)
        change.sim.run(70_000, lambda n=before, d=died: d or len(change.sim.all(ItemsPresented)) > n)
        change.ready()
        change.sim.run(5000)
        answers = change.sim.all(ItemsPresented)[before:]
        assert len(answers) == 1 or (died and not answers), "not answered exactly once"
        if answers:
            owns_up(asked, answers[0], Counter(change.cup[fell:]))
        if answers and answers[0].completion == "success":
            assert answers[0].items == asked
            assert Counter(change.cup[fell:]) == Counter(dict(asked))
        elif answers and answers[0].completion == "hardwareError" and not change.driver.counters["unknown"]:
            assert Counter(change.cup[fell:]) == Counter(dict(answers[0].items))
        assert change.driver._leg is None, "an order was never settled"
        change.hopper.jam = change.hopper.forgets = False
    change.check(most)


def test_change_comes_from_both_hoppers_and_is_booked(tmp_path):
    change = Change(tmp_path)
    assert change.paid((100, 3), (500, 2)) == ItemsPresented(
        "coin_dispenser", "change~1", ((500, 2), (100, 3)), "success"
    )
    assert Counter(change.cup) == {100: 3, 500: 2}
    assert change.driver.stock == ((500, 2), (100, 9))
    assert change.driver.counters == {"paid_100": 3, "paid_500": 2, "unknown": 0}
    assert change.hopper.counters["orders"] == change.big.counters["orders"] == 1
    assert not change.hopper.enabled


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (((100, 13),), "notDispensable"),
        (((200, 1),), "notDispensable"),
        ((), "notDispensable"),
    ],
)
def test_what_cannot_be_paid_is_refused_and_nothing_falls(tmp_path, items, reason):
    change = Change(tmp_path)
    answer = change.paid(*items)
    assert (answer.items, answer.completion, answer.reason) == ((), "hardwareError", reason)
    assert change.cup == []
    assert change.hopper.counters["orders"] == 0


@pytest.mark.parametrize("lost", ["deaf", "silent", "check"])
def test_an_order_that_was_not_answered_is_never_given_on_suspicion(tmp_path, lost):
    change = Change(tmp_path, number=9)
    change.sim.run(1000)
    change.sim.luck(*[("", 0)] * 4, (lost, 0))  # enable, test, status, status; then the order itself
    assert change.paid((100, 3)).items == ((100, 3),)
    assert change.cup == [100] * 3
    assert change.hopper.counters["orders"] == 1


def test_a_hopper_that_runs_empty_pays_in_part_and_is_left_out_until_it_is_filled(tmp_path):
    change = Change(tmp_path)
    change.hopper.pieces = 2
    answer = change.paid((100, 3))
    assert (answer.items, answer.completion, answer.reason) == (((100, 2),), "hardwareError", "cashUnitError")
    assert change.driver.stock == ((500, 4),)
    assert change.paid((100, 1)).reason == "notDispensable"
    change.driver.refill(100, 20)
    change.hopper.pieces = 20
    assert change.driver.stock == ((500, 4), (100, 20))
    assert change.paid((100, 1)).completion == "success"
    with pytest.raises(ValueError, match="allowed are"):
        change.driver.refill(200, 1)


@pytest.mark.parametrize("forgets", [False, True])
def test_a_hopper_reset_in_the_middle(tmp_path, forgets):
    change = Change(tmp_path, number=30)
    change.hopper.forgets = forgets
    change.pay((100, 4))
    assert change.sim.run(5000, lambda: len(change.cup) == 2)
    change.hopper.power_cycle()
    assert change.sim.run(60_000, change.answered)
    answer = change.answered()
    if forgets:
        assert answer.completion == "unknown"
        assert 0 < change.driver.counters["unknown"] <= 4
        assert money.pieces(answer.items) <= len(change.cup) == 2
    else:  # it knows what it paid, and the rest is ordered anew
        assert answer == ItemsPresented("coin_dispenser", "change~1", ((100, 4),), "success")
        assert change.cup == [100] * 4


def test_a_crash_while_change_falls_is_settled_by_the_next_process(tmp_path):
    change = Change(tmp_path)
    change.pay((100, 5))
    assert change.sim.run(5000, lambda: len(change.cup) == 2)
    change.sim.die()
    change.sim.run(200)
    change.sim.boot()
    change.ready()
    assert change.cup == [100] * 5
    assert change.driver.counters["paid_100"] == 5
    assert change.driver.stock == ((500, 4), (100, 7))
    assert change.sim.counted("unanswered") == 5
    assert change.sim.all(ItemsPresented) == []
    assert change.paid((100, 1)).completion == "success"


def test_a_cable_that_stays_out_is_answered_in_time_and_settled_later(tmp_path):
    change = Change(tmp_path)
    change.pay((100, 4))
    assert change.sim.run(5000, lambda: len(change.cup) == 1)
    change.sim.unplug()
    assert change.sim.run(60_000, change.answered)
    answer = change.answered()
    assert answer.completion == "unknown"
    assert len(change.cup) == 4, "a hopper goes on by itself"
    told = money.pieces(answer.items)
    assert told <= 1
    change.sim.replug()
    change.ready()
    change.sim.run(3000)
    assert change.driver.counters["paid_100"] == 4
    assert change.sim.counted("unanswered") == 4 - told


def test_what_the_sorter_drops_is_counted_where_it_falls(tmp_path):
    change = Change(tmp_path)
    change.driver._hoppers[100] = Hopper(3, 12, fed=True)
    assert change.driver.credit(((500, 1), (100, 1))) == ((500, 1),)
    assert change.driver.stock == ((500, 4), (100, 13))
