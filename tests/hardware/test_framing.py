"""Every framed codec against every vector: whole, byte by byte, split everywhere, within noise; and against fuzz.

A vector that is valid must come out as exactly one message whose bytes, sent again, are the vector; one that is not
valid must come out as no message at all. Noise may be counted, never believed, never kept.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.protocols import pn532
from tests.hardware.benches import BENCHES, CASES, Bench, name_of
from tests.hardware.support import Vector, arrivals, vectors

IDS = [name_of(case) for case in CASES]
GOOD = [case for case in CASES if case[1].valid]


def _expected(bench: Bench, pieces: list[bytes], vector: Vector) -> None:
    messages = bench.whole(pieces)
    if vector.valid:
        assert len(messages) == 1, messages
        assert bench.send(messages[0]) == vector.data
    else:
        assert not [message for message in messages if isinstance(message, bench.checked)]


@pytest.mark.parametrize(("protocol", "vector"), CASES, ids=IDS)
def test_a_vector_is_read_however_it_arrives(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    for pieces in arrivals(vector.data):
        _expected(bench, pieces, vector)


@pytest.mark.parametrize(("protocol", "vector"), CASES, ids=IDS)
def test_noise_before_and_after_changes_nothing(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    for noise in bench.noise:
        _expected(bench, [noise, vector.data], vector)
        _expected(bench, [vector.data, noise], vector)


@pytest.mark.parametrize("protocol", BENCHES)
def test_frames_back_to_back_come_out_in_order(protocol: str) -> None:
    bench = BENCHES[protocol]
    chosen = [vector.data for name, vector in CASES if name == protocol and vector.valid]
    stream = b"".join(chosen)
    assert [bench.send(message) for message in bench.whole([stream])] == chosen
    pieces = [stream[i : i + 7] for i in range(0, len(stream), 7)]
    assert [bench.send(message) for message in bench.whole(pieces)] == chosen


@pytest.mark.parametrize(("protocol", "vector"), GOOD, ids=[name_of(case) for case in GOOD])
def test_one_flipped_bit_is_never_believed(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    dice = random.Random(vector.name)
    for _ in range(12):
        at = dice.randrange(len(vector.data))
        spoiled = bytearray(vector.data)
        spoiled[at] ^= 1 << dice.randrange(8)
        for message in bench.whole([bytes(spoiled)]):
            if isinstance(message, bench.checked):
                # Preamble and postamble of a PN532 carry no check; whatever else is believed must be the same frame.
                assert bench.send(message) == vector.data


@pytest.mark.parametrize("protocol", BENCHES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.binary(max_size=600), step=st.integers(1, 40))
def test_fuzz_raises_nothing_and_keeps_little(protocol: str, data: bytes, step: int) -> None:
    bench = BENCHES[protocol]
    codec = bench.codec()
    for at in range(0, len(data), step):
        codec.receive_data(data[at : at + step], at)
    assert bench.held(codec) <= bench.holds


@pytest.mark.parametrize("protocol", BENCHES)
def test_a_flood_is_not_kept(protocol: str) -> None:
    dice = random.Random(7)
    bench = BENCHES[protocol]
    codec = bench.codec()
    for now_ms in range(200):
        codec.receive_data(dice.randbytes(1000), now_ms)
        assert bench.held(codec) <= bench.holds
    assert codec.faults.total() > 0


WAKE_UPS = vectors("pn532_hsu", keep=lambda v: v.name.startswith("wakeup/"))


@pytest.mark.parametrize("wake", WAKE_UPS, ids=lambda v: v.name)
def test_any_wake_up_is_passed_over(wake: Vector) -> None:
    frame = pn532.send(pn532.Frame(pn532.HOST, bytes([pn532.FIRMWARE])))
    codec = pn532.Codec()
    assert codec.receive_data(wake.data + frame, 0) == [pn532.Frame(pn532.HOST, bytes([pn532.FIRMWARE]))]
    assert codec.faults.total() == 0
