"""Payouts of a recycler on a wire on which everything goes wrong, judged by what lies before its mouth; `far_end`."""

from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st

from hardware.drivers.recycler_essp import RecyclerEssp
from hardware.transport.serial_port import PortSettings
from hardware.twins.essp import EsspTwin
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import ItemsPresented
from tests.hardware.far_end import LUCK, LineSim, examples, owns_up

ORDERS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 2),
        LUCK,
        st.lists(
            st.tuples(
                st.sampled_from(["reset", "out", "box", "store", "jam", "unplug", "replug", "die", "wait"]),
                st.integers(20, 1500),
                LUCK,
            ),
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=3,
)


class Mouth:
    """A recycler with notes in its store, and its driver on a simulated line."""

    def __init__(self, folder):
        self.twin = EsspTwin()
        self.twin.store = {10_000: 8, 5_000: 4}
        self.memory = folder / "recycler.json"
        self.memory.unlink(missing_ok=True)
        self.sim = LineSim(self.twin, self._make)
        self.orders = 0
        self.ready()

    def _make(self, post, clock):
        driver = RecyclerEssp(PortSettings("x"), post, clock, memory=self.memory, currency=True)
        driver.pays((), 20)
        return driver

    @property
    def driver(self):
        return self.sim.drivers[0]

    def ready(self):
        assert self.sim.run(90_000, lambda: self.driver.payout_health()["pays"] and self.driver.book.order is None)

    def pay(self, *items):
        self.orders += 1
        self.driver.perform(Dispense("cash_dispenser", f"out~{self.orders}", money.items(*items)))

    def befall(self, kind):
        match kind:
            case "reset":
                self.twin.power_cycle()
            case "out" | "box" | "store":
                self.twin.lands = kind
                self.twin.power_cycle()
            case "jam":
                self.twin.payout_jam = not self.twin.payout_jam
            case "unplug":
                self.sim.unplug()
            case "replug":
                self.sim.replug()
            case "die":
                self.sim.die()
                self.sim.boot()

    def order(self, big, small, luck, mishaps):
        """One order and what befalls it; returns what was asked, what fell, and what was answered."""
        asked, fell, before = money.items((10_000, big), (5_000, small)), len(self.twin.out), self.answers()
        self.sim.luck(*luck)
        self.pay(*asked)
        for kind, ms, more in mishaps:
            self.sim.run(ms)
            self.sim.luck(*more)
            self.befall(kind)
        died = any(kind == "die" for kind, _, _ in mishaps)
        self.sim.replug()
        self.twin.payout_jam = False
        self.sim.run(60_000, lambda: died or len(self.answers()) > len(before))
        self.ready()
        self.driver.offer()
        self.sim.run(3000)
        answers = self.answers()[len(before) :]
        assert len(answers) == 1 or (died and not answers), "not answered exactly once"
        return asked, Counter(self.twin.out[fell:]), answers

    def answers(self):
        return self.sim.all(ItemsPresented)


@example(orders=[(0, 1, [("", 0), ("", 0), ("silent", 0)], [("reset", 161, [])])])
@examples(40, 1000)
@given(orders=ORDERS)
def test_payout_is_what_fell_out_or_the_difference_is_reported(tmp_path_factory, orders):
    mouth = Mouth(tmp_path_factory.getbasetemp())
    for order in orders:
        unknown = mouth.driver.book.counters["unknown_fen"]
        asked, fell, answers = mouth.order(*order)
        assert not fell - Counter(dict(asked)), "more fell than was asked for"
        if answers:
            owns_up(asked, answers[0], fell)
        sure = mouth.driver.book.counters["unknown_fen"] == unknown
        if answers and answers[0].completion == "success":
            assert answers[0].items == asked
            assert fell == Counter(dict(asked))
        elif answers and answers[0].completion == "hardwareError" and sure:
            assert fell == Counter(dict(answers[0].items))
    counters = mouth.driver.book.counters
    missing = sum(mouth.twin.out) - counters["paid_fen"]
    assert 0 <= missing <= counters["unknown_fen"], "fell and is in no book, or is booked and never fell"
    assert mouth.twin.counters["orders"] <= len(orders), "an order was given again"
    lies = Counter(mouth.twin.store) + Counter(mouth.twin.out)
    lies.update(mouth.twin.values[piece.channel - 1] * 100 for piece in mouth.twin.box)
    assert lies == Counter({10_000: 8, 5_000: 4}), "the twin itself lost a note"
    assert mouth.driver.book.stock == money.items(*mouth.twin.store.items())
