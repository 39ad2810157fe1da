"""Both ends of a simulated ccTalk wire: an acceptor or hoppers with their driver, and what can befall them."""

from __future__ import annotations

from collections import Counter

from hardware.drivers.change_hopper import ChangeHopper
from hardware.drivers.coins_cctalk import CoinsCctalk
from hardware.drivers.settings.coins import Hopper
from hardware.twins.cctalk import CctalkTwin
from hardware.twins.cctalk_slaves import CoinSlave, HopperSlave, HoppersPart
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import ItemsInserted, ItemsPresented
from tests.hardware.cctalk_rig import Sim
from tests.hardware.far_end import examples

BRIEFLY = examples(60, 1500)


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
