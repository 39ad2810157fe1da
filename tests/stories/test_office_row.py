"""From a token's pulses, and from a phone's payment, to a row in the central office, over a real broker; whoever is
killed on the way, all of it arrives, once.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk_firmware.tools.demo.mosquitto import free_port
from tests.stories.riding import ME, identify, lay, lift_ident, phone, seat
from tests.stories.rig import House
from tests.wire.rig import Processes, query, wait

pytestmark = [pytest.mark.glass, pytest.mark.broker]


class Chain:
    """Screen, agent, broker, office: each a process of its own."""

    def __init__(self, folder: Any, **changes: Any) -> None:
        self.broker = Processes(folder)
        self.port = self.broker.broker()
        self.house = House(folder, port=self.port, seen=True, **changes)
        self.office_state = folder / "office"
        self.books = self.office_state / "office.db"
        self.page_port = free_port()

    def start(self, name: str) -> None:
        unit = ("--unit", str(self.house.unit), "--state", str(self.house.state))
        if name == "broker":
            self.broker.broker()
        elif name == "agent":
            self.house.spawn("agent", "kiosk_firmware.cli", "agent", *unit)
        else:
            where = ("--broker", f"127.0.0.1:{self.port}", "--state", str(self.office_state))
            self.house.spawn("office", "kiosk_firmware.cli", "office", "--port", str(self.page_port), *where)

    def begin(self) -> None:
        """Office and agent, unless an earlier story began them."""
        for name in ("office", "agent"):
            if name not in self.house._running:
                self.start(name)

    def kill(self, name: str) -> None:
        (self.broker if name == "broker" else self.house).kill(name)

    def close(self) -> None:
        self.house.close()
        self.broker.close()

    # -- what is written where

    def told(self) -> int:
        """How many facts the screen ever wrote down."""
        return int(query(self.house.db, "SELECT n FROM counter WHERE name = 'seq'")[0][0])

    def arrived(self) -> dict[int, tuple[str, Any]]:
        """The screen's facts that the office has, by number."""
        (epoch,) = query(self.house.db, "SELECT value FROM meta WHERE key = 'epoch'")[0]
        rows = query(self.books, "SELECT seq, type, data FROM facts WHERE epoch = ? ORDER BY seq", epoch)
        return {seq: (kind, json.loads(data)) for seq, kind, data in rows}

    def wait_all(self) -> None:
        wait(lambda: list(self.arrived()) == list(range(1, self.told() + 1)), "every fact to be at the office")
        for table in ("holes", "quarantine", "gone"):
            assert query(self.books, f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("chain"))
    try:
        made.house.start()
        yield made
    finally:
        made.close()


def pay_in(house: House) -> dict[str, Any]:
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.token(500)
    house.wait_amount("deposit", 500)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    return house.end()


def ride(house: House) -> dict[str, Any]:
    """A ticket, paid with the phone, on the skin that refuses cash."""
    house.begin("cash-refused", "tianfu", machine="rail")
    house.tap("menu.buy")
    identify(house)
    house.tap("day.1")
    house.tap("station.my")
    seat(house, "D1955")
    house.tap("confirm.ok")
    house.tap("pay.cash")
    house.tap("notice.ok")
    house.tap("pay.phone")
    phone(house)
    lift_ident(house)
    return house.end()


def fly(house: House) -> dict[str, Any]:
    """A boarding pass with the ID card."""
    house.begin("first-pass", machine="airport")
    house.tap("menu.checkin")
    lay(house, ME)
    for key in ("flight.ok", "bags.0", "danger.no", "seats.ok", "confirm.ok"):
        house.tap(key)
    lift_ident(house)
    return house.end()


def held(house: House) -> dict[int, tuple[str, Any]]:
    rows = query(house.db, "SELECT seq, type, data FROM facts ORDER BY seq")
    return {seq: (kind, json.loads(data)) for seq, kind, data in rows}


def test_from_pulses_to_a_row(chain: Chain) -> None:
    ended, rode, flew = pay_in(chain.house), ride(chain.house), fly(chain.house)
    said = held(chain.house)
    fell = {"run": ended["run"], "at": "coin_acceptor", "what": "accepted", "fen": 500}
    assert ("items.moved", fell) in said.values()
    chain.begin()
    chain.wait_all()
    assert {seq: chain.arrived()[seq] for seq in said} == said
    run = query(chain.books, "SELECT machine, outcome, purpose FROM runs WHERE run = ?", ended["run"])
    assert run == [("atm", "done", "guest")]
    run = query(chain.books, "SELECT machine, skin, lesson, outcome FROM runs WHERE run = ?", rode["run"])
    assert run == [("rail", "tianfu", "cash-refused", "done")]
    run = query(chain.books, "SELECT machine, lesson, outcome FROM runs WHERE run = ?", flew["run"])
    assert run == [("airport", "first-pass", "done")]
    wait(lambda: query(chain.books, "SELECT unit, online FROM units") == [("jia-atm-01", 1)], "the unit to be online")
    wait(lambda: not held(chain.house), "the unit to let go of what is committed")


def test_whoever_is_killed_all_of_it_arrives_once(chain: Chain, long: bool) -> None:
    """Agent, office and broker die, one after the other, while somebody practises."""
    chain.begin()
    chance, over = random.Random("office"), threading.Event()

    def strike() -> None:
        while not over.wait(chance.uniform(0.1, 0.8)):
            name = chance.choice(("agent", "office", "broker"))
            chain.kill(name)
            time.sleep(chance.uniform(0, 0.3))
            chain.start(name)

    striking = threading.Thread(target=strike)
    striking.start()
    try:
        runs = [pay_in(chain.house)["run"] for _ in range(6 if long else 2)]
    finally:
        over.set()
        striking.join()
    chain.wait_all()
    for run in runs:
        assert query(chain.books, "SELECT outcome FROM runs WHERE run = ?", run) == [("done",)]
        mine = [data for kind, data in chain.arrived().values() if kind == "items.moved" and data["run"] == run]
        assert [(data["at"], data["what"], data["fen"]) for data in mine] == [("coin_acceptor", "accepted", 500)]
