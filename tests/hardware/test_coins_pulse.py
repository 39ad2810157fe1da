"""The coin slot against its twin: tokens are credited, noise is not, and a dead process refuses."""

from __future__ import annotations

from time import sleep

import msgspec
import pytest

from hardware.drivers.coins_pulse import CoinsPulse
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import SPEEDS, Pulse
from hardware.drivers.settings.hardware_settings import full_cabinet, problems
from hardware.twins.coin_pulse import CoinTwin
from kiosk_firmware.core.events import DeviceBack, DeviceLost, ItemsInserted
from tests.hardware.pin_rig import PinRig

MONEY = MoneyChannels(token_unit_fen=50, tokens_fen=(100, 500))
POWER = Pulse(pin=17, inhibit_pin=27, deaf_ms=100, width_ms=20, stuck_ms=300)
LINE = Pulse(pin=17, inhibit_pin=27, profile="dg600f", speed="fast", polarity="NC", stuck_ms=300)


def rig_of(tmp_path, settings):
    rig = PinRig(tmp_path, coins=CoinTwin(settings, MONEY))
    return rig, rig.start(CoinsPulse(settings, MONEY, rig.post, rig.factory, tmp_path / "coins.json"))


def drop(rig, fen, times=1):
    """Put in tokens that the slot takes."""
    for _ in range(times):
        rig.until(lambda: rig.state("coins")["open"])
        rig.until(lambda: rig.twin("coins", "awake"))
        assert rig.twin("coins", "token", fen)


@pytest.mark.parametrize("settings", [POWER, LINE], ids=["power", "line"])
def test_tokens_are_credited_once_with_a_running_count(tmp_path, settings):
    rig, driver = rig_of(tmp_path, settings)
    with rig:
        driver.enable(True)
        drop(rig, 100, 2)
        drop(rig, 500)
        rig.heard(ItemsInserted, 3)
        assert [(e.fen, e.counter) for e in rig.all(ItemsInserted)] == [(100, 1), (100, 2), (500, 3)]
        assert driver.health()["noise"] == {}


@pytest.mark.parametrize("settings", [POWER, LINE], ids=["power", "line"])
def test_disabled_or_dead_refuses(tmp_path, settings):
    rig, driver = rig_of(tmp_path, settings)
    with rig:
        assert not rig.twin("coins", "token", 100)
        driver.enable(True)
        rig.until(lambda: rig.twin("coins", "awake"))
        driver.enable(False)
        rig.until(lambda: not rig.state("coins")["open"])
        assert not rig.twin("coins", "token", 100)
        driver.enable(True)
        rig.until(lambda: rig.state("coins")["open"])
        rig.restart(lambda: CoinsPulse(settings, MONEY, rig.post, rig.factory, tmp_path / "coins.json"))
        assert not rig.twin("coins", "token", 100)
        assert rig.state("coins")["cup"] == [100, 100, 100]
        assert not rig.all(ItemsInserted)


def test_a_token_counts_once_however_late_its_edges_are_told(tmp_path):
    """The twins' thread is held up in the middle of a train, for longer than the pause that ends one."""
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        drop(rig, 500)
        rig.until(lambda: driver.health()["pulses"] > 2)
        with rig.board.hold("coins"):
            sleep(2 * POWER.train_gap_ms / 1000)
        assert rig.heard(ItemsInserted).fen == 500
        assert driver.health()["noise"] == {}


def test_the_count_outlives_the_process(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        drop(rig, 100)
        rig.heard(ItemsInserted)
        again = rig.restart(lambda: CoinsPulse(POWER, MONEY, rig.post, rig.factory, tmp_path / "coins.json"))
        assert again.counter == 1
        again.enable(True)
        drop(rig, 100)
        assert rig.heard(ItemsInserted, 2).counter == 2


def test_noise_bounce_and_lone_pulses_are_counted_and_never_credited(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        rig.until(lambda: rig.twin("coins", "awake"))
        for _ in range(3):
            rig.twin("coins", "spike")
        with rig.board.hold("coins") as twin:
            twin.bounces = 2
        for pulses in (1, 1):
            rig.twin("coins", "train", pulses)
        rig.until(lambda: driver.health()["noise"].get("lone") == 2)
        drop(rig, 100)
        assert rig.heard(ItemsInserted).fen == 100
        rig.twin("coins", "train", 3)  # 1.50: no token is worth that
        rig.until(lambda: driver.health()["noise"].get("value") == 1)
        assert len(rig.all(ItemsInserted)) == 1


def test_a_token_in_flight_counts_though_the_slot_was_closed(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        drop(rig, 500)
        rig.until(lambda: not driver._codec.quiet)
        driver.enable(False)
        assert rig.heard(ItemsInserted).fen == 500
        rig.until(lambda: not rig.state("coins")["open"])
        assert rig.state("coins")["counters"]["cut"] == 0


def test_a_stuck_line_is_lost_and_comes_back(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        rig.until(lambda: rig.twin("coins", "awake"))
        rig.twin("coins", "stick", True)
        rig.heard(DeviceLost)
        rig.until(lambda: not rig.state("coins")["open"])
        rig.twin("coins", "stick", False)
        rig.heard(DeviceBack)
        drop(rig, 100)
        assert rig.heard(ItemsInserted).fen == 100
        assert len(rig.all(DeviceLost)) == 1


def test_an_unplugged_acceptor_credits_nothing(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        driver.enable(True)
        drop(rig, 500)
        rig.board.unplug("coins")
        rig.until(lambda: driver._codec.quiet)
        rig.board.replug("coins")
        drop(rig, 100)
        assert rig.heard(ItemsInserted).fen == 100
        assert len(rig.all(ItemsInserted)) == 1


@pytest.mark.parametrize(("set_to", "stands"), [("NO", "NC"), ("NC", "NO")])
def test_a_polarity_switch_that_stands_the_other_way_is_named(tmp_path, set_to, stands):
    ours, theirs = (msgspec.structs.replace(POWER, polarity=polarity) for polarity in (set_to, stands))
    rig = PinRig(tmp_path, coins=CoinTwin(theirs, MONEY))
    rig.until(lambda: rig.factory._driven)  # the wire has its level before anybody looks at it
    driver = rig.start(CoinsPulse(ours, MONEY, rig.post, rig.factory))
    with rig:
        driver.enable(True)
        rig.heard(DeviceLost)
        assert f"polarity = {set_to} is not how" in driver.health()["trouble"]
        rig.until(lambda: not rig.state("coins")["open"])
        assert not rig.all(ItemsInserted)


def test_a_jam_is_not_taken_for_a_polarity(tmp_path):
    rig, driver = rig_of(tmp_path, POWER)
    with rig:
        rig.twin("coins", "stick", True)
        rig.heard(DeviceLost)
        assert driver.health()["trouble"].startswith("the pulse line hangs")


def test_tokens_are_told_by_the_pulses_that_were_taught(tmp_path):
    taught = msgspec.structs.replace(POWER, pulses={"3": 100, "7": 500})
    rig, driver = rig_of(tmp_path, taught)
    with rig:
        driver.enable(True)
        drop(rig, 100)
        drop(rig, 500)
        rig.heard(ItemsInserted, 2)
        assert [event.fen for event in rig.all(ItemsInserted)] == [100, 500]


@pytest.mark.parametrize(("profile", "speed"), [("ch-92x", "slow"), ("dg600f", "medium"), ("ict", "fast")])
def test_every_profile_takes_tokens(tmp_path, profile, speed):
    for each in SPEEDS:
        settings = Pulse(pin=17, inhibit_pin=27, profile=profile, speed=each)
        assert not problems(msgspec.structs.replace(full_cabinet(), coin_acceptor=settings), MONEY)
    settings = Pulse(pin=17, inhibit_pin=27, profile=profile, speed=speed, deaf_ms=50)
    rig, driver = rig_of(tmp_path, settings)
    with rig:
        driver.enable(True)
        drop(rig, 100)
        assert rig.heard(ItemsInserted).fen == 100


def wrong(settings, money=MONEY):
    found = problems(msgspec.structs.replace(full_cabinet(), coin_acceptor=settings), money)
    return [text.partition(":")[0] for text in found]


def test_settings_that_would_credit_noise_are_refused():
    here = "devices.coin_acceptor."
    assert wrong(msgspec.structs.replace(POWER, pulses={"1": 100, "10": 500})) == [here + "pulses = '1'"]
    assert wrong(msgspec.structs.replace(POWER, pulses={"2": 100})) == ["money.tokens_fen = 500"]
    assert wrong(POWER, MoneyChannels(token_unit_fen=100, tokens_fen=(100, 500))) == ["money.tokens_fen = 100"]
    assert wrong(msgspec.structs.replace(POWER, width_ms=150, stuck_ms=450)) == [
        here + "stuck_ms = 450",
        here + "train_gap_ms = 250",
    ]
    assert wrong(msgspec.structs.replace(POWER, pulses={"2": 100, "5": 500}), MoneyChannels(token_unit_fen=100)) == []
