"""ccTalk over real ptys: both devices on one bus, cables pulled, and the whole role in a cabinet."""

from __future__ import annotations

import msgspec
import pytest

from hardware.drivers.change_hopper import ChangeHopper
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import CctalkCoins, CctalkHoppers, Hopper
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from hardware.drivers.settings.unit_fixtures import LinkedPins
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsInserted, ItemsPresented, ItemsTaken
from tests.hardware.pin_rig import CabinetRig

DEVICES = DeviceTables(
    coin_acceptor=CctalkCoins(),
    coin_dispenser=CctalkHoppers(hoppers={"100": Hopper(3, 20, fed=True), "500": Hopper(4, 5)}),
    pins=LinkedPins(),
)


@pytest.fixture
def unit(tmp_path):
    with CabinetRig(tmp_path, DEVICES) as rig:
        yield rig


def hopper(unit) -> ChangeHopper:
    return unit.cabinet._drivers["coin_dispenser"]


def slow(unit, ms=200):
    with unit.twins.hold("coin_dispenser") as part:
        for slave in part.slaves:
            slave.PAY_MS = ms


def test_a_token_goes_in_and_change_comes_out_on_one_wire(unit):
    unit.cabinet.expect(("coin_acceptor",))
    unit.must("token", fen=100)
    assert unit.heard(ItemsInserted) == ItemsInserted("coin_acceptor", 100, 1)
    assert unit.cabinet.found().stock == ((500, 5), (100, 21))
    assert unit.state("coin_dispenser")["hoppers"] == {"100": 21, "500": 5}
    slow(unit, 30)
    items = ((500, 1), (100, 3))
    assert unit.answer(Dispense("coin_dispenser", "change", items)) == ItemsPresented("coin_dispenser", "change", items)
    assert unit.heard(ItemsTaken) == ItemsTaken("coin_dispenser"), "no sensor tells, so the cabinet does"
    assert sorted(unit.must("take_change")["tokens"]) == [100, 100, 100, 500]
    found = unit.cabinet.found()
    assert found.stock == ((500, 4), (100, 18))
    counters = dict(found.counters)
    assert (counters["coin_dispenser.paid_100"], counters["coin_dispenser.paid_500"]) == (3, 1)
    assert counters["coin_acceptor.tokens"] == 1
    assert unit.cabinet.health()["coin_acceptor"]["port"]["echoes"] > 0
    rows = {row["at"]: (row["driver"], row["ok"]) for row in unit.cabinet.self_test()}
    assert rows["coin_acceptor"] == rows["coin_dispenser"] == ("cctalk", True)


def test_a_token_is_refused_while_no_page_waits(unit):
    unit.cabinet.expect(("coin_acceptor",))
    unit.until(lambda: unit.state("coin_acceptor")["open"])
    unit.cabinet.expect(())
    unit.until(lambda: not unit.state("coin_acceptor")["open"])
    assert not unit.do("token", fen=100)["ok"]
    assert unit.do("empty_cup")["tokens"] == [100]
    assert unit.all(ItemsInserted) == []


def test_a_cable_pulled_in_the_middle_of_a_payout(unit):
    slow(unit)
    unit.cabinet.perform(Dispense("coin_dispenser", "change", ((100, 4),)))
    unit.until(lambda: unit.state("coin_dispenser")["cup"])
    unit.do("unplug", device="coin_dispenser")
    unit.until(lambda: {event.at for event in unit.all(DeviceLost)} == {"coin_acceptor", "coin_dispenser"})
    unit.until(lambda: not unit.state("coin_dispenser")["paying"])
    unit.do("replug", device="coin_dispenser")
    assert unit.heard(ItemsPresented) == ItemsPresented("coin_dispenser", "change", ((100, 4),))
    assert unit.state("coin_dispenser")["cup"] == [100] * 4
    assert unit.state("coin_dispenser")["counters"] == {"paid": 4, "orders": 1}
    unit.until(lambda: len(unit.all(DeviceBack)) == 2)
    assert dict(unit.cabinet.found().counters)["coin_dispenser.paid_100"] == 4


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("late", {"ms": 120}),
        ("bad_checks", {"count": 3}),
        ("power_cycle", {}),
    ],
)
def test_bad_luck_before_a_payout_changes_nothing(unit, fault, more):
    slow(unit, 30)
    unit.do("fault", device="coin_dispenser", kind=fault, **more)
    items = ((100, 2),)
    assert unit.answer(Dispense("coin_dispenser", "change", items)) == ItemsPresented("coin_dispenser", "change", items)
    assert unit.state("coin_dispenser")["cup"] == [100, 100]
    assert unit.state("coin_dispenser")["counters"]["orders"] == 1


def test_a_jam_pays_what_came_and_says_so(unit):
    with unit.twins.hold("coin_dispenser") as part:
        for slave in part.slaves:
            slave.PAY_MS, slave.GIVE_UP_MS = 100, 300
    unit.cabinet.perform(Dispense("coin_dispenser", "change", ((100, 5),)))
    unit.until(lambda: unit.state("coin_dispenser")["cup"])
    unit.do("fault", device="coin_dispenser", kind="jam")
    answer = unit.heard(ItemsPresented)
    came = unit.state("coin_dispenser")["cup"]
    assert (answer.items, answer.completion) == (((100, len(came)),), "hardwareError")
    assert len(came) < 5
    assert unit.cabinet.found().stock == ((500, 5),)


def test_a_silent_acceptor_is_lost_and_the_hoppers_pay_on(unit):
    unit.do("fault", device="coin_acceptor", kind="silent")
    unit.until(lambda: unit.all(DeviceLost) == [DeviceLost("coin_acceptor")])
    slow(unit, 30)
    assert unit.answer(Dispense("coin_dispenser", "change", ((100, 2),))).completion == "success"
    assert "receipt_printer" in unit.cabinet.found().lost
    assert "coin_acceptor" in unit.cabinet.found().lost
    assert "coin_dispenser" not in unit.cabinet.found().lost
    unit.do("fault", device="coin_acceptor", kind="silent", on=False)
    unit.heard(DeviceBack)


def test_a_stopped_unit_lets_nothing_in(unit):
    unit.cabinet.expect(("coin_acceptor",))
    unit.until(lambda: unit.state("coin_acceptor")["open"])
    unit.cabinet.stop()
    assert not unit.state("coin_acceptor")["open"]


def test_an_acceptor_says_what_it_is_why_it_refuses_and_that_its_lever_is_held(unit):
    unit.cabinet.expect(("coin_acceptor",))
    unit.until(lambda: unit.state("coin_acceptor")["open"])
    unit.cabinet._drivers["coin_acceptor"].POLL_MS = 10
    unit.do("fault", device="coin_acceptor", kind="lever")
    with unit.twins.hold("coin_acceptor") as part:
        for code in (1, 25, 3, 25, 36):
            part.event(0, code)

    def seen():
        return unit.cabinet.health()["coin_acceptor"]

    unit.until(lambda: seen()["trouble"] == "coin_return")
    assert seen()["about"] == {
        "maker": "Twin Works",
        "product": "TWIN-1",
        "software": "1.0",
        "build": "1.0",
        "poll_ms": 200,
    }
    assert seen()["rejected"] == {"reject": 1, "reject_slug": 2, "multiple_window": 1}
    assert seen()["noise"] == {"swallowed": 1}
    unit.do("fault", device="coin_acceptor", kind="lever", on=False)
    unit.until(lambda: not seen()["trouble"])


def test_the_twins_keep_what_lies_in_them(unit):
    slow(unit, 30)
    unit.cabinet.expect(("coin_acceptor",))
    unit.must("token", fen=500)
    assert unit.answer(Dispense("coin_dispenser", "change", ((100, 2),))).completion == "success"
    state = unit.twins.state()
    for name in ("coin_acceptor", "coin_dispenser"):
        with unit.twins.hold(name) as part:
            again = type(part)({1: 100}) if name == "coin_acceptor" else part
            again.restore(state[name])
            assert again.state()["counters"] == state[name]["counters"]
    assert state["coin_acceptor"]["box"] == [500]
    assert state["coin_dispenser"]["cup"] == [100, 100]


def wrong(**tables):
    return [
        text.partition(":")[0] for text in problems(msgspec.structs.replace(full_cabinet(), **tables), MoneyChannels())
    ]


def test_settings_that_cannot_be_are_named():
    assert wrong() == []
    assert wrong(coin_acceptor=CctalkCoins()) == []
    assert wrong(coin_acceptor=CctalkCoins(address=3)) == ["devices.coin_dispenser.hoppers.100.address = 3"]
    assert wrong(coin_acceptor=CctalkCoins(baud=38_400)) == ["devices.coin_dispenser.baud = 9600"]
    assert wrong(coin_acceptor=CctalkCoins(coins={"17": 100})) == ["devices.coin_acceptor.coins = '17'"]
    assert wrong(coin_dispenser=CctalkHoppers(hoppers={"x": Hopper()})) == ["devices.coin_dispenser.hoppers = 'x'"]
    assert wrong(coin_dispenser=CctalkHoppers(hoppers={"100": Hopper(5), "500": Hopper(5)})) == [
        "devices.coin_dispenser.hoppers.500.address = 5"
    ]


def test_only_a_bus_may_be_shared():
    shared = msgspec.structs.replace(full_cabinet(), coin_acceptor=CctalkCoins())
    assert problems(shared, MoneyChannels()) == []
    clash = msgspec.structs.replace(shared, coin_dispenser=CctalkHoppers(port="tty-notes"))
    assert [text.partition(" = ")[0] for text in problems(clash, MoneyChannels())] == ["devices.coin_dispenser.port"]
