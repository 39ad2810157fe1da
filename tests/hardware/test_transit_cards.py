"""A person's real card in a lesson: prepared by the reader, torn or not, told as the lesson's, and written as such. A
whole cabinet against twins; judged by what stands on the card's own blocks.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from hardware.cabinet.simulated_capabilities import blank
from hardware.drivers.card_stored_value import own
from hardware.drivers.settings.cards import Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet
from hardware.protocols import mifare, stored_value_card
from hardware.twins.mifare_card import MifareCard
from kiosk_firmware.core.effects import EjectMedia, RetainMedia, WriteMedia
from kiosk_firmware.core.events import Lent, Media, MediaInserted, MediaInvalid, MediaTaken
from tests.hardware.pin_rig import CARD, CabinetRig

UID, OTHER = "04a1b2c3", "04d4e5f6"
TICKET = Media("9900000000002103", chip=False, fen=2340, trip="c>s047@25r9c")
SECOND = Media("9900000000002201", chip=False, fen=200, trip="ts009@25rjc")
BLANK = Media(blank(4), chip=False, fen=300, trip="ts009@25rjc")


class Desk(CabinetRig):
    """A cabinet with a pad for metro cards; `at`: which twin that is."""

    at = "card_reader"

    def lesson(self, *tickets: Media, prepare: bool = True, fresh: bool = True) -> None:
        lent = Lent(tickets, frozenset({CARD}), prepare)
        self.cabinet.begin(lambda document: [document.title.key], None, fresh, lent)
        self.cabinet.expect(("card_reader",))

    def memory(self, uid: str = UID) -> MifareCard:
        return self.twins.serial[self.at].twin.memory(bytes.fromhex(uid))

    def encode(self, fen: int, trip: str, uid: str = UID) -> None:
        self.must("encode_tag", uid=uid, fen=fen, trip=trip)

    def record(self, uid: str = UID) -> tuple[int, str] | None:
        found = stored_value_card.read_purse(bytes.fromhex(uid), *self.memory(uid).blocks[4:6])
        return (found.fen, found.trip) if found else None

    def tapped(self, uid: str = UID) -> Media:
        """What is told of the next card."""
        before = len(self.all(MediaInserted))
        self.must("tap_tag", uid=uid)
        media: Media = self.heard(MediaInserted, before + 1).media
        return media

    def away(self) -> None:
        """Take the card up, until the reader knows."""
        self.do("remove_tag")
        self.until(lambda: not self.pad_health()["tag"])

    def pad_health(self) -> dict[str, Any]:
        told = self.cabinet.health()["card_reader"]
        return told.get("pad", told)

    def given_back(self) -> None:
        self.answer(EjectMedia("card_reader", "eject"))
        self.heard(MediaTaken, len(self.all(MediaTaken)) + 1)


PURSE = Pn532(purse_sector=1)
ALONE = DeviceTables(card_reader=PURSE)
BESIDE = msgspec.structs.replace(full_cabinet(quick=True), tap_reader=PURSE)


@pytest.fixture(params=["alone", pytest.param("beside", marks=pytest.mark.long)])
def desk(request, tmp_path):
    with Desk(tmp_path, ALONE if request.param == "alone" else BESIDE) as rig:
        rig.at = "card_reader" if request.param == "alone" else "tap_reader"
        yield rig


def test_the_first_card_is_prepared_and_told_as_the_lessons(desk):
    desk.encode(50, "c")
    desk.lesson(TICKET)
    assert desk.tapped() == TICKET
    assert desk.record() == (TICKET.fen, TICKET.trip)
    assert desk.cabinet.found().number == TICKET.number
    desk.answer(WriteMedia("card_reader", "write", TICKET.number, 1890, "c"))
    assert desk.record() == (1890, "c")
    desk.given_back()
    desk.away()
    again = desk.tapped()
    assert again == msgspec.structs.replace(TICKET, fen=1890, trip="c"), "prepared a second time"


def test_the_next_card_is_the_next_ticket_and_a_third_is_none(desk):
    desk.lesson(TICKET, SECOND)
    assert desk.tapped() == TICKET
    desk.away()
    assert desk.tapped(OTHER) == SECOND
    assert desk.record(OTHER) == (SECOND.fen, SECOND.trip)
    desk.away()
    desk.encode(700, "c", "04990011")
    assert desk.tapped("04990011").number == own(bytes.fromhex("04990011")).number
    assert desk.record("04990011") == (700, "c")


@pytest.mark.parametrize("byte", [0, 3, 9, 15, 16])
def test_torn_while_it_is_prepared_it_says_old_or_new_and_is_told_when_it_comes_back(desk, byte):
    desk.encode(50, "c")
    desk.lesson(TICKET)
    desk.memory().tear = byte
    desk.must("tap_tag", uid=UID)
    desk.until(lambda: desk.memory().tear is None)
    assert desk.record() == ((TICKET.fen, TICKET.trip) if byte == 16 else (50, "c"))
    assert not desk.all(MediaInserted)
    assert desk.tapped() == TICKET
    assert desk.record() == (TICKET.fen, TICKET.trip)


def test_a_lesson_that_was_cut_goes_on_with_the_card_as_it_is(desk):
    desk.lesson(TICKET)
    desk.tapped()
    desk.answer(WriteMedia("card_reader", "write", TICKET.number, 1890, "c"))
    desk.given_back()
    desk.away()
    desk.lesson(msgspec.structs.replace(TICKET, fen=1890, trip="c"), fresh=False)
    assert desk.tapped() == msgspec.structs.replace(TICKET, fen=1890, trip="c")
    desk.away()
    desk.lesson(TICKET)
    assert desk.tapped() == TICKET, "a new lesson prepares anew"


def test_in_free_practice_and_between_runs_a_card_says_what_is_on_it(desk):
    number = own(bytes.fromhex(UID)).number
    desk.encode(50, "c")
    desk.lesson(TICKET, prepare=False)
    assert desk.tapped() == Media(number, chip=False, fen=50, trip="c")
    desk.away()
    desk.lesson(TICKET)
    desk.cabinet.end()
    assert desk.tapped().number == number
    assert desk.record() == (50, "c")


def test_a_ticket_that_came_out_blank_is_written_when_it_is_first_held_there(desk, monkeypatch):
    monkeypatch.setattr(desk.cabinet._passes, "_dispensed", lambda: 4)
    desk.lesson(TICKET, msgspec.structs.replace(BLANK, number=blank(2)), BLANK, prepare=False)
    assert desk.tapped() == BLANK
    assert desk.record() == (BLANK.fen, BLANK.trip)
    desk.away()
    desk.lesson(BLANK, prepare=False)
    assert desk.tapped() == BLANK, "the next run knows it again"


def test_somebody_elses_card_is_no_ticket_and_stays_as_it_is(desk):
    key = bytes.fromhex("a0a1a2a3a4a5")
    desk.memory().blocks[7] = mifare.trailer(key, key)
    before = list(desk.memory().blocks)
    desk.lesson(TICKET)
    desk.must("tap_tag", uid=UID)
    assert desk.heard(MediaInvalid) == MediaInvalid("card_reader", "foreign")
    assert desk.memory().blocks == before


def test_slot_and_pad_are_one_reader_and_whoever_has_the_card_does_what_is_asked(tmp_path):
    with Desk(tmp_path, BESIDE) as desk:
        desk.at = "tap_reader"
        desk.lesson(TICKET)
        desk.must("insert_card", card=CARD)
        assert desk.heard(MediaInserted).media.number == CARD
        desk.must("tap_tag", uid=UID)
        desk.until(lambda: desk.cabinet.health()["card_reader"]["ignored"])
        desk.away()
        desk.answer(EjectMedia("card_reader", "eject"))
        assert desk.state("card_reader")["position"].startswith("front")
        desk.must("take_card")
        desk.heard(MediaTaken)
        assert desk.tapped() == TICKET
        assert desk.answer(RetainMedia("card_reader", "retain")).completion == "success"
        assert desk.state("card_reader")["captured"] == []
        assert desk.cabinet.found().place == "none"


def test_where_no_reader_writes_the_cabinet_keeps_the_records(tmp_path):
    with Desk(tmp_path, DeviceTables(card_reader=Pn532(cards={UID: CARD, OTHER: "9900000000000042"}))) as desk:
        desk.lesson(TICKET)
        assert desk.tapped(UID).number == CARD, "a bank card is no ticket"
        desk.away()
        assert desk.tapped(OTHER) == TICKET
        done = desk.answer(WriteMedia("card_reader", "write", TICKET.number, 1890, "c"))
        assert (done.completion, done.fen) == ("success", 1890)
        desk.away()
        assert desk.tapped(OTHER) == msgspec.structs.replace(TICKET, fen=1890, trip="c")
        assert desk.cabinet.health()["cabinet"]["simulated"]["written"] == 1


def test_any_number_of_tears_leaves_the_lessons_record(tmp_path):
    rolls = random.Random(7)
    with Desk(tmp_path, ALONE) as desk:
        desk.encode(50, "c")
        desk.lesson(TICKET)
        for byte in rolls.choices(range(17), k=6):
            desk.memory().tear = byte
            desk.do("tap_tag", uid=UID)
            desk.until(lambda: desk.memory().tear is None or desk.all(MediaInserted))
            assert desk.record() in ((50, "c"), (TICKET.fen, TICKET.trip))
        desk.memory().tear = None
        desk.do("tap_tag", uid=UID)
        assert desk.heard(MediaInserted).media == TICKET
