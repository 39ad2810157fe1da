"""Every framed codec against every vector: whole, byte by byte, split everywhere, within noise; and against fuzz.

A vector that is valid must come out as exactly one message whose bytes, sent again, are the vector; one that is not
valid must come out as no message at all. Noise may be counted, never believed, never kept.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.protocols import crt310, pn532, ssp
from tests.hardware.support import Vector, arrivals, vectors

QUIET_MS = 1000
SSP_FRAMES = vectors("ssp", "ssp_manual_frames", "essp", keep=lambda v: v.data[:1] == b"\x7f")
PN_FRAMES = vectors("pn532_hsu", keep=lambda v: not v.name.startswith("wakeup/"))


class Bench:
    """One codec with what the tests need to know of it."""

    def __init__(
        self, codec: Callable[[], Any], send: Callable[[Any], bytes], broken: type, *noise: bytes
    ) -> None:
        self.codec, self.send, self.broken, self.noise = codec, send, broken, noise

    def whole(self, pieces: list[bytes], now_ms: int = 0) -> list[Any]:
        """What comes out of *pieces*, after the line has fallen silent."""
        codec = self.codec()
        messages: list[Any] = []
        for piece in pieces:
            messages += codec.receive_data(piece, now_ms)
        for _ in range(300):  # each silence may free one false start that hid the next
            now_ms += QUIET_MS
            messages += codec.tick(now_ms)
        return [message for message in messages if not isinstance(message, self.broken)]


BENCHES = {
    "crt310": Bench(
        crt310.Codec, crt310.send, crt310.Broken,
        b"\x00", b"\xff\xaa\x31", b"\x02", b"\x02\xff", b"\x02\x00\x09\x31",
    ),
    "pn532": Bench(
        pn532.Codec, pn532.send, pn532.Broken,
        b"\x00", b"\x55\x55\x00", b"\xff\x00", b"\x00\xff\x05", b"\x00\xff\x09\xf7\xd4",
    ),
    "ssp": Bench(
        ssp.Codec, ssp.send, ssp.Broken, b"\x00", b"\xf0\xee\x01", b"\x7f", b"\x7f\x80", b"\x7f\x80\x09\xf0\xee"
    ),
}
CASES = (
    [("crt310", v) for v in vectors("crt310")] + [("pn532", v) for v in PN_FRAMES] + [("ssp", v) for v in SSP_FRAMES]
)
IDS = [f"{protocol}:{vector.name}" for protocol, vector in CASES]


def _expected(bench: Bench, messages: list[Any], vector: Vector) -> None:
    if vector.valid:
        assert len(messages) == 1, messages
        assert bench.send(messages[0]) == vector.data
    else:
        assert not [message for message in messages if not isinstance(message, crt310.Control)]


@pytest.mark.parametrize(("protocol", "vector"), CASES, ids=IDS)
def test_a_vector_is_read_however_it_arrives(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    for pieces in arrivals(vector.data):
        _expected(bench, bench.whole(pieces), vector)


@pytest.mark.parametrize(("protocol", "vector"), CASES, ids=IDS)
def test_noise_before_and_after_changes_nothing(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    for noise in bench.noise:
        _expected(bench, bench.whole([noise, vector.data]), vector)
        _expected(bench, bench.whole([vector.data, noise]), vector)


@pytest.mark.parametrize("protocol", BENCHES)
def test_frames_back_to_back_come_out_in_order(protocol: str) -> None:
    bench = BENCHES[protocol]
    chosen = [vector.data for name, vector in CASES if name == protocol and vector.valid]
    stream = b"".join(chosen)
    assert [bench.send(message) for message in bench.whole([stream])] == chosen
    pieces = [stream[i : i + 7] for i in range(0, len(stream), 7)]
    assert [bench.send(message) for message in bench.whole(pieces)] == chosen


@pytest.mark.parametrize(
    ("protocol", "vector"), [case for case in CASES if case[1].valid],
    ids=[name for name, case in zip(IDS, CASES, strict=True) if case[1].valid],
)
def test_one_flipped_bit_is_never_believed(protocol: str, vector: Vector) -> None:
    bench = BENCHES[protocol]
    dice = random.Random(vector.name)
    for _ in range(12):
        at = dice.randrange(len(vector.data))
        spoiled = bytearray(vector.data)
        spoiled[at] ^= 1 << dice.randrange(8)
        for message in bench.whole([bytes(spoiled)]):
            if isinstance(message, (crt310.Frame, pn532.Frame, ssp.Packet)):
                # Preamble and postamble of a PN532 carry no check; whatever else is believed must be the same frame.
                assert bench.send(message) == vector.data


@pytest.mark.parametrize("protocol", BENCHES)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.binary(max_size=600), step=st.integers(1, 40))
def test_fuzz_raises_nothing_and_keeps_little(protocol: str, data: bytes, step: int) -> None:
    codec = BENCHES[protocol].codec()
    for at in range(0, len(data), step):
        codec.receive_data(data[at : at + step], at)
    held = sum(len(value) for value in vars(codec).values() if isinstance(value, bytearray))
    assert held <= 700


@pytest.mark.parametrize("protocol", BENCHES)
def test_a_flood_is_not_kept(protocol: str) -> None:
    dice = random.Random(7)
    codec = BENCHES[protocol].codec()
    for now_ms in range(200):
        codec.receive_data(dice.randbytes(1000), now_ms)
        assert sum(len(value) for value in vars(codec).values() if isinstance(value, bytearray)) <= 700
    assert codec.faults.total() > 0


WAKE_UPS = vectors("pn532_hsu", keep=lambda v: v.name.startswith("wakeup/"))


@pytest.mark.parametrize("wake", WAKE_UPS, ids=lambda v: v.name)
def test_any_wake_up_is_passed_over(wake: Vector) -> None:
    frame = pn532.send(pn532.Frame(pn532.HOST, bytes([pn532.FIRMWARE])))
    codec = pn532.Codec()
    assert codec.receive_data(wake.data + frame, 0) == [pn532.Frame(pn532.HOST, bytes([pn532.FIRMWARE]))]
    assert codec.faults.total() == 0
