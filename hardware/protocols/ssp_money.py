"""Decode what ITL SSP devices say of money: the events of a poll answer, the set-up, tickets, levels, and why not.

The theory. READ n (EF n) says that a note lies in escrow. The *next poll accepts it*; HOLD (18) in place of the poll
keeps it and restarts the device's 10 s; REJECT (08) gives it back. Only CREDIT (EE n), and for a barcode ticket TICKET
ACK (D1), is money. With POLL WITH ACK (56) those events are repeated until EVENT ACK (57), so a crash between hearing
and writing down loses nothing.

A poll answer is events one after the other, each with as much data as its code and the protocol's version have: before
6 a value stands alone, since 6 it is a list of value and country; the short forms of 8 have a value where 7 has none.
An unknown code ends the walk, because its length is unknown: what follows is never guessed to be money.

Values: channels are in whole units of the currency, payouts in its smallest (fen), ``scale`` lies between them.

Sources: ITL manuals GA138_2_2_2129A, GA138_2_2_649A.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

EVENTS = {
    0xF1: "reset",
    0xEF: "read",
    0xEE: "credit",
    0xED: "rejecting",
    0xEC: "rejected",
    0xCC: "stacking",
    0xEB: "stacked",
    0xEA: "safe_jam",
    0xE9: "unsafe_jam",
    0xE8: "disabled",
    0xE7: "stacker_full",
    0xE6: "fraud",
    0xE5: "ticket",
    0xE4: "cashbox_replaced",
    0xE3: "cashbox_removed",
    0xE2: "cleared_to_cashbox",
    0xE1: "cleared_from_front",
    0xE0: "path_open",
    0xD1: "ticket_ack",
    0xB5: "channels_disabled",
    0xB6: "initialising",
    0xB1: "payout_error",
    0xB4: "smart_emptied",
    0xB3: "smart_emptying",
    0xBF: "value_added",
    0xC9: "transferred",
    0xCF: "device_full",
    0xDA: "dispensing",
    0xD2: "dispensed",
    0xD5: "jammed",
    0xD6: "halted",
    0xD7: "floating",
    0xD8: "floated",
    0xD9: "timeout",
    0xDC: "incomplete_payout",
    0xDD: "incomplete_float",
    0xDE: "cashbox_paid",
    0xDB: "note_stored",
    0xC2: "emptying",
    0xC3: "emptied",
    0xC6: "payout_out_of_service",
    0xC7: "float_removed",
    0xC8: "float_attached",
    0xCA: "stacked_at_reset",
    0xCB: "stored_at_reset",
    0xCD: "dispensed_at_reset",
    0xCE: "held_in_bezel",
    0xD3: "coins_low",
    0xDF: "coin_credit",
    0xC4: "coin_jam",
    0xC5: "coin_return",
    0xB7: "coin_error",
    0xBA: "coin_rejected",
    0xBD: "coins_disabled",
    0xBE: "coins_enabled",
    0xC0: "maintenance",
    0xC1: "pay_in_active",
    0xB0: "jam_recovery",
    0x83: "calibration_failed",
    0x8B: "escrow_active",
    0xA0: "tickets_low",
    0xA1: "tickets_replaced",
    0xA2: "printer_head_removed",
    0xA3: "ticket_path_open",
    0xA4: "ticket_jam",
    0xA5: "ticket_printing",
    0xA6: "ticket_printed",
    0xA7: "ticket_cut_off",
    0xA8: "ticket_error",
    0xA9: "printer_head_replaced",
    0xAA: "ticket_path_closed",
    0xAB: "no_paper",
    0xAC: "print_halted",
    0xAD: "ticket_in_bezel",
    0xAE: "paper_replaced",
    0xAF: "ticket_to_cashbox",
    0x90: "box_out_of_service",
    0x91: "box_tampered",
    0x92: "box_in_service",
    0x93: "box_unlock_enabled",
}
"""By code. A word of our own where the manual has a sentence."""
CODES = {name: code for code, name in EVENTS.items()}
NEEDS_ACK = frozenset({0xEE, 0xD1, 0xE2})
"""Events that are money, repeated by POLL WITH ACK until EVENT ACK."""

_CHANNEL = frozenset({0xEF, 0xEE, 0xE6, 0xE2, 0xE1})
_VALUES = frozenset({0xDA, 0xD2, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDE, 0xB3, 0xB4, 0xBF, 0xB1, 0xDF})
_PAIRS = frozenset({0xDC, 0xDD})
_ROW_SINCE = {0xC9: 6, 0xCD: 6, 0xCA: 8, 0xCB: 8, 0xCE: 8}
"""Events of one value, and the version that gave it to them."""
_REASON = frozenset({0x83, 0x90, 0xA8})
"""Events with a byte that says why."""

REJECT_REASONS = {
    0x00: "accepted",
    0x01: "length",
    0x02: "average",
    0x03: "coastline",
    0x04: "graph",
    0x05: "buried",
    0x06: "channel_inhibit",
    0x07: "second_note",
    0x08: "host",
    0x09: "cross_channel",
    0x0A: "rear_sensor",
    0x0B: "too_long",
    0x0C: "disabled",
    0x0D: "slow_mech",
    0x0E: "strim",
    0x0F: "fraud_channel",
    0x10: "no_notes",
    0x11: "peak_detect",
    0x12: "twisted",
    0x13: "escrow_timeout",
    0x14: "barcode_scan",
    0x15: "no_cam",
    0x16: "slot",
    0x17: "slot",
    0x18: "oversample",
    0x19: "width",
    0x1A: "short",
    0x1B: "payout_note",
    0x1C: "double",
    0x1D: "unable_to_stack",
}
"""The answer to LAST REJECT in a word."""
REFUSALS = {0: "not_enough", 1: "not_exact", 3: "busy", 4: "disabled"}
"""Why a payout command was answered F5, by the byte after it."""
TEST, REAL = 0x19, 0x58
"""The last byte of a payout command: whether it could be done, or do it."""


class Event(msgspec.Struct, frozen=True):
    """One event of a poll answer. *channel* 0 where the event has none; *values* are (amount, country) rows as sent,
    the country "" before version 6; *error* is its reason byte.
    """

    name: str
    channel: int = 0
    values: tuple[tuple[int, str], ...] = ()
    error: int | None = None


def decode_events(data: bytes, payout: bool = False, protocol: int = 8) -> tuple[list[Event], bytes]:
    """Decode a poll answer after its F0: return its events, and the rest that could not be read (empty when all is
    well).

    *payout*: the unit is a payout device, whose fraud event carries values instead of a channel (protocol >= 6).
    """
    events: list[Event] = []
    at = 0
    while at < len(data):
        step = _event(data, at, payout, protocol)
        if step is None:
            return events, data[at:]
        event, at = step
        events.append(event)
    return events, b""


def _event(data: bytes, at: int, payout: bool, protocol: int) -> tuple[Event, int] | None:
    code = data[at]
    name = EVENTS.get(code)
    at += 1
    if name is None:
        return None
    if code in _ROW_SINCE and protocol >= _ROW_SINCE[code]:
        return (Event(name, values=(_row(data, at),)), at + 7) if at + 7 <= len(data) else None
    if code in _VALUES or (payout and code == 0xE6):
        return _value_event(code, name, data, at, protocol)
    if code in _PAIRS:
        return _pair_event(name, data, at, protocol)
    if code in _CHANNEL:
        return (Event(name, data[at]), at + 1) if at < len(data) else None
    if code in _REASON:
        return (Event(name, error=data[at]), at + 1) if at < len(data) else None
    return Event(name), at


def _row(data: bytes, at: int, width: int = 4) -> tuple[int, str]:
    amount = int.from_bytes(data[at : at + 4], "little")
    return amount, data[at + width : at + width + 3].decode("ascii", "replace")


def _value_event(code: int, name: str, data: bytes, at: int, protocol: int) -> tuple[Event, int] | None:
    """Decode rows of value and country; before version 6 one value. B1 has its reason behind, before 7 only that."""
    error = code == 0xB1
    if protocol < 6 or (error and protocol < 7):
        end = at + 4 * (not error)
        values: tuple[tuple[int, str], ...] = () if error else ((int.from_bytes(data[at:end], "little"), ""),)
    elif at < len(data):
        end = at + 1 + 7 * data[at]
        values = tuple(_row(data, row) for row in range(at + 1, end, 7))
    else:
        return None
    if end + error > len(data):
        return None
    return Event(name, values=values, error=data[end] if error else None), end + error


def _pair_event(name: str, data: bytes, at: int, protocol: int) -> tuple[Event, int] | None:
    """Decode DC and DD: rows of paid, asked, country; *values* holds paid and asked in turn."""
    if protocol < 6:
        told = tuple((int.from_bytes(data[row : row + 4], "little"), "") for row in (at, at + 4))
        return (Event(name, values=told), at + 8) if at + 8 <= len(data) else None
    if at >= len(data) or at + 1 + 11 * data[at] > len(data):
        return None
    values: list[tuple[int, str]] = []
    for row in range(at + 1, at + 1 + 11 * data[at], 11):
        paid = int.from_bytes(data[row : row + 4], "little")
        asked, country = _row(data, row + 4)
        values += [(paid, country), (asked, country)]
    return Event(name, values=tuple(values)), at + 1 + 11 * data[at]


def encode_values(name: str, *rows: tuple[int, str]) -> bytes:
    """Encode an event with a list of values, as a device of version 6 or later sends it; pairs for DC and DD."""
    pairs = CODES[name] in _PAIRS
    out = bytes([CODES[name], len(rows) // (2 if pairs else 1)])
    for index, (amount, country) in enumerate(rows):
        out += amount.to_bytes(4, "little") + (b"" if pairs and not index % 2 else country.encode("ascii"))
    return out


class Setup(msgspec.Struct, frozen=True):
    """A device's report of itself. *values* are its channels' values in whole units of the currency, channel 1 first;
    ``value * scale`` is the value in the smallest unit, as payouts have it. *countries* are the channels' own, where
    the version tells them. *unit*: 0 a validator, 3 a hopper (whose values are coins), 6 a validator that pays out, 7 a
    note float. *multiplier* is what a channel's byte stands for before version 6.
    """

    unit: int
    firmware: str
    country: str
    values: tuple[int, ...]
    protocol: int
    scale: int = 1
    countries: tuple[str, ...] = ()
    multiplier: int = 1


def decode_setup(data: bytes) -> Setup | None:
    """Decode an answer to SETUP after its F0; None when it does not fit together.

    With protocol 6 and later the last block gives each channel's real value; before, value byte x multiplier.
    """
    if len(data) < 10:
        return None
    if data[0] == 3:
        return _hopper_setup(data)
    if len(data) < 12:
        return None
    count = data[11]
    tail = 12 + 2 * count
    if len(data) < tail + 4:
        return None
    protocol, scale = data[tail + 3], int.from_bytes(data[tail : tail + 3], "big")
    multiplier = int.from_bytes(data[8:11], "big")
    values = tuple(value * multiplier for value in data[12 : 12 + count])
    countries: tuple[str, ...] = ()
    if protocol >= 6:
        block = data[tail + 4 :]
        if len(block) < 7 * count:
            return None
        countries = _countries(block, count)
        values = _amounts(block[3 * count :], count)
    return Setup(data[0], _text(data[1:5]), _text(data[5:8]), values, protocol, scale, countries, multiplier)


def _hopper_setup(data: bytes) -> Setup | None:
    protocol, count = data[8], data[9]
    end = 10 + 2 * count
    if len(data) < end + (3 * count if protocol >= 6 else 0):
        return None
    values = tuple(int.from_bytes(data[at : at + 2], "little") for at in range(10, end, 2))
    countries = _countries(data[end:], count) if protocol >= 6 else ()
    return Setup(3, _text(data[1:5]), _text(data[5:8]), values, protocol, 1, countries)


def decode_channels(data: bytes, protocol: int) -> tuple[int, ...] | None:
    """Decode CHANNEL VALUES' answer after its F0: a byte a channel, or since version 6 the real values behind; None:
    cut.
    """
    if not data:
        return None
    count = data[0]
    if protocol < 6:
        return tuple(data[1 : 1 + count]) if len(data) >= 1 + count else None
    block = data[1 + count :]
    return _amounts(block[3 * count :], count) if len(block) >= 7 * count else None


def contradicts(setup: Setup, data: bytes) -> bool:
    """Return whether CHANNEL VALUES' answer says other values than the set-up did, or cannot be read."""
    told = decode_channels(data, setup.protocol)
    unit = 1 if setup.protocol >= 6 else setup.multiplier
    return told is None or _used([value * unit for value in told]) != _used(setup.values)


def _used(values: Iterable[int]) -> dict[int, int]:
    """Return the channels that have a value: some devices count the empty ones, some do not."""
    return {channel: value for channel, value in enumerate(values, 1) if value}


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace")


def _countries(block: bytes, count: int) -> tuple[str, ...]:
    return tuple(_text(block[3 * at : 3 * at + 3]) for at in range(count))


def _amounts(block: bytes, count: int) -> tuple[int, ...]:
    return tuple(int.from_bytes(block[4 * at : 4 * at + 4], "little") for at in range(count))


class Ticket(msgspec.Struct, frozen=True):
    """The answer to BARCODE_DATA. *state*: none, escrow, stacked or rejected."""

    state: str
    text: str


def decode_ticket(data: bytes) -> Ticket | None:
    """Decode BARCODE_DATA's answer after its F0 (state, length, characters), or None when it is cut or not ASCII
    digits.
    """
    states = ("none", "escrow", "stacked", "rejected")
    if len(data) < 2 or data[0] >= len(states) or len(data) < 2 + data[1]:
        return None
    text = data[2 : 2 + data[1]]
    if not all(0x20 <= byte < 0x7F for byte in text):
        return None
    return Ticket(states[data[0]], text.decode("ascii"))


def decode_levels(data: bytes, country: str) -> dict[int, int] | None:
    """Decode GET ALL LEVELS' answer after its F0: value (smallest unit) -> notes, of that country; None
    when it is cut.
    """
    if not data or len(data) < 1 + 9 * data[0]:
        return None
    rows = [data[at : at + 9] for at in range(1, 1 + 9 * data[0], 9)]
    return {
        int.from_bytes(row[2:6], "little"): int.from_bytes(row[:2], "little")
        for row in rows
        if _text(row[6:9]) == country
    }


def amount_of(fen: int, country: str) -> bytes:
    """Encode a value and its country, as payout commands carry them."""
    return fen.to_bytes(4, "little") + country.encode("ascii")


def pieces_of(items: Iterable[tuple[int, int]], country: str) -> bytes:
    """Encode denominations and how many of each, as PAYOUT and FLOAT BY DENOMINATION carry them."""
    rows = list(items)
    return bytes([len(rows)]) + b"".join(count.to_bytes(2, "little") + amount_of(fen, country) for fen, count in rows)
