"""From a blank unit to a green glass and its acceptance sheet, with everything real: screen, enrolment service and
agent in processes of their own, the office's desk, broker and collector, and the twins of the cabinet's parts.

The service and the agent are started here when systemd would (`kiosk-enrol.path`, `kiosk-agent.path`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_firmware.office.ingest.collector import Collector
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.office.shared_state import SharedState
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.identity.unit_identity import UnitTrust
from kiosk_firmware.wire import one_time_codes
from kiosk_firmware.wire.enrolment_messages import CARD, ENCODE, Introduction, scanned_fingerprint
from tests.pki.rig import Office
from tests.stories.rig import House
from tests.stories.test_commissioning import CODE, _begun, looked, start, type_code
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.broker]
NAME = "jia-all-in-one-07"


class Collecting:
    """The office's collector, in a thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        made = Collector(self._office.collector(), FactStore(self._office.folder / "office.db"), SharedState())
        while not self._over.is_set():
            made.turn()
        made.close()

    def close(self) -> None:
        self._over.set()
        self._thread.join()


class Blank:
    """A blank unit on a desk, its card, and the office that waits for it."""

    def __init__(self, folder: Path) -> None:
        self.house, self.office = House(folder / "house"), Office(folder / "office")
        self.toml, self.card = folder / "house" / "new" / "unit.toml", folder / "card"
        self.card.mkdir()
        self.toml.parent.mkdir()
        self.house.start_twins()

    def introduce(self, desk: str, *, practise: bool) -> None:
        made = Introduction(desk, self.office.place.authority.root, practise)
        write_whole(self.card / CARD, ENCODE(made), 0o644)

    def process(self, name: str, *words: str) -> None:
        state = str(self.house.state)
        self.house.spawn(name, "kiosk_firmware.cli", *words, "--unit", str(self.toml), "--state", state)

    def service(self) -> None:
        self.process("enrol", "enrol", "serve", "--card", str(self.card))

    def code(self, **words: int) -> str:
        self.office.register.expect(NAME, "jia", "all-in-one", now_ms())
        return self.office.register.code(NAME, now_ms(), **words)

    def use(self, code: str) -> None:
        """Type a code on the glass, and press until it is taken or found wrong."""
        self.house.tap("unit.ticket")
        self.house.wait_step("unit-ticket")
        self.house.type(code.replace("-", ""))
        self.house._press_until("unit.use", lambda: self.house.step() == "unit-trust" or "wrong" in self.line())

    def line(self) -> str:
        """The key of the first sentence on the glass."""
        return str(self.house.look()["page"]["body"].get("lines", [{"key": ""}])[0]["key"])

    def close(self) -> None:
        self.house.close()
        self.office.close()


@pytest.fixture
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blank]:
    made = Blank(tmp_path_factory.mktemp("first-boot"))
    try:
        yield made
    finally:
        made.close()


def set_up(house: House, number: str = "") -> None:
    """Parts, number (where the office has given no name yet) and supervisor's code."""
    house.tap("kind.all-in-one")
    looked(house)
    house.tap("unit.next")
    if number:
        house.wait_step("unit-number")
        house.type(number)
        house.tap("unit.next")
    type_code(house, CODE, "unit-code")
    house.wait_step("unit-code-again")
    type_code(house, CODE, "unit-code-again")
    house.wait_step("unit-done")
    house.tap("unit.trust")
    house.wait_step("unit-trust")


def come_up_without_the_office(blank: Blank) -> UnitTrust:
    """The desk is away; the unit is set up meanwhile, and may not be practised on."""
    house = blank.house
    blank.introduce("127.0.0.1:9", practise=False)
    start(house, blank.toml)
    house.wait_step("unit-kinds")
    blank.service()
    house.wait_step("unit-trust")
    house.wait_line("unit.trust.away")
    member = UnitTrust(house.state)
    assert scanned_fingerprint(house.look()["page"]["body"]["code"]) == member.fingerprint()
    house.tap("unit.next")
    set_up(house, "007")
    keys_now = [key["name"] for key in house.look()["page"]["keys"]]
    assert keys_now == ["unit.board", "unit.language", "unit.ticket"], "nor practise yet"
    return member


def try_wrong_codes(blank: Blank) -> None:
    house = blank.house
    house.wait_line("unit.trust.waiting")
    blank.use("K7QM2-9XDT6")  # K7QM2-9XDT5 would be one
    house.wait_line("unit.ticket.wrong")
    house.tap("unit.back")
    blank.use(one_time_codes.make_code())
    house.wait_line("unit.why.unknown")
    blank.use(blank.code(lasts_ms=-1))
    house.wait_line("unit.why.ended")


@pytest.mark.long
def test_every_way_that_fails_before_one_does_not(blank: Blank) -> None:
    house, office = blank.house, blank.office
    member = come_up_without_the_office(blank)
    office.open_desk()
    blank.introduce(office.address, practise=False)
    house.kill("enrol")
    blank.service()
    try_wrong_codes(blank)
    key = member.fingerprint()
    house.kill("enrol")
    blank.use(blank.code())
    wait(lambda: status_file.enrolment_request(house.state) is not None, "the code to be written down")
    house.kill("screen")  # the power goes before anybody has asked with it
    start(house, blank.toml)
    blank.service()
    wait(lambda: house.died("enrol"), "the service to be done")
    assert house._running["enrol"].wait() == 0
    assert member.fingerprint() == key
    assert len(office.register.standing(NAME, now_ms())) == 1
    assert not status_file.bars(house.state)


@pytest.mark.long
def test_practised_on_before_it_is_trusted(blank: Blank) -> None:
    """Where the office allows it: the first page stands, and begins anew under the unit's name once it has one."""
    house, office = blank.house, blank.office
    office.open_desk()
    blank.introduce(office.address, practise=True)
    start(house, blank.toml)
    blank.service()
    house.wait_line("unit.trust.waiting")
    house.tap("unit.next")
    set_up(house, "007")
    wait(lambda: _begun(house), "the process to end")
    start(house, blank.toml)
    house.wait_step("attract")
    assert unit_toml.read_settings(blank.toml).unit.id == "all-in-one-007"
    blank.code()
    office.register.admit(UnitTrust(house.state).fingerprint(), NAME)
    wait(lambda: house.died("enrol"), "the service to be done")
    wait(lambda: house.died("screen"), "the screen to begin anew")
    assert house._running["screen"].wait() == 70
    start(house, blank.toml)
    house.wait_step("attract")
    assert unit_toml.read_settings(blank.toml).unit.id == NAME


def is_green(house: House) -> bool:
    return house.look()["page"]["body"].get("icon") == "ok"


def take_sheet(blank: Blank) -> None:
    """Wanted on the glass; systemd starts the service by the wish's file."""
    house = blank.house
    house.tap("unit.sheet")
    wait(lambda: status_file.enrolment_request(house.state) is not None, "the wish for a sheet")
    blank.service()
    house._until(lambda seen: seen["page"]["kind"] == "List", "the sheet")
    assert (house.state / status_file.SHEETS / "acceptance.html").exists()


def test_green_sheet_and_start(blank: Blank) -> None:
    """With a file on the card: trusted at once, then heard by the office, the sheet, the first page."""
    house, office = blank.house, blank.office
    office.start_broker()
    office.open_desk()
    collecting = Collecting(office)
    try:
        blank.code()
        office.file(NAME).rename(blank.card / f"{NAME}.enrol")
        blank.service()
        wait(lambda: house.died("enrol"), "the service to be done")
        start(house, blank.toml)
        house.wait_step("unit-trust")
        assert not is_green(house), "the certificate alone is not green"
        blank.process("agent", "agent")
        wait(lambda: is_green(house), "the office to be heard: green")
        house.tap("unit.next")
        set_up(house)
        take_sheet(blank)
        wait(lambda: _begun(house), "the process to end")
        start(house, blank.toml)
        house.wait_step("attract")
    finally:
        collecting.close()
    made = unit_toml.read_settings(blank.toml)
    assert (made.unit.id, made.broker.port) == (NAME, office.port), "set up anew, and still who it is"
