"""Wiegand: numbers and their pulses, what is refused, and the reader on two pins against its twin."""

from __future__ import annotations

import random
from time import monotonic, sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.drivers.card_wiegand import CardWiegand
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Wiegand
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import wiegand
from hardware.protocols.wiegand import Number, Reader, Refused
from hardware.twins.wiegand import WiegandTwin
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import Media, MediaInserted, MediaInvalid, MediaPresented, MediaTaken
from tests.hardware.pin_rig import DEADLINE_S, CabinetRig, PinRig

quick = settings(max_examples=150, deadline=None, derandomize=True)
NUMBERS = st.one_of(
    st.builds(Number, st.just(26), st.integers(0, 255), st.integers(0, 65535)),
    st.builds(Number, st.just(34), st.integers(0, 65535), st.integers(0, 65535)),
)


def heard(edges, until_ms=10_000.0, reverse=False):
    reader = Reader(reverse)
    said = [message for at_ms, line, level in edges for message in reader.edge(line, level, at_ms)]
    return said + reader.tick(until_ms)


@quick
@given(number=NUMBERS, pulse=st.floats(0.02, 0.25), apart=st.floats(0.3, 20), seed=st.integers(0, 99))
def test_a_number_is_read_back_in_whatever_order_its_edges_are_told(number, pulse, apart, seed):
    edges = wiegand.edges(wiegand.bits_of(number), pulse, apart)
    assert heard(edges) == [number]
    random.Random(seed).shuffle(edges)  # two lines, two queues: times tell, not the order
    if len(edges) * apart < wiegand.SILENCE_MS:
        assert heard(edges) == [number]
    assert repr(number) == f"Number({number.width}, …)"


@quick
@given(number=NUMBERS, at=st.integers(0, 33))
def test_a_flipped_bit_is_refused(number, at):
    bits = wiegand.bits_of(number)
    at %= len(bits)
    spoiled = bits[:at] + ("1" if bits[at] == "0" else "0") + bits[at + 1 :]
    assert heard(wiegand.edges(spoiled)) == [Refused("parity")]


@quick
@given(number=NUMBERS, at=st.integers(0, 33), more=st.booleans())
def test_a_lost_or_an_extra_pulse_is_refused(number, at, more):
    bits = wiegand.bits_of(number)
    at %= len(bits)
    wrong = bits[:at] + "1" + bits[at:] if more else bits[:at] + bits[at + 1 :]
    assert heard(wiegand.edges(wrong)) == [Refused("length")]


@quick
@given(number=NUMBERS)
def test_bytes_the_other_way_round_are_the_same_card(number):
    data = number.value.to_bytes((number.width - 2) // 8, "big")[::-1]
    value = int.from_bytes(data, "big")
    turned = Number(number.width, value >> 16, value & 0xFFFF)
    assert heard(wiegand.edges(wiegand.bits_of(turned)), reverse=True) == [number]


def test_shorts_and_held_lines_are_named_and_over_when_they_are():
    good = wiegand.edges(wiegand.bits_of(Number(26, 68, 62170)))
    short = [(at, line, level) for at, _, level in good for line in (0, 1)]
    assert heard(short) == [Refused("short")]
    assert heard([(0.0, 0, 0)]) == [Refused("held")]
    assert heard([(0.0, 0, 0), (9.0, 0, 1), *((at + 20, line, level) for at, line, level in good)]) == [Refused("held")]
    later = [(at + 5000, line, level) for at, line, level in good]
    assert heard([(0.0, 0, 0), (4000.0, 0, 1), *later]) == [Refused("held"), Number(26, 68, 62170)]


@pytest.mark.parametrize("number", [Number(26, 256, 0), Number(27, 0, 0), Number(34, 0, 65536), Number(26, -1, 0)])
def test_what_does_not_fit_is_our_fault(number):
    with pytest.raises(LocalProtocolError):
        wiegand.bits_of(number)


@quick
@given(edges=st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 1), st.integers(0, 1)), max_size=300))
def test_fuzz_raises_nothing_and_keeps_little(edges):
    reader = Reader()
    for at_ms, line, level in edges:
        reader.edge(line, level, at_ms)
        assert len(reader._edges) <= 2 * wiegand.MAX_BITS
    reader.tick(1e9)
    assert reader.quiet


def test_a_million_edges_give_only_what_their_parities_say(long):
    """Pulses, glitches, held and shorted lines in any order: no number without its two parities."""
    dice, reader, now_ms, numbers = random.Random("wiegand"), Reader(), 0.0, 0
    for _ in range(1_000_000 if long else 20_000):
        now_ms += dice.choice((0.0, 0.02, 0.05, 2.0, 2.0, 30.0))
        for message in reader.edge(dice.randrange(2), dice.randrange(2), now_ms):
            numbers += isinstance(message, Number)
            assert not isinstance(message, Number) or wiegand.number_of(wiegand.bits_of(message)) == message
        assert len(reader._edges) <= 2 * wiegand.MAX_BITS
    assert reader.faults.total() > numbers


# -- the driver -------------------------------------------------------------------------------------------------------

TABLE = Wiegand(d0=5, d1=6, cards={"68:62170": "9900123412341234", "1:1": "9900123412341235"})
FIRST, SECOND = Media("9900123412341234"), Media("9900123412341235")


class QuickWiegand(CardWiegand):
    """The driver with shorter patience."""

    AWAY_MS = 300


@pytest.fixture(params=[False, True], ids=["as sent", "reversed"])
def rig(request, tmp_path):
    table = Wiegand(d0=5, d1=6, cards=TABLE.cards, reverse=request.param)
    with PinRig(tmp_path, reader=WiegandTwin(table)) as rig:
        cards = {said: Media(number) for said, number in table.cards.items()}
        rig.driver = rig.start(QuickWiegand(table, rig.post, rig.factory, cards=cards))
        rig.driver.enable(True)
        yield rig


def tap(rig, facility, card, width=26):
    rig.twin("reader", "tap", Number(width, facility, card))


def tap_until(rig, facility, card, holds):
    """As people do: hold it there again while nothing comes of it (a stalled machine tears a number apart)."""
    end = monotonic() + DEADLINE_S
    while not holds():
        assert monotonic() < end, f"never happened; heard {rig.events}"
        tap(rig, facility, card)
        look = monotonic() + 1.0
        while monotonic() < look and not holds():
            sleep(0.01)


def was_heard(rig, media):
    return lambda: MediaInserted("card_reader", media) in rig.events


def test_cards_are_told_by_what_they_stand_for(rig):
    tap(rig, 68, 62170)
    assert rig.heard(MediaInserted).media == FIRST
    tap(rig, 1, 1, 34)
    assert rig.heard(MediaInserted, 2).media == SECOND
    tap(rig, 9, 9)
    assert rig.heard(MediaInvalid).reason == "foreign"
    assert "62170" not in repr(rig.driver.health())


def test_a_card_that_is_held_there_counts_once(rig):
    for _ in range(3):
        tap(rig, 68, 62170)
    tap_until(rig, 1, 1, was_heard(rig, SECOND))
    assert rig.all(MediaInserted) == [MediaInserted("card_reader", FIRST), MediaInserted("card_reader", SECOND)]


@pytest.mark.parametrize(("kind", "reason"), [("glitch", "length"), ("short", "short"), ("parity", "parity")])
def test_what_is_not_exactly_a_number_is_counted_and_no_card(rig, kind, reason):
    with rig.board.hold("reader") as twin:
        twin.spoil(kind, True, 0)
    tap_until(rig, 68, 62170, lambda: rig.driver.health()["noise"].get(reason))
    with rig.board.hold("reader") as twin:
        twin.spoil(kind, False, 0)
    tap_until(rig, 1, 1, was_heard(rig, SECOND))
    assert set(rig.events) == {MediaInserted("card_reader", SECOND)}


def test_a_card_counts_for_nothing_while_none_is_wanted(rig):
    rig.driver.enable(False)
    rig.until(lambda: not rig.driver.health()["enabled"])
    tap(rig, 68, 62170)
    rig.driver.enable(True)
    rig.until(lambda: rig.driver.health()["enabled"])
    tap(rig, 1, 1)
    rig.heard(MediaInserted)
    assert {event.media for event in rig.all(MediaInserted)} <= {FIRST, SECOND}


def test_a_cable_out_and_in_again(rig):
    rig.board.unplug("reader")
    tap(rig, 68, 62170)
    rig.board.replug("reader")
    tap_until(rig, 1, 1, was_heard(rig, SECOND))


def test_what_it_cannot_do_it_says_and_the_cabinet_completes(rig, tmp_path):
    rig.driver.perform(EjectMedia("card_reader", "eject"))
    assert rig.heard(MediaPresented).completion == "unsupportedCommand"
    (tmp_path / "unit").mkdir()
    with CabinetRig(tmp_path / "unit", DeviceTables(card_reader=TABLE, pins=LinkedPins())) as unit:
        unit.cabinet.expect(("card_reader",))
        unit.until(lambda: unit.cabinet.health()["card_reader"]["enabled"])
        unit.must("tap_card", card="68:62170")
        assert unit.heard(MediaInserted).media == FIRST
        assert unit.answer(EjectMedia("card_reader", "eject")).completion == "success"
        unit.heard(MediaTaken)


@pytest.mark.parametrize("said", ["68", "68:", "a:b", "068:1"])
def test_a_mistyped_card_is_named(said):
    found = problems(DeviceTables(card_reader=Wiegand(d0=5, d1=6, cards={said: "9900"})), MoneyChannels())
    assert found == [f'devices.card_reader.cards = {said!r}: allowed is "facility:card", as in "68:62170"']
