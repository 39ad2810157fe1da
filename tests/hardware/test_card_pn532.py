"""The NFC reader's driver against its twin over a pty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hardware.drivers.card_pn532 import CardPn532
from hardware.twins.pn532 import Pn532Twin, TwinTag
from kiosk_firmware.core.effects import EjectMedia, RetainMedia
from kiosk_firmware.core.events import (
    PHONE,
    DeviceBack,
    DeviceLost,
    Media,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaRetained,
)
from tests.hardware.wired import Wired

TAG = TwinTag(bytes.fromhex("deadbeef"))
MEDIA = Media("9900123412341234")


class QuickTap(CardPn532):
    """The driver with shorter patience."""

    AWAY_LOOKS = 2
    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1200, 3000


make: Callable[..., CardPn532] = partial(QuickTap, tags={"DEADBEEF": MEDIA})
Tap = Wired[Pn532Twin, CardPn532]


@pytest.fixture
def tap(tmp_path: Path) -> Iterator[Tap]:
    with Wired(Pn532Twin(), make, tmp_path / "nfc") as wired:
        wired.driver.enable(True)
        yield wired


def looks(tap: Tap, more: int) -> None:
    """Wait until the reader has looked *more* times."""
    before = tap.state()["counters"]["lists"]
    tap.until(lambda: tap.state()["counters"]["lists"] >= before + more)


def test_one_tap_is_one_card_however_long_it_is_held(tap: Tap) -> None:
    with tap.served.lock:
        tap.twin.tap(TAG)
    assert tap.heard(MediaInserted) == MediaInserted("card_reader", MEDIA)
    looks(tap, 5)
    assert len(tap.all(MediaInserted)) == 1
    with tap.served.lock:
        tap.twin.remove()
    looks(tap, 3)
    with tap.served.lock:
        tap.twin.tap(TAG)
    tap.heard(MediaInserted, 2)


def test_a_tag_that_is_not_ours_is_foreign(tap: Tap) -> None:
    with tap.served.lock:
        tap.twin.tap(TwinTag(bytes.fromhex("04a1b2c3d4e5f6")))
    assert tap.heard(MediaInvalid) == MediaInvalid("card_reader", "foreign")


def test_a_tag_counts_for_nothing_while_no_card_is_wanted(tap: Tap) -> None:
    tap.driver.enable(False)
    with tap.served.lock:
        tap.twin.tap(TAG)
    looks(tap, 3)
    tap.driver.enable(True)
    looks(tap, 3)
    assert tap.all(MediaInserted) == []


def test_what_it_cannot_do_it_says(tap: Tap) -> None:
    assert frozenset() == tap.driver.CAN
    tap.driver.perform(EjectMedia("card_reader", "eject"))
    assert tap.heard(MediaPresented).completion == "unsupportedCommand"
    tap.driver.perform(RetainMedia("card_reader", "retain"))
    assert tap.heard(MediaRetained).completion == "unsupportedCommand"


def test_spoiled_frames_are_asked_for_again(tap: Tap) -> None:
    with tap.served.lock:
        tap.twin.wire.bad_checks = 3
        tap.twin.tap(TAG)
    tap.heard(MediaInserted)
    tap.until(lambda: tap.driver.health()["faults"].get("check", 0) >= 1)
    assert len(tap.all(MediaInserted)) == 1


def test_a_cable_out_and_in_again(tap: Tap) -> None:
    tap.served.unplug()
    tap.heard(DeviceLost)
    tap.driver.perform(EjectMedia("card_reader", "eject"))
    assert tap.heard(MediaPresented).completion == "hardwareError"
    tap.served.replug()
    tap.heard(DeviceBack)
    with tap.served.lock:
        tap.twin.tap(TAG)
    tap.heard(MediaInserted)


# -- a phone that is held to a tap reader ------------------------------------------------------------------------------

PHONE_TAG = TwinTag(bytes.fromhex("04f0e1d2"))
PAD: Callable[..., CardPn532] = partial(QuickTap, at="tap_reader", tags={"04f0e1d2": Media(PHONE), "deadbeef": MEDIA})


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Tap]:
    with Wired(Pn532Twin(), PAD, tmp_path / "nfc") as wired:
        wired.driver.enable(True)
        yield wired


def held(pad: Tap, tag: TwinTag) -> None:
    with pad.served.lock:
        pad.twin.tap(tag)


def let_go(pad: Tap) -> None:
    with pad.served.lock:
        pad.twin.remove()


def test_a_phone_is_told_once_when_it_was_held_long_enough(pad: Tap) -> None:
    held(pad, PHONE_TAG)
    assert pad.heard(MediaDetected) == MediaDetected("tap_reader", Media(PHONE))
    looks(pad, 5)
    let_go(pad)
    looks(pad, 4)
    assert len(pad.all(MediaDetected)) == 1
    assert not pad.all(MediaInserted)


def test_a_phone_that_is_taken_away_too_soon_is_told_so_and_tried_again(pad: Tap) -> None:
    pad.driver.PHONE_MS = 10**9  # type: ignore[misc]  # no hand is so patient, however slow this machine is
    held(pad, PHONE_TAG)
    looks(pad, 2)
    assert not pad.all(MediaDetected)
    let_go(pad)
    assert pad.heard(MediaDetected) == MediaDetected("tap_reader", None, "unreadable")
    pad.driver.PHONE_MS = 0  # type: ignore[misc]
    held(pad, PHONE_TAG)
    assert pad.heard(MediaDetected, 2) == MediaDetected("tap_reader", Media(PHONE))


def test_a_card_and_a_strange_tag_are_told_at_once_at_a_tap_reader(pad: Tap) -> None:
    held(pad, TAG)
    assert pad.heard(MediaDetected) == MediaDetected("tap_reader", MEDIA)
    let_go(pad)
    looks(pad, 3)
    held(pad, TwinTag(bytes.fromhex("04a1b2c3d4e5f6")))
    assert pad.heard(MediaDetected, 2) == MediaDetected("tap_reader", None, "foreign")


def test_a_phone_for_which_nobody_waits_any_more_counts_for_nothing(pad: Tap) -> None:
    pad.driver.PHONE_MS = 10**9  # type: ignore[misc]
    held(pad, PHONE_TAG)
    looks(pad, 2)
    pad.driver.enable(False)
    pad.driver.PHONE_MS = 0  # type: ignore[misc]
    looks(pad, 3)
    let_go(pad)
    looks(pad, 4)
    assert not pad.all(MediaDetected)
