"""A roll-out from the office's plan to a kept system, and another one that goes back: everything is the real thing.

Broker, certificates, collector, the clerk's steps, shelf, agent, shipped scripts, Debian's RAUC; the board is imitated.
"""

from __future__ import annotations

import threading

import msgspec
import pytest

from kiosk_firmware.office.accounts.accounts import SignedInUser
from kiosk_firmware.office.accounts.service import AccountService, utc_ms
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki.enrolment_server import listen
from kiosk_firmware.office.rollouts import download_server
from kiosk_firmware.office.rollouts.bundle_store import KEYRING, BundleStore
from kiosk_firmware.office.rollouts.rollout_plans import RolloutPlan, Rollouts
from kiosk_firmware.office.rollouts.rollout_steps import RolloutSteps
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent import main as agents
from kiosk_firmware.unit.agent import updates
from tests.deploy.board import Board, Rauc, bundle, signer
from tests.pki.rig import HOST, Office, wait
from tests.wire.rig import Screen

pytestmark = pytest.mark.broker
UNIT = "jia-atm-01"
ALWAYS = "00:00 24:00"


class House:
    """An office and one unit."""

    def __init__(self, folder, monkeypatch) -> None:
        self.office, self._patch = Office(folder), monkeypatch
        self.office.start_broker()
        self.office.open_desk()
        self.unit = self.office.trusted(UNIT)
        Screen(self.unit.state).db.close()
        self.maker = signer(folder, "maker")
        self.shelf = BundleStore(folder / "office")
        write_whole(self.shelf.folder / KEYRING, self.maker[1].read_bytes(), 0o644)
        self.server, at = download_server.server(self.shelf, self.office.place), listen(HOST, 0)
        self.shelf.served(f"{HOST}:{at.getsockname()[1]}")
        self._thread = threading.Thread(target=self.server.run, kwargs={"sockets": [at]})
        self._thread.start()
        self.people, self.desk = AccountService(folder / "office"), SharedState()
        self.rollouts = Rollouts(self.people.db, self.people.proposals, utc_ms)
        where = folder / "office" / "office.db"
        self.collector = Collector(self.office.collector(), FactStore(where), self.desk)
        views = Queries(where)
        self.stepper = RolloutSteps(self.rollouts, views, self.desk, self.shelf, self.office.place.seal_update, utc_ms)
        self.board = Board(folder / "board", self.unit.state.parent)
        self.rauc = Rauc(self.board, self.maker[1])
        monkeypatch.setattr(updates, "RAUC", ("rauc", f"--conf={self.rauc.config}"))
        self.agent: agents.Agent | None = None
        self.start("0.1.0")
        wait(lambda: self.turn() or views.unit(UNIT, utc_ms()), "the office to know the unit")

    def start(self, version: str) -> None:
        """A start of the unit with a system of that version."""
        if self.agent is not None:
            self.agent.close()
        self._patch.setattr(agents, "version", lambda: version)
        found = unit_settings.read_settings(self.unit.toml)
        pace = msgspec.structs.replace(found.telemetry, spread_s=0)
        self.agent = agents.Agent(msgspec.structs.replace(found, telemetry=pace), self.unit.state)

    def turn(self) -> None:
        self.agent.turn(0.01)
        self.collector.turn()

    def until(self, stage: str, id_: int) -> None:
        """Everybody goes on until the plan knows that stage of the unit."""

        def there() -> bool:
            self.turn()
            self.stepper.turn()
            return self.rollouts.targets(id_)[0].stage == stage

        wait(there, f"{stage}; now {self.rollouts.targets(id_)}")

    def ordered(self, folder, version: str) -> int:
        self.shelf.add(bundle(folder, version, self.maker, "plain"), utc_ms())
        who, plan = SignedInUser("wang-tech", "technician"), RolloutPlan(window=ALWAYS)
        return self.rollouts.make(who, self.shelf.one("system", version), {UNIT: "jia"}, plan, "story").id

    def close(self) -> None:
        for one in (self.agent, self.collector, self.people, self.rauc):
            one.close()
        self.server.should_exit = True
        self._thread.join()
        self.office.close()


@pytest.fixture
def house(tmp_path, monkeypatch):
    made = House(tmp_path, monkeypatch)
    yield made
    made.close()


def test_one_version_is_kept_and_the_next_one_goes_back(house, tmp_path):
    first = house.ordered(tmp_path, "0.2.0")
    house.until("waiting", first)
    assert house.board.run(script="update.sh").returncode == 0, house.board.told()
    assert house.board.restart() == "B"
    house.rauc.restart()
    house.start("0.2.0")
    house.until("trying", first)
    assert house.board.run(script="health.sh").returncode == 0
    house.until("kept", first)
    assert (house.rollouts.one(first).state, house.board.start()) == ("done", "B")
    second = house.ordered(tmp_path, "0.3.0")
    house.until("waiting", second)
    house.board.run(script="update.sh")
    assert house.board.restart() == "A"
    (house.board.folder / "down-kiosk-screen.service").touch()
    house.board.run(script="health.sh")
    assert house.board.restart() == "B"
    house.rauc.restart()
    house.board.run(script="health.sh")
    house.start("0.2.0")
    house.until("returned", second)
    assert house.rollouts.one(second).state == "stopped"
    assert house.rollouts.targets(second)[0].detail == "kiosk-screen.service does not run"
