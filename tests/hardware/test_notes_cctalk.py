"""Bills on a ccTalk wire: held until decided, credited once, and a unit whose coins share the wire with them."""

from __future__ import annotations

import msgspec
import pytest

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import CctalkCoins
from hardware.drivers.settings.hardware_settings import full_cabinet, problems
from hardware.drivers.settings.notes import CctalkBills
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from kiosk_firmware.core.effects import ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
)
from tests.hardware import test_cabinet as sound
from tests.hardware.pin_rig import CabinetRig
from tests.hardware.support import vectors
from tests.hardware.test_far_end_notes import BillSlot

AT = "note_acceptor"
BillEvent = meaning.BillEvent


@pytest.fixture
def slot(tmp_path):
    return BillSlot(tmp_path, number=254)


def asked(slot, which=2):
    """A bill goes in and is held."""
    slot.put_in(which, True)
    assert slot.sim.run(3000, slot.till.must_decide)


def test_a_bill_is_held_as_long_as_nobody_decides(slot):
    asked(slot)
    slot.sim.run(60_000)
    assert slot.twin.state()["stage"] == "escrow"
    assert slot.driver.found().escrow_fen == 10_000
    slot.till.decide(store=True)
    assert slot.sim.run(3000, lambda: slot.sim.all(ItemsStored))
    assert slot.sim.all(ItemsStored) == [ItemsStored(AT, "store~1", 10_000)]
    assert slot.twin.box == [10_000]
    assert slot.twin.number == 1, "the ring goes from 255 to 1"


def test_no_other_bill_is_let_in_until_the_last_one_is_committed(slot):
    slot.till._tell = lambda ref: None  # a journal that takes its time
    asked(slot)
    slot.till.decide(store=True)
    slot.sim.run(3000)
    assert not slot.twin.is_open
    assert not slot.twin.put_in(1_000)
    slot.driver.committed("another")
    slot.sim.run(1000)
    assert not slot.twin.is_open
    slot.driver.committed("store~1")
    assert slot.sim.run(3000, lambda: slot.twin.is_open)


def test_a_bill_is_given_back(slot):
    asked(slot, 0)
    slot.till.decide(store=False)
    assert slot.sim.run(3000, lambda: slot.sim.all(ItemsReturned))
    assert slot.sim.all(ItemsReturned) == [ItemsReturned(AT, "back~1", 1_000)]
    assert slot.twin.take_out() == 1_000


def test_what_cannot_be_read_is_refused_and_counted(slot):
    slot.put_in(1, False)
    assert slot.sim.run(3000, lambda: slot.sim.all(ItemsRefused))
    assert slot.driver.health()["rejected"] == {"invalid": 1}
    assert slot.driver.found().stacked == 0


@pytest.mark.parametrize("lost", ["deaf", "silent", "check"])
@pytest.mark.parametrize("store", [True, False])
def test_a_decision_that_was_not_answered_is_carried_out_once(slot, lost, store):
    asked(slot)
    slot.sim.luck((lost, 0), (lost, 0))
    slot.till.decide(store)
    slot.sim.run(15_000)
    assert slot.twin.box == ([10_000] if store else [])
    assert slot.till.credit == sum(slot.twin.box)
    assert not slot.till.escrow


@pytest.mark.parametrize("lands", ["mouth", "box"])
def test_power_that_fails_in_escrow_leaves_nobody_knowing(slot, lands):
    asked(slot)
    slot.twin.lands = lands
    slot.twin.power_cycle()
    slot.sim.run(5000)
    slot.till.decide(store=True)
    slot.sim.run(5000)
    assert [event.completion for event in slot.sim.all(ItemsStored)] == ["unknown"]
    assert slot.driver.health()["unknown"] == 1
    assert (slot.till.credit, slot.till.unsure) == (0, 10_000)


def test_a_crash_between_the_credit_and_the_journal_is_told_to_the_next(slot):
    asked(slot)
    slot.till.decide(store=True)
    slot.sim.run(5000, lambda: slot.sim.all(ItemsStored))
    slot.sim.die()
    slot.sim.boot()
    slot.sim.run(5000)
    assert slot.till.credit == 10_000, "found told it"
    assert slot.driver.found().unclaimed_fen == 0


@pytest.mark.parametrize(("kind", "flag"), [("jam", "safe_jam"), ("stacker_out", "stacker_removed")])
def test_what_keeps_it_from_taking_is_told_as_lost_and_back(slot, kind, flag):
    slot.twin.spoil(kind, True, 0)
    assert slot.sim.run(3000, lambda: slot.sim.all(DeviceLost))
    assert slot.driver.health()["flags"] == [flag]
    slot.twin.spoil(kind, False, 0)
    assert slot.sim.run(3000, lambda: slot.sim.all(DeviceBack) and slot.twin.is_open)


def test_a_bill_that_comes_when_nobody_wants_it_goes_back(slot):
    slot.put_in(2, True)
    slot.driver._wanted = False
    slot.sim.run(5000)
    assert slot.twin.mouth == 10_000
    assert slot.sim.all(ItemsInserted) == []


def test_what_the_vectors_say_of_bills():
    frames = {v.name: v.data[4:-1] for v in vectors("cctalk", keep=lambda v: v.name.startswith("derived/"))}
    held = meaning.decode_bill_events(frames["derived/bill_escrow"])
    assert held == meaning.Events(1, (BillEvent(3, True), *[BillEvent()] * 4))
    back = meaning.decode_bill_events(frames["derived/bill_returned"])
    assert back is not None
    assert back.newest[0] == BillEvent(code=1)
    assert meaning.news(1, back).events[-1] == BillEvent(code=1)
    assert meaning.bill_value("CN0010A", frames["derived/country_scaling_100"]) == 1_000
    assert meaning.bill_value("CN0005A", bytes([1, 0, 0])) == 500
    assert meaning.bill_value(".......", bytes([100, 0, 2])) is None
    assert meaning.decode_bill_events(bytes([1, 3, 2]) + bytes(8)) is None
    assert frames["derived/bill_route_stack"] == bytes([meaning.ROUTE_STACK])
    assert cctalk.HEADERS[cctalk.BILL_CREDIT] == "bill events"


DEVICES = msgspec.structs.replace(full_cabinet(quick=True), note_acceptor=CctalkBills(), coin_acceptor=CctalkCoins())
MONEY = MoneyChannels(notes_fen=(1_000, 10_000))


@pytest.mark.parametrize(
    ("before", "effect"),
    [row for row in sound.PROMISES if row[1].at == AT],
    ids=lambda v: v if isinstance(v, str) else type(v).__name__,
)
def test_it_answers_as_the_bench_promises(tmp_path, before, effect):
    with CabinetRig(tmp_path, DEVICES, MONEY) as unit:
        sound.test_a_sound_cabinet_answers_as_the_bench_promises(unit, before, effect)


def test_bills_coins_and_change_on_one_wire(tmp_path):
    with CabinetRig(tmp_path, DEVICES, MONEY) as unit:
        sound.note_in(unit)
        assert unit.answer(StoreItems(AT, "store")).fen == 10_000
        unit.cabinet.committed()
        sound.note_in(unit, 2)
        assert unit.answer(ReturnItems(AT, "back")).fen == 10_000
        unit.cabinet.expect(("coin_acceptor",))
        unit.must("token", fen=100)
        assert unit.heard(ItemsInserted, 3).at == "coin_acceptor"
        assert all(row["ok"] for row in unit.cabinet.self_test() if row["driver"] == "cctalk"), unit.cabinet.self_test()


def test_what_is_wrong_with_its_table_is_said():
    assert problems(DEVICES, MONEY) == []
    wrong = msgspec.structs.replace(DEVICES, note_acceptor=CctalkBills(address=3, bills={"17": 1_000}))
    assert [text.split(" = ")[0] for text in problems(wrong, MoneyChannels())] == [
        "money.notes_fen",
        "devices.coin_dispenser.hoppers.100.address",
        "devices.note_acceptor.bills",
    ]
