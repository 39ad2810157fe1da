"""Money on a wire on which everything goes wrong: what the tests of every money device share.

The far end is a twin, which keeps its own counts. Hypothesis picks what people do and what befalls the wire, the
device and our process; whatever it was, credit is what fell in, payout is what fell out, and where nobody can know, the
difference is reported as that. `LineSim` is the wire of a driver that has its line alone, as `cctalk_rig.Sim` is the
bus. `Till` is the machine behind a note slot with its journal: it decides, books what it heard a moment later, tells
the driver, and after a death resumes as the engine does.

Counts are small by default; `examples` gives the full ones with `--long`.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st

from kiosk_firmware.core.effects import ReturnItems, StoreItems
from kiosk_firmware.core.events import ItemsInserted, ItemsRefused, ItemsReturned, ItemsStored
from tests.hardware.cctalk_rig import FakePort, Sim

LUCK = st.lists(
    st.tuples(st.sampled_from(["", "deaf", "silent", "check", "double", "late"]), st.integers(0, 400)), max_size=6
)
JOURNAL_MS = 60
"""How long after it was heard an event is in the journal."""


def owns_up(order, answer, fell):
    """What fell was told, or told as unsure, which "unknown" alone has; nothing else may be paid again."""
    least, unsure = Counter(dict(answer.items)), Counter(dict(answer.unsure))
    assert bool(unsure) == (answer.completion == "unknown"), answer
    assert not (least + unsure) - Counter(dict(order)), "more was told than was asked for"
    if answer.completion == "unknown":
        assert not fell - least - unsure, "fell, and would be paid again"


def examples(few, many):
    """The settings of a property: *few* examples, or *many* with `--long`; always the same ones."""
    count = many if settings.get_current_profile_name() == "long" else few
    return settings(max_examples=count, deadline=None, derandomize=True)


class TillSim(Sim):
    """The bus with a machine behind one of its drivers."""

    till = None

    def run(self, ms, until=lambda: False):
        """As `Sim.run`, the machine going on too."""
        return super().run(ms, lambda: (self.till is not None and self.till.step()) or until())

    def die(self):
        super().die()
        if self.till is not None:
            self.till.died()


class LineSim(TillSim):
    """The wire of one driver that has its line alone; `make(post, clock)` builds it."""

    def boot(self):
        """A process of ours begins."""
        driver = self._make(self._post, lambda: self.now_ms)
        driver._port = FakePort(self)
        self.drivers, self.bus = [driver], driver
        driver.start()
        if self.plugged:
            driver._on_back()


class Till:
    """The machine behind a note slot. `credit` is what its journal has, `reported` what was told as unclaimed, `unsure`
    what was answered as unknown, `returned` what was given back; `sim` runs the driver.
    """

    AT = "note_acceptor"

    def __init__(self, sim):
        self.sim = sim
        self.credit = self.reported = self.escrow = 0
        self.unsure = self.returned = 0
        self._unacknowledged = 0
        self._refs = 0
        self._open = None
        self._heard = 0
        self._due = []
        self._asleep = True
        sim.till = self

    def step(self):
        """Wake up when the device is there; book what was heard a moment ago."""
        if self._asleep and self.sim.drivers and self.sim.drivers[0].health().get("ready", True):
            self._asleep = False
            self.woke()
        if self._asleep:
            return
        for event in self.sim.events[self._heard :]:
            self._due.append((self.sim.now_ms + JOURNAL_MS, event))
        self._heard = len(self.sim.events)
        while self._due and self._due[0][0] <= self.sim.now_ms:
            self._book(self._due.pop(0)[1])

    def _book(self, event):
        match event:
            case ItemsInserted(fen=fen):
                assert not self.escrow, "a second note while one is in escrow"
                self.escrow, self._unacknowledged = fen, 0
            case ItemsStored(ref=ref, fen=fen, completion="success"):
                assert ref == self._open, "an answer to what was not asked"
                self.credit, self.escrow, self._open = self.credit + fen, 0, None
                self._unacknowledged = fen
                self._tell(ref)
            case ItemsStored(completion="unknown") | ItemsReturned(completion="unknown"):
                self.unsure, self.escrow, self._open = self.unsure + self.escrow, 0, None
            case ItemsReturned(fen=fen, completion="success"):
                self.escrow, self._open = 0, None
                self.returned += fen
            case ItemsStored(completion="userError") | ItemsReturned(completion="userError"):
                self.escrow, self._open = 0, None
            case ItemsStored() | ItemsReturned():
                self._open = None
            case ItemsRefused():
                self.escrow = 0 if self._open is None else self.escrow

    def _tell(self, ref):
        for driver in self.sim.drivers:
            driver.committed(ref)

    def must_decide(self):
        """A note lies in escrow, and nothing was said about it."""
        return self.escrow and self._open is None

    def decide(self, store):
        """Store what lies in escrow, or give it back."""
        if not self.must_decide():
            return
        self._refs += 1
        self._open = f"{'store' if store else 'back'}~{self._refs}"
        kind = StoreItems if store else ReturnItems
        self.sim.drivers[0].perform(kind(self.AT, self._open))

    def died(self):
        """What was not in the journal is forgotten."""
        self._due, self._heard, self._open, self._asleep = [], len(self.sim.events), None, True

    def woke(self):
        """A new process: what the device holds now, and what it credited unheard, as `found` tells it."""
        found = self.sim.drivers[0].found()
        if found.unclaimed_fen and self.escrow:
            self.credit += min(self.escrow, found.unclaimed_fen)
            self.reported += max(0, found.unclaimed_fen - self.escrow)
        elif found.unclaimed_fen and not self._acknowledged_already(found):
            self.reported += found.unclaimed_fen
        self.escrow = found.escrow_fen
        self._unacknowledged = 0 if self.escrow else found.unclaimed_fen
        if found.unclaimed_fen:
            self._tell("")

    def _acknowledged_already(self, found):
        """The journal has that credit; only the device was not told."""
        return self._unacknowledged == found.unclaimed_fen

    def last_word(self):
        """Whoever asks now hears of what was credited while no decision was open."""
        found = self.sim.drivers[0].found()
        if not self._acknowledged_already(found):
            self.reported += found.unclaimed_fen
