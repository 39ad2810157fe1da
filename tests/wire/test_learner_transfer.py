"""A learner goes from one unit to another: what they did follows over a real broker, once, whoever is cut off on the
way; and neither wire nor books know who they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.runtime.command_reader import CommandReader, applied_commands
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.wire.broker_settings import BrokerSettings
from kiosk_firmware.wire.mqtt import BrokerLink, MqttMessage
from tests.unit.shell.rig import House
from tests.wire.rig import Processes, Unit, query, settings, wait

pytestmark = pytest.mark.broker
DIGITS = "000932"
KNOWN = "SELECT 1 FROM learners, runs WHERE ended_ms > 0"  # what was done and what was set; either may come first
ANNA = pseudonym(b"site", f"l-{DIGITS}")


class Site:
    """Two units with their agents, a broker and the office; the agents are turned by hand and may be cut off."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port, self.folder = port, folder
        self.houses = {name: House(_made(folder / name), minutes=0) for name in ("jia-atm-01", "jia-atm-02")}
        self.agents: dict[str, Agent] = {}
        self.collector = Collector(
            BrokerSettings(port=port, retry_s=0.3), FactStore(folder / "office.db"), SharedState()
        )
        self.wire: list[bytes] = []
        self.ear = BrokerLink(BrokerSettings(port=port, retry_s=0.3), "ear", ("kiosk/v1/#",), self._hear)

    def _hear(self, message: MqttMessage) -> None:
        self.wire.append(message.topic.encode() + b" " + message.payload)

    def plug(self, name: str) -> None:
        """The agent of that unit begins, or comes back."""
        self.agents[name] = Agent(msgspec.structs.replace(settings(self.port), unit=Unit(name)), self.folder / name)

    def cut(self, name: str) -> None:
        """Unit and agent lose their power."""
        self.agents.pop(name).db.close()
        self.houses[name].journal.close()

    def until(self, condition: Any, what: str) -> None:
        def turned() -> object:
            for name, agent in self.agents.items():
                agent.turn(0.01)
                self.execute(name)
            self.collector.turn()
            self.ear.turn(0.01)
            return condition()

        wait(turned, what)

    def execute(self, name: str) -> None:
        """What the screen process does every 200 ms."""
        house, state = self.houses[name], self.folder / name
        orders = CommandReader(state / "agent.db", applied_commands(house.journal.path))
        for row in orders.due(house.clock.utc_ms(), house.unit.engine.run is None):
            house.unit.execute_command(row)
            house.settle()

    def records(self, name: str) -> list[str]:
        rows = query(self.folder / name / "screen.db", "SELECT run FROM records WHERE learner = ? ORDER BY run", ANNA)
        return [run for (run,) in rows]

    def close(self) -> None:
        for agent in self.agents.values():
            agent.close()
        self.collector.close()
        self.ear.close()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def practise(house: House) -> None:
    house.card(DIGITS)
    for name in ("tile.atm", "lessons.free", "task.start"):
        house.tap(name)
    house.unit.on_strip("end")
    house.wait(5_000)
    house.unit.hear()
    house.tap("debrief.home")
    house.tap("home.own")
    house.tap("own.steady")
    house.tap("own.back")
    house.tap("home.out")
    house.tap("out.leave")


def test_what_a_learner_did_and_set_follows_them_and_survives_cuts(processes: Processes, tmp_path: Path) -> None:
    site = Site(tmp_path, processes.broker())
    first, second = "jia-atm-01", "jia-atm-02"
    practise(site.houses[first])
    (run,) = site.records(first)
    site.plug(first)
    site.until(lambda: query(tmp_path / "office.db", KNOWN), "the office to know")
    site.houses[second].card(DIGITS)
    assert site.houses[second].unit.session.records == ()
    assert not site.houses[second].stage.steadily
    site.plug(second)
    site.until(lambda: query(tmp_path / second / "agent.db", "SELECT 1 FROM inbox") and True, "the answer to be here")
    site.cut(second)
    site.houses[second].start()
    site.plug(second)
    site.until(lambda: site.records(second) == [run], "the record to be kept")
    house = site.houses[second]
    house.card(DIGITS)
    assert [record.run for record in house.unit.session.records] == [run]
    assert house.stage.steadily
    asked = "SELECT count(*) FROM facts WHERE unit = ? AND type = 'learner.asked'"
    site.until(lambda: query(tmp_path / "office.db", asked, second) == [(2,)], "the second question")
    assert site.records(second) == [run]
    assert site.records(first) == [run]
    heard = b"\n".join(site.wire)
    assert ANNA.encode() in heard
    assert DIGITS.encode() not in heard
    office = b"".join(path.read_bytes() for path in tmp_path.glob("office.db*"))
    assert f"l-{DIGITS}".encode() not in office
    site.close()


def test_a_unit_without_a_network_signs_in_all_the_same_and_damaged_answers_change_nothing(tmp_path: Path) -> None:
    from kiosk_firmware.unit.runtime.command_reader import CommandRow

    house = House(tmp_path, minutes=0)
    practise(house)
    house.card(DIGITS)
    (own,) = house.unit.session.records
    good = msgspec.to_builtins(msgspec.structs.replace(own, run="e-1"))
    for args in ({}, {"learner": ANNA, "records": [{"run": 3}]}, {"learner": "x", "records": [good]}):
        house.unit.execute_command(CommandRow("c", "learner.records", args))
        house.settle()
        assert house.unit.session.records == (own,)
    for _ in range(2):
        changed = {**msgspec.to_builtins(own), "outcome": "lost"}
        house.unit.execute_command(
            CommandRow("c", "learner.records", {"learner": ANNA, "records": [good, good, changed]})
        )
        house.settle()
        assert {record.run: record.outcome for record in house.unit.session.records} == {
            own.run: own.outcome,
            "e-1": own.outcome,
        }
    ended = query(tmp_path / "screen.db", "SELECT data FROM facts WHERE type = 'command.ended'")
    assert [json.loads(data)["ok"] for (data,) in ended] == [False, False, False, True, True]
