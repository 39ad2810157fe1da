"""An MDB changer behind its adapter, both roles on one line: what its bytes mean, what is credited, what is paid."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cabinet.cabinet import Cabinet
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Crt310
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from hardware.drivers.settings.mdb import MdbCoins, MdbTubeSettings
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.protocols import mdb_changer as changer
from hardware.protocols import mdb_qibixx as text
from hardware.twins.mdb import ChangerTwin
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsInserted, ItemsPresented, ItemsRefused
from tests.hardware.pin_rig import CabinetRig

SLOT, TUBES = "coin_acceptor", "coin_dispenser"
DEVICES = DeviceTables(coin_acceptor=MdbCoins(), coin_dispenser=MdbTubeSettings(), pins=LinkedPins())


@pytest.fixture
def unit(tmp_path):
    with CabinetRig(tmp_path, DEVICES) as rig:
        rig.twins.serial[SLOT].twin.PAY_MS = 30
        rig.cabinet.expect((SLOT,))
        rig.until(lambda: rig.state(SLOT)["open"])
        yield rig


def seen(unit):
    return unit.cabinet.health()[SLOT]


def pay(unit, *items):
    return unit.answer(Dispense(TUBES, "change", items))


# -- the bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "events"),
    [
        ("", ()),
        ("530a", (changer.Coin(3, "tubes", 10),)),
        ("4300", (changer.Coin(3, "cash_box", 0),)),
        ("7105", (changer.Coin(1, "reject", 5),)),
        ("a203", (changer.ByHand(2, 2, 3),)),
        ("24", (changer.Slugs(4),)),
        ("02", (changer.State("payout_busy"),)),
        (
            "0b530a07",
            (
                changer.State("reset"),
                changer.Coin(3, "tubes", 10),
                changer.State("tube_jam"),
            ),
        ),
        ("53", None),
        ("0253", None),
        ("1f", (changer.State("status_31"),)),
    ],
)
def test_poll_answers(data, events):
    assert changer.decode_poll(bytes.fromhex(data)) == events


@given(data=st.binary(max_size=40))
def test_whatever_a_poll_says_is_read_whole_or_not_at_all(data):
    events = changer.decode_poll(data)
    if events is not None:
        pairs = sum(isinstance(event, changer.Coin | changer.ByHand) for event in events)
        assert len(data) == len(events) + pairs


def test_what_types_are_worth():
    # level 3, 0156 (CNY), scaling 10, one decimal place: a credit is a yuan
    told = changer.decode_setup(bytes.fromhex("03015605 01 0003 02 0a 01 ff"))
    assert told is not None
    assert told.fen == (100, 500, 50, 0)
    assert told.routing == 3
    assert changer.decode_setup(b"\x03") is None
    assert changer.decode_setup(bytes.fromhex("0301560103 0003 01")).fen == (0,), "a tenth of a fen is no money"
    assert changer.decode_tubes(b"\x00\x02\x05\x06").counts[:3] == (5, 6, 0)
    assert changer.decode_tubes(b"\x00") is None
    assert changer.order(2, 15) == b"\xf2"
    assert changer.coin_type_data(0x0103) == bytes.fromhex("0103ffff")
    assert changer.decode_identity(b"ABC") == {}


def test_a_late_answer_is_no_answer():
    host = text.Host()
    host.command(b"R,0B", 0, 1000)
    assert host.data_to_send() == b"R,0B\n"
    assert host.tick(1000) == [None]
    host.command(b"R,0A", 1000, 1000)
    assert host.data_to_send() == b""
    late = text.Line("p", ("4301",))
    assert host.receive_data(b"p,4301\n", 1200) == [text.Late(late)]
    assert host.tick(1500) == []
    assert host.data_to_send() == b"R,0A\n"
    assert host.receive_data(b"v,1\np,ACK\np,ACK\n", 1600) == [
        text.Late(text.Line("v", ("1",))),
        text.Line("p", ("ACK",)),
        text.Late(text.Line("p", ("ACK",))),
    ]


# -- the slot ---------------------------------------------------------------------------------------------------------


def test_tokens_are_credited_once_and_lie_in_the_tubes(unit):
    for fen in (100, 500):
        assert unit.do("token", fen=fen)["ok"]
    unit.heard(ItemsInserted, 2)
    assert [(event.fen, event.counter) for event in unit.all(ItemsInserted)] == [(100, 1), (500, 2)]
    assert unit.state(TUBES)["tubes"] == {"100": 21, "500": 21}
    unit.until(lambda: unit.cabinet.found().stock == ((500, 21), (100, 21)))
    assert seen(unit)["about"]["model"] == "CHANGER-1"
    assert seen(unit)["noise"] == {}


def test_a_full_tube_sends_the_token_into_the_box(unit):
    with unit.twins.hold(SLOT) as part:
        part.twin.tubes[0] = 40
    assert unit.do("token", fen=100)["ok"]
    unit.heard(ItemsInserted)
    assert unit.state(SLOT)["box"] == [100]
    assert not unit.cabinet._drivers[SLOT]._changer.in_tube


def test_no_page_or_no_process_means_no_token(unit):
    unit.cabinet.expect(())
    unit.until(lambda: not unit.state(SLOT)["open"])
    assert not unit.do("token", fen=100)["ok"]
    unit.cabinet.expect((SLOT,))
    unit.until(lambda: unit.state(SLOT)["open"])
    unit.cabinet.stop()
    unit.until(lambda: not unit.state(SLOT)["open"])
    assert not unit.do("token", fen=100)["ok"]
    assert unit.do("empty_cup")["tokens"] == [100, 100]


def test_what_is_no_token_is_refused_and_a_status_is_counted(unit):
    assert not unit.do("token", fen=77)["ok"]
    assert unit.heard(ItemsRefused) == ItemsRefused(SLOT, "invalidBill")
    with unit.twins.hold(SLOT) as part:
        part.twin.say("coin_jam")
    unit.until(lambda: seen(unit)["trouble"] == "coin_jam")
    assert seen(unit)["rejected"] == {"slug": 1}
    assert seen(unit)["noise"]["coin_jam"] == 1


def test_a_reset_changer_is_told_everything_again(unit):
    unit.do("fault", device=SLOT, kind="power_cycle")
    unit.until(lambda: seen(unit)["noise"].get("reset"))
    unit.until(lambda: unit.state(SLOT)["open"])
    assert unit.do("token", fen=100)["ok"]
    unit.heard(ItemsInserted)


def test_a_changer_that_is_off_the_bus_is_lost_in_both_roles(unit):
    unit.do("fault", device=SLOT, kind="off_the_bus")
    unit.until(lambda: {event.at for event in unit.all(DeviceLost)} == {SLOT, TUBES})
    assert "adapter does not reach" in seen(unit)["trouble"]
    unit.do("fault", device=SLOT, kind="off_the_bus", on=False)
    unit.until(lambda: {event.at for event in unit.all(DeviceBack)} == {SLOT, TUBES})
    unit.until(lambda: unit.state(SLOT)["open"])


def test_what_fell_with_the_cable_out_is_told_when_it_is_back(unit):
    unit.do("unplug", device=SLOT)
    unit.heard(DeviceLost)
    with unit.twins.hold(SLOT) as part:
        part.twin._told.append(b"\x50\x15")
    unit.do("replug", device=SLOT)
    assert unit.heard(ItemsInserted).fen == 100


# -- the tubes --------------------------------------------------------------------------------------------------------


def test_change_falls_and_is_booked(unit):
    items = ((500, 2), (100, 17))
    assert pay(unit, *items) == ItemsPresented(TUBES, "change", items)
    assert sorted(unit.must("take_change")["tokens"]) == [100] * 17 + [500] * 2
    assert unit.state(TUBES)["counters"] == {"paid": 19, "orders": 3}, "fifteen at a time"
    counters = dict(unit.cabinet.found().counters)
    assert (counters["coin_dispenser.paid_100"], counters["coin_dispenser.paid_500"]) == (17, 2)
    assert unit.cabinet.found().stock == ((500, 18), (100, 3))
    unit.until(lambda: unit.state(SLOT)["open"]), "the slot is open again"


def test_what_is_not_there_is_not_tried(unit):
    answer = pay(unit, (100, 21))
    assert (answer.completion, answer.reason, answer.items) == ("hardwareError", "notDispensable", ())
    assert unit.state(TUBES)["counters"]["orders"] == 0


def test_a_jam_pays_what_came_and_says_so(unit):
    unit.twins.serial[SLOT].twin.PAY_MS = 100
    unit.cabinet.perform(Dispense(TUBES, "change", ((100, 6),)))
    unit.until(lambda: unit.state(TUBES)["cup"])
    unit.do("fault", device=TUBES, kind="jam")
    answer = unit.heard(ItemsPresented)
    came = unit.state(TUBES)["cup"]
    assert (answer.items, answer.completion) == (((100, len(came)),), "hardwareError")
    assert len(came) < 6
    assert seen(unit)["trouble"] == "tube_jam"


@pytest.mark.parametrize("kind", ["cable", "silent", "crash"])
def test_bad_luck_in_the_middle_of_a_payout_pays_nothing_twice(unit, kind):
    unit.twins.serial[SLOT].twin.PAY_MS = 200
    unit.cabinet.perform(Dispense(TUBES, "change", ((100, 4),)))
    unit.until(lambda: unit.state(TUBES)["cup"])
    if kind == "cable":
        unit.do("unplug", device=TUBES)
        unit.heard(DeviceLost)
        unit.do("replug", device=TUBES)
    elif kind == "silent":
        unit.do("fault", device=TUBES, kind="silent")
        unit.until(lambda: not unit.state(TUBES)["paying"])
        unit.do("fault", device=TUBES, kind="silent", on=False)
    if kind == "crash":
        unit.cabinet.stop()
        unit.cabinet = Cabinet(unit.cabinet._settings, unit.post)
        unit.cabinet.start()
        unit.until(lambda: dict(unit.cabinet.found().counters).get("coin_dispenser.paid_100") == 4)
        assert not unit.all(ItemsPresented)
    else:
        assert unit.heard(ItemsPresented) == ItemsPresented(TUBES, "change", ((100, 4),))
    assert unit.state(TUBES)["cup"] == [100] * 4
    assert unit.state(TUBES)["counters"] == {"paid": 4, "orders": 1}


def test_an_order_that_was_not_heard_is_given_again_when_the_tube_says_so(unit):
    twin, heard = unit.twins.serial[SLOT].twin, []
    whole = twin._dispense

    def deaf(kind, count):
        heard.append(count)
        return whole(kind, count) if len(heard) > 1 else None

    twin._dispense = deaf
    assert pay(unit, (100, 2)) == ItemsPresented(TUBES, "change", ((100, 2),))
    assert heard == [2, 2]
    assert unit.state(TUBES)["counters"] == {"paid": 2, "orders": 1}


def test_a_tube_that_shows_what_cannot_be_is_unknown(unit):
    twin = unit.twins.serial[SLOT].twin
    twin.PAY_MS = 100
    unit.cabinet.perform(Dispense(TUBES, "change", ((100, 3),)))
    unit.until(lambda: unit.state(TUBES)["cup"])
    with unit.twins.hold(TUBES):
        twin.tubes[0] = 30  # somebody filled it meanwhile
    answer = unit.heard(ItemsPresented)
    assert (answer.completion, answer.items) == ("unknown", ())
    assert dict(unit.cabinet.found().counters)["coin_dispenser.unknown"] == 3


# -- settings, twins --------------------------------------------------------------------------------------------------


def test_slot_and_tubes_share_a_port_and_nobody_else_does():
    def wrong(**tables):
        unit = msgspec.structs.replace(full_cabinet(), **tables)
        return [line.partition(":")[0] for line in problems(unit, MoneyChannels())]

    assert wrong(coin_acceptor=MdbCoins(), coin_dispenser=MdbTubeSettings()) == []
    assert wrong(coin_acceptor=MdbCoins(coins={"16": 100}), coin_dispenser=MdbTubeSettings()) == [
        "devices.coin_acceptor.coins = '16'"
    ]
    assert wrong(card_reader=Crt310(port="tty-mdb"), coin_acceptor=MdbCoins()) == [
        "devices.coin_acceptor.port = 'tty-mdb'"
    ]


def test_the_twin_keeps_what_lies_in_it(unit):
    assert unit.do("token", fen=100)["ok"]
    assert pay(unit, (500, 1)).completion == "success"
    twin = ChangerTwin({0: 100, 1: 500})
    for name, part in unit.twins.serial[SLOT].twin.parts.items():
        again = type(part)(twin)
        again.restore(unit.state(name))
        assert again.state()["counters"] == unit.state(name)["counters"]
    assert (twin.tubes, twin.cup) == ({0: 21, 1: 19}, [500])
