"""Decode what an MDB coin changer says: its set-up, its tubes and its poll answers, decoded from the bytes of a block.

The theory. A changer has sixteen coin types; set-up tells what each is worth (credit × scaling factor, decimal places)
and which of them go into tubes, from which they can be paid out again. TUBE STATUS counts the coins in the tubes. POLL
tells what has happened since: two bytes a coin that fell, or was paid out by hand; one byte a status or some slugs.
DISPENSE asks for up to fifteen coins of one type; that it is being done is a status (`payout_busy`), what has come of
it is told by nobody but the tubes.

Source: MDB/ICP specification, coin acceptor and changer commands. Bits of a deposit: 01, two of routing, four of type.
"""

from __future__ import annotations

import msgspec

RESET, SETUP, TUBES, POLL, COIN_TYPE, DISPENSE, EXPANSION = 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0F
IDENTIFY = 0
TYPES = 16
MOST = 15
"""Coins that one DISPENSE can ask for."""

STATUS = {
    1: "escrow_lever",
    2: "payout_busy",
    3: "no_credit",
    4: "tube_sensor",
    5: "double_arrival",
    6: "acceptor_unplugged",
    7: "tube_jam",
    8: "rom_checksum",
    9: "routing_error",
    10: "busy",
    11: "reset",
    12: "coin_jam",
    13: "coin_removal",
}
"""Status codes of POLL in words."""
WORKING = frozenset({"payout_busy", "busy"})
"""Not a fault: it is still at it."""
OUT_OF_WORK = frozenset({"acceptor_unplugged", "rom_checksum", "coin_jam", "tube_jam", "tube_sensor"})
"""After these a person must look."""
ROUTES = ("cash_box", "tubes", "unused", "reject")


class Setup(msgspec.Struct, frozen=True):
    """Feature level, currency, the bit mask of the types that go into tubes, and what each type is worth in fen (0: it
    has none, or is a token without value).
    """

    level: int
    currency: int
    routing: int
    fen: tuple[int, ...]


def decode_setup(data: bytes) -> Setup | None:
    """Decode an answer to SETUP; None where it is none. Values that are not whole fen are none either."""
    if not 8 <= len(data) <= 7 + TYPES or data[4] > 4:
        return None
    scale, divisor = data[3] * 100, 10 ** data[4]
    fen = [0 if credit == 255 or credit * scale % divisor else credit * scale // divisor for credit in data[7:]]
    return Setup(data[0], int.from_bytes(data[1:3], "big"), int.from_bytes(data[5:7], "big"), tuple(fen))


class Tubes(msgspec.Struct, frozen=True):
    """Coins of each type in the tubes, and which tubes are full, as a mask (a full one that counts 0 is defective)."""

    counts: tuple[int, ...]
    full: int = 0


def decode_tubes(data: bytes) -> Tubes | None:
    """Decode an answer to TUBE STATUS; None where it is none."""
    if not 2 <= len(data) <= 2 + TYPES:
        return None
    return Tubes((*data[2:], *bytes(2 + TYPES - len(data))), int.from_bytes(data[:2], "big"))


class Coin(msgspec.Struct, frozen=True):
    """A coin of *type* fell and went to *route*, whose tube holds *tube* coins now."""

    type: int
    route: str
    tube: int


class ByHand(msgspec.Struct, frozen=True):
    """A payout of *count* coins of *type* with the changer's own buttons; its tube holds *tube* now."""

    type: int
    count: int
    tube: int


class Slugs(msgspec.Struct, frozen=True):
    """So many things that are no coins were returned."""

    count: int


class State(msgspec.Struct, frozen=True):
    """A status in a word of STATUS, or `status_N`."""

    word: str


Event = Coin | ByHand | Slugs | State


def decode_poll(data: bytes) -> tuple[Event, ...] | None:
    """Return the events of an answer to POLL, in order; None where it breaks off or has an event that no
    changer sends.
    """
    events: list[Event] = []
    rest = list(data)
    while rest:
        head = rest.pop(0)
        if head >= 0x40:
            if not rest:
                return None
            kind, tube = head & 0x0F, rest.pop(0)
            coin = Coin(kind, ROUTES[head >> 4 & 3], tube)
            events.append(ByHand(kind, head >> 4 & 7, tube) if head & 0x80 else coin)
        elif head >= 0x20:
            events.append(Slugs(head & 0x1F))
        else:
            events.append(State(STATUS.get(head, f"status_{head}")))
    return tuple(events)


def coin_type_data(mask: int) -> bytes:
    """Return the data of COIN TYPE: the types in *mask* are let in; tubes may be emptied by the changer's buttons."""
    return mask.to_bytes(2, "big") + b"\xff\xff"


def order(kind: int, count: int) -> bytes:
    """Return the data of DISPENSE for *count* coins of *kind*."""
    return bytes([count << 4 | kind])


def decode_identity(data: bytes) -> dict[str, str]:
    """Return maker, serial number, model and software of an answer to EXPANSION IDENTIFY; empty where it is none."""
    if len(data) < 29:
        return {}
    texts = {"maker": data[:3], "serial": data[3:15], "model": data[15:27]}
    words = {name: text.decode("ascii", "replace").strip() for name, text in texts.items()}
    return {**words, "software": data[27:29].hex()}
