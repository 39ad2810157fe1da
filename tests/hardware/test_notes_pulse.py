"""A note acceptor without an escrow: what it took counts as held, once, and is decided like any other."""

from __future__ import annotations

import msgspec
import pytest

from hardware.drivers.notes_pulse import NotesPulse
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import full_cabinet, problems
from hardware.drivers.settings.notes import PulseNotes
from hardware.twins.coin_pulse import NotePulseTwin
from hardware.twins.twin_actions import now_ms
from kiosk_firmware.core.effects import Dispense, ReturnItems, StoreItems
from kiosk_firmware.core.events import ItemsInserted, ItemsReturned, ItemsStored
from tests.hardware import test_cabinet as sound
from tests.hardware.pin_rig import CabinetRig, PinRig

AT = "note_acceptor"
MONEY = MoneyChannels(notes_fen=(1_000, 10_000))
TABLE = PulseNotes(pin=5, inhibit_pin=6, pulses={"2": 1_000, "4": 10_000, "7": 500}, width_ms=30, train_gap_ms=100)


@pytest.fixture
def slot(tmp_path):
    with PinRig(tmp_path, notes=NotePulseTwin(TABLE, MONEY)) as rig:
        rig.driver = rig.start(make(rig, tmp_path))
        rig.driver.enable(True)
        yield rig


def make(rig, folder):
    return NotesPulse(TABLE, MONEY, rig.post, rig.factory, folder / "notes.json")


def put(rig, fen, good=True):
    def offered():
        with rig.board.hold("notes") as twin:
            return twin.put_in(fen, good=good, now_ms=now_ms())

    rig.until(lambda: rig.state("notes")["open"])
    return offered()


def test_a_note_in_the_box_counts_as_held_until_it_is_stored_and_committed(slot):
    assert put(slot, 10_000)
    assert slot.heard(ItemsInserted) == ItemsInserted(AT, 10_000, 0)
    slot.until(lambda: not slot.state("notes")["open"])
    assert slot.driver.found().escrow_fen == 10_000
    slot.driver.perform(StoreItems(AT, "store"))
    assert slot.heard(ItemsStored) == ItemsStored(AT, "store", 10_000)
    assert (slot.driver.found().escrow_fen, slot.driver.found().stacked) == (0, 1)
    slot.driver.committed("another")
    assert not slot.state("notes")["open"]
    slot.driver.committed("store")
    assert put(slot, 1_000)
    assert slot.heard(ItemsInserted, 2) == ItemsInserted(AT, 1_000, 1)


def test_it_cannot_give_back_and_somebody_does_it_by_hand(slot):
    put(slot, 1_000)
    slot.heard(ItemsInserted)
    slot.driver.perform(ReturnItems(AT, "back"))
    assert slot.heard(ItemsReturned) == ItemsReturned(AT, "back", 1_000)
    assert slot.driver.health()["by_hand"] == 1
    assert slot.driver.found().stacked == 0
    slot.driver.perform(StoreItems(AT, "store"))
    assert slot.heard(ItemsStored) == ItemsStored(AT, "store", 0, "userError")


def test_a_second_note_in_flight_waits_for_the_first(slot):
    put(slot, 1_000)
    with slot.board.hold("notes") as twin:
        twin.train(4, now_ms())
    slot.until(lambda: slot.driver.health()["waiting"] == 2)
    assert [event.fen for event in slot.all(ItemsInserted)] == [1_000]
    slot.driver.perform(StoreItems(AT, "one"))
    slot.heard(ItemsStored)
    slot.driver.committed("one")
    assert slot.heard(ItemsInserted, 2).fen == 10_000


def test_what_is_not_ours_is_no_money(slot):
    with pytest.raises(ValueError, match="allowed are"):
        put(slot, 5_000)
    assert not put(slot, 1_000, good=False)
    with slot.board.hold("notes") as twin:
        assert twin.take_out() == 1_000
        assert twin.take_out() is None
        for pulses in (1, 3, 7):
            twin.train(pulses, now_ms())
    slot.until(lambda: slot.driver.health()["noise"] == {"lone": 1, "value": 2})
    assert not slot.all(ItemsInserted)


@pytest.mark.parametrize("stored", [True, False])
def test_a_crash_loses_nothing(slot, tmp_path, stored):
    put(slot, 10_000)
    slot.heard(ItemsInserted)
    if stored:
        slot.driver.perform(StoreItems(AT, "store"))
        slot.heard(ItemsStored)
    again = slot.restart(lambda: make(slot, tmp_path))
    found = again.found()
    assert (found.escrow_fen, found.unclaimed_fen, found.stacked) == ((0, 10_000, 1) if stored else (10_000, 0, 0))
    assert not slot.state("notes")["open"]
    if stored:
        again.committed("")
        slot.until(lambda: not again.found().unclaimed_fen)
    else:
        again.perform(StoreItems(AT, "store"))
        assert slot.heard(ItemsStored).fen == 10_000


DEVICES = msgspec.structs.replace(
    full_cabinet(quick=True),
    note_acceptor=PulseNotes(pin=14, inhibit_pin=15, pulses={"10": 10_000}, width_ms=20, train_gap_ms=60),
    lights=None,
    id_reader=None,
)
NOTES = MoneyChannels(notes_fen=(10_000,))


@pytest.mark.parametrize(
    ("before", "effect"),
    [row for row in sound.PROMISES if row[1].at == AT],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_it_answers_as_the_bench_promises(tmp_path, before, effect):
    with CabinetRig(tmp_path, DEVICES, NOTES) as unit:
        sound.BEFORE[before](unit)
        world = sound.FULL
        for event in unit.events:
            world = sound.cabinet_model.after_event(world, event)
        assert unit.answer(effect) == sound.cabinet_model.answer(world, effect, False)
        if before and isinstance(effect, ReturnItems):
            unit.until(lambda: unit.notes == ["cabinet.note_by_hand"])


def test_a_deposit_pays_a_withdrawal(tmp_path):
    with CabinetRig(tmp_path, DEVICES, NOTES) as unit:
        sound.note_in(unit)
        assert unit.answer(StoreItems(AT, "store")).fen == 10_000
        assert unit.cabinet.found().stock[0] == (10_000, 61)
        unit.cabinet.committed()
        sound.note_in(unit, 2)
        assert unit.answer(Dispense("cash_dispenser", "out", ((10_000, 1),))).completion == "success"


def test_what_is_wrong_with_its_table_is_said():
    assert problems(DEVICES, NOTES) == []
    wrong = msgspec.structs.replace(DEVICES, note_acceptor=PulseNotes(pin=14, inhibit_pin=15, pulses={"1": 500}))
    assert [text.split(" = ")[0] for text in problems(wrong, NOTES)] == [
        "money.notes_fen",
        "devices.note_acceptor.pulses",
    ]
    assert [text.split(":")[0] for text in problems(DEVICES, MoneyChannels())] == ["money.notes_fen = []"]
