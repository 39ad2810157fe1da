"""A real visit at a whole unit: agent, screen and visit process are processes, the office is the other end of the
broker.

Nobody is on the line here; what is proved is that an invitation becomes a page, a card becomes a sign-in, and that
whichever process dies, the learner goes on where they were and the office hears the end once it is there again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.demo import mosquitto
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import paths
from tests.stories.rig import House
from tests.visit.wire.office import Office
from tests.wire.rig import query, wait

pytestmark = [pytest.mark.glass, pytest.mark.broker]
CARD, LEARNER, VISIT = "9900700000000932", "l-000932", "HJ000007"
SEAL = "PEM"
PLEDGE = ("visit.on", "visit.on", "visit.on", "visit.on", "visit.sign")


class Unit(House):
    """The house, with an agent, and somebody who starts the visit process when a file says so, as systemd does."""

    def __init__(self, folder: Path, port: int, **changes: Any) -> None:
        super().__init__(folder, port=port, visits=True, **changes)
        self._own = "--unit", str(self.unit), "--state", str(self.state)

    def start_agent(self) -> None:
        self.spawn("agent", "kiosk_firmware.cli", "agent", *self._own)

    def start_visit_process(self) -> None:
        wait(lambda: (self.state / paths.FOLDER / paths.START).exists(), "the roof to be wanted")
        self.spawn("roof", "kiosk_firmware.cli", "visit", *self._own)

    def signal(self, name: str, number: int) -> None:
        self._running[name].send_signal(number)

    def hold_card(self) -> None:
        self.card(CARD)
        self.take_card()

    def invitation(self, recorded: bool = False, seal: str = SEAL, **rules: Any) -> m.Invited:
        key = (self.state / "site.key").read_bytes().strip()
        begins = utc_ms()
        return m.Invited(
            visit=VISIT,
            begins_ms=begins,
            learner=pseudonym(key, LEARNER),
            language="zh",
            people=2,
            rules=m.CallRules(recorded=recorded, **rules),
            ice=(),
            seal=seal,
            token="t-1",
        )


@pytest.fixture
def port() -> Iterator[int]:
    if shutil.which(mosquitto.program()) is None:
        pytest.skip("no broker")
    with tempfile.TemporaryDirectory(prefix="visit-broker-") as folder:
        process, found = mosquitto.start_private(Path(folder))
        yield found
        process.terminate()
        process.wait(10)


@pytest.fixture
def unit(port: int) -> Iterator[Unit]:
    """In a short folder: sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="visit-unit-") as folder:
        made = Unit(Path(folder), port)
        made.start_agent()
        made.start()
        yield made
        made.close()


@pytest.fixture
def office(port: int) -> Iterator[Office]:
    made = Office(port)
    yield made
    made.close()


def come_in(unit: Unit, office: Office, invitation: m.Invited | None = None) -> None:
    """From the first page to the waiting room."""
    office.say(invitation or unit.invitation())
    assert office.hears(m.Accepted).token == "t-1"
    unit.wait_line("visiting.today.now")
    unit.hold_card()
    unit.tap("visit.start")
    unit.start_visit_process()
    office.hears(m.SignedIn, signed=False)
    for key in PLEDGE:
        unit.tap(key)
    unit._until(lambda seen: seen["page"]["body"].get("icon") == "live-self", "one's own picture")
    unit.tap("visit.yes")
    unit.tap("visit.yes")
    assert office.hears(m.SignedIn, signed=True).learner == unit.invitation().learner


def test_an_invitation_becomes_a_page_and_the_card_a_sign_in(unit, office):
    come_in(unit, office)
    unit.wait_title("visiting.title.waiting")
    office.say(m.Peer(visit=VISIT, end="station", here=True))
    office.hears(m.StatusReport, phase="ready")
    unit.wait_title("visiting.title.ready")
    office.say(m.OfficerCommand(visit=VISIT, act="end", reason="officer"))
    office.hears(m.StatusReport, phase="over", end="officer")
    unit.wait_step("visit-over")
    unit.tap("visit.ok")
    unit.wait_step("home")
    phases = [
        msgspec.json.decode(row[0])["phase"]
        for row in query(unit.db, "SELECT data FROM facts WHERE type = 'visit.changed' ORDER BY seq")
    ]
    assert phases == ["waiting", "ready", "over"]


@pytest.mark.long
@pytest.mark.parametrize("dies", ["agent", "screen", "roof"])
def test_whoever_dies_in_the_waiting_room_the_learner_goes_on(unit, office, dies):
    come_in(unit, office)
    office.say(m.Peer(visit=VISIT, end="station", here=True))
    office.hears(m.StatusReport, phase="ready")
    unit.kill(dies)
    if dies == "agent":
        unit.start_agent()
    elif dies == "screen":
        unit.start_screen()
        unit.wait_line("visiting.today.now")
        unit.hold_card()
        unit.tap("visit.start")
        for key in (*PLEDGE, "visit.yes", "visit.yes"):
            unit.tap(key)
    else:
        unit.start_visit_process()
        office.hears(m.StatusReport, phase="ready")
    unit.wait_title("visiting.title.ready")
    unit.tap("visit.end")
    unit.tap("visit.stop")
    office.hears(m.StatusReport, phase="over", end="unit")
    unit.wait_step("visit-over")


@pytest.mark.long
def test_an_end_that_the_office_was_not_there_for_is_told_when_it_is(unit, office):
    come_in(unit, office)
    unit.kill("agent")
    unit.tap("visit.end")
    unit.tap("visit.stop")
    unit.wait_step("visit-over")
    unit.start_agent()
    office.hears(m.StatusReport, phase="over", end="unit")
