"""The DG600F on its serial line against its twin: said once is credited once, all else is counted."""

from __future__ import annotations

import msgspec
import pytest

from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import Dg600fSerial
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from hardware.drivers.settings.unit_fixtures import LinkedPins
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsInserted
from tests.hardware.pin_rig import CabinetRig

AT = "coin_acceptor"


@pytest.fixture
def unit(tmp_path):
    with CabinetRig(tmp_path, DeviceTables(coin_acceptor=Dg600fSerial(inhibit_pin=27), pins=LinkedPins())) as rig:
        rig.cabinet.expect((AT,))
        rig.until(lambda: rig.state(AT)["open"])
        yield rig


def noise(unit):
    return unit.cabinet.health()[AT]["noise"]


def test_tokens_are_credited_once_with_a_running_count(unit):
    for fen in (100, 500, 100):
        before = len(unit.all(ItemsInserted))
        assert unit.do("token", fen=fen)["ok"]
        unit.heard(ItemsInserted, before + 1)
    assert [(event.fen, event.counter) for event in unit.all(ItemsInserted)] == [(100, 1), (500, 2), (100, 3)]
    assert dict(unit.cabinet.found().counters)["coin_acceptor.tokens"] == 3
    assert noise(unit) == {}


def test_no_page_no_port_no_process_means_no_token(unit):
    unit.cabinet.expect(())
    unit.until(lambda: not unit.state(AT)["open"])
    assert not unit.do("token", fen=100)["ok"]
    unit.cabinet.expect((AT,))
    unit.until(lambda: unit.state(AT)["open"])
    unit.do("unplug", device=AT)
    unit.heard(DeviceLost)
    unit.until(lambda: not unit.state(AT)["open"])
    unit.do("replug", device=AT)
    unit.heard(DeviceBack)
    unit.until(lambda: unit.state(AT)["open"])
    unit.cabinet.stop()
    unit.until(lambda: not unit.state(AT)["open"])
    assert not unit.do("token", fen=100)["ok"]
    assert unit.do("empty_cup")["tokens"] == [100, 100]
    assert not unit.all(ItemsInserted)


@pytest.mark.parametrize(
    ("kind", "fell", "counted"),
    [
        ("cut", 0, {"timeout": 1}),
        ("echo", 1, {"echo": 1}),
        ("bad_checks", 0, {"check": 1}),
        ("noise", 1, {"unknown": 1}),
    ],
)
def test_bad_luck_on_the_line_is_counted_and_credits_nothing_of_its_own(unit, kind, fell, counted):
    unit.do("fault", device=AT, kind=kind)
    if kind == "noise":
        unit.until(lambda: noise(unit).get("unknown"))
    assert unit.do("token", fen=500)["ok"]
    unit.until(lambda: all(noise(unit).get(name, 0) >= count for name, count in counted.items()))
    assert unit.do("token", fen=100)["ok"]
    unit.heard(ItemsInserted, fell + 1)
    assert [event.fen for event in unit.all(ItemsInserted)] == [500] * fell + [100]


def test_a_value_that_is_no_token_is_counted(unit):
    assert unit.do("token", fen=50)["ok"]
    unit.until(lambda: noise(unit).get("value") == 1)
    assert not unit.all(ItemsInserted)


def test_it_alone_takes_ten_fen_and_nothing_finer():
    def wrong(*tokens_fen):
        table = msgspec.structs.replace(full_cabinet(), coin_acceptor=Dg600fSerial(inhibit_pin=27))
        return [
            text.partition(":")[0] for text in problems(table, MoneyChannels(token_unit_fen=10, tokens_fen=tokens_fen))
        ]

    assert wrong(10, 100, 1600) == []
    assert wrong(5, 1610) == ["money.tokens_fen = 5", "money.tokens_fen = 1610"]
