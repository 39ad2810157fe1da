"""Notes on wires on which everything goes wrong, judged by what lies in the box afterwards; see `far_end`."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from hardware.drivers.notes_cctalk import NotesCctalk
from hardware.drivers.notes_ssp import NotesSsp
from hardware.transport.serial_port import PortSettings
from hardware.twins.cctalk import CctalkTwin
from hardware.twins.cctalk_bills import BillSlave
from hardware.twins.ssp import SspTwin
from tests.hardware.far_end import LUCK, LineSim, Till, TillSim, examples

MISHAPS = st.lists(
    st.tuples(
        st.sampled_from(["reset", "lands in the box", "die", "killed", "unplug", "replug", "jam", "wait"]),
        st.integers(0, 700),
    ),
    max_size=2,
)
VISITS = st.lists(
    st.tuples(
        st.sampled_from(["good"] * 5 + ["bad"]),
        st.integers(0, 2),
        st.sampled_from(["store", "store", "back", "nothing"]),
        MISHAPS,
        MISHAPS,
        LUCK,
        LUCK,
    ),
    min_size=1,
    max_size=4,
)


class Slot:
    """A note slot: its twin, its driver on a simulated line, and the machine behind it."""

    @property
    def driver(self):
        return self.sim.drivers[0]

    def befall(self, kind):
        match kind:
            case "reset":
                self.twin.power_cycle()
            case "lands in the box":
                self.twin.lands = "box"
            case "die":
                self.sim.die()
                self.sim.boot()
            case "killed":
                self.sim.kill_in_post = True
            case "unplug":
                self.sim.unplug()
            case "replug":
                self.sim.replug()
            case "jam":
                self.twin.jam = not self.twin.jam

    def visit(self, how, which, decision, before, after, luck, more):
        """A person puts a note in, the machine decides, and things happen before and after."""
        self.sim.luck(*luck)
        self.put_in(which, how == "good")
        for kind, ms in before:
            self.sim.run(ms)
            self.befall(kind)
        self.sim.run(1500, lambda: self.till.escrow)
        self.sim.luck(*more)
        if decision != "nothing":
            self.till.decide(decision == "store")
        for kind, ms in after:
            self.sim.run(ms)
            self.befall(kind)
        self.sim.run(2000)
        self.twin.take_out()

    def play(self, visits):
        for visit in visits:
            self.visit(*visit)
        self.sim.kill_in_post, self.twin.jam = False, False
        self.sim.replug()
        for _ in range(3):  # what bad luck is left is used up, and what is in escrow is given back
            self.sim.run(20_000, self.till.must_decide)
            self.till.decide(store=False)
            self.sim.run(5000)
        self.till.last_word()


class SspSlot(Slot):
    def __init__(self):
        self.twin = SspTwin()
        self.twin.HOLD_MS = 60_000
        self.sim = LineSim(self.twin, self._make)
        self.till = Till(self.sim)
        assert self.sim.run(20_000, lambda: self.twin.state()["enabled"])

    def _make(self, post, clock):
        driver = NotesSsp(PortSettings("x"), post, clock, currency=True)
        driver.enable(True)
        return driver

    def put_in(self, which, good):
        if which:
            self.twin.insert_note((10, 20, 50)[which], good)
        else:
            self.twin.insert_ticket("100000000000000017", good)

    @property
    def boxed_fen(self):
        return sum(10_000 if isinstance(name, str) else name * 100 for name in self.twin.state()["box"])


@examples(40, 1500)
@given(visits=VISITS)
def test_ssp_credit_is_what_lies_in_the_box(visits):
    slot = SspSlot()
    slot.play(visits)
    till = slot.till
    assert slot.twin.state()["stage"] == "idle"
    assert till.credit + till.reported == slot.boxed_fen, (till.credit, till.reported, slot.boxed_fen)


class BillSlot(Slot):
    def __init__(self, folder, number=0, echo=True):
        self.twin = BillSlave({1: 1_000, 2: 5_000, 3: 10_000})
        self.twin.number = number
        self.memory = folder / "bills.json"
        self.memory.unlink(missing_ok=True)
        self.sim = TillSim(CctalkTwin({"note_acceptor": self.twin}, echo), self._make)
        self.till = Till(self.sim)
        assert self.sim.run(20_000, lambda: self.twin.is_open)

    def _make(self, bus, post, clock):
        driver = NotesCctalk(bus, post, clock, notes_fen=(1_000, 5_000, 10_000), memory=self.memory)
        driver.enable(True)
        return [driver]

    def put_in(self, which, good):
        self.twin.put_in((1_000, 5_000, 10_000)[which], good=good)


@example(
    number=0,
    echo=False,
    visits=[
        ("good", 0, "store", [("jam", 141)], [("reset", 1), ("jam", 97)], [], []),
        ("good", 2, "nothing", [], [], [], []),
    ],
)
@examples(60, 1500)
@given(visits=VISITS, number=st.sampled_from([0, 1, 250, 254, 255]), echo=st.booleans())
def test_cctalk_credit_is_what_lies_in_the_box_or_the_difference_is_unknown(tmp_path_factory, visits, number, echo):
    slot = BillSlot(tmp_path_factory.getbasetemp(), number, echo)
    slot.play(visits)
    told = slot.till.credit + slot.till.reported
    missing = sum(slot.twin.box) - told
    assert missing >= 0, (slot.till.credit, slot.till.reported, slot.twin.box)
    words = slot.driver.health()["unknown"] + slot.sim.counted("lost") + slot.sim.counted("reset")
    assert not missing or words, "a bill vanished without a word"
    assert not slot.twin.state()["piece"]
