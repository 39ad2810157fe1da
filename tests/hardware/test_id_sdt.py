"""The ID-card reader's driver against its twin over a pty, and what becomes of a real person's card."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.drivers.id_sdt import IdSdt
from hardware.drivers.settings.cards import Sdt
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.protocols import id_card_text, sdt
from hardware.protocols.id_card_text import Person
from hardware.twins.sdt import PHOTO, SdtTwin, fictional
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import (
    DeviceBack,
    DeviceLost,
    Media,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaTaken,
)
from tests.hardware.pin_rig import CabinetRig
from tests.hardware.wired import Wired

CARD = fictional()
MEDIA = Media(CARD.number)
REAL = "11010519491231002X"
Reader = Wired[SdtTwin, IdSdt]


class QuickId(IdSdt):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS, EFFECT_MS = 20, 1200, 3000


@pytest.fixture(params=[False, True], ids=["finds once", "finds again"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    with Wired(SdtTwin(request.param), QuickId, tmp_path / "id") as wired:
        wired.driver.enable(True)
        yield wired


def lay(reader: Reader, card: Person = CARD) -> None:
    with reader.served.lock:
        assert reader.twin.lay(card)


def lift(reader: Reader) -> None:
    with reader.served.lock:
        assert reader.twin.lift()


def looks(reader: Reader, more: int = 6) -> None:
    before = reader.state()["counters"]["looks"]
    reader.until(lambda: reader.state()["counters"]["looks"] >= before + more)


def test_a_card_is_read_once_and_missed_when_it_is_lifted(reader: Reader) -> None:
    for turn in (1, 2):
        lay(reader)
        assert reader.heard(MediaInserted, turn) == MediaInserted("id_reader", MEDIA)
        looks(reader)
        assert len(reader.all(MediaInserted)) == turn
        assert len(reader.all(MediaTaken)) == turn - 1
        assert reader.driver.found() == (CARD.number, "exit")
        lift(reader)
        assert reader.heard(MediaTaken, turn) == MediaTaken("id_reader")
        assert reader.driver.found() == ("", "none")


def test_another_card_is_another_person(reader: Reader) -> None:
    lay(reader)
    reader.heard(MediaInserted)
    with reader.served.lock:  # quicker than the reader looks
        reader.twin.lift()
        reader.twin.lay(fictional("519901197604050013", "张小燕", "20300101"))
    assert reader.heard(MediaInserted, 2).media == Media("519901197604050013", "3001")
    assert len(reader.all(MediaTaken)) == 1


def test_a_card_laid_before_it_is_asked_for_is_read_then(reader: Reader) -> None:
    reader.driver.enable(False)
    reader.until(lambda: not reader.driver.health()["enabled"])
    lay(reader)
    reader.until(lambda: reader.driver.health()["laid"])
    assert reader.events == []
    reader.driver.enable(True)
    reader.heard(MediaInserted)


def test_unreadable_cards_and_failing_readers_are_told_apart(reader: Reader) -> None:
    with reader.served.lock:
        reader.twin.spoil("unreadable", True, 0)
    lay(reader)
    assert reader.heard(MediaInvalid) == MediaInvalid("id_reader", "foreign")
    assert reader.all(DeviceLost) == []
    with reader.served.lock:
        reader.twin.spoil("unreadable", False, 0)
    assert reader.heard(MediaInserted).media == MEDIA


def test_spoiled_answers_are_asked_for_again(reader: Reader) -> None:
    with reader.served.lock:
        reader.twin.wire.bad_checks = 4
        reader.twin.wire.noise = b"\x00\xaa\xaa\xaa\x96" * 3
    lay(reader)
    assert reader.heard(MediaInserted).media == MEDIA
    reader.until(lambda: reader.state()["counters"]["looks"] > 4)
    assert reader.driver.health()["faults"]["check"] >= 1
    assert len(reader.all(MediaInserted)) == 1


def test_late_answers_are_never_taken_for_another_one(reader: Reader) -> None:
    with reader.served.lock:
        reader.twin.wire.late_ms = 2000
    reader.until(lambda: reader.twin.wire.hit["late"] >= 2)
    with reader.served.lock:
        reader.twin.wire.late_ms = 0
    reader.heard(DeviceBack)
    lay(reader)
    assert reader.heard(MediaInserted).media == MEDIA


def test_a_cable_out_and_in_again(reader: Reader) -> None:
    lay(reader)
    reader.heard(MediaInserted)
    reader.served.unplug()
    reader.heard(DeviceLost)
    reader.driver.perform(EjectMedia("id_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "hardwareError"
    lift(reader)
    reader.served.replug()
    reader.heard(DeviceBack)
    reader.heard(MediaTaken)
    lay(reader)
    reader.heard(MediaInserted, 2)


@pytest.mark.parametrize(
    ("stands_for", "said"),
    [
        ("", MediaInvalid("id_reader", "foreign")),
        (CARD.number, MediaInserted("id_reader", MEDIA)),
    ],
)
def test_nothing_of_a_real_card_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, stands_for: str, said: MediaInserted | MediaInvalid
) -> None:
    caplog.set_level(logging.DEBUG)
    real = fictional(REAL, "无名氏", "20351231")
    with Wired(SdtTwin(), partial(QuickId, person=stands_for), tmp_path / "id") as wired:
        wired.driver.enable(True)
        lay(wired, real)
        assert wired.heard(type(said)) == said
        told = json.dumps(wired.driver.health()) + repr(wired.events) + caplog.text + repr(wired.driver.found())
        kept = repr({name: value for name, value in vars(wired.driver).items() if name not in ("_post", "_port")})
    for secret in (REAL, "无名氏", "3512", PHOTO[:4].hex()):
        assert secret not in told + kept


# -- the text ---------------------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=15)
DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(lambda day: f"{day:%Y%m%d}")


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Any card of the three layouts."""
    kind, birth = draw(st.sampled_from(("citizen", "permit", "foreigner"))), draw(DATES)
    digits = f"99{draw(st.integers(0, 9999)):04}{birth}{draw(st.integers(0, 999)):03}"
    own = {"number": digits + id_card_text.check_character(digits), "address": draw(NAMES), "issuer": draw(NAMES)}
    if kind == "foreigner":
        own = {"number": f"ZZA{draw(st.integers(0, 10**12 - 1)):012}", "latin": draw(st.text("XYZ", min_size=1))[:60]}
    return Person(
        kind=kind,
        name=draw(NAMES),
        sex=draw(st.sampled_from("12")),
        nation="ZZA" if kind == "foreigner" else "01",
        birth=birth,
        begins=draw(DATES),
        ends=draw(st.one_of(st.just(""), DATES)),
        **own,
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(person=people())
def test_what_a_card_holds_is_read_back(person: Person) -> None:
    text = id_card_text.encode(person)
    assert len(text) == id_card_text.SIZE
    assert id_card_text.decode(text) == person
    assert id_card_text.practice_number(person.number)
    assert sdt.text_of(sdt.base_message(text, PHOTO)) == text
    assert person.number not in repr(person)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(person=people(), at=st.integers(0, 16), step=st.integers(1, 9))
def test_a_misread_digit_is_never_believed(person: Person, at: int, step: int) -> None:
    if person.kind == "foreigner":
        return
    wrong = person.number[:at] + str((int(person.number[at]) + step) % 10) + person.number[at + 1 :]
    assert id_card_text.decode(id_card_text.encode(msgspec.structs.replace(person, number=wrong))) is None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.one_of(st.binary(max_size=300), st.binary(min_size=256, max_size=256)))
def test_any_block_is_read_or_refused(text: bytes) -> None:
    assert id_card_text.decode(text) is None
    sdt.text_of(text)


@pytest.mark.parametrize(("person", "wrong"), [("", False), (CARD.number, False), (REAL, True), ("990000", True)])
def test_who_a_real_card_stands_for_is_a_practice_person(person: str, wrong: bool) -> None:
    assert bool(list(Sdt(person=person).problems())) == wrong


def test_a_cabinet_knows_whose_card_lies_there(tmp_path: Path) -> None:
    with CabinetRig(tmp_path, DeviceTables(id_reader=Sdt(), pins=LinkedPins())) as unit:
        unit.cabinet.expect(("id_reader",))
        unit.must("lay_card", number=CARD.number)
        assert unit.heard(MediaInserted) == MediaInserted("id_reader", MEDIA)
        assert unit.cabinet.found().ident == CARD.number
        assert unit.do("lay_card", number=CARD.number)["ok"] is False
        assert unit.must("lift_card")["number"] == CARD.number
        unit.heard(MediaTaken)
        assert unit.cabinet.found().ident == ""
