"""Balances and journeys on cards, through driver and twin: read at the tap, written, torn away, held there again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.drivers.card_stored_value import PursePn532, own
from hardware.drivers.settings.cards import Pn532
from hardware.protocols import mifare, stored_value_card
from hardware.twins.mifare_card import MifareCard
from hardware.twins.pn532 import Pn532Twin, TwinTag
from kiosk_firmware.core.effects import Cancel, EjectMedia, WriteMedia
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaWritten,
)
from tests.hardware.wired import Wired

UID = bytes.fromhex("04a1b2c3")
MINE = own(UID)
IN, OUT = "c>s009@25fzk", "c"
WRITE = WriteMedia("card_reader", "write", MINE.number, 1850, OUT)
Pad = Wired[Pn532Twin, PursePn532]


class QuickPurse(PursePn532):
    """The driver with shorter patience."""

    AWAY_LOOKS = 2
    POLL_MS, GRACE_MS, EFFECT_MS, HOLD_MS = 20, 1200, 4000, 1500


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Pad]:
    with Wired(Pn532Twin(), QuickPurse, tmp_path / "nfc") as wired:
        wired.driver.enable(True)
        yield wired


def memory(pad: Pad, uid: bytes = UID) -> MifareCard:
    return pad.twin.memory(uid)


def loaded(pad: Pad, fen: int, uid: bytes = UID, trip: str = IN) -> None:
    memory(pad, uid).blocks[4:6] = stored_value_card.fresh(uid, fen, trip)


def tap(pad: Pad, uid: bytes = UID) -> None:
    with pad.served.lock:
        pad.twin.tap(TwinTag(uid))


def remove(pad: Pad) -> None:
    with pad.served.lock:
        pad.twin.remove()


def record(pad: Pad) -> tuple[int, str] | None:
    with pad.served.lock:
        found = stored_value_card.read_purse(UID, *memory(pad).blocks[4:6])
    return (found.fen, found.trip) if found else None


OLD, NEW = (2000, IN), (1850, OUT)
DONE = MediaWritten("card_reader", "write", 1850, trip=OUT)


def test_a_tap_tells_balance_and_journey(pad: Pad) -> None:
    loaded(pad, 2000)
    tap(pad)
    assert pad.heard(MediaInserted).media == Media(MINE.number, chip=False, fen=2000, trip=IN)


def test_what_is_written_is_on_the_card_and_told_at_the_next_tap(pad: Pad) -> None:
    loaded(pad, 2000)
    tap(pad)
    pad.heard(MediaInserted)
    pad.driver.perform(WRITE)
    assert pad.heard(MediaWritten) == DONE
    assert record(pad) == NEW
    lists = pad.state()["counters"]["lists"]
    pad.until(lambda: pad.state()["counters"]["lists"] > lists + 3)
    assert len(pad.all(MediaInserted)) == 1, "the card that stayed counts as a second tap"
    remove(pad)
    lists = pad.state()["counters"]["lists"]
    pad.until(lambda: pad.state()["counters"]["lists"] > lists + 3)
    tap(pad)
    again = pad.heard(MediaInserted, 2).media
    assert (again.fen, again.trip) == NEW


@pytest.mark.parametrize("byte", [0, 1, 5, 8, 15, 16])
def test_a_card_torn_away_is_finished_when_it_is_held_there_again(pad: Pad, byte: int) -> None:
    loaded(pad, 2000)
    tap(pad)
    pad.heard(MediaInserted)
    with pad.served.lock:
        memory(pad).tear = byte
    pad.driver.perform(WRITE)
    pad.until(lambda: pad.state()["uid"] is None)
    assert record(pad) == (NEW if byte == 16 else OLD)
    assert pad.all(MediaWritten) == []
    tap(pad, bytes.fromhex("deadbeef"))  # another card is not written
    tap(pad)
    assert pad.heard(MediaWritten) == DONE
    assert record(pad) == NEW


@pytest.mark.parametrize(("tear", "said"), [(7, "unknown"), (None, "timeOut")])
def test_a_card_that_does_not_come_back_is_not_guessed_at(pad: Pad, tear: int | None, said: str) -> None:
    loaded(pad, 2000)
    if tear is not None:
        tap(pad)
        pad.heard(MediaInserted)
        with pad.served.lock:
            memory(pad).tear = tear
    pad.driver.perform(WRITE)
    assert pad.heard(MediaWritten).completion == said
    assert record(pad) == OLD


def test_a_write_that_was_not_begun_can_be_canceled(pad: Pad) -> None:
    loaded(pad, 2000)
    pad.driver.perform(WRITE)
    pad.driver.perform(Cancel("card_reader", "write"))
    assert pad.heard(MediaWritten).completion == "canceled"
    tap(pad)
    assert pad.heard(MediaInserted).media.fen == 2000


def test_a_new_card_gets_a_purse(pad: Pad) -> None:
    pad.driver.perform(WRITE)
    tap(pad)
    assert pad.heard(MediaWritten).completion == "success"
    assert record(pad) == NEW


def test_somebody_elses_card_is_foreign_and_never_written(pad: Pad) -> None:
    key = bytes.fromhex("a0a1a2a3a4a5")
    memory(pad).blocks[7] = mifare.trailer(key, key)
    before = list(memory(pad).blocks)
    tap(pad)
    assert pad.heard(MediaInvalid) == MediaInvalid("card_reader", "foreign")
    pad.driver.perform(WRITE)
    assert pad.heard(MediaWritten).completion == "userError"
    assert memory(pad).blocks == before


@pytest.mark.parametrize("held", [b"\xc5" + bytes(15), bytes(15) + b"\x01", mifare.value_block(mifare.Value(500))])
def test_a_card_of_another_layout_is_foreign_and_stays_as_it_is(pad: Pad, held: bytes) -> None:
    memory(pad).blocks[4] = held
    before = list(memory(pad).blocks)
    tap(pad)
    assert pad.heard(MediaInvalid) == MediaInvalid("card_reader", "foreign")
    pad.driver.perform(WRITE)
    assert pad.heard(MediaWritten).completion == "userError"
    assert memory(pad).blocks == before


def test_a_journey_that_no_card_holds_is_refused_at_once(pad: Pad) -> None:
    loaded(pad, 2000)
    tap(pad)
    pad.driver.perform(WriteMedia("card_reader", "write", MINE.number, 1850, "by bus"))
    assert pad.heard(MediaWritten).completion == "userError"
    assert record(pad) == OLD


def test_spoiled_frames_and_noise_change_no_balance(pad: Pad) -> None:
    loaded(pad, 2000)
    dice = random.Random(3)
    old: tuple[int, str] | None = OLD
    tap(pad)
    for turn in range(1, 9):
        with pad.served.lock:
            pad.twin.wire.bad_checks, pad.twin.wire.noise = dice.randrange(4), dice.randbytes(dice.randrange(20))
        new = (dice.randrange(100_000), dice.choice((IN, OUT)))
        pad.driver.perform(WriteMedia("card_reader", "write", MINE.number, *new))
        said = pad.heard(MediaWritten, turn)
        assert said.completion in ("success", "unknown")
        assert record(pad) in ((new,) if said.completion == "success" else (new, old))
        old = record(pad)


def test_a_cable_pulled_during_a_write(pad: Pad) -> None:
    loaded(pad, 2000)
    tap(pad)
    pad.heard(MediaInserted)
    with pad.served.lock:
        pad.twin.wire.silent = True
    pad.driver.perform(WRITE)
    pad.served.unplug()
    pad.heard(DeviceLost)
    with pad.served.lock:
        pad.twin.wire.silent = False
    pad.served.replug()
    pad.heard(DeviceBack)
    done = pad.heard(MediaWritten)
    assert done.completion in ("success", "hardwareError")
    assert record(pad) == (NEW if done.completion == "success" else OLD)


def test_what_it_cannot_do_it_says(pad: Pad) -> None:
    pad.driver.perform(EjectMedia("card_reader", "eject"))
    assert pad.heard(MediaPresented).completion == "unsupportedCommand"


@pytest.mark.parametrize(("key", "wrong"), [("ffffffffffff", False), ("ff", True), ("zzzzzzzzzzzz", True)])
def test_a_mistyped_key_is_named(key: str, wrong: bool) -> None:
    assert bool(list(Pn532(purse_sector=2, purse_key=key).problems())) == wrong
