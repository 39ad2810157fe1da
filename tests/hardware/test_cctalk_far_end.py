"""Money on a ccTalk wire on which everything goes wrong, judged by what lies in boxes and cups afterwards.

The far end is the twins, which keep their own counts. Hypothesis picks what people do and what befalls the wire, the
devices and our process. Whatever it was: credit is what fell in, payout is what fell out, and where nobody can know,
the difference is reported as that.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.devices.change_hopper import ChangeHopper
from hardware.devices.coins_cctalk import CoinsCctalk
from hardware.emulators.cctalk import CctalkTwin
from hardware.emulators.cctalk_slaves import CoinSlave, HopperSlave, HoppersPart
from hardware.settings import Hopper
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import ItemsInserted, ItemsPresented, ItemsRefused
from tests.hardware.cctalk_rig import Sim

LUCK = st.lists(
    st.tuples(st.sampled_from(["", "deaf", "silent", "check", "double", "late"]), st.integers(0, 400)), max_size=6
)
BRIEFLY = settings(max_examples=60, deadline=None, derandomize=True)


class Coins:
    """An acceptor, its driver, and a journal that hears a little later than the driver speaks."""

    def __init__(self, folder, number=0, echo=True):
        self.slave = CoinSlave({1: 100, 2: 500})
        self.slave.number = number
        self.memory = folder / "coins.json"
        self.memory.unlink(missing_ok=True)
        self.sim = Sim(CctalkTwin({"coin_acceptor": self.slave}, echo), self._make)
        self.ready()

    def _make(self, bus, post, clock):
        driver = CoinsCctalk(bus, post, clock, memory=self.memory)
        driver.enable(True)
        return [driver]

    @property
    def driver(self):
        return self.sim.drivers[0]

    def ready(self):
        assert self.sim.run(30_000, lambda: self.slave.open_for(100) and self.driver.health()["ready"])

    def credited(self):
        return [event.fen for event in self.sim.all(ItemsInserted)]

    def act(self, kind, amount):
        match kind:
            case "token":
                self.slave.token(500 if amount % 3 == 0 else 100)
            case "reset":
                self.slave.power_cycle()
            case "die":
                self.sim.die()
                self.sim.boot()
            case "killed":
                self.sim.kill_in_post = True
            case "unplug":
                self.sim.unplug()
            case "replug":
                self.sim.replug()
            case "bad":
                self.slave.event(0, (1, 14, 130, 36)[amount % 4])

    def settle(self):
        self.sim.replug()
        self.sim.kill_in_post = False
        self.sim.run(6000)  # what bad luck is left is used up
        self.ready()
        self.sim.run(2000)


COIN_ACTS = st.lists(st.tuples(
    st.sampled_from(["token"] * 6 + ["reset", "die", "killed", "unplug", "replug", "bad", "wait"]),
    st.integers(0, 900), LUCK,
), min_size=1, max_size=14)


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


# -- hoppers -----------------------------------------------------------------------------------------------------------


class Change:
    """Two hoppers and their driver."""

    STOCK = money.items((100, 12), (500, 4))

    def __init__(self, folder, number=0, echo=True):
        self.cup: list[int] = []
        self.hopper = HopperSlave(100, 12, self.cup, 3)
        self.big = HopperSlave(500, 4, self.cup, 4)
        self.hopper.number = self.big.number = number
        for slave in (self.hopper, self.big):
            slave.PAY_MS, slave.GIVE_UP_MS = 120, 800
        self.memory = folder / "hoppers.json"
        self.memory.unlink(missing_ok=True)
        part = HoppersPart({100: self.hopper, 500: self.big}, self.cup)
        self.sim = Sim(CctalkTwin({"coin_dispenser": part}, echo), self._make)
        self.asked = 0
        self.ready()

    def _make(self, bus, post, clock):
        table = {100: Hopper(3, 12), 500: Hopper(4, 4)}
        return [ChangeHopper(bus, table, post, clock, memory=self.memory)]

    @property
    def driver(self):
        return self.sim.drivers[0]

    def ready(self):
        assert self.sim.run(70_000, lambda: self.driver.health()["ready"])

    def pay(self, *items):
        self.asked += 1
        self.driver.perform(Dispense("coin_dispenser", f"change~{self.asked}", money.items(*items)))

    def answered(self):
        found = self.sim.all(ItemsPresented)
        return found[-1] if found else None

    def paid(self, *items):
        before = len(self.sim.all(ItemsPresented))
        self.pay(*items)
        assert self.sim.run(70_000, lambda: len(self.sim.all(ItemsPresented)) > before)
        return self.answered()

    def befall(self, kind):
        match kind:
            case "reset" | "forget":
                self.hopper.forgets = kind == "forget"
                self.hopper.power_cycle()
            case "jam":
                self.hopper.jam = not self.hopper.jam
            case "empty":
                self.hopper.pieces = 0
            case "unplug":
                self.sim.unplug()
            case "replug":
                self.sim.replug()
            case "die":
                self.sim.die()
                self.sim.boot()

    def check(self, most):
        """The cup against the book, and the book against the answers."""
        fell, counters = Counter(self.cup), self.driver.counters
        booked = Counter({fen: counters[f"paid_{fen}"] for fen in (100, 500)})
        assert not booked - fell, "booked what never fell"
        assert sum((fell - booked).values()) <= counters["unknown"], "fell and is in no book"
        told = Counter()
        for event in self.sim.all(ItemsPresented):
            told.update(dict(event.items))
        assert not told - fell, "told what never fell"
        assert not fell - most, "more fell than was ever asked for"
        return told, fell


PAY_ACTS = st.lists(st.tuples(
    st.integers(1, 4), st.integers(0, 2), LUCK,
    st.lists(st.tuples(
        st.sampled_from(["reset", "forget", "jam", "unplug", "replug", "die", "wait", "empty"]), st.integers(20, 900),
        LUCK,
    ), max_size=3),
), min_size=1, max_size=3)


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


@pytest.mark.parametrize(("items", "reason"), [
    (((100, 13),), "notDispensable"), (((200, 1),), "notDispensable"), ((), "notDispensable"),
])
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
    change.pay((100, 3))
    assert change.sim.run(5000, lambda: change.driver._leg is not None)  # written down; said in this same step
    orders = change.hopper.counters["orders"]
    change = Change(tmp_path, number=9)
    luck = [("", 0)] * 4 + [(lost, 0)]  # enable, test, status, … the order itself
    change.sim.run(1000)
    change.sim.luck(*luck)
    assert change.paid((100, 3)).items == ((100, 3),)
    assert change.cup == [100] * 3
    assert orders <= 1
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
