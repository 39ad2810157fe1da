"""Chip cards as a PC/SC reader hands them through: commands, answers, the two rules of T=0, what stands in a record.

The theory. A command is ``CLA INS P1 P2`` [``Lc`` data] [``Le``], short form only; an answer is data and two status
bytes. A card on T=0 says ``61 xx`` where xx bytes wait to be fetched (GET RESPONSE), and ``6C xx`` where the command is
to be said again with Le = xx: ``exchange`` does both, whatever the card's protocol. Data are BER-TLV.

A practice chip holds one application under an identifier that nobody registered (``F0`` is the proprietary range),
with one record: tag 57, as on a bank card (number, ``D``, YYMM, service code). So of a person's own card nothing is
read: it does not have the application. Sources: ISO/IEC 7816-3, -4, -5; EMV Book 3 for tag 57.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import msgspec

from hardware.framing.checksums import LocalProtocolError

PRACTICE_AID = bytes.fromhex("F04B494F534B01")
SELECT, READ_RECORD, GET_RESPONSE = 0xA4, 0xB2, 0xC0
OK, NOT_FOUND, NO_RECORD, NO_INSTRUCTION, NO_CLASS, WRONG_LENGTH = 0x9000, 0x6A82, 0x6A83, 0x6D00, 0x6E00, 0x6700
MORE, AGAIN = 0x61, 0x6C
ROUNDS = 8
"""How often a card may ask for one more exchange; one that goes on asking is broken."""
RECORD, TRACK_2 = 0x70, 0x57


class Apdu(msgspec.Struct, frozen=True):
    """A command. *data* 0..255 bytes; *le* how many bytes are wanted, 1..256, None for none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def __repr__(self) -> str:
        return f"Apdu({self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}, {len(self.data)} bytes, Le {self.le})"


class Response(msgspec.Struct, frozen=True):
    """An answer: *status* as one number (9000 is done)."""

    data: bytes
    status: int

    def __repr__(self) -> str:
        return f"Response({len(self.data)} bytes, {self.status:04X})"


def send(message: Apdu | Response) -> bytes:
    """Encode *message* as bytes for the card or the reader. Raises LocalProtocolError for what the short form cannot
    carry.
    """
    if isinstance(message, Response):
        if len(message.data) > 256 or not _is_status(message.status >> 8):
            raise LocalProtocolError(f"{message}: allowed are 256 bytes and a status 61..6F or 90..9F")
        return message.data + message.status.to_bytes(2, "big")
    head = (message.cla, message.ins, message.p1, message.p2)
    if not all(0 <= byte <= 255 for byte in head) or len(message.data) > 255 or not 1 <= (message.le or 1) <= 256:
        raise LocalProtocolError(f"{message}: allowed are bytes, 255 bytes of data, Le 1..256")
    length = bytes([len(message.data)]) if message.data else b""
    wanted = b"" if message.le is None else bytes([message.le & 0xFF])
    return bytes(head) + length + message.data + wanted


def _is_status(sw1: int) -> bool:
    return 0x61 <= sw1 <= 0x6F or 0x90 <= sw1 <= 0x9F


def decode_command(data: bytes) -> Apdu | None:
    """Decode a command; None where the lengths do not fit together."""
    if len(data) < 4 or data[0] == 0xFF:
        return None
    cla, ins, p1, p2 = data[:4]
    rest = data[4:]
    if len(rest) <= 1:
        return Apdu(cla, ins, p1, p2, le=(rest[0] or 256) if rest else None)
    size, body = rest[0], rest[1:]
    if not size or len(body) not in (size, size + 1):
        return None
    return Apdu(cla, ins, p1, p2, body[:size], (body[size] or 256) if len(body) > size else None)


def decode_response(data: bytes) -> Response | None:
    """Decode an answer; None where it ends in no status."""
    if not 2 <= len(data) <= 258 or not _is_status(data[-2]):
        return None
    return Response(bytes(data[:-2]), int.from_bytes(data[-2:], "big"))


Talk = Generator[bytes, bytes, Response | None]


def exchange(command: Apdu) -> Talk:
    """Say *command* and whatever the card asks for then; a generator that yields bytes for the card, is sent the
    card's, and returns its last answer with all data. None: the card says nothing sensible, or goes on asking.
    """
    collected, asked = b"", command
    for _ in range(ROUNDS):
        said = decode_response((yield send(asked)))
        if said is None:
            return None
        sw1, sw2 = said.status >> 8, said.status & 0xFF
        if sw1 == AGAIN and asked.le != (sw2 or 256):
            asked = msgspec.structs.replace(asked, le=sw2 or 256)
            continue
        collected += said.data
        if sw1 != MORE:
            return Response(collected, said.status)
        asked = Apdu(command.cla & 0x03, GET_RESPONSE, 0, 0, le=sw2 or 256)
    return None


def select(aid: bytes) -> Apdu:
    """Choose an application by its identifier (5..16 bytes)."""
    return Apdu(0x00, SELECT, 0x04, 0x00, aid)


def read_record(record: int, file: int = 1) -> Apdu:
    """Read a record of a short file."""
    return Apdu(0x00, READ_RECORD, record, file << 3 | 4, le=256)


def tlv(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tags and values in *data*, one after the other; end where they do not fit together."""
    at = 0
    while at < len(data):
        tag, at = data[at], at + 1
        if tag & 0x1F == 0x1F:
            tag, at = tag << 8 | (data[at] if at < len(data) else 0), at + 1
        size, at = (data[at] if at < len(data) else -1), at + 1
        if size == 0x81:
            size, at = (data[at] if at < len(data) else -1), at + 1
        if not 0 <= size <= len(data) - at or size == 0x80:
            return
        yield tag, data[at : at + size]
        at += size


class Card(msgspec.Struct, frozen=True):
    """The text of a practice chip: *number*, *expires* YYMM."""

    number: str
    expires: str

    def __repr__(self) -> str:
        return "Card(…)"


def decode_record(data: bytes) -> Card | None:
    """Return the card in a record (template 70 with tag 57); None for anything else."""
    for tag, inner in tlv(data):
        track = dict(tlv(inner)).get(TRACK_2) if tag == RECORD else None
        if track is not None:
            number, mark, rest = track.hex().upper().partition("D")
            good = mark and number.isdecimal() and 8 <= len(number) <= 19 and rest[:7].isdecimal() and len(rest) >= 7
            return Card(number, rest[:4]) if good else None
    return None


def encode_record(card: Card) -> bytes:
    """Encode *card* as a record (template 70 with tag 57)."""
    text = f"{card.number}D{card.expires}201"
    track = bytes.fromhex(text + "F" * (len(text) % 2))
    inner = bytes([TRACK_2, len(track)]) + track
    return bytes([RECORD, len(inner)]) + inner
