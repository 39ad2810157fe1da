"""Chip cards without a reader: lengths, the two rules of T=0, records, and a card that says anything at all."""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import iso7816
from hardware.protocols.iso7816 import Apdu, Card, Response
from hardware.twins.virtual_chip import ChipCard

quick = settings(max_examples=200, deadline=None, derandomize=True)
BYTE = st.integers(0, 255)
COMMANDS = st.builds(
    Apdu, st.integers(0, 254), BYTE, BYTE, BYTE, st.binary(max_size=255), st.one_of(st.none(), st.integers(1, 256))
)
STATUSES = st.one_of(st.integers(0x6100, 0x6FFF), st.integers(0x9000, 0x9FFF))


def talked(command: Apdu, card: Callable[[bytes], bytes]) -> Response | None:
    """What comes of *command* at a card that answers so."""
    talk = iso7816.exchange(command)
    said = next(talk)
    while True:
        try:
            said = talk.send(card(said))
        except StopIteration as end:
            result: Response | None = end.value
            return result


@quick
@given(command=COMMANDS)
def test_a_command_is_read_back_and_its_data_are_shown_to_nobody(command: Apdu) -> None:
    assert iso7816.decode_command(iso7816.send(command)) == command
    assert repr(command) == repr(msgspec.structs.replace(command, data=command.data[::-1]))


@quick
@given(data=st.binary(max_size=256), status=STATUSES)
def test_an_answer_is_read_back(data: bytes, status: int) -> None:
    assert iso7816.decode_response(iso7816.send(Response(data, status))) == Response(data, status)


@quick
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (iso7816.decode_command, iso7816.decode_response):
        found = read(data)
        assert found is None or iso7816.send(found) == data
    assert iso7816.decode_record(data) is None or data[0] == iso7816.RECORD
    list(iso7816.tlv(data))


@pytest.mark.parametrize(
    "wrong",
    [
        Apdu(256, 0, 0, 0),
        Apdu(0, 0, 0, 0, bytes(256)),
        Apdu(0, 0, 0, 0, b"", 257),
        Response(b"", 0x1234),
        Response(bytes(257), 0x9000),
    ],
)
def test_what_the_short_form_cannot_carry_is_our_fault(wrong: Apdu | Response) -> None:
    with pytest.raises(LocalProtocolError):
        iso7816.send(wrong)


@quick
@given(parts=st.lists(st.binary(min_size=1, max_size=255), min_size=1, max_size=6), wrong=st.booleans())
def test_data_that_wait_are_fetched_whatever_the_pieces(parts: list[bytes], wrong: bool) -> None:
    """61xx again and again, and 6Cxx before: all data come out, in order."""
    said: list[bytes] = []

    def card(data: bytes) -> bytes:
        said.append(data)
        asked = iso7816.decode_command(data)
        assert asked is not None
        if wrong and len(said) == 1:
            return bytes([iso7816.AGAIN, 5])
        at = len(said) - 1 - wrong
        if wrong and at == 0:
            assert asked.le == 5
        if at:
            assert (asked.ins, asked.le) == (iso7816.GET_RESPONSE, len(parts[at]))
        more = parts[at + 1 : at + 2]
        return parts[at] + (bytes([iso7816.MORE, len(more[0])]) if more else b"\x90\x00")

    assert talked(Apdu(0, 0xB2, 1, 12, b"", 256), card) == Response(b"".join(parts), 0x9000)


@pytest.mark.parametrize("said", [b"\x61\x05", b"\x6c\x05", b"", b"\x00", b"\x12\x34", bytes(300)])
def test_a_card_that_makes_no_sense_is_given_up(said: bytes) -> None:
    counts: list[bytes] = []

    def card(data: bytes) -> bytes:
        counts.append(data)
        return said

    found = talked(Apdu(0, 0xB2, 1, 12), card)
    assert found is None or found.status == 0x6C05
    assert len(counts) <= iso7816.ROUNDS


def test_a_practice_chip_is_read_and_somebodys_own_is_not(long: bool) -> None:
    mine = ChipCard("9900123412341234", "2807")
    assert talked(iso7816.read_record(1), mine.answer) == Response(b"", 0x6985)
    chosen = talked(iso7816.select(iso7816.PRACTICE_AID), mine.answer)
    assert chosen is not None
    assert chosen.status == iso7816.OK
    record = talked(iso7816.read_record(1), mine.answer)
    assert record is not None
    assert iso7816.decode_record(record.data) == Card("9900123412341234", "2807")
    assert talked(iso7816.read_record(2), mine.answer) == Response(b"", iso7816.NO_RECORD)
    theirs = ChipCard("6222020200112233445", aid=bytes.fromhex("A000000333010101"))
    refused = talked(iso7816.select(iso7816.PRACTICE_AID), theirs.answer)
    assert refused == Response(b"", iso7816.NOT_FOUND)
    dice = random.Random(1)
    for _ in range(50_000 if long else 500):
        assert iso7816.decode_response(mine.answer(dice.randbytes(dice.randrange(40)))) is not None


@quick
@given(digits=st.text("0123456789", min_size=8, max_size=19), expires=st.text("0123456789", min_size=4, max_size=4))
def test_a_record_is_read_back(digits: str, expires: str) -> None:
    record = iso7816.encode_record(Card(digits, expires))
    assert iso7816.decode_record(record) == Card(digits, expires)
    for end in range(len(record)):
        assert iso7816.decode_record(record[:end]) is None
