"""The parcel locker against its twin on linked pins: the door's contact counts, and the coil is never left on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.drivers.locker_solenoid import LockerSolenoid
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.lockers import Solenoid
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.twins.locker import LockerTwin
from kiosk_firmware.core.effects import Cancel, EjectMedia, OpenDoor
from kiosk_firmware.core.events import DoorClosed, DoorOpened, MediaPresented
from tests.hardware.pin_rig import CabinetRig, PinRig

QUICK = Solenoid(lock=5, door=6, pulse_ms=50, rest_ms=200, settle_ms=20)


class Locker(PinRig):
    """A locker, its twin, and a person before it."""

    def __init__(self, folder: Path, table: Solenoid = QUICK) -> None:
        super().__init__(folder, parcel_locker=LockerTwin(table))
        self.table, self.refs = table, 0
        self.driver: Any = self.start(self.made())

    def made(self) -> LockerSolenoid:
        return LockerSolenoid(self.table, self.post, self.factory)

    def ask(self) -> str:
        self.refs += 1
        self.driver.perform(OpenDoor("parcel_locker", f"door~{self.refs}"))
        return f"door~{self.refs}"

    def answer(self, ref: str) -> str:
        self.until(lambda: any(event.ref == ref for event in self.all(DoorOpened)))
        return str(next(event.completion for event in self.all(DoorOpened) if event.ref == ref))

    def opened(self) -> str:
        return self.answer(self.ask())

    def spoil(self, kind: str, on: bool = True) -> None:
        self.twin("parcel_locker", "spoil", kind, on)

    def shut(self) -> None:
        """Shut the door, until it was felt."""
        before = len(self.all(DoorClosed))
        assert self.twin("parcel_locker", "shut")
        self.until(lambda: len(self.all(DoorClosed)) > before)

    def pulses(self) -> int:
        return int(self.state("parcel_locker")["counters"]["pulses"])

    def off(self) -> bool:
        """The coil has no current."""
        self.until(lambda: not self.board.twins["parcel_locker"]._on)
        return True


@pytest.fixture(params=[QUICK, Solenoid(lock=5, door=6, open_level=0, pulse_ms=50, rest_ms=200, tries=1)])
def locker(request, tmp_path):
    with Locker(tmp_path, request.param) as rig:
        yield rig


def test_the_door_opens_and_is_told_once_when_it_is_shut(locker):
    locker.spoil("bounce")
    assert locker.opened() == "success"
    assert not locker.all(DoorClosed)
    assert locker.off()
    locker.shut()
    assert locker.opened() == "success"
    assert len(locker.all(DoorClosed)) == 1
    assert len(locker.all(DoorOpened)) == 2


def test_a_bolt_that_does_not_move_is_tried_again_and_then_jammed(locker):
    locker.spoil("jammed")
    assert locker.opened() == "hardwareError"
    assert locker.pulses() == locker.table.tries
    assert locker.off()
    assert locker.driver.health()["jammed"] == 1
    locker.spoil("jammed", on=False)
    assert locker.opened() == "success"


def test_a_bolt_that_sticks_once_is_pulled_twice(tmp_path):
    with Locker(tmp_path) as locker:
        locker.spoil("sticky")
        assert locker.opened() == "success"
        assert locker.pulses() == 2


def test_an_open_door_is_opened_by_nothing(locker):
    locker.opened()
    assert locker.opened() == "success"
    assert locker.pulses() == 1


def test_a_door_that_is_forced_is_counted_and_told_to_no_machine(locker):
    locker.spoil("forced")
    locker.until(lambda: locker.driver.health()["unasked"] == 1)
    assert not locker.all(DoorOpened)
    locker.shut()
    assert locker.opened() == "success"


def test_an_ask_can_be_called_off(tmp_path):
    with Locker(tmp_path) as locker:
        locker.spoil("jammed")
        ref = locker.ask()
        locker.until(lambda: locker.pulses() == 1)
        locker.driver.perform(Cancel("parcel_locker", ref))
        assert locker.answer(ref) == "canceled"
        assert locker.off()


def test_a_dead_process_leaves_no_current_and_the_next_one_sees_the_door(tmp_path):
    with Locker(tmp_path) as locker:
        locker.opened()
        locker.driver = locker.restart(locker.made)
        assert locker.off()
        locker.until(lambda: locker.driver.health()["open"])
        assert locker.opened() == "success"
        assert locker.pulses() == 1
        locker.shut()


def test_what_it_cannot_do_it_says(tmp_path):
    with Locker(tmp_path) as locker:
        locker.driver.perform(EjectMedia("parcel_locker", "x"))
        assert locker.heard(MediaPresented).completion == "unsupportedCommand"


@given(steps=st.lists(st.sampled_from(["open", "shut", "jam", "free", "force"]), max_size=8))
@settings(deadline=None, max_examples=6)
def test_in_any_order_each_ask_is_answered_by_what_the_door_is(tmp_path_factory, steps):
    """Success and open are the same, whatever was before."""
    with Locker(tmp_path_factory.mktemp("locker")) as locker:
        for step in steps:
            match step:
                case "open":
                    was_open = locker.state("parcel_locker")["open"]
                    done = locker.opened() == "success"
                    assert done == locker.state("parcel_locker")["open"]
                    assert done or not was_open
                case "shut" if locker.state("parcel_locker")["open"]:
                    locker.shut()
                case "jam" | "free":
                    locker.spoil("jammed", on=step == "jam")
                case "force" if not locker.state("parcel_locker")["open"]:
                    locker.spoil("forced")
                    locker.until(lambda: locker.driver.health()["open"])
        assert locker.off()


def test_an_armed_jam_keeps_the_door_shut(tmp_path):
    """The real bolt must not move where the machine is told that it did not."""
    with CabinetRig(tmp_path, DeviceTables(parcel_locker=QUICK, pins=LinkedPins())) as unit:
        unit.cabinet.begin(lambda document: [document.title.key], "locker_jammed", True)
        assert unit.answer(OpenDoor("parcel_locker", "door")).completion == "hardwareError"
        assert unit.state("parcel_locker")["counters"]["pulses"] == 0
        assert unit.answer(OpenDoor("parcel_locker", "again")).completion == "success"
        row = next(row for row in unit.cabinet.self_test() if row["at"] == "parcel_locker")
        assert (row["driver"], row["ok"]) == ("solenoid", True)


def test_the_table_names_its_pins():
    found = problems(DeviceTables(parcel_locker=Solenoid(lock=5, door=5)), MoneyChannels())
    assert any("devices.parcel_locker.lock = 5" in problem for problem in found)
    assert not problems(DeviceTables(parcel_locker=QUICK), MoneyChannels())
