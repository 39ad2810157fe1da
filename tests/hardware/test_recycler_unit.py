"""A unit whose notes go into a recycler and come out of it again: the cabinet's promises hold, machines cannot tell."""

from __future__ import annotations

import msgspec
import pytest

from hardware.drivers import recycler_essp
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import HardwareSettings, full_cabinet, problems
from hardware.drivers.settings.notes import EsspNotes, EsspPayout
from kiosk_firmware.core.effects import Dispense, Retract, StoreItems
from kiosk_firmware.core.events import ItemsPresented, ItemsRetracted, ItemsTaken
from tests.hardware import test_cabinet as sound
from tests.hardware.pin_rig import CabinetRig

MONEY = MoneyChannels(notes_fen=(1_000, 2_000, 5_000, 10_000))
DEVICES = msgspec.structs.replace(
    full_cabinet(quick=True), note_acceptor=EsspNotes(), cash_dispenser=EsspPayout(most=50)
)
OF_MONEY = [row for row in sound.PROMISES if row[1].at in ("note_acceptor", "cash_dispenser")]


@pytest.fixture
def unit(tmp_path, monkeypatch):
    monkeypatch.setattr(recycler_essp, "FOLLOW_MS", 20)
    rig = CabinetRig(tmp_path, DEVICES, MONEY)
    with rig.twins.hold("note_acceptor") as twin:
        twin.store, twin.PAY_MS = {10_000: 60}, 20
    with rig:
        rig.until(lambda: rig.cabinet.health()["cash_dispenser"]["pays"])
        yield rig


@pytest.mark.parametrize(("before", "effect"), OF_MONEY, ids=lambda v: v if isinstance(v, str) else type(v).__name__)
def test_it_answers_as_the_bench_promises(unit, before, effect, monkeypatch):
    monkeypatch.setattr(recycler_essp, "TAKEN_MS", 600_000)
    sound.test_a_sound_cabinet_answers_as_the_bench_promises(unit, before, effect)


def test_the_note_that_was_paid_in_is_paid_out(unit):
    sound.note_in(unit)
    assert unit.answer(StoreItems("note_acceptor", "store")).fen == 10_000
    unit.cabinet.committed()
    unit.until(lambda: not unit.state("note_acceptor")["owed"])
    items = ((10_000, 61),)
    assert (*unit.cabinet.found().stock,)[0] == items[0]
    assert unit.answer(Dispense("cash_dispenser", "out", ((10_000, 2),))).items == ((10_000, 2),)
    unit.cabinet.expect(("cash_dispenser",))
    assert unit.heard(ItemsTaken) == ItemsTaken("cash_dispenser")
    assert unit.must("take_cash")["notes"] == [10_000] * 2
    assert unit.state("cash_dispenser")["store"]["10000"] == 59
    rows = {row["at"]: (row["driver"], row["ok"]) for row in unit.cabinet.self_test()}
    assert rows["note_acceptor"] == rows["cash_dispenser"] == ("essp", True)


def test_notes_that_are_left_are_put_into_the_box_by_a_person(unit):
    sound.begin(unit, "notes_left")
    assert unit.answer(Dispense("cash_dispenser", "out", ((10_000, 2),))) == ItemsPresented(
        "cash_dispenser", "out", ((10_000, 2),)
    )
    assert unit.answer(Retract("cash_dispenser", "in")) == ItemsRetracted("cash_dispenser", "in", ((10_000, 2),))
    unit.until(lambda: unit.notes == ["cabinet.notes_to_box"])
    assert not unit.all(ItemsTaken)


def test_what_is_wrong_with_its_tables_is_said():
    assert problems(DEVICES, MONEY) == []
    assert problems(msgspec.structs.replace(DEVICES, note_acceptor=None), MONEY) == []
    assert [text.split(":")[0] for text in problems(DEVICES, MoneyChannels())] == ["money.notes_fen = []"]
    other = msgspec.structs.replace(DEVICES, cash_dispenser=EsspPayout(key="0000000000000001", recycled=(300,)))
    assert [text.split(" = ")[0] for text in problems(other, MONEY)] == [
        "money.notes_fen",
        "devices.cash_dispenser.port",
    ]
    with pytest.raises(msgspec.ValidationError, match="regex"):
        msgspec.convert({"devices": {"note_acceptor": {"driver": "essp", "key": "short"}}}, HardwareSettings)


def test_a_recycler_that_only_pays(tmp_path):
    devices = msgspec.structs.replace(DEVICES, note_acceptor=None)
    rig = CabinetRig(tmp_path, devices, MONEY)
    with rig.twins.hold("cash_dispenser") as twin:
        twin.store, twin.PAY_MS = {5_000: 3}, 20
    with rig:
        rig.until(lambda: rig.cabinet.found().stock[:1] == ((5_000, 3),))
        assert rig.answer(Dispense("cash_dispenser", "out", ((5_000, 3),))).completion == "success"
        assert not rig.twins.state()["cash_dispenser"]["enabled"]
