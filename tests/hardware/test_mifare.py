"""MIFARE Classic without a wire: value blocks, keys and access bits; and a purse that is torn away at any moment."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import mifare, stored_value_card
from hardware.protocols.mifare import FACTORY_KEY, OK, REFUSED
from hardware.twins.mifare_card import Gone, MifareCard
from hardware.twins.pn532 import Pn532Twin

UID = bytes.fromhex("04a1b2c3")
quick = settings(max_examples=200, deadline=None, derandomize=True)
KEY_B = bytes.fromhex("0123456789ab")
FENS = st.integers(0, stored_value_card.MOST_FEN)
Record = tuple[int, str]
RECORDS = st.tuples(FENS, st.sampled_from(["", "c", "ts009@25fzk", "ts009>s009@25fzk", "c>s131@zzzzz", "c>s000@1"]))


# -- the codec --------------------------------------------------------------------------------------------------------


@quick
@given(value=st.integers(-(1 << 31), (1 << 31) - 1), address=st.integers(0, 255))
def test_a_value_block_is_read_back_and_a_flipped_bit_is_not_believed(value: int, address: int) -> None:
    block = mifare.value_block(mifare.Value(value, address))
    assert mifare.decode_value(block) == mifare.Value(value, address)
    for bit in range(128):
        spoiled = bytearray(block)
        spoiled[bit // 8] ^= 1 << bit % 8
        assert mifare.decode_value(bytes(spoiled)) is None


@quick
@given(conditions=st.tuples(*[st.integers(0, 7)] * 4))
def test_access_bits_are_read_back(conditions: tuple[int, int, int, int]) -> None:
    access = mifare.access_bytes(conditions)
    assert mifare.decode_access(access) == conditions
    for bit in range(24):
        spoiled = bytearray(access)
        spoiled[bit // 8] ^= 1 << bit % 8
        assert mifare.decode_access(bytes(spoiled)) is None


def test_a_delivered_card_has_the_makers_trailer() -> None:
    assert mifare.trailer(FACTORY_KEY, FACTORY_KEY) == FACTORY_KEY + bytes.fromhex("FF078069") + FACTORY_KEY


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mifare.read_block(64),
        lambda: mifare.write(0, bytes(16)),
        lambda: mifare.write(4, bytes(15)),
        lambda: mifare.auth(4, b"\xff" * 5, UID),
        lambda: mifare.count(mifare.INCREMENT, 4, -1),
        lambda: mifare.count(mifare.READ, 4),
        lambda: mifare.value_block(mifare.Value(1 << 31)),
        lambda: mifare.access_bytes((0, 0, 0, 8)),
        lambda: stored_value_card.block(UID, -1, 0),
    ],
)
def test_what_a_card_cannot_hold_is_our_fault(wrong: object) -> None:
    with pytest.raises(LocalProtocolError):
        wrong()  # type: ignore[operator]


# -- the card ---------------------------------------------------------------------------------------------------------


def card(conditions: tuple[int, int, int, int] = mifare.OPEN_ACCESS) -> MifareCard:
    """A card whose sector 1 has that access, key A as delivered, and a key B."""
    found = MifareCard(UID)
    found.blocks[7] = mifare.trailer(FACTORY_KEY, KEY_B, conditions)
    found.found()
    return found


def opened(conditions: tuple[int, int, int, int], key_b: bool = False) -> MifareCard:
    found = card(conditions)
    assert found.command(mifare.auth(4, KEY_B if key_b else FACTORY_KEY, UID, key_b)) == bytes([OK])
    return found


def test_values_are_counted_on_the_card() -> None:
    mine = opened(mifare.OPEN_ACCESS)
    assert mine.command(mifare.write(4, mifare.value_block(mifare.Value(1000, 4)))) == bytes([OK])
    for command in (
        mifare.count(mifare.DECREMENT, 4, 250),
        mifare.transfer(4),
        mifare.count(mifare.INCREMENT, 4, 50),
        mifare.transfer(5),
        mifare.count(mifare.RESTORE, 5),
        mifare.transfer(6),
    ):
        assert mine.command(command) == bytes([OK])
    values = [mifare.decode_value(mine.command(mifare.read_block(at))[1:]) for at in (4, 5, 6)]
    assert [value.value for value in values if value] == [750, 800, 800]
    assert mine.command(mifare.count(mifare.INCREMENT, 7, 1)) == bytes([REFUSED])


@pytest.mark.parametrize("key_b", [False, True])
@pytest.mark.parametrize("bits", range(8))
def test_each_key_may_do_what_the_data_sheet_says(bits: int, key_b: bool) -> None:
    doings = {
        "read": mifare.read_block(4),
        "write": mifare.write(4, mifare.value_block(mifare.Value(5))),
        "up": mifare.count(mifare.INCREMENT, 4, 1),
        "down": mifare.count(mifare.DECREMENT, 4, 1),
    }
    for what, command in doings.items():
        mine = opened((bits, 0, 0, 0b011), key_b)
        mine.blocks[4] = mifare.value_block(mifare.Value(7))
        allowed = ("B" if key_b else "A") in mifare.DATA_RIGHTS[bits].get(what, "")
        assert (mine.command(command)[0] == OK) == allowed, what


def test_keys_are_never_read_and_a_readable_key_opens_nothing() -> None:
    mine = opened(mifare.OPEN_ACCESS)
    assert mine.command(mifare.read_block(7)) == bytes([OK]) + bytes(6) + bytes.fromhex("FF078069") + KEY_B
    mine = opened(mifare.OPEN_ACCESS, key_b=True)
    assert mine.command(mifare.read_block(4)) == bytes([REFUSED])
    mine = opened((0, 0, 0, 0b011))
    assert mine.command(mifare.read_block(7))[1:] == bytes(6) + mine.blocks[7][6:10] + bytes(6)


def test_a_new_key_holds_from_the_next_time_on() -> None:
    mine = opened((0, 0, 0, 0b011), key_b=True)
    assert mine.command(mifare.write(7, mifare.trailer(KEY_B, KEY_B, (0, 0, 0, 0b011)))) == bytes([OK])
    mine.found()
    assert mine.command(mifare.auth(4, FACTORY_KEY, UID)) == bytes([REFUSED])
    assert mine.command(mifare.read_block(4)) == bytes([REFUSED])
    assert mine.command(mifare.auth(4, KEY_B, UID)) == bytes([OK])
    assert mine.command(mifare.read_block(9)) == bytes([REFUSED]), "another sector"


@quick
@given(data=st.lists(st.binary(max_size=20), max_size=40))
def test_a_card_answers_whatever_it_is_told(data: list[bytes]) -> None:
    mine = opened(mifare.OPEN_ACCESS)
    for command in data:
        assert mine.command(command)


# -- the purse --------------------------------------------------------------------------------------------------------


@quick
@given(records=st.lists(RECORDS, min_size=1, max_size=12), torn=st.lists(st.integers(0, 17), min_size=12, max_size=12))
def test_a_torn_write_leaves_the_old_record_or_the_new_one(records: list[Record], torn: list[int]) -> None:
    """Pulled away after any byte of any write, time and again, on the card itself: never a third record, nor halves."""
    mine = opened(mifare.OPEN_ACCESS)
    mine.blocks[4:6] = stored_value_card.fresh(UID)
    for (fen, trip), byte in zip(records, torn, strict=False):
        before = stored_value_card.read_purse(UID, mine.blocks[4], mine.blocks[5])
        assert before is not None
        at, block = stored_value_card.block_to_write(UID, before, fen, trip)
        mine.tear = byte if byte <= 16 else None
        try:
            mine.command(mifare.write(4 + at, block))
        except Gone:
            mine.command(mifare.auth(4, FACTORY_KEY, UID))
        after = stored_value_card.read_purse(UID, mine.blocks[4], mine.blocks[5])
        assert after is not None
        assert (after.fen, after.trip) in ((before.fen, before.trip), (fen, trip))
        if byte >= 16:
            assert (after.fen, after.trip) == (fen, trip)


@quick
@given(old=RECORDS, new=RECORDS, kept=st.binary(min_size=16, max_size=16), count=st.integers(0, (1 << 16) - 1))
def test_bits_that_settle_either_way_leave_the_old_record_or_the_new_one(
    old: Record, new: Record, kept: bytes, count: int
) -> None:
    """A real tear may leave each bit of the block old or new; also where the counter wraps."""
    holds = stored_value_card.Purse(old[0], count, 0, old[1])
    stale = stored_value_card.block(UID, new[0] ^ 1, count - 1, old[1])
    at, block = stored_value_card.block_to_write(UID, holds, *new)
    assert at == 1
    mixed = bytes(was & keep | will & ~keep & 0xFF for was, will, keep in zip(stale, block, kept, strict=True))
    found = stored_value_card.read_purse(UID, stored_value_card.block(UID, old[0], count, old[1]), mixed)
    assert found is not None
    assert (found.fen, found.trip) in (old, new)


@quick
@given(record=RECORDS, first=st.integers(0, 33))
def test_a_purse_is_begun_safely(record: Record, first: int) -> None:
    blocks = [bytes(16), bytes(16)]
    for at, block in enumerate(stored_value_card.fresh(UID, *record)):
        written = max(0, min(16, first - 17 * at))
        blocks[at] = block[:written] + blocks[at][written:]
    found = stored_value_card.read_purse(UID, *blocks)
    assert found is None or (found.fen, found.trip) == record
    assert (found is not None) == (first >= 16)
    assert not stored_value_card.strange(*blocks), "a purse that was begun is taken for somebody else's"


@quick
@given(fen=FENS, first=st.binary(min_size=16, max_size=16), second=st.binary(max_size=20))
def test_what_was_never_a_purse_is_none(fen: int, first: bytes, second: bytes) -> None:
    assert stored_value_card.read_purse(UID, first, second) is None
    copied = stored_value_card.fresh(bytes.fromhex("deadbeef"), fen)
    assert stored_value_card.read_purse(UID, *copied) is None, "a balance copied from another card is believed"


@pytest.mark.parametrize("trip", ["x", "c>s1@2", "ts009@", "c@0", "cs0091", "c>s009@zzzzzz"])
def test_a_journey_that_does_not_fit_is_our_fault(trip: str) -> None:
    with pytest.raises(LocalProtocolError, match="journey"):
        stored_value_card.block(UID, 0, 0, trip)


def test_what_was_written_on_a_tag_outlives_the_twins_process() -> None:
    twin = Pn532Twin()
    assert not twin.state()["memories"]
    twin.memory(UID).blocks[4:6] = stored_value_card.fresh(UID, 2000)
    again = Pn532Twin()
    again.restore(json.loads(json.dumps(twin.state())))
    assert again.memory(UID).blocks == twin.memory(UID).blocks
    assert again.state() == twin.state()
