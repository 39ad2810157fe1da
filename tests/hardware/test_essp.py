"""Sealed letters: two sides of ours agree on a key and understand each other, and nobody understands a spoiled letter.

That our letters are the maker's own is shown by the vectors (test_vectors) and by the maker's code
(test_independent_masters).
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import essp
from tests.hardware.support import vectors

KEY = essp.key_bytes(0x01CCE35E)
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


def test_the_key_is_the_fixed_half_and_the_negotiated_half() -> None:
    (row,) = vectors("essp", keep=lambda v: v.name == "encrypted/poll")
    assert bytes.fromhex(row.extra["key_hex"]) == KEY


@pytest.mark.parametrize("number", [2, 37, 65_537, 162_233_081, 2_147_483_647, 18_446_744_073_709_551_557])
def test_primes(number: int) -> None:
    assert essp.is_prime(number)


@pytest.mark.parametrize("number", [0, 1, 4, 65_535, 3_215_031_751, 3_825_123_056_546_413_051, 2_147_483_649])
def test_no_primes(number: int) -> None:
    """Among them strong pseudoprimes to the first four and the first nine primes."""
    assert not essp.is_prime(number)


@QUICK
@given(seed=st.integers())
def test_both_sides_come_to_the_same_key(seed: int) -> None:
    dice = random.Random(seed)
    keys = essp.Keys(dice.randrange)
    generator, modulus, theirs = (int.from_bytes(ask[1:], "little") for ask in keys.asks())
    assert [ask[0] for ask in keys.asks()] == [essp.GENERATOR, essp.MODULUS, essp.KEY_EXCHANGE]
    assert essp.is_prime(generator)
    assert essp.is_prime(modulus)
    assert generator >= modulus
    secret = dice.randrange(1 << 31)
    agreed = keys.agree(pow(generator, secret, modulus).to_bytes(8, "little"))
    assert agreed == essp.key_bytes(pow(theirs, secret, modulus))
    assert keys.agree(b"1234567") is None


@QUICK
@given(said=st.lists(st.tuples(st.binary(min_size=1, max_size=60), st.binary(min_size=1, max_size=60)), max_size=6))
def test_a_conversation(said: list[tuple[bytes, bytes]]) -> None:
    host, device = essp.Letters(KEY), essp.Letters(KEY)
    for ask, answer in said:
        letter = host.ask(ask)
        assert len(letter) % 16 == 1
        assert device.heard(letter) == ask
        reply = device.answer(answer)
        assert device.heard(letter) is None, "an old letter is heard again"
        assert host.answered(reply) == answer
        assert host.answered(reply) is None, "an old answer is believed again"
    assert host.count == device.count == len(said)


@QUICK
@given(data=st.binary(min_size=1, max_size=essp.MAX_DATA), at=st.integers(0, 10_000), by=st.integers(1, 255))
def test_a_changed_or_cut_letter_is_not_opened(data: bytes, at: int, by: int) -> None:
    letter = bytearray(essp.Letters(KEY).ask(data))
    assert essp.open_letter(bytes(letter), KEY) == (0, data)
    assert essp.open_letter(bytes(letter[: at % len(letter)]), KEY) in (None, (0, data))
    letter[at % len(letter)] ^= by
    assert essp.open_letter(bytes(letter), KEY) is None
    assert essp.open_letter(bytes(letter), essp.key_bytes(1)) is None


@QUICK
@given(noise=st.binary(max_size=100))
def test_noise_is_no_letter(noise: bytes) -> None:
    letters = essp.Letters(KEY)
    assert letters.heard(b"\x7e" + noise) is None
    assert letters.faults.as_dict() == {"check": 1}


def test_what_no_letter_can_carry() -> None:
    for data in (b"", bytes(essp.MAX_DATA + 1)):
        with pytest.raises(LocalProtocolError, match="allowed"):
            essp.Letters(KEY).ask(data)
    with pytest.raises(ValueError, match="16"):
        essp.Letters(b"short")
