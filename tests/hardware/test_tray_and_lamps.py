"""The cash tray, lamps and side keys against their twins."""

from __future__ import annotations

import pytest

from hardware.drivers.cash_tray import CashTray
from hardware.drivers.indicator_lamps import Lights
from hardware.drivers.settings.cash_dispensers import Tray
from hardware.drivers.settings.pin_pads import SideKeyMatrix, SideKeys
from hardware.drivers.settings.unit_fixtures import Lamps
from hardware.drivers.side_keys import side_key_pad
from hardware.twins.cash_tray_and_lamps import LampsTwin, TrayTwin
from hardware.twins.keypad import SideKeyMatrixTwin, SideKeysTwin
from hardware.twins.twin_actions import now_ms
from kiosk_firmware.core.effects import Cancel, Dispense, Retract
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsPresented, ItemsRetracted, ItemsTaken
from tests.hardware.pin_rig import PinRig

TRAY = Tray(lock_pin=10, beam_pin=11, count_ms=0, settle_ms=50, stock={"10000": 5, "5000": 2}, most=4, refill=True)
AT = "cash_dispenser"
TWO = ((10_000, 2),)


@pytest.fixture
def tray(tmp_path):
    rig = PinRig(tmp_path, tray=TrayTwin(TRAY))
    rig.make = lambda: CashTray(TRAY, rig.post, rig.factory, tmp_path / "tray.json")
    rig.driver = rig.start(rig.make())
    with rig:
        yield rig


def present(rig, items=TWO, ref="out", count=1):
    rig.driver.perform(Dispense(AT, ref, items))
    return rig.heard(ItemsPresented, count)


def reach_in(rig):
    """A hand takes what lies there, as soon as the tray opens."""
    rig.until(lambda: rig.twin("tray", "take"))


def test_presented_and_taken_are_two_facts(tray):
    assert present(tray) == ItemsPresented(AT, "out", TWO)
    assert tray.driver.tray == TWO
    assert not tray.all(ItemsTaken)
    reach_in(tray)
    assert tray.heard(ItemsTaken) == ItemsTaken(AT)
    assert tray.driver.tray == ()
    assert tray.driver.stock == ((10_000, 3), (5_000, 2))
    tray.until(lambda: tray.state("tray")["locked"])
    assert tray.state("tray")["counters"] == {"opened": 1, "taken": 1, "retracted": 0}


def test_what_is_not_taken_is_retracted(tray):
    present(tray)
    tray.driver.perform(Retract(AT, "back"))
    assert tray.heard(ItemsRetracted) == ItemsRetracted(AT, "back", TWO)
    tray.until(lambda: tray.state("tray")["counters"]["retracted"] == 1)
    assert not tray.twin("tray", "take")
    assert tray.driver.counters == {"presented": 1, "taken": 0, "retracted": 1}


def test_a_hand_that_is_quicker_than_the_retract_has_the_notes(tray):
    present(tray)
    reach_in(tray)
    tray.until(lambda: tray.driver.health()["hand"] or tray.all(ItemsTaken))  # its wire, too, takes its time
    tray.driver.perform(Retract(AT, "back"))
    assert tray.heard(ItemsRetracted) == ItemsRetracted(AT, "back", ())
    assert tray.all(ItemsTaken)


def test_something_that_only_passes_the_beam_takes_nothing(tray):
    present(tray)
    tray.twin("tray", "wave")
    tray.driver.perform(Retract(AT, "back"))
    assert tray.heard(ItemsRetracted).items == TWO
    assert not tray.all(ItemsTaken)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (((10_000, 6),), "tooManyItems"),
        (((5_000, 3),), "notDispensable"),
        (((2_000, 1),), "notDispensable"),
        ((), "notDispensable"),
    ],
)
def test_what_cannot_be_dispensed_is_refused_and_stays_locked(tray, items, reason):
    said = present(tray, items)
    assert (said.items, said.completion, said.reason) == ((), "hardwareError", reason)
    assert tray.state("tray")["locked"]
    assert tray.driver.stock == ((10_000, 5), (5_000, 2))


def test_nothing_is_laid_on_what_was_not_taken(tray):
    present(tray)
    assert present(tray, count=2, ref="again").reason == "notDispensable"
    assert tray.driver.tray == TWO


def test_counting_can_be_canceled(tmp_path):
    slow = Tray(lock_pin=10, beam_pin=11, count_ms=600_000)
    with PinRig(tmp_path, tray=TrayTwin(slow)) as rig:
        driver = rig.start(CashTray(slow, rig.post, rig.factory))
        driver.perform(Dispense(AT, "out", TWO))
        driver.perform(Cancel(AT, "out"))
        assert rig.heard(ItemsPresented) == ItemsPresented(AT, "out", (), "canceled")
        assert driver.stock == ((10_000, 60),)


def test_a_dead_process_locks_and_the_book_is_kept(tray):
    present(tray)
    tray.until(lambda: not tray.state("tray")["locked"])
    again = tray.restart(tray.make)
    assert tray.state("tray")["locked"]
    assert tray.state("tray")["full"]
    assert (again.tray, again.stock) == (TWO, ((10_000, 3), (5_000, 2)))
    again.enable(True)
    reach_in(tray)
    tray.heard(ItemsTaken)
    assert tray.state("tray")["counters"] == {"opened": 1, "taken": 1, "retracted": 0}


def test_what_a_hand_took_as_the_process_died_is_not_offered_again(tray):
    present(tray)
    reach_in(tray)
    tray.until(lambda: tray.driver._memory.get("hand"))
    again = tray.restart(tray.make)
    assert again.tray == ()
    assert again.counters == {"presented": 1, "taken": 1, "retracted": 0}
    again.enable(True)
    again.perform(Retract(AT, "again"))
    assert tray.heard(ItemsRetracted).items == ()
    assert tray.state("tray")["counters"] == {"opened": 1, "taken": 1, "retracted": 0}


def test_held_notes_cannot_be_taken(tray):
    present(tray)
    tray.driver.hold()
    tray.until(lambda: tray.state("tray")["locked"])
    tray.driver.enable(True)
    assert not tray.twin("tray", "take")
    tray.driver.perform(Retract(AT, "back"))
    assert tray.heard(ItemsRetracted).items == TWO


def test_a_run_begins_with_the_full_stock(tray):
    present(tray)
    reach_in(tray)
    tray.heard(ItemsTaken)
    tray.driver.credit(((5_000, 1),))
    assert tray.driver.stock == ((10_000, 3), (5_000, 3))
    tray.driver.begin()
    assert tray.driver.stock == ((10_000, 5), (5_000, 2))


def test_a_blocked_beam_is_lost_and_comes_back(tray, monkeypatch):
    monkeypatch.setattr("hardware.drivers.cash_tray.BLOCKED_MS", 100)
    tray.board.unplug("tray")
    tray.heard(DeviceLost)
    assert present(tray).reason == "cashUnitError"
    tray.board.replug("tray")
    tray.heard(DeviceBack)
    assert present(tray, count=2).completion == "success"


def test_lamps_show_where_the_page_waits(tmp_path):
    settings = Lamps(slots={"card_reader": 12, "note_acceptor": 13}, teacher=1)
    with PinRig(tmp_path, lamps=LampsTwin(settings)) as rig:
        lights = rig.start(Lights(settings, rig.factory))
        lights.expect(["card_reader", "pin_pad"])
        rig.until(lambda: rig.state("lamps")["lit"]["card_reader"])
        rig.until(lambda: not rig.state("lamps")["lit"]["card_reader"])  # it blinks
        assert not rig.state("lamps")["lit"]["note_acceptor"]
        lights.show("teacher", "on")
        lights.expect([], halo="note_acceptor")
        assert lights.health()["lamps"] == {"card_reader": "off", "note_acceptor": "quick", "teacher": "on"}
        rig.until(lambda: rig.state("lamps")["lit"]["note_acceptor"])
        assert rig.state("lamps")["lit"]["teacher"]
        lights.stop()
        rig.until(lambda: not any(rig.state("lamps")["lit"].values()))


WIRED = {
    "a pin each": (SideKeys(pins=(20, 21, 22, 23, 24, 25, 26, 0)), SideKeysTwin),
    "a matrix": (SideKeyMatrix(rows=(20, 21), columns=(22, 23, 24, 25), debounce_ms=15, scan_ms=5), SideKeyMatrixTwin),
}


@pytest.mark.parametrize("way", WIRED)
def test_side_keys_are_told_once_by_index_however_they_bounce(tmp_path, way):
    settings, twin_of = WIRED[way]
    pressed = []
    with PinRig(tmp_path, keys=twin_of(settings)) as rig:
        driver = rig.start(side_key_pad(settings, pressed.append, rig.factory))
        for index in range(8):
            with rig.board.hold("keys") as twin:
                twin.bounces = index % 4
                twin.press(index, now_ms(), 40)
        rig.until(lambda: len(pressed) == 8)
        rig.until(lambda: rig.board.twins["keys"].due_ms() is None)
        assert pressed == list(range(8))
        assert driver.health()["presses"] == 8


def test_two_side_keys_at_once_are_none(tmp_path):
    settings, twin_of = WIRED["a matrix"]
    pressed = []
    with PinRig(tmp_path, keys=twin_of(settings)) as rig:
        driver = rig.start(side_key_pad(settings, pressed.append, rig.factory))
        rig.twin("keys", "together", ("1", "6"))
        rig.until(lambda: driver.health()["noise"]["crowded"] == 1)
        rig.twin("keys", "press", 6)
        rig.until(lambda: pressed)
        assert pressed == [6]
