"""Decode what ccTalk coin acceptors and hoppers say: events, faults, flags and payouts, decoded from an answer's data.

Coins. An acceptor numbers its events 1…255, 1…, and tells the newest five with the number of the newest (READ BUFFERED
CREDIT, 229). The number is 0 only after power-up or reset. So a host that remembers the last number knows which
events are new to it, and how many were lost; nothing is told twice and nothing need be acknowledged. `news` says it:
a number of 0 credits nothing, and of lost events only their count is known.

Bills. A bill validator tells its events in the same way (READ BUFFERED BILL EVENTS, 159): a bill in escrow, a bill in
the stacker (only then money), or a code. ROUTE BILL (154) decides about the one in escrow.

Hoppers. A hopper numbers its payouts in the same way: DISPENSE accepted adds one, a reset makes it 0, and STATUS
(166) tells what is left, paid and unpaid. Whether a DISPENSE was heard is asked by this number, never by asking again.

Sources: ccTalk generic specification part 3; Azkoyen X6, Suzo Flow, Alberici Aventador manuals.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

COIN_EVENTS = {
    1: "reject",
    2: "inhibited",
    3: "multiple_window",
    4: "wake_up_timeout",
    5: "validation_timeout",
    6: "credit_sensor_timeout",
    7: "sorter_opto_timeout",
    8: "second_close_coin",
    9: "accept_gate_not_ready",
    10: "credit_sensor_not_ready",
    11: "sorter_not_ready",
    12: "reject_coin_not_cleared",
    13: "validation_sensor_not_ready",
    14: "credit_sensor_blocked",
    15: "sorter_opto_blocked",
    16: "credit_sequence",
    17: "coin_going_backwards",
    18: "too_fast_over_credit_sensor",
    19: "too_slow_over_credit_sensor",
    20: "string",
    21: "dce_opto_timeout",
    22: "dce_opto_not_seen",
    23: "credit_too_early",
    24: "repeated_trip",
    25: "reject_slug",
    26: "reject_sensor_blocked",
    27: "games_overload",
    28: "meter_pulses_exceeded",
    29: "accept_gate_open",
    30: "accept_gate_closed",
    31: "manifold_opto_timeout",
    32: "manifold_opto_blocked",
    33: "manifold_not_ready",
    34: "security_changed",
    35: "motor",
    36: "swallowed",
    37: "validation_too_fast",
    38: "validation_too_slow",
    39: "sorted_incorrectly",
    40: "external_light",
    253: "data_block",
    254: "coin_return",
    255: "alarm",
}
"""Event codes of header 229; 128…159 (coin type 1…32 inhibited) are added by `event_name`."""
KEPT = frozenset({7, 16, 17, 18, 19, 20, 23, 26, 27, 28, 29, 31, 36, 39, 40})
"""After these codes the coin may lie in the machine uncredited: reported as unknown, never guessed."""
RETURNED = frozenset({1, 2, 3, 8, 25, *range(128, 160)})
"""After these codes the coin is in the return cup."""

SELF_CHECKS = {
    1: "eeprom",
    2: "coils",
    3: "credit_sensor",
    4: "piezo",
    5: "reflective_sensor",
    6: "diameter_sensor",
    7: "wake_up",
    8: "sorter_exit",
    9: "nvram",
    10: "dispensing",
    11: "low_level_sensor",
    12: "high_level_sensor",
    13: "counting",
    14: "keypad",
    15: "button",
    16: "display",
    17: "auditing",
    18: "reject_sensor",
    19: "coin_return",
    20: "string",
    21: "rim_sensor",
    22: "thermistor",
    23: "payout_motor",
    24: "payout_timeout",
    25: "payout_jammed",
    26: "payout_sensor",
    27: "level_sensor",
    28: "personality_missing",
    29: "personality_checksum",
    30: "rom",
    31: "slave_missing",
    32: "internal_comms",
    33: "supply_voltage",
    34: "temperature",
    35: "dce",
    36: "bill_sensor",
    37: "bill_motor",
    38: "stacker",
    39: "bill_jam",
    40: "ram",
    41: "string_sensor",
    42: "gate_open",
    43: "gate_closed",
    44: "stacker_missing",
    45: "stacker_full",
    46: "flash_erase",
    47: "flash_write",
    48: "slave_not_responding",
    49: "opto",
    50: "battery",
    51: "door_open",
    52: "microswitch",
    53: "clock",
    54: "firmware",
    55: "initialising",
    56: "supply_current",
    57: "bootloader",
    255: "unspecified",
}
"""Fault codes of header 232."""

HOPPER_FLAGS = (
    "max_current",
    "timeout",
    "motor_reversed",
    "opto_blocked",
    "opto_short",
    "opto_blocked_in_payout",
    "power_up",
    "disabled",
    "opto_short_in_payout",
    "single_coin",
    "other_hopper",
    "opto_fraud",
    "motor_reverse_limit",
    "inductive",
    "nv_memory",
    "pin_active",
)
"""Bits of TEST HOPPER's answer, first byte's bit 0 first. Reading clears those that are latched."""
BILL_EVENTS = {
    0: "master_inhibit",
    1: "returned",
    2: "invalid",
    3: "transport",
    4: "inhibited",
    5: "inhibited_by_switch",
    6: "unsafe_jam",
    7: "stacker_jam",
    8: "pulled_back",
    9: "tamper",
    10: "stacker_ok",
    11: "stacker_removed",
    12: "stacker_inserted",
    13: "stacker_faulty",
    14: "stacker_full",
    15: "stacker_jammed",
    16: "safe_jam",
    17: "opto_fraud",
    18: "string",
    19: "anti_string",
    20: "barcode",
    21: "unknown_stacked",
    22: "jam_cleared",
}
"""Event codes of header 159."""
ROUTE_BACK, ROUTE_STACK, ROUTE_HOLD = 0, 1, 255
ROUTE_EMPTY, ROUTE_FAILED = b"\xfe", b"\xff"
"""What 154 is told, and its answers besides a bare ACK: nothing in escrow; it did not work."""
RING = 255


class CoinEvent(msgspec.Struct, frozen=True):
    """One event: a credit of the coin at *position* 1…32 down *path* (0: no sorter), or a *code* of COIN_EVENTS."""

    position: int = 0
    path: int = 0
    code: int = 0


class BillEvent(msgspec.Struct, frozen=True):
    """One event: the *bill* of a type 1… is held in *escrow* or lies in the stacker, or a *code* of BILL_EVENTS."""

    bill: int = 0
    escrow: bool = False
    code: int = 0


E = TypeVar("E", CoinEvent, BillEvent)


class Events(msgspec.Struct, Generic[E], frozen=True):
    """An answer to 229 or 159: the number of the newest event (0: none since the reset), and the five newest, newest
    first.
    """

    counter: int
    newest: tuple[E, ...]


class News(msgspec.Struct, Generic[E], frozen=True):
    """The news of a poll. *events* oldest first; *lost*: how many more there were that nobody will ever know;
    *restarted*: the device was reset, and nothing of what it says now is news; *holes*: the device does not know its
    own events.
    """

    events: tuple[E, ...] = ()
    lost: int = 0
    restarted: bool = False
    holes: bool = False


def event_name(code: int) -> str:
    """Return the name of a coin acceptor's event code."""
    return "coin_inhibited" if 128 <= code <= 159 else COIN_EVENTS.get(code, f"code_{code}")


def decode_events(data: bytes) -> Events[CoinEvent] | None:
    """Decode the eleven bytes of an answer to 229; None for another length, or for a coin position that cannot be."""
    if len(data) != 11:
        return None
    pairs = [(data[at], data[at + 1]) for at in range(1, 11, 2)]
    if any(first > 32 for first, _ in pairs):
        return None
    return Events(data[0], tuple(CoinEvent(a, b) if a else CoinEvent(code=b) for a, b in pairs))


def decode_bill_events(data: bytes) -> Events[BillEvent] | None:
    """Decode the eleven bytes of an answer to 159; None for another length, or for events that cannot be."""
    if len(data) != 11:
        return None
    pairs = [(data[at], data[at + 1]) for at in range(1, 11, 2)]
    if any(first and second > 1 for first, second in pairs):
        return None
    return Events(data[0], tuple(BillEvent(a, bool(b)) if a else BillEvent(code=b) for a, b in pairs))


def bill_value(text: str, scaling: bytes) -> int | None:
    """Return the value in a bill's identity (seven characters, `CN0010A`) in hundredths of its currency, by the
    *scaling* of its country (the answer to 156: factor, decimal places); None for an empty one.
    """
    if len(text) != 7 or len(scaling) != 3 or not text[2:6].isdecimal():
        return None
    return int(text[2:6]) * int.from_bytes(scaling[:2], "little") * 100 // int("1" + "0" * scaling[2]) or None


def steps(old: int, new: int) -> int:
    """Return how many numbers lie between two counters on the ring 1…255 (0 stands before 1)."""
    return (new - old) % RING if old else new


def news(old: int | None, events: Events[E]) -> News[E]:
    """Return what is new since the event number *old*; None: this device was never heard, and nothing of it is news."""
    if old is None or events.counter == old:
        return News()
    if events.counter == 0:
        return News(restarted=True)
    count = steps(old, events.counter)
    fresh = events.newest[:count]
    hole: CoinEvent | BillEvent = CoinEvent()
    known = tuple(event for event in reversed(fresh) if event != hole)
    return News(known, max(0, count - len(events.newest)), holes=hole in fresh)


COIN_STATES = {1: "coin_return", 2: "string"}
"""Answers to header 248 other than 0: the return lever is held down; a coin on a string."""
_UNITS_MS = (0, 1, 10, 1000, 60_000)


def priority_ms(data: bytes) -> int | None:
    """Return how often the device wants to be polled at least (the answer to 249); None where it does not say, or says
    hours.
    """
    known = len(data) == 2 and 0 < data[0] < len(_UNITS_MS) and data[1]
    return _UNITS_MS[data[0]] * data[1] if known else None


def coin_value(text: str) -> int | None:
    """Return the value in a coin's identity (six characters, `CN100A`) in thousandths of its unit; None for an empty
    one.
    """
    value = text[2:5]
    for letter, factor in (("m", 1), (".", 1000), ("K", 1_000_000), ("M", 1_000_000_000)):
        if letter in value:
            whole, _, part = value.partition(letter)
            if not (whole + part).isdecimal():
                return None
            fraction = int(part or "0") * factor // int("1" + "0" * len(part))
            return int(whole or "0") * factor + fraction
    return int(value) * 1000 if value.isdecimal() and len(value) == 3 else None


class Payout(msgspec.Struct, frozen=True):
    """An answer to 166: the payout's number, and its coins: still to come, paid, and not paid at its end."""

    counter: int
    remaining: int
    paid: int
    unpaid: int


def decode_payout(data: bytes) -> Payout | None:
    """Decode the four bytes of an answer to 166 (a hopper's payout status); None for another length."""
    return Payout(*data) if len(data) == 4 else None


def next_number(counter: int) -> int:
    """Return the number of the payout after *counter*: 255 is followed by 1."""
    return 1 if counter == RING else counter + 1


def decode_flags(data: bytes) -> frozenset[str]:
    """Return the names of the flags that are set in an answer to 163."""
    bits = int.from_bytes(data[:2], "little")
    return frozenset(name for bit, name in enumerate(HOPPER_FLAGS) if bits >> bit & 1)


class Level(msgspec.Struct, frozen=True):
    """An answer to 217; None where the hopper has no such sensor. *low*: nearly empty; *high*: nearly full."""

    low: bool | None = None
    high: bool | None = None


def decode_level(data: bytes) -> Level:
    """Decode the level sensors in an answer to 217."""
    bits = data[0] if data else 0
    return Level(bool(bits & 1) if bits & 0x10 else None, bool(bits & 2) if bits & 0x20 else None)
