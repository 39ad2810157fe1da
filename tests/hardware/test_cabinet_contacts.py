"""What a cabinet feels and moves by itself, against twins on linked pins: contacts, buzzer, door lock."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.drivers.buzzer_and_lock import Buzzer, DoorLock, sound_of
from hardware.drivers.cabinet_contacts import PanelContacts
from hardware.drivers.settings import unit_fixtures as tables
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import CabinetContacts, LinkedPins
from hardware.twins.cabinet_contacts import ContactsTwin, OutputTwin
from hardware.twins.twin_actions import now_ms
from kiosk_firmware.core.events import BarcodeRead, GateAlarmed, GateCleared, GatePassed, MediaTaken
from tests.hardware.pin_rig import CabinetRig, PinRig

FELT = CabinetContacts(door=2, tamper=3, presence=4, away_ms=600, settle_ms=20)


class Room(PinRig):
    """A cabinet's contacts and what they told."""

    def __init__(self, folder: Path, table: CabinetContacts = FELT, **before: bool):
        twin = ContactsTwin(table)
        for name, on in before.items():
            twin.set(name, on, 0)
        super().__init__(folder, contacts=twin)
        self.table = table
        self.driver = self.start(PanelContacts(table, self.tell, self.factory))

    def tell(self, name, on):
        self.post((name, on))


@pytest.fixture
def room(tmp_path):
    with Room(tmp_path) as found:
        yield found


def change(room, name, on):
    with room.board.hold("contacts") as twin:
        twin.set(name, on, now_ms())


@pytest.mark.parametrize("name", ["door", "tamper", "presence"])
@pytest.mark.parametrize("bounces", [False, True])
def test_each_change_is_told_once(room, name, bounces):
    room.board.twins["contacts"].spoil("bounce", bounces, 0)
    for count, on in enumerate((True, False, True), 1):
        change(room, name, on)
        room.until(lambda count=count: len(room.events) == count)
        assert room.events[-1] == (name, on)
        assert room.driver.now[name] is on
    assert room.driver.health()["times"][name] == 2


def test_what_is_not_as_it_should_be_is_told_at_the_start(tmp_path):
    with Room(tmp_path, door=True, presence=True) as room:
        room.until(lambda: set(room.events) == {("door", True), ("presence", True)})


def test_whoever_stands_quietly_for_a_moment_has_not_left(room):
    change(room, "presence", True)
    room.until(lambda: room.events == [("presence", True)])
    for _ in range(3):
        change(room, "presence", False)
        room.until(lambda: room.driver._gone_ms is not None)
        change(room, "presence", True)
        room.until(lambda: room.driver._gone_ms is None)
    assert room.events == [("presence", True)]
    change(room, "presence", False)
    room.until(lambda: room.events[1:] == [("presence", False)])


def test_a_cut_wire_is_an_open_door(room):
    room.board.unplug("contacts")
    room.until(lambda: {("door", True), ("tamper", True)} <= set(room.events))
    room.board.replug("contacts")
    room.until(lambda: room.driver.now == {"door": False, "tamper": False, "presence": False})


@pytest.mark.parametrize("level", [0, 1])
def test_buzzer_and_lock_rest_and_end_by_themselves(tmp_path, level):
    buzzer, lock = tables.BuzzerLine(5, level), tables.DoorLockLine(6, level, open_ms=150)
    with PinRig(tmp_path, buzzer=OutputTwin(buzzer), lock=OutputTwin(lock)) as rig:
        sounds, opens = rig.start(Buzzer(buzzer, rig.factory)), rig.start(DoorLock(lock, rig.factory))
        assert not rig.state("buzzer")["counters"]["times"]
        sounds.heard(GateAlarmed("gate", "tailgate"))
        sounds.heard(MediaTaken("card_reader"))
        rig.until(lambda: rig.state("buzzer")["counters"]["times"] == 3)
        opens.open()
        rig.until(lambda: rig.state("lock")["on"])
        rig.until(lambda: not rig.state("lock")["on"])
        assert rig.state("lock")["counters"]["times"] == 1
        opens.open()
        opens.stop()
        rig.until(lambda: not rig.state("lock")["on"])
        opens.open()
        opens.stop()


def test_what_is_heard():
    assert sound_of(BarcodeRead("barcode_scanner", "kiosk-practice:x")) == "taken"
    assert sound_of(BarcodeRead("barcode_scanner", "")) == "refused"
    assert sound_of(GatePassed("gate", "open")) == "taken"
    assert sound_of(GatePassed("gate", "open", "timeOut")) is None
    assert sound_of(GateCleared("gate", "fire")) is None


def test_a_cabinet_feels_opens_and_sounds(tmp_path):
    devices = DeviceTables(
        contacts=FELT, buzzer=tables.BuzzerLine(5), door_lock=tables.DoorLockLine(6, open_ms=100), pins=LinkedPins()
    )
    on_contact = []
    with CabinetRig(tmp_path, devices, on_contact=lambda name, on: on_contact.append((name, on))) as unit:
        assert unit.cabinet.contacts() == {"door": False, "tamper": False, "presence": False}
        unit.must("door", on=True)
        unit.until(lambda: on_contact == [("door", True)] and unit.cabinet.contacts()["door"])
        assert unit.cabinet.open_door()
        unit.until(lambda: unit.state("door_lock")["counters"]["times"] == 1)
        unit.cabinet._hear(BarcodeRead("barcode_scanner", ""))
        unit.until(lambda: unit.state("buzzer")["counters"]["times"] == 3)
        assert {"contacts", "buzzer", "door_lock"} <= set(unit.cabinet.health())


def test_a_unit_without_them_behaves_as_before(tmp_path):
    with CabinetRig(tmp_path, DeviceTables(pins=LinkedPins())) as unit:
        assert unit.cabinet.contacts() == {}
        assert not unit.cabinet.open_door()
        unit.cabinet._hear(BarcodeRead("barcode_scanner", ""))
        assert unit.events == [BarcodeRead("barcode_scanner", "")]
