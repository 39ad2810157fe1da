"""The motorised reader's driver against its twin over a pty: each move, and each way in which the wire fails."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.drivers.card_crt310 import CardCrt310
from hardware.protocols import crt310
from hardware.twins.crt310 import Crt310Twin, TwinCard
from kiosk_firmware.core.effects import Cancel, Dispense, EjectMedia, RetainMedia
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    ItemsPresented,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
    MediaTaken,
)
from tests.hardware.wired import Wired

CARD = TwinCard("9900123412341234", "3012")
Reader = Wired[Crt310Twin, CardCrt310]


class QuickCard(CardCrt310):
    """The driver with shorter patience, so that the tests of what it gives up on are short too."""

    POLL_MS, GRACE_MS, EFFECT_MS = 50, 1200, 4000


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Wired(Crt310Twin(), QuickCard, tmp_path / "card") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.state()["entry_open"])
        yield wired


def insert(reader: Reader, card: TwinCard = CARD) -> None:
    with reader.served.lock:
        assert reader.twin.insert_card(card)


def inside(reader: Reader) -> None:
    insert(reader)
    reader.heard(MediaInserted)


def test_a_card_is_drawn_in_read_held_ejected_and_taken(reader: Reader) -> None:
    inside(reader)
    assert reader.all(MediaInserted) == [MediaInserted("card_reader", Media("9900123412341234", "3012", True))]
    assert reader.driver.found() == ("9900123412341234", "inside")
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented) == MediaPresented("card_reader", "eject", "success")
    assert reader.state()["position"] == "front_held"
    assert reader.driver.found() == ("9900123412341234", "exit")
    assert reader.all(MediaTaken) == []
    with reader.served.lock:
        assert reader.twin.take_card() == CARD
    reader.heard(MediaTaken)
    assert reader.driver.found() == ("", "none")


def test_a_card_left_in_the_slot_is_retained(reader: Reader) -> None:
    inside(reader)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    reader.heard(MediaPresented)
    reader.driver.perform(RetainMedia("card_reader", "retain"))
    assert reader.heard(MediaRetained) == MediaRetained("card_reader", "retain", "success")
    assert reader.state()["captured"] == [CARD.number]
    insert(reader)  # the slot is free for the next person
    reader.heard(MediaInserted, 2)
    assert reader.all(MediaTaken) == []


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (TwinCard("9900123412341234", readable=False), "unreadable"),
        (TwinCard("9900123412341234", wrong_way=True), "upside_down"),
        (TwinCard("6200123412341234"), "foreign"),
    ],
)
def test_cards_that_cannot_be_used_are_told_apart(reader: Reader, card: TwinCard, reason: str) -> None:
    insert(reader, card)
    assert reader.heard(MediaInvalid).reason == reason
    assert reader.all(MediaInserted) == []


def test_a_stripe_without_a_chip_is_told_apart(reader: Reader) -> None:
    insert(reader, TwinCard("9900123412341234", chip=False))
    assert reader.heard(MediaInserted).media.chip is False


def test_the_slot_is_closed_while_no_card_is_wanted(reader: Reader) -> None:
    reader.driver.enable(False)
    reader.until(lambda: not reader.state()["entry_open"])
    with reader.served.lock:
        assert not reader.twin.insert_card(CARD)
    assert reader.all(MediaInserted) == []


def test_a_jam_is_said_to_be_one(reader: Reader) -> None:
    inside(reader)
    with reader.served.lock:
        reader.twin.jam = True
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "hardwareError"
    assert reader.all(MediaTaken) == []


def test_moving_a_card_that_is_not_there_is_answered(reader: Reader) -> None:
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "userError"
    reader.driver.perform(RetainMedia("card_reader", "retain"))
    assert reader.heard(MediaRetained).completion == "userError"


def test_an_effect_of_another_device_is_answered_too(reader: Reader) -> None:
    reader.driver.perform(Dispense("card_reader", "dispense", ((10_000, 1),)))
    assert reader.heard(ItemsPresented) == ItemsPresented("card_reader", "dispense", (), "unsupportedCommand")


@pytest.mark.parametrize("spoiled", [1, 2])
def test_wrong_check_bytes_lose_nothing(reader: Reader, spoiled: int) -> None:
    inside(reader)
    with reader.served.lock:
        reader.twin.wire.bad_checks = spoiled
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "success"
    assert reader.state()["counters"]["ejected"] == 1
    assert reader.all(MediaTaken) == []


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(reader: Reader) -> None:
    inside(reader)
    with reader.served.lock:
        reader.twin.wire.late_ms = 600
    reader.until(lambda: reader.driver.health()["faults"].get("stale") or reader.driver.health()["silences"])
    with reader.served.lock:
        reader.twin.wire.late_ms = 0
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    reader.heard(MediaPresented)
    reader.until(lambda: reader.driver.health()["ready"])
    assert reader.state()["position"] in ("front_held", "ic")
    assert len(reader.all(MediaInserted)) == 1
    assert reader.all(MediaTaken) == []


def test_noise_is_never_a_card_and_never_the_end(reader: Reader) -> None:
    inside_there = crt310.send(crt310.Frame(crt310.STATUS + b"\x4b\x4a\x4e"))
    dice = random.Random(5)
    for turn in range(30):
        noise = (inside_there[:-1], inside_there[1:], dice.randbytes(30), b"\x02\x00\x04", b"\x06\x15\x04")[turn % 5]
        with reader.served.lock:
            reader.twin.wire.noise = noise
        reader.until(lambda: not reader.twin.wire.noise)
    assert reader.all(MediaInserted) == []
    reader.until(lambda: reader.driver.health()["ready"] and reader.state()["entry_open"])
    inside(reader)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "success"
    assert reader.all(MediaTaken) == []


def test_a_silent_reader_is_lost_answers_and_comes_back(reader: Reader) -> None:
    inside(reader)
    with reader.served.lock:
        reader.twin.wire.silent = True
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion in ("hardwareError", "unknown")
    reader.heard(DeviceLost)
    with reader.served.lock:
        reader.twin.wire.silent = False
    reader.heard(DeviceBack)
    reader.driver.perform(EjectMedia("card_reader", "again"))
    assert reader.heard(MediaPresented, 2) == MediaPresented("card_reader", "again", "success")
    assert reader.state()["counters"]["ejected"] == 1


def test_a_pulled_cable_answers_loses_and_forgets_nothing(reader: Reader) -> None:
    inside(reader)
    reader.served.unplug()
    reader.heard(DeviceLost)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "hardwareError"
    assert reader.state()["position"] == "ic"
    reader.served.replug()
    reader.heard(DeviceBack)
    assert len(reader.all(DeviceLost)) == 1
    reader.driver.perform(EjectMedia("card_reader", "again"))
    assert reader.heard(MediaPresented, 2).completion == "success"
    assert len(reader.all(MediaInserted)) == 1


def test_an_effect_given_while_the_cable_is_out_for_a_moment_is_carried_out(reader: Reader) -> None:
    inside(reader)
    reader.served.unplug()
    reader.heard(DeviceLost)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    reader.served.replug()
    assert reader.heard(MediaPresented).completion == "success"
    assert len(reader.all(MediaPresented)) == 1


@pytest.mark.parametrize("effect", [EjectMedia("card_reader", "move"), RetainMedia("card_reader", "move")])
def test_a_cable_pulled_in_the_middle_of_a_move(reader: Reader, effect: EjectMedia | RetainMedia) -> None:
    inside(reader)
    with reader.served.lock:
        reader.twin.wire.late_ms = 300  # every answer, so that the cable can be pulled between the act and its answer
    reader.driver.perform(effect)
    reader.until(lambda: reader.state()["counters"]["ejected"] + reader.state()["counters"]["captured"])
    reader.served.unplug()
    with reader.served.lock:
        reader.twin.wire.late_ms = 0
    reader.heard(DeviceLost)
    reader.served.replug()
    answer = reader.heard(MediaPresented if isinstance(effect, EjectMedia) else MediaRetained)
    assert answer.completion == "success"
    reader.heard(DeviceBack)
    counters = reader.state()["counters"]
    assert counters["ejected"] + counters["captured"] == 1
    assert reader.all(MediaTaken) == []


def test_a_waiting_effect_can_be_cancelled(reader: Reader) -> None:
    inside(reader)
    reader.served.unplug()
    reader.heard(DeviceLost)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    reader.driver.perform(Cancel("card_reader", "eject"))
    assert reader.heard(MediaPresented) == MediaPresented("card_reader", "eject", "canceled")


def test_a_card_that_a_dead_process_left_inside_is_found_not_announced(tmp_path: Path) -> None:
    twin = Crt310Twin()
    with Wired(twin, QuickCard, tmp_path / "card") as first:
        first.driver.enable(True)
        first.until(lambda: first.state()["entry_open"])
        inside(first)
    with Wired(twin, QuickCard, tmp_path / "card") as second:
        assert second.driver.found() == (CARD.number, "inside")
        second.driver.perform(EjectMedia("card_reader", "eject"))
        second.heard(MediaPresented)
        assert second.all(MediaInserted) == []
