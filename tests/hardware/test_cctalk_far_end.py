"""Money on a ccTalk wire on which everything goes wrong, judged by what lies in boxes and cups afterwards.

The far end is the twins, which keep their own counts. Hypothesis picks what people do and what befalls the wire, the
devices and our process. Whatever it was: credit is what fell in, payout is what fell out, and where nobody can know,
the difference is reported as that.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.events import ItemsInserted, ItemsRefused
from tests.hardware.cctalk_ends import BRIEFLY, Coins
from tests.hardware.far_end import LUCK

COIN_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["token"] * 6 + ["reset", "die", "killed", "unplug", "replug", "bad", "wait"]),
        st.integers(0, 900),
        LUCK,
    ),
    min_size=1,
    max_size=14,
)


@BRIEFLY
@given(acts=COIN_ACTS, number=st.sampled_from([0, 1, 5, 250, 253, 254, 255]), echo=st.booleans())
def test_credit_is_what_fell_in_or_the_difference_is_reported(tmp_path_factory, acts, number, echo):
    coins = Coins(tmp_path_factory.getbasetemp(), number, echo)
    for kind, ms, luck in acts:
        coins.sim.luck(*luck)
        coins.act(kind, ms)
        coins.sim.run(ms)
    coins.settle()
    told, fell = Counter(coins.credited()), Counter(coins.slave.box)
    assert not told - fell, "credited what never fell"
    counted, accepted = coins.driver.counter, coins.slave.counters["accepted"]
    assert sum(told.values()) <= counted <= accepted
    if accepted > counted:
        assert coins.sim.counted("reset") or coins.sim.counted("lost"), "tokens vanished without a word"
    killed = [act for act in acts if act[0] in ("killed", "die")]
    if not killed:
        assert sum(told.values()) == counted, "counted and never told"
    counters = [event.counter for event in coins.sim.all(ItemsInserted)]
    assert counters == sorted(set(counters)), "the running count repeats itself"
    if not any(act[0] in ("reset", "die", "killed", "unplug") for act in acts) and not coins.sim.counted("lost"):
        assert told == fell


def test_six_tokens_between_two_polls_are_five_and_one_lost(tmp_path):
    coins = Coins(tmp_path)
    for _ in range(6):
        coins.slave.token(100)
    coins.sim.run(2000)
    assert coins.credited() == [100] * 5
    assert coins.sim.counted("lost") == 1
    assert coins.driver.counter == 5


def test_a_token_while_our_process_is_dead_is_counted_and_not_told(tmp_path):
    coins = Coins(tmp_path)
    coins.sim.run(500)
    coins.sim.die()
    assert coins.slave.token(100), "the acceptor refuses sooner than after a second"
    coins.sim.run(2000)
    assert not coins.slave.token(100), "nobody polls and it takes tokens"
    coins.sim.boot()
    coins.ready()
    assert coins.credited() == []
    assert coins.driver.counter == 1
    assert coins.sim.counted("unheard") == 1
    coins.slave.token(100)
    coins.sim.run(500)
    assert [event.counter for event in coins.sim.all(ItemsInserted)] == [2]


def test_a_kill_between_the_count_and_the_first_who_hears(tmp_path):
    coins = Coins(tmp_path)
    coins.sim.kill_in_post = True
    coins.slave.token(500)
    coins.sim.run(1000)
    coins.ready()
    assert coins.credited() == []
    assert coins.driver.counter == 1


def test_a_reset_credits_nothing_and_all_is_said_again(tmp_path):
    coins = Coins(tmp_path, number=7)
    coins.slave.token(100)
    coins.sim.run(500)
    coins.slave.power_cycle()
    assert not coins.slave.open_for(100)
    coins.ready()
    assert coins.credited() == [100]
    assert coins.slave.number == 0
    assert coins.sim.counted("reset") == 1


def test_another_acceptor_in_its_place_credits_nothing(tmp_path):
    coins = Coins(tmp_path)
    coins.slave.token(100)
    coins.sim.run(500)
    coins.sim.unplug()
    coins.slave.serial, coins.slave.number = 7, 3
    coins.slave.events = [(1, 0)] * 3
    coins.sim.replug()
    coins.ready()
    coins.sim.run(1000)
    assert coins.credited() == [100]


def test_an_old_answer_that_comes_again_is_not_new(tmp_path):
    """Doubled answers long after their question: each is eleven good bytes, and only numbers tell them apart."""
    coins = Coins(tmp_path, number=100)
    for turn in range(12):
        coins.sim.luck(("double", 100 * (turn % 5)), ("late", 30 * turn))
        coins.slave.token(100)
        coins.sim.run(600)
    coins.settle()
    assert coins.credited() == [100] * coins.slave.counters["accepted"]


def test_what_the_acceptor_refuses_is_said(tmp_path):
    coins = Coins(tmp_path)
    for code in (1, 2, 129, 14, 36):
        coins.slave.event(0, code)
        coins.sim.run(500)
    assert [event.reason for event in coins.sim.all(ItemsRefused)] == ["invalidBill", "inhibited", "inhibited"]
    assert coins.driver.health()["rejected"] == {"reject": 1, "inhibited": 1, "coin_inhibited": 1}
    assert coins.driver.health()["noise"] == {"credit_sensor_blocked": 1, "swallowed": 1}
    assert coins.credited() == []


def test_a_closed_slot_and_a_value_that_is_not_ours(tmp_path):
    coins = Coins(tmp_path)
    coins.driver.enable(False)
    assert coins.sim.run(2000, lambda: not coins.slave.open_for(100))
    assert not coins.slave.token(100)
    coins.slave.event(9, 0)
    coins.sim.run(500)
    assert coins.credited() == []
    assert coins.driver.health()["noise"] == {"value": 1}


def test_a_faulty_acceptor_is_not_ready_and_says_why(tmp_path):
    coins = Coins(tmp_path)
    coins.slave.fault = 3
    coins.slave.power_cycle()
    assert coins.sim.run(8000, lambda: coins.driver.health()["trouble"] == "credit_sensor")
    assert not coins.driver.health()["ready"]
