"""A whole cabinet against its twins: `core.cabinet_model`'s promises are kept, every effect is answered, faults are
real.
"""

from __future__ import annotations

import json

import msgspec
import pytest

from hardware.cabinet.cabinet import Cabinet
from hardware.cabinet.pending_effects import LIMITS_MS
from hardware.cabinet.unit_devices import ROLES
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables, HardwareSettings, full_cabinet, problems
from hardware.drivers.settings.unit_fixtures import LinkedPins, SimulatedHost
from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.effects import (
    AskHost,
    Cancel,
    Dispense,
    Document,
    EjectMedia,
    PrintDocument,
    ReadPin,
    RetainMedia,
    Retract,
    ReturnItems,
    StoreItems,
)
from kiosk_firmware.core.events import (
    Answer,
    CabinetFound,
    DeviceBack,
    DeviceLost,
    DocumentPrinted,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRefused,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    PinEntered,
    Struck,
)
from kiosk_firmware.core.hosts.bank import PAID, AccountAsked, PayAsked
from kiosk_firmware.core.pages import Text
from tests.hardware.pin_rig import CARD, PIN, CabinetRig, Heard

MEDIA = Media(CARD, "3012", True)
STOCK, TOKENS = ((10_000, 60),), ((500, 100), (100, 200))
SLIP = Document("receipt", Text("凭条"), ((Text("金额"), Text("100")),), (Text("谢谢"),))
FULL = cabinet_model.CabinetModel(hand=(MEDIA,), purse=((10_000, 1), (100, 1)), stock=(*STOCK, *TOKENS))


@pytest.fixture
def unit(tmp_path):
    with CabinetRig(tmp_path) as rig:
        yield rig


def begin(unit, armed=None):
    unit.cabinet.begin(lambda document: [document.title.key], armed, True)


def lost(cabinet):
    """What a full cabinet has and cannot be used; what it was never given is no loss."""
    return set(cabinet.found().lost) & {name for name, _ in full_cabinet().named()}


def card_in(unit):
    unit.cabinet.expect(("card_reader",))
    unit.must("insert_card", card=CARD)
    return unit.heard(MediaInserted)


def note_in(unit, count=1):
    unit.cabinet.expect(("note_acceptor",))
    unit.must("note", fen=10_000)
    return unit.heard(ItemsInserted, count)


def cash_out(unit):
    return unit.answer(Dispense("cash_dispenser", "out", ((10_000, 2),)))


BEFORE = {"card": card_in, "note": note_in, "tray": cash_out, "": lambda unit: None}
PROMISES = [
    ("card", EjectMedia("card_reader", "eject")),
    ("", EjectMedia("card_reader", "eject")),
    ("card", RetainMedia("card_reader", "keep")),
    ("", RetainMedia("card_reader", "keep")),
    ("note", StoreItems("note_acceptor", "store")),
    ("", StoreItems("note_acceptor", "store")),
    ("note", ReturnItems("note_acceptor", "back")),
    ("", ReturnItems("note_acceptor", "back")),
    ("", Dispense("cash_dispenser", "out", ((10_000, 3),))),
    ("", Dispense("cash_dispenser", "out", ((5_000, 1),))),
    ("", Dispense("coin_dispenser", "change", ((100, 3),))),
    ("", Dispense("coin_dispenser", "change", ((100, 201),))),
    ("tray", Retract("cash_dispenser", "in")),
    ("", Retract("cash_dispenser", "in")),
    ("", PrintDocument("receipt_printer", "slip", SLIP)),
]


@pytest.mark.parametrize(("before", "effect"), PROMISES, ids=lambda v: v if isinstance(v, str) else type(v).__name__)
def test_a_sound_cabinet_answers_as_the_bench_promises(unit, before, effect):
    BEFORE[before](unit)
    world = FULL
    for event in unit.events:
        world = cabinet_model.after_event(world, event)
    promised = cabinet_model.answer(world, effect, False)
    assert unit.answer(effect) == promised
    world = cabinet_model.after_event(world, promised)
    if isinstance(effect, RetainMedia):
        assert dict(unit.cabinet.found().counters)["card_reader.captured"] == len(world.kept)
    found = unit.cabinet.found()
    wanted = cabinet_model.wake_report(world)
    if isinstance(promised, MediaPresented):
        unit.until(lambda: unit.cabinet.found().place == wanted.place)
        found = unit.cabinet.found()
    same = ("number", "place", "escrow_fen", "tray", "stock", "paper")
    assert {n: getattr(found, n) for n in same} == {n: getattr(wanted, n) for n in same}
    assert not lost(unit.cabinet)


def test_a_withdrawal_from_card_to_slip(unit):
    assert card_in(unit) == MediaInserted("card_reader", MEDIA)
    unit.cabinet.perform(ReadPin("pin_pad", "pin", CARD))
    for key in (*PIN, "enter"):
        unit.must("pin_key", key=key)
    assert unit.heard(PinEntered) == PinEntered("pin_pad", "pin", "right")
    assert unit.answer(EjectMedia("card_reader", "eject")) == MediaPresented("card_reader", "eject")
    unit.must("take_card")
    unit.heard(MediaTaken)
    assert cash_out(unit) == ItemsPresented("cash_dispenser", "out", ((10_000, 2),))
    unit.must("take_cash")
    unit.heard(ItemsTaken)
    assert unit.answer(PrintDocument("receipt_printer", "slip", SLIP)).completion == "success"
    lines = unit.must("tear_off")["lines"]
    assert "凭条" in lines
    assert any(line.startswith("金额") and line.endswith("100") for line in lines)
    assert unit.state("cash_dispenser")["counters"] == {"opened": 1, "taken": 1, "retracted": 0}
    assert PIN not in repr(unit.events) + json.dumps(unit.cabinet.health()) + json.dumps(unit.twins.state())


def test_a_stored_note_is_confirmed_to_the_validator_and_the_next_one_is_taken(unit):
    note_in(unit)
    unit.answer(StoreItems("note_acceptor", "store"))
    unit.cabinet.committed()
    unit.until(lambda: unit.state("note_acceptor")["counters"]["acknowledged"] == 1)
    note_in(unit, 2)
    assert unit.answer(StoreItems("note_acceptor", "store")).fen == 10_000
    assert unit.cabinet.found().stock == ((10_000, 62), *TOKENS)
    assert unit.state("note_acceptor")["counters"]["acknowledged"] == 1, "confirmed before it was written down"
    unit.cabinet.committed()
    unit.until(lambda: unit.state("note_acceptor")["counters"]["acknowledged"] == 2)


def test_only_awaited_slots_are_open(unit):
    assert not unit.do("insert_card", card=CARD)["ok"]
    assert not unit.do("note", fen=10_000)["ok"]
    assert not unit.do("token", fen=100)["ok"]
    unit.cabinet.expect(("coin_acceptor",))
    unit.must("token", fen=100)
    assert unit.heard(ItemsInserted).at == "coin_acceptor"
    unit.cabinet.expect(())
    unit.until(lambda: not unit.state("coin_acceptor")["open"])


def test_side_keys_lamps_and_self_test(unit):
    unit.must("side_key", index=5)
    unit.until(lambda: unit.side_keys == [5])
    unit.cabinet.expect(("card_reader",))
    unit.cabinet.halo("card_reader")
    unit.cabinet.call_teacher(True)
    unit.until(lambda: unit.state("lights")["lit"]["teacher"])
    assert unit.cabinet.health()["lights"]["lamps"]["card_reader"] == "quick"
    assert all(row["ok"] for row in unit.cabinet.self_test()), unit.cabinet.self_test()


# -- armed faults, each with its real act ---------------------------------------------------------------------------


def test_card_unreadable_is_given_back(unit):
    begin(unit, "card_unreadable")
    unit.cabinet.expect(("card_reader",))
    unit.must("insert_card", card=CARD)
    assert unit.heard(MediaInvalid) == MediaInvalid("card_reader")
    assert unit.events == [Struck("card_unreadable"), MediaInvalid("card_reader")]
    assert unit.answer(EjectMedia("card_reader", "eject")).completion == "success"
    unit.must("take_card")


def test_card_expired(unit):
    begin(unit, "card_expired")
    assert card_in(unit).media.expires == "0001"


def test_card_left_cannot_be_taken_and_is_kept(unit):
    begin(unit, "card_left")
    card_in(unit)
    assert unit.answer(EjectMedia("card_reader", "eject")) == MediaPresented("card_reader", "eject")
    assert unit.all(Struck) == [Struck("card_left", "eject")]
    unit.until(lambda: unit.state("card_reader")["position"] == "ic")
    assert not unit.do("take_card")["ok"]
    assert unit.answer(RetainMedia("card_reader", "keep")) == MediaRetained("card_reader", "keep")
    assert unit.state("card_reader")["captured"] == [CARD]
    assert not unit.all(MediaTaken)


def test_note_rejected_comes_back_out(unit):
    begin(unit, "note_rejected")
    unit.cabinet.expect(("note_acceptor",))
    unit.must("note", fen=10_000)
    assert unit.heard(ItemsRefused) == ItemsRefused("note_acceptor")
    assert unit.must("take_note")["fen"] == 10_000
    assert not unit.all(ItemsInserted)
    assert not unit.all(ItemsReturned)
    assert note_in(unit).fen == 10_000  # a fault strikes once


def test_a_note_that_may_be_false_is_kept_in_the_box_and_told_as_kept(unit):
    begin(unit, "note_suspect")
    unit.cabinet.expect(("note_acceptor",))
    unit.must("note", fen=10_000)
    assert unit.heard(ItemsInserted).suspect
    kept = ItemsRetracted("note_acceptor", "suspect", ((10_000, 1),))
    assert unit.answer(Retract("note_acceptor", "suspect")) == kept
    assert len(unit.state("note_acceptor")["box"]) == 1
    assert not unit.all(ItemsStored)
    unit.cabinet.committed()
    assert not note_in(unit, 2).suspect  # a fault strikes once


def test_a_card_turned_is_told_as_upside_down(unit):
    begin(unit, "card_turned")
    unit.cabinet.expect(("card_reader",))
    unit.must("insert_card", card=CARD)
    assert unit.heard(MediaInvalid).reason == "upside_down"


def test_notes_left_cannot_be_taken_and_are_retracted(unit):
    begin(unit, "notes_left")
    assert cash_out(unit).items == ((10_000, 2),)
    unit.until(lambda: unit.state("cash_dispenser")["locked"])
    assert not unit.do("take_cash")["ok"]
    assert unit.answer(Retract("cash_dispenser", "in")) == ItemsRetracted("cash_dispenser", "in", ((10_000, 2),))


def test_notes_gone_dispenses_nothing(unit):
    begin(unit, "notes_gone")
    said = cash_out(unit)
    assert said == ItemsPresented("cash_dispenser", "out", (), "hardwareError", "cashUnitError")
    assert unit.all(Struck) == [Struck("notes_gone", "out")]
    assert unit.state("cash_dispenser")["counters"]["opened"] == 0
    assert unit.cabinet.found().stock == (*STOCK, *TOKENS)


@pytest.mark.parametrize(("fault", "reason"), [("paper_out", "paperOut"), ("printer_jam", "paperJam")])
def test_printer_faults_print_nothing(unit, fault, reason):
    begin(unit, fault)
    said = unit.answer(PrintDocument("receipt_printer", "slip", SLIP))
    assert said == DocumentPrinted("receipt_printer", "slip", "hardwareError", reason)
    assert not unit.do("tear_off")["ok"]


@pytest.mark.parametrize("fault", ["host_offline", "answer_lost"])
def test_host_faults(unit, fault):
    ask = AccountAsked(CARD, 7)
    booked = msgspec.structs.replace(ask, balance_fen=5)
    unit.cabinet.host(lambda effect: HostAnswered(effect.at, effect.ref, "ok", booked))
    begin(unit, fault)
    said = unit.answer(AskHost("payment_host", "ask", ask))
    assert (said.verdict, said.completion) == ("offline", "timeOut")
    assert unit.all(Struck)[0].ask == (booked if fault == "answer_lost" else None)
    assert unit.answer(AskHost("payment_host", "again", ask)).ask.balance_fen == 5


def test_power_cut_is_told_just_before_money_moves(tmp_path):
    cuts = []
    with CabinetRig(tmp_path, on_power_cut=cuts.append) as unit:
        begin(unit, "power_cut")
        unit.answer(PrintDocument("receipt_printer", "slip", SLIP))
        assert not cuts
        cash_out(unit)
        assert [type(effect) for effect in cuts] == [Dispense]


# -- the host, missing devices, time limits -------------------------------------------------------------------------


def test_a_host_that_trips_is_a_host_that_is_down(unit):
    def trip(effect):
        raise RuntimeError("no world")

    unit.cabinet.host(trip)
    said = unit.answer(AskHost("payment_host", "ask", AccountAsked(CARD)))
    assert (said.verdict, said.completion) == ("offline", "hardwareError")


def test_a_code_on_the_glass_waits_for_the_phone(unit):
    """Open until a phone pays it, or until it is withdrawn; another order's payment answers nothing."""
    ask = PayAsked("phone", 7, 300, "railway")
    unit.cabinet.host(lambda effect: HostAnswered("x", "x", "ok", effect.ask) if effect.ref == PAID else None)
    unit.cabinet.perform(AskHost("payment_host", "phone", ask))
    assert not unit.cabinet.phone(8)
    assert not unit.all(HostAnswered)
    assert unit.cabinet.phone(7)
    said = unit.heard(HostAnswered)
    assert (said.at, said.ref, said.verdict, said.ask) == ("payment_host", "phone", "ok", ask)
    assert not unit.cabinet.phone(7)
    unit.cabinet.perform(AskHost("payment_host", "phone", ask))
    unit.cabinet.perform(Cancel("payment_host", "phone"))
    unit.until(lambda: unit.all(HostAnswered)[-1].completion == "canceled")


def test_the_phone_pays_at_the_host_and_hears_where_it_cannot(unit):
    """The twin tells the application through its socket; what nobody waits for is over, at once and for good."""
    ask = PayAsked("phone", 7, 300, "railway")
    unit.cabinet.host(lambda effect: HostAnswered("x", "x", "ok", effect.ask) if effect.ref == PAID else None)
    over = {"ok": False, "error": "over"}
    assert unit.twins.act("phone_pay", {"order": 7, "fen": 300}) == over
    unit.cabinet.perform(AskHost("payment_host", "phone", ask))
    assert unit.twins.act("phone_pay", {"order": 8, "fen": 300}) == over
    assert unit.twins.act("phone_pay", {"order": 7, "fen": 200}) == over
    assert unit.twins.act("phone_pay", {"order": 7, "fen": 300}) == {"ok": True}
    assert unit.heard(HostAnswered).verdict == "ok"
    unit.cabinet.stop()
    assert unit.twins.act("phone_pay", {"order": 7, "fen": 300}) == {"ok": False, "error": "unreached"}
    assert unit.twins.state()["payment_host"]["counters"] == {"paid": 1, "over": 3, "unreached": 1}


def test_an_ask_can_be_canceled_and_its_answer_is_dropped(tmp_path):
    slow = msgspec.structs.replace(full_cabinet(quick=True), payment_host=SimulatedHost(answer_ms=300))
    with CabinetRig(tmp_path, slow) as unit:
        unit.cabinet.host(lambda effect: HostAnswered(effect.at, effect.ref, "ok", effect.ask))
        unit.cabinet.perform(AskHost("payment_host", "ask", AccountAsked(CARD)))
        unit.cabinet.perform(Cancel("payment_host", "ask"))
        assert unit.heard(HostAnswered).completion == "canceled"
        unit.until(lambda: unit.cabinet.health()["cabinet"]["late"] == 1)
        assert len(unit.all(HostAnswered)) == 1


EVERY = [
    EjectMedia("card_reader", "a"),
    RetainMedia("card_reader", "b"),
    ReadPin("pin_pad", "c", CARD),
    StoreItems("note_acceptor", "d"),
    ReturnItems("note_acceptor", "e"),
    Dispense("cash_dispenser", "f", STOCK),
    Retract("cash_dispenser", "g"),
    PrintDocument("receipt_printer", "h", SLIP),
    Dispense("coin_dispenser", "i", ((100, 1),)),
]


def test_a_unit_without_devices_answers_everything_and_says_so_once(tmp_path):
    devices = DeviceTables(payment_host=SimulatedHost(answer_ms=0), pins=LinkedPins())
    with_none = Heard()
    cabinet = Cabinet(HardwareSettings(devices, MoneyChannels(), str(tmp_path)), with_none.post)
    cabinet.start()
    cabinet.begin(lambda document: [], None, True)
    assert {"card_reader", "note_acceptor", "receipt_printer"} < set(ROLES)
    assert cabinet.found() == CabinetFound(paper="out", counters=(("card_reader.captured", 0),), lost=ROLES)
    for count, effect in enumerate(EVERY, 1):
        cabinet.perform(effect)
        with_none.until(lambda count=count: len(with_none.all(Answer)) == count)
    answers = [event for event in with_none.events if not isinstance(event, DeviceLost)]
    assert [(e.at, e.ref, e.completion) for e in answers] == [(e.at, e.ref, "hardwareError") for e in EVERY]
    assert [e.at for e in with_none.all(DeviceLost)] == [
        "card_reader",
        "pin_pad",
        "note_acceptor",
        "cash_dispenser",
        "receipt_printer",
        "coin_dispenser",
    ]
    assert not any(row["ok"] for row in cabinet.self_test())
    cabinet.stop()
    cabinet.stop()


def test_a_unit_without_pins_starts_what_it_has(tmp_path):
    """A unit whose GPIO cannot be opened: everything on pins is lost, the rest works, nothing stops."""
    real = msgspec.structs.replace(full_cabinet(quick=True), pins=DeviceTables().pins)
    rig = CabinetRig(tmp_path)
    rig.cabinet = Cabinet(HardwareSettings(real, MoneyChannels(), str(tmp_path)), rig.post)
    rig.cabinet.start()
    rig.until(lambda: not rig.cabinet.self_test()[0]["text"])
    assert lost(rig.cabinet) == {"coin_acceptor", "pin_pad", "cash_dispenser"}
    assert rig.answer(Dispense("cash_dispenser", "out", STOCK)).completion == "hardwareError"
    rig.cabinet.stop()
    rig.twins.close()


def test_a_pulled_cable_is_lost_and_back_and_the_card_is_still_there(unit):
    card_in(unit)
    unit.must("unplug", device="card_reader")
    unit.heard(DeviceLost)
    assert lost(unit.cabinet) == {"card_reader"}
    assert unit.answer(EjectMedia("card_reader", "eject")).completion in ("hardwareError", "unknown")
    unit.must("replug", device="card_reader")
    unit.heard(DeviceBack)
    assert unit.cabinet.found().place == "inside"
    assert unit.answer(EjectMedia("card_reader", "eject")).completion == "success"


def test_a_driver_that_never_answers_is_answered_for(unit, monkeypatch):
    monkeypatch.setitem(LIMITS_MS, Dispense, 50)
    monkeypatch.setattr(unit.cabinet._drivers["cash_dispenser"], "perform", lambda effect: None)
    assert cash_out(unit) == ItemsPresented("cash_dispenser", "out", (), "timeOut")


# -- a reader that can only see ---------------------------------------------------------------------------------------


def test_a_full_cabinet_has_no_problems_and_problems_are_named():
    devices = full_cabinet()
    assert problems(devices, MoneyChannels()) == []
    twice = msgspec.structs.replace(
        devices, coin_acceptor=msgspec.structs.replace(devices.coin_acceptor, pin=10, width_ms=300, stuck_ms=800)
    )
    found = problems(twice, MoneyChannels(token_unit_fen=50, tokens_fen=(50, 120)))
    assert [text.split(" = ")[0] for text in found] == [
        "devices.coin_acceptor.pin",
        "devices.cash_dispenser.lock_pin",
        "money.tokens_fen",
        "money.tokens_fen",
        "devices.coin_acceptor.stuck_ms",
        "devices.coin_acceptor.train_gap_ms",
    ]
