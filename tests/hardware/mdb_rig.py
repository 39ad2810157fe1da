"""A changer's line without a port or a clock: `cctalk_rig.Sim` for a driver that has its line to itself."""

from __future__ import annotations

from collections import Counter

from hardware.drivers.mdb_payout import PayingChanger
from hardware.transport.serial_port import PortSettings
from hardware.twins.mdb import ChangerTwin
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import ItemsInserted, ItemsPresented
from tests.hardware.cctalk_rig import FakePort, Sim


class ChangerSim(Sim):
    """The line. What the driver must keep is kept in *folder*."""

    def __init__(self, folder):
        self.memory = folder / "changer.json"
        self.memory.unlink(missing_ok=True)
        twin = ChangerTwin({0: 100, 1: 500})
        twin.echo = False
        super().__init__(twin, None)
        self.settle()

    @property
    def driver(self):
        return self.drivers[0]

    def boot(self):
        """A process of ours begins."""
        driver = PayingChanger(PortSettings("x"), self._post, lambda: self.now_ms, memory=self.memory)
        driver._port = FakePort(self)
        self.drivers, self.bus = [driver], driver
        driver.enable(True)
        driver.join("coin_acceptor")
        if self.plugged:
            driver._on_back()

    def act(self, kind, amount):
        """What a person, a machine or bad luck does."""
        match kind:
            case "token":
                self.twin.token(500 if amount % 3 == 0 else 100)
            case "pay" if self.driver._effect is None:
                pieces = ((500, 1 + amount % 2), (100, 1 + amount % 17))
                self.driver.perform(Dispense("coin_dispenser", f"change-{self.now_ms}", pieces))
            case "reset":
                self.twin.power_cycle()
            case "jam":
                self.twin.jam = not self.twin.jam
            case "die":
                self.die()
                self.boot()
            case "killed":
                self.kill_in_post = True
            case "unplug":
                self.unplug()
            case "replug":
                self.replug()

    def settle(self):
        """Luck has ended: everything is told and paid."""
        self._luck.clear()
        self.twin.jam = self.kill_in_post = False
        self.replug()
        assert self.run(120_000, self._calm), self.driver.health()
        self.run(1000)

    def _calm(self):
        busy = self.driver._effects or self.driver._effect or self.driver._order or self.twin._told or self.twin.paying
        return not busy and self.twin.open_for(100)

    # -- what is judged -----------------------------------------------------------------------------------------------

    def credited(self):
        """Tokens that were told, by value."""
        return Counter(event.fen for event in self.all(ItemsInserted))

    def answered(self):
        """What the answers say has fallen."""
        return sum((Counter(dict(event.items)) for event in self.all(ItemsPresented)), Counter())

    def booked(self):
        """What the driver's book says has fallen, and of how many coins nobody knows."""
        paid = self.driver.paid
        return +Counter({100: paid["paid_100"], 500: paid["paid_500"]}), paid["unknown"]
