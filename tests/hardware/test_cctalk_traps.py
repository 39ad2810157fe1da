"""The traps of ccTalk one by one: each is a way in which a reader of the manual alone would lose or double money."""

from __future__ import annotations

from hardware.protocols import cctalk
from kiosk_firmware.core import money
from kiosk_firmware.core.events import ItemsInserted
from tests.hardware.cctalk_ends import Change, Coins

BEFORE_ORDER = [("", 0)] * 4
"""Enable, test, and the status twice."""


def test_events_that_the_acceptor_does_not_know_are_no_credit(tmp_path):
    """The number is two further, and there is one event: it was reset, and has counted anew to that number."""
    coins = Coins(tmp_path, number=254)
    coins.slave.number, coins.slave.events = 1, [(1, 0)]
    coins.sim.run(1000)
    assert coins.credited() == []
    assert coins.sim.counted("reset") == 1


def test_a_reset_is_seen_though_the_number_is_where_it_could_be(tmp_path):
    coins = Coins(tmp_path, number=5)
    coins.sim.run(500)
    coins.sim.unplug()
    assert coins.slave.token(100), "refused although it was polled a moment ago"
    coins.slave.power_cycle()
    for _ in range(6):
        coins.slave.event(0, 1)
    coins.sim.replug()
    coins.ready()
    assert coins.slave.counters["accepted"] == 1
    assert coins.driver.counter == 0
    assert coins.sim.counted("reset") == 1


def test_a_single_answer_from_the_past_is_not_believed(tmp_path):
    coins = Coins(tmp_path, number=10)
    for _ in range(3):
        coins.slave.token(100)
        coins.sim.run(400)
    now = coins.slave.number, coins.slave.events
    coins.slave.number, coins.slave.events = 9, [(1, 0)] * 5
    asked = coins.slave.asked[cctalk.CREDIT]
    assert coins.sim.run(1000, lambda: coins.slave.asked[cctalk.CREDIT] > asked)
    coins.slave.number, coins.slave.events = now
    coins.sim.run(2000)
    assert coins.credited() == [100] * 3
    assert coins.sim.counted("lost") == 0


def test_an_identity_told_twice_does_not_shift_the_others(tmp_path):
    coins = Coins(tmp_path)
    coins.sim.die()
    coins.sim.luck(*[("", 0)] * 5, ("double", 0))  # poll, master, category, serial, inhibits; then position 1
    coins.sim.boot()
    coins.ready()
    coins.slave.token(500)
    coins.sim.run(1000)
    assert [event.fen for event in coins.sim.all(ItemsInserted)] == [500]


def test_a_status_from_before_the_order_that_comes_after_it(tmp_path):
    """The second status is told again more than a second later, when the order's own answer was lost."""
    change = Change(tmp_path, number=9)
    change.sim.run(2000)
    change.sim.luck(*BEFORE_ORDER[:3], ("double", 1200), ("silent", 0))
    answer = change.paid((100, 2))
    assert (answer.items, answer.completion) == (((100, 2),), "success")
    assert change.cup == [100, 100]
    assert change.hopper.counters["orders"] == 1


def test_what_a_hopper_remembers_may_be_of_the_payout_before(tmp_path):
    """The order was not heard, then the hopper was reset: its "2 paid" are the two that fell last time."""
    change = Change(tmp_path, number=9)
    assert change.paid((100, 2)).completion == "success"
    change.sim.run(2000)
    change.sim.luck(*BEFORE_ORDER, ("deaf", 0))
    change.pay((100, 2))
    assert change.sim.run(2000, lambda: change.driver._leg is not None)
    change.hopper.power_cycle()
    assert change.sim.run(60_000, lambda: change.answered().ref == "change~2")
    assert change.answered().completion == "unknown"
    assert money.pieces(change.answered().items) == 0
    assert change.cup == [100, 100]
    assert change.driver.counters == {"paid_100": 2, "paid_500": 0, "unknown": 2}


def without_header_230(tmp_path):
    coins = Coins(tmp_path)
    coins.slave.tells_mask = False
    coins.sim.die()
    coins.sim.boot()
    coins.ready()
    return coins


def test_an_acceptor_that_does_not_tell_its_inhibits_takes_tokens_and_says_so(tmp_path):
    coins = without_header_230(tmp_path)
    assert coins.driver.health()["trouble"].startswith("no header 230")
    for _ in range(3):
        coins.slave.token(100)
        coins.sim.run(3000)
    assert coins.credited() == [100] * 3
    setups = coins.driver.health()["setups"]
    coins.sim.run(10_000)
    assert coins.driver.health()["setups"] == setups == 1


def test_an_acceptor_without_header_230_that_was_reset_before_its_first_event_is_told_again(tmp_path):
    coins = without_header_230(tmp_path)
    coins.slave.power_cycle()
    coins.ready()
    coins.slave.token(100)
    coins.sim.run(1000)
    coins.slave.power_cycle()
    coins.slave.event(0, 1)
    coins.ready()
    coins.slave.token(500)
    coins.sim.run(2000)
    assert coins.credited() == [100, 500]
    assert coins.driver.counter == coins.slave.counters["accepted"] == 2


def test_an_acceptor_that_was_silent_for_a_while_is_asked_for_its_inhibits_again(tmp_path):
    """Three lost answers to 230 are bad luck, not a device that does not know the question."""
    coins = Coins(tmp_path)
    coins.sim.die()
    coins.sim.luck(*[("", 0)] * 4, *[("silent", 0)] * 3)
    coins.sim.boot()
    coins.ready()
    assert coins.driver.health()["trouble"] == ""
