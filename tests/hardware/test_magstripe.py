"""Magnetic stripes: bits and flux of any track at any speed, and the reader's driver against its twin over a pty."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hardware.drivers.card_magstripe import CardMagstripe
from hardware.drivers.settings.cards import Magstripe
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import magstripe
from hardware.protocols.magstripe import FIVE, SEVEN, Swipe
from hardware.transport.serial_port import PortSettings
from hardware.twins.magstripe import MagstripeTwin, tracks_of
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

CARD = "9900123412341234"
quick = settings(max_examples=150, deadline=None, derandomize=True)
Forms = tuple[int, int]
TRACK_1 = st.text("ABCXYZ0123456789 ^/", max_size=70).map(lambda text: (f"%B{text}?", SEVEN))
TRACK_2 = st.text("0123456789=", max_size=37).map(lambda text: (f";{text}?", FIVE))
TRACKS = st.one_of(TRACK_1, TRACK_2)
SLOW = ("lines", "magtek", "msr605")


# -- bits and flux ----------------------------------------------------------------------------------------------------


@quick
@given(track=TRACKS, before=st.integers(0, 30), after=st.integers(0, 30))
def test_a_track_is_read_drawn_either_way(track: tuple[str, Forms], before: int, after: int) -> None:
    text, form = track
    bits = "0" * before + magstripe.bits_of(text) + "0" * after
    backwards = magstripe.forward(bits[::-1], form)
    assume(backwards in ("", text))  # a track that is another one backwards says nothing
    assert magstripe.text_of(bits, form) == text
    assert magstripe.text_of(bits[::-1], form) == text


@quick
@given(track=TRACKS, at=st.integers(0, 10_000))
def test_a_flipped_bit_is_never_another_text(track: tuple[str, Forms], at: int) -> None:
    text, form = track
    bits = magstripe.bits_of(text)
    at %= len(bits)
    spoiled = bits[:at] + ("1" if bits[at] == "0" else "0") + bits[at + 1 :]
    assert magstripe.text_of(spoiled, form) in ("", text)


@quick
@given(
    track=TRACKS,
    speed=st.floats(0.01, 50),
    drift=st.floats(-0.006, 0.006),
    seed=st.integers(0, 999),
    backwards=st.booleans(),
)
def test_flux_is_read_at_any_speed_that_a_hand_has(
    track: tuple[str, Forms], speed: float, drift: float, seed: int, backwards: bool
) -> None:
    """Faster and slower while it is drawn, and every change a little early or late."""
    text, form = track
    bits = magstripe.bits_of(text)
    assume(magstripe.forward(bits[::-1], form) in ("", text))
    dice = random.Random(seed)
    times = [time * speed * dice.uniform(0.93, 1.07) for time in magstripe.flux_of(bits)]
    times = [time * (1 + drift) ** min(at, 200) for at, time in enumerate(times)]
    read = magstripe.bits_of_flux(times[::-1] if backwards else times)
    assert magstripe.text_of(read, form) == text


@quick
@given(bits=st.text("01", max_size=600), form=st.sampled_from((SEVEN, FIVE)))
def test_any_bits_are_read_or_refused(bits: str, form: Forms) -> None:
    text = magstripe.text_of(bits, form)
    assert not text or magstripe.bits_of(text).strip("0") in (bits.strip("0"), bits[::-1].strip("0"))


@pytest.mark.parametrize("text", ["", ";", ";12", "12?", ";A?", "%a?", ";1?2?", ";" + "1" * 200 + "?"])
def test_what_is_no_track_is_our_fault(text: str) -> None:
    with pytest.raises(LocalProtocolError):
        magstripe.bits_of(text)


@quick
@given(tracks=st.lists(TRACKS, min_size=1, max_size=3), status=st.sampled_from("01"), dialect=st.sampled_from(SLOW))
def test_what_a_reader_says_is_read_back(tracks: list[tuple[str, Forms]], status: str, dialect: Any) -> None:
    texts = tuple(text for text, _ in tracks)
    if dialect == "msr605":
        swipe = Swipe(dialect, (*texts, "+", "+", "+")[:3], status)
    else:
        swipe = Swipe(dialect, texts, status if dialect == "magtek" else "")
    codec = magstripe.Codec(dialect)
    data = magstripe.send(swipe)
    assert [said for at in range(len(data)) for said in codec.receive_data(data[at : at + 1], at)] == [swipe]
    assert texts[0] not in repr(swipe)


def test_a_bank_cards_tracks_say_the_same() -> None:
    first, second = tracks_of(CARD, "2807", chip=True)
    assert magstripe.card_of((first,)) == magstripe.card_of((first, second)) == magstripe.Card(CARD, "2807", "2")
    assert magstripe.card_of(("%E?", ";E?", "+")) is None


# -- the driver -------------------------------------------------------------------------------------------------------

Reader = Wired[MagstripeTwin, CardMagstripe]


class QuickStripe(CardMagstripe):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1200, 3000


@pytest.fixture(params=magstripe.DIALECTS)
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    make = partial(QuickStripe, dialect=request.param)
    with Wired(MagstripeTwin(request.param), make, tmp_path / "stripe") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.state()["reads"])
        yield wired


def swipe(reader: Reader, card: str = CARD, **how: Any) -> None:
    """Draw a card through, when the one before is out of the slot."""
    reader.until(lambda: reader.driver._clock() > reader.driver._rest_ms)

    def drawn() -> bool:
        with reader.served.lock:
            return reader.twin.swipe(tracks_of(card, **how))

    reader.until(drawn)


def test_each_card_that_is_drawn_through_is_told_once(reader: Reader) -> None:
    for turn in range(1, 4):
        swipe(reader, expires=f"30{turn:02}", chip=turn == 2)
        assert reader.heard(MediaInserted, turn).media == Media(CARD, f"30{turn:02}", turn == 2)
    assert reader.driver.health()["swipes"] == 3


def test_a_card_is_told_as_soon_as_track_2_has_come() -> None:
    events: list[Any] = []
    driver = CardMagstripe(PortSettings("none"), events.append, lambda: 0)
    driver._wanted = True
    for at_ms, track in enumerate(tracks_of(CARD)):
        assert events == []
        driver._on_bytes(magstripe.send(Swipe("lines", (track,))), at_ms)
    assert events == [MediaInserted("card_reader", Media(CARD, "3012", False))]


@pytest.mark.parametrize("marks", ["", "\x1b", "\x02"])
def test_a_magtek_reader_without_all_its_marks_is_read(marks: str) -> None:
    """STX, ESC and ETX are options; noise before them, and a card that only came or went, are no card."""
    said = marks + "".join(tracks_of(CARD)) + "1\r"
    codec = magstripe.Codec("magtek")
    heard = codec.receive_data(b"\x00\xff" + said.encode() + b"0\r" + said.encode(), 0)
    whole, gone = Swipe("magtek", tracks_of(CARD), "1"), Swipe("magtek", (), "0")
    assert heard == [whole, gone, whole]


def test_a_reader_that_knows_no_stx_tells_each_card_once(tmp_path: Path) -> None:
    make = partial(QuickStripe, dialect="magtek")
    with Wired(MagstripeTwin("magtek", marks=False), make, tmp_path / "stripe") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.driver.health()["enabled"])
        for turn in (1, 2):
            swipe(wired)
            assert wired.heard(MediaInserted, turn).media == Media(CARD, "3012", False)
        assert wired.driver.health()["unreadable"] == 0


def test_a_third_track_is_no_card_of_its_own(tmp_path: Path) -> None:
    with Wired(MagstripeTwin(), QuickStripe, tmp_path / "stripe") as wired:
        wired.driver.enable(True)
        wired.until(lambda: wired.driver.health()["enabled"])
        with wired.served.lock:
            wired.twin._said += [Swipe("lines", (track,)) for track in (*tracks_of(CARD), ";011234567890=1?")]
        wired.heard(MediaInserted)
        with wired.served.lock:
            wired.twin.spoil("worn", True, 0)
        wired.until(lambda: wired.state()["counters"]["told"] == 3)
        swipe(wired)
        wired.heard(MediaInvalid)
        assert len(wired.events) == 2


def test_a_worn_stripe_is_read_from_the_other_track_or_not_at_all(reader: Reader) -> None:
    with reader.served.lock:
        reader.twin.spoil("worn_track_2", True, 0)
    swipe(reader)
    assert reader.heard(MediaInserted).media == Media(CARD, "3012", False)
    with reader.served.lock:
        reader.twin.spoil("worn", True, 0)
    swipe(reader)
    assert reader.heard(MediaInvalid).reason == "unreadable"


def test_nothing_of_somebodys_own_card_is_told(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    swipe(reader, "6222020200112233445", name="ZHANG/SAN")
    assert reader.heard(MediaInvalid).reason == "foreign"
    kept = repr({name: value for name, value in vars(reader.driver).items() if name not in ("_post", "_port")})
    told = json.dumps(reader.driver.health()) + repr(reader.events) + caplog.text + kept
    assert "6222020200112233445" not in told
    assert "ZHANG" not in told


def test_a_card_counts_for_nothing_while_none_is_wanted(reader: Reader) -> None:
    reader.driver.enable(False)
    reader.until(lambda: not reader.driver.health()["enabled"])
    one_by_one = reader.twin._dialect == "msr605"
    reader.until(lambda: not one_by_one or not reader.state()["reads"])
    with reader.served.lock:
        assert reader.twin.swipe(tracks_of(CARD)) != one_by_one
    reader.until(lambda: reader.driver.health()["unasked"] or one_by_one)
    reader.driver.enable(True)
    reader.until(lambda: reader.state()["reads"])
    swipe(reader, expires="2911")
    assert reader.heard(MediaInserted).media.expires == "2911"
    assert len(reader.all(MediaInserted)) == 1


def test_noise_is_survived(reader: Reader) -> None:
    with reader.served.lock:
        reader.twin.wire.noise = b"\x00\xff%B99\x02;"
    reader.until(lambda: reader.driver.health()["faults"])
    swipe(reader)
    assert reader.heard(MediaInserted).media == Media(CARD, "3012", False)


def test_a_cable_out_and_in_again(reader: Reader) -> None:
    reader.served.unplug()
    reader.heard(DeviceLost)
    reader.driver.perform(EjectMedia("card_reader", "eject"))
    assert reader.heard(MediaPresented).completion == "hardwareError"
    reader.served.replug()
    reader.heard(DeviceBack)
    swipe(reader)
    reader.heard(MediaInserted)


def test_the_cabinet_completes_it(tmp_path: Path) -> None:
    with CabinetRig(tmp_path, DeviceTables(card_reader=Magstripe(dialect="magtek"), pins=LinkedPins())) as unit:
        unit.cabinet.expect(("card_reader",))
        unit.must("swipe_card", card=CARD)
        unit.heard(MediaInserted)
        assert unit.cabinet.found().place == "inside"
        assert unit.answer(EjectMedia("card_reader", "eject")).completion == "success"
        unit.heard(MediaTaken)
        assert unit.cabinet.found().place == "none"
