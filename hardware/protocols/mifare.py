"""MIFARE Classic: what a reader hands through to the card, value blocks, and who may do what with which key.

The theory. A card has sectors of four blocks of 16 bytes. The last one of a sector, its trailer, holds key A, the
access bits and key B; block 0 is the maker's. A sector is opened by proving a key, then its blocks are read and
written whole. A *value block* holds a number three times, once inverted, and can be counted up and down into the card's
buffer, from where ``TRANSFER`` writes it. Access bits are three a block, each stored twice, once inverted.

The commands are what a PN532 takes in its InDataExchange after the target's number. Sources: NXP MF1S50 data sheet,
UM0701-02.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import LocalProtocolError

AUTH_A, AUTH_B, READ, WRITE = 0x60, 0x61, 0x30, 0xA0
DECREMENT, INCREMENT, RESTORE, TRANSFER = 0xC0, 0xC1, 0xC2, 0xB0
BLOCKS, SIZE = 64, 16
FACTORY_KEY = b"\xff" * 6
OPEN_ACCESS = (0, 0, 0, 1)
"""As cards are delivered: key A may do everything, key B can be read."""
OK, TIMEOUT, FORMAT, REFUSED, CONTEXT = 0x00, 0x01, 0x13, 0x14, 0x27
STATUS = {OK: "ok", TIMEOUT: "gone", FORMAT: "format", REFUSED: "refused", CONTEXT: "gone"}
"""The reader's byte before an answer; a card that was released or never listed is as gone as one that is silent."""

DATA_RIGHTS: dict[int, dict[str, str]] = {
    0b000: {"read": "AB", "write": "AB", "up": "AB", "down": "AB"},
    0b010: {"read": "AB"},
    0b100: {"read": "AB", "write": "B"},
    0b110: {"read": "AB", "write": "B", "up": "B", "down": "AB"},
    0b001: {"read": "AB", "down": "AB"},
    0b011: {"read": "B", "write": "B"},
    0b101: {"read": "B"},
    0b111: {},
}
"""C1 C2 C3 of a data block → what the holder of which key may do."""
TRAILER_RIGHTS: dict[int, dict[str, str]] = {
    0b000: {"key_a": "A", "read_b": "A", "key_b": "A"},
    0b010: {"read_b": "A"},
    0b100: {"key_a": "B", "key_b": "B"},
    0b110: {},
    0b001: {"key_a": "A", "access": "A", "read_b": "A", "key_b": "A"},
    0b011: {"key_a": "B", "access": "B", "key_b": "B"},
    0b101: {"access": "B"},
    0b111: {},
}
"""The same of a trailer: who may write key A, the access bits and key B, and read key B (which is no key then)."""


def auth(block: int, key: bytes, uid: bytes, key_b: bool = False) -> bytes:
    """Open the sector of *block* with *key* (6 bytes). Raises LocalProtocolError for what the card cannot have."""
    if len(key) != 6 or len(uid) < 4:
        raise LocalProtocolError(f"key of {len(key)} bytes, UID of {len(uid)}; allowed are 6, and 4 or more")
    return bytes([AUTH_B if key_b else AUTH_A, _block(block)]) + key + uid[-4:]


def read_block(block: int) -> bytes:
    """Read a block."""
    return bytes([READ, _block(block)])


def write(block: int, data: bytes) -> bytes:
    """Write all 16 bytes of a block. Raises LocalProtocolError for another length and for the maker's block."""
    if len(data) != SIZE or block == 0:
        raise LocalProtocolError(f"{len(data)} bytes to block {block}; allowed are {SIZE} bytes to blocks 1..63")
    return bytes([WRITE, _block(block)]) + data


def count(command: int, block: int, amount: int = 0) -> bytes:
    """Encode INCREMENT, DECREMENT or RESTORE: the block's value, changed by *amount* ≥ 0, into the card's buffer."""
    if command not in (INCREMENT, DECREMENT, RESTORE) or not 0 <= amount < 1 << 31:
        raise LocalProtocolError(f"command {command:02X} with {amount}; allowed C0, C1, C2 and 0..2147483647")
    return bytes([command, _block(block)]) + amount.to_bytes(4, "little")


def transfer(block: int) -> bytes:
    """Write the card's buffer to *block*."""
    return bytes([TRANSFER, _block(block)])


def _block(block: int) -> int:
    if not 0 <= block < BLOCKS:
        raise LocalProtocolError(f"block {block}; allowed are 0..{BLOCKS - 1}")
    return block


class Value(msgspec.Struct, frozen=True):
    """A value block: a signed number of 32 bits, and a byte that says where its backup lies."""

    value: int
    address: int = 0


def value_block(value: Value) -> bytes:
    """Encode *value* as a value block of 16 bytes. Raises LocalProtocolError for a number that does not fit."""
    if not -(1 << 31) <= value.value < 1 << 31 or not 0 <= value.address <= 0xFF:
        raise LocalProtocolError(f"{value}; allowed are 32 bits with a sign, and an address of 8 bits")
    number = value.value.to_bytes(4, "little", signed=True)
    inverse = bytes(byte ^ 0xFF for byte in number)
    return number + inverse + number + bytes([value.address, value.address ^ 0xFF] * 2)


def decode_value(block: bytes) -> Value | None:
    """Return what a value block holds; None where its copies do not agree."""
    if len(block) != SIZE:
        return None
    found = Value(int.from_bytes(block[:4], "little", signed=True), block[12])
    return found if value_block(found) == block else None


def access_bytes(conditions: tuple[int, int, int, int]) -> bytes:
    """Return the three access bytes of C1 C2 C3 (0..7) of blocks 0..3 of a sector."""
    if not all(0 <= condition <= 7 for condition in conditions):
        raise LocalProtocolError(f"conditions {conditions}; allowed are four of 0..7")
    c1, c2, c3 = (sum((bits >> at & 1) << block for block, bits in enumerate(conditions)) for at in (2, 1, 0))
    return bytes([(c2 ^ 15) << 4 | c1 ^ 15, c1 << 4 | c3 ^ 15, c3 << 4 | c2])


def decode_access(access: bytes) -> tuple[int, int, int, int] | None:
    """Decode C1 C2 C3 of the four blocks; None where the two copies do not agree (such a sector is dead for ever)."""
    c1, c2, c3 = access[1] >> 4, access[2] & 15, access[2] >> 4
    a, b, c, d = ((c1 >> n & 1) << 2 | (c2 >> n & 1) << 1 | c3 >> n & 1 for n in range(4))
    return (a, b, c, d) if access_bytes((a, b, c, d)) == access[:3] else None


def trailer(key_a: bytes, key_b: bytes, conditions: tuple[int, int, int, int] = OPEN_ACCESS) -> bytes:
    """Return a sector's last block; its one free byte is 69, as delivered."""
    return key_a + access_bytes(conditions) + b"\x69" + key_b


def decode_status(data: bytes) -> tuple[str, bytes]:
    """Split a reader's answer into (word of STATUS or "error", the card's own answer). The upper bits of the byte say
    other things.
    """
    return (STATUS.get(data[0] & 0x3F, "error"), data[1:]) if data else ("error", b"")
