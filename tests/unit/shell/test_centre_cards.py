"""What a centre card must show: its number, or also the secret that a supervisor wrote onto it."""

from __future__ import annotations

import sqlite3
import time

import msgspec
import pytest

from kiosk_firmware.core.events import Device, Idled, Media, MediaInserted, MediaTaken
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.unit.lobby.phases import supervisor as s
from tests.unit.shell.rig import House
from tests.unit.shell.test_proctored_runs import until

ANNA, STAFF, TECHNICIAN = "9900700000000001", "9900500000000077", "9900500000000099"


def held(house: House, number: str, proved: bool, at: Device = "card_reader") -> None:
    house.inbox.post(MediaInserted(at, Media(number, proved=proved)))
    house.settle()
    house.inbox.post(MediaTaken(at))
    house.settle()


def facts(house: House, kind: str) -> list[dict]:
    with sqlite3.connect(house.folder / "screen.db") as db:
        rows = db.execute("SELECT data FROM facts WHERE type = ?", (kind,)).fetchall()
    return [msgspec.json.decode(data) for (data,) in rows]


@pytest.mark.parametrize("at", ["card_reader", "id_reader"])
def test_a_copied_number_signs_nobody_in_and_is_told(tmp_path, at):
    house = House(tmp_path, centre_cards="secret")
    held(house, ANNA, proved=False, at=at)
    assert not house.unit.session.learner
    assert house.step == "card-unproved"
    assert facts(house, "card.refused") == [{"at": at}]
    held(house, ANNA, proved=True, at=at)
    assert house.unit.session.learner
    assert house.step == "touch-1"


def test_where_a_number_is_enough_it_is(tmp_path):
    house = House(tmp_path)
    held(house, ANNA, proved=False)
    assert house.unit.session.learner


@pytest.mark.parametrize("key", ["unproved.number", ""])
def test_who_was_refused_gets_on(tmp_path, key):
    house = House(tmp_path, centre_cards="secret", idle_seconds=60)
    held(house, ANNA, proved=False)
    if key:
        house.tap(key)
        assert house.step == "sign-in"
    else:
        house.inbox.post(Idled())
        house.settle()
        assert house.step == "attract"


def at_desk(house: House) -> None:
    house.unit.desk.lock.set("card", 4, bytearray(STAFF.encode()))
    house.unit.hear(s.Knocked(), s.Admitted(4))
    house.unit.desk._at_door, house.unit.desk._supervisor = False, 4
    house.tap("staff.setup")


def test_cards_of_before_get_their_secret_at_the_desk(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    at_desk(house)
    house.tap("staff.issue")
    assert house.cabinet.issues
    assert house.cabinet.expected == ("card_reader",)
    held(house, ANNA, proved=True)
    held(house, STAFF, proved=False)
    assert house.unit.lobby.phase.sheet == s.Issuing(s.CardIssued("0077", False), 1)
    assert [fact for fact in facts(house, "supervisor.acted") if fact["act"] == "issue"] == [
        {"who": 4, "act": "issue", "detail": "card_reader"}
    ]
    assert "0001" not in str(facts(house, "supervisor.acted"))
    house.tap("staff.back")
    assert not house.cabinet.issues
    assert house.cabinet.expected == ()


def test_whoever_leaves_the_desk_leaves_no_reader_that_writes(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    at_desk(house)
    house.tap("staff.issue")
    house.inbox.post(Idled())
    house.settle()
    assert not house.cabinet.issues


def test_desk_offers_to_write_cards_only_where_they_carry_a_secret(tmp_path):
    house = House(tmp_path)
    at_desk(house)
    assert house.page.key("staff.issue") is None


def test_a_supervisors_copied_number_opens_no_door_and_costs_no_try(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    house.unit.desk.lock.set("card", 4, bytearray(STAFF.encode()))
    house.unit.knocked()
    for _ in range(7):
        held(house, STAFF, proved=False)
    assert house.unit.lobby.phase.unproved
    assert not house.unit.lobby.phase.barred_min
    assert len(facts(house, "card.refused")) == 7
    assert house.unit.desk.lock.barred_ms() == 0


def test_a_supervisors_own_card_is_set_only_with_its_secret(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    at_desk(house)
    house.tap("staff.new-card")
    assert house.cabinet.issues
    held(house, "9900500000000078", proved=False)
    assert house.unit.lobby.phase.sheet == s.NewCard("plain")
    held(house, "9900500000000078", proved=True)
    assert house.unit.lobby.phase.sheet == s.NewCard("done")


def test_a_technicians_copied_number_opens_no_door_and_their_card_does(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    house.unit.desk.lock.set("technician", 1, bytearray(TECHNICIAN.encode()))
    house.unit.knocked()
    for _ in range(7):
        held(house, TECHNICIAN, proved=False)
    assert house.unit.lobby.phase.unproved
    assert len(facts(house, "card.refused")) == 7
    assert not facts(house, "technician.entered")
    assert house.unit.desk.lock.barred_ms() == 0
    held(house, TECHNICIAN, proved=True)
    until(house, lambda: house.step == "staff-tech")
    assert facts(house, "technician.entered") == [{"who": 1}]


def test_a_technicians_card_is_set_only_with_its_secret(tmp_path):
    house = House(tmp_path, centre_cards="secret")
    at_desk(house)
    house.tap("staff.technician-card")
    assert house.cabinet.issues
    held(house, TECHNICIAN, proved=False)
    assert house.unit.lobby.phase.sheet == s.NewCard("plain", technician=True)
    assert not house.unit.desk.lock.knows("technician")
    held(house, TECHNICIAN, proved=True)
    assert house.unit.lobby.phase.sheet == s.NewCard("done", technician=True)
    assert house.unit.desk.lock.knows("technician")


def test_a_teachers_copied_number_begins_no_proctored_run(tmp_path, monkeypatch):
    looked_at = []
    house = House(tmp_path, minutes=0, centre_cards="secret")
    house.unit.desk.lock.set("card", 4, bytearray(STAFF.encode()))
    monkeypatch.setattr(house.unit.desk.lock, "owner", lambda digits: looked_at.append(bytes(digits)) or 0)
    held(house, ANNA, proved=True)
    house.skip()
    house.tap("tile.atm")
    house.tap("task.withdraw-100")
    held(house, STAFF, proved=False)
    held(house, STAFF, proved=True)
    deadline = time.monotonic() + 30
    while not looked_at and time.monotonic() < deadline:
        time.sleep(0.01)
    assert looked_at == [STAFF.encode()], "a number alone was looked at, or the card was not"


SECRET = '[turn]\ncentre_cards = "secret"\n'
UNIT = '[unit]\nid = "jia-1"\nsite = "jia"\n'


@pytest.mark.parametrize(
    ("devices", "said"),
    [
        ('[devices.card_reader]\ndriver = "crt310"\n', "turn.centre_cards = 'secret'"),
        ('[devices.card_reader]\ndriver = "pn532"\npurse_sector = 15\n', "devices.card_reader.secret_sector = 15"),
        ('[devices.card_reader]\ndriver = "pn532"\n', ""),
    ],
)
def test_a_unit_that_cannot_write_secrets_says_so(tmp_path, devices, said):
    (tmp_path / "unit.toml").write_text(UNIT + SECRET + devices)
    if not said:
        made = unit_toml.read_settings(tmp_path / "unit.toml")
        assert made.hardware(tmp_path, b"k" * 64).card_key == b"k" * 64
        assert "kkkk" not in repr(made.hardware(tmp_path, b"k" * 64))
        return
    with pytest.raises(ValueError) as error:
        unit_toml.read_settings(tmp_path / "unit.toml")
    assert said in str(error.value)
    assert "allowed" in str(error.value)
