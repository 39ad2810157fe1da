"""Cables pulled and put in again in the middle of a run: the unit goes on, says so, credits nothing, and recovers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from hardware.drivers.settings.unit_fixtures import CabinetContacts
from kiosk_firmware.settings import unit_toml
from tests.stories.judging import judge
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
FULL = 682_000


def told(house: House, kind: str, at: str) -> int:
    return sum(fact["at"] == at for fact in house.facts(kind))


def unplug(house: House, at: str) -> None:
    before = told(house, "device.lost", at)
    house.twins.must("unplug", device=at)
    wait(lambda: told(house, "device.lost", at) == before + 1, f"the loss of {at} to be told")


def replug(house: House, at: str) -> None:
    before = told(house, "device.back", at)
    house.twins.must("replug", device=at)
    wait(lambda: told(house, "device.back", at) == before + 1, f"the return of {at} to be told")


def ends(house: House, balance_fen: int, **facts: object) -> None:
    ended = house.end()
    wanted = {"balance_fen": balance_fen, **facts}
    assert {name: ended["facts"].get(name) for name in wanted} == wanted
    judge(house)


def test_reader_with_the_card_inside(house: House) -> None:
    house.begin("")
    house.enter()
    unplug(house, "card_reader")
    house.tap("menu.balance")
    house.tap("shown.ok")
    house.tap("another.no")
    house.wait_step("stuck")
    replug(house, "card_reader")
    house.take_card()
    ends(house, FULL, card_back=True)


@pytest.mark.long
def test_printer_before_the_receipt(house: House) -> None:
    house.begin("")
    house.enter()
    house.tap("menu.withdraw")
    house.tap("amount.100")
    house.wait_step("receipt")
    unplug(house, "receipt_printer")
    house.tap("receipt.yes")
    house.take_card()
    house.take_cash()
    house.wait_step("goodbye", "told")
    replug(house, "receipt_printer")
    ends(house, FULL - 10_000, receipt_printed=False)
    assert not house.slips()


def test_note_slot_while_counting(house: House) -> None:
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    house.wait_amount("deposit", 10_000)
    unplug(house, "note_acceptor")
    house.token(100)
    house.wait_amount("deposit", 10_100)
    replug(house, "note_acceptor")
    house.note(5_000)
    house.wait_amount("deposit", 15_100)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    ends(house, FULL + 15_100, deposited_fen=15_100)


def test_note_slot_with_a_note_on_its_way(house: House) -> None:
    """Its cable is pulled while the note is being read: whatever becomes of it, it is counted or given back."""
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    unplug(house, "note_acceptor")
    replug(house, "note_acceptor")
    wait(lambda: house.twins.state()["note_acceptor"]["stage"] == "idle", "the note to be somewhere")
    house.tap("deposit.cancel")
    if house.wait_step("take-cash", "menu")["step"].startswith("take-cash"):  # it was stacked: handed out again
        house.take_cash()
    else:
        house.take_note()
        house.tap("menu.eject")
    house.take_card()
    ends(house, FULL, deposited_fen=0)


@pytest.mark.long
def test_noise_on_the_token_line(house: House) -> None:
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.wait_step("deposit")
    for kind in ("spike", "lone", "spike", "lone"):
        house.twins.must("fault", device="coin_acceptor", kind=kind)
    house.token(100)
    house.wait_amount("deposit", 100)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    ends(house, FULL + 100, deposited_fen=100)


def offered(house: House) -> list[str]:
    """The machines that the lobby's home page has."""
    steps = {"attract": "attract.start", "sign-in": "sign.guest", "touch-1": "touch.skip", "debrief": "debrief.home"}
    while (page := house.wait_step(*steps, "home"))["step"].split("#")[0] != "home":
        house.tap(steps[page["step"].split("#")[0]])
    return [key["name"] for key in page["keys"] if key["name"].startswith("tile.")]


def test_unit_offers_what_its_readers_allow(house: House) -> None:
    """Without the card reader no ATM, but what needs an ID card alone; without any reader what needs none."""
    unplug(house, "card_reader")
    assert offered(house)[:2] == ["tile.rail", "tile.airport"]
    assert "tile.atm" not in offered(house)
    unplug(house, "id_reader")
    wait(lambda: not {"tile.atm", "tile.rail", "tile.airport"} & set(offered(house)), "the ID reader's to go")
    assert "tile.phone" in offered(house)
    replug(house, "id_reader")
    replug(house, "card_reader")
    assert {"tile.atm", "tile.rail", "tile.airport"} <= set(offered(house))
    house.begin("withdraw-100")
    house.enter()
    house.tap("menu.eject")
    house.take_card()
    ends(house, FULL, card_back=True)


@pytest.fixture
def on_contact(fresh: House) -> House:
    """A unit that feels its door, in the place of its side keys."""
    made = unit_toml.read_settings(fresh.unit)
    devices = msgspec.structs.replace(made.devices, side_keys=None, contacts=CabinetContacts(door=20))
    fresh.unit.write_text(unit_toml.settings_toml(msgspec.structs.replace(made, devices=devices)), encoding="utf-8")
    return fresh.start()


@pytest.mark.long
def test_the_office_hears_that_a_cabinet_was_opened(on_contact: House) -> None:
    for on in (True, False):
        on_contact.twins.must("door", on=on)
        said = {"contact": "door", "on": on}
        wait(lambda said=said: on_contact.facts("contact.changed")[-1:] == [said], "the door to be told")
    assert len(on_contact.facts("contact.changed")) == 2


@pytest.fixture
def dedicated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"), machines=("atm",))
    try:
        yield made.start()
    finally:
        made.close()


def test_dedicated_atm_says_that_it_is_out_of_service(dedicated: House) -> None:
    house = dedicated
    house.wait_line("home.how")
    unplug(house, "card_reader")
    house.wait_line("home.closed_how")
    replug(house, "card_reader")
    house.wait_line("home.how")
    house.enter()
    house.tap("menu.eject")
    house.take_card()
    house.wait_step("goodbye")
