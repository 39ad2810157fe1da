"""ITL SSP banknote validators: bytes on the line <-> packets, and packets <-> meanings. 9600 8N2, plain SSP.

The theory. A packet is ``7F SEQ|ID LEN DATA CRClo CRChi``; the CRC runs over SEQ|ID..DATA, and after the leading 7F
every 7F is doubled, so that a lone 7F always means "a packet starts here". The host asks, the device answers with the
same SEQ|ID. The sequence bit changes with each new command; the same bit again means "I did not hear you, say it
again", and the device repeats its last answer without acting, which makes every retry safe. SYNC (11) clears that
memory.

Money: READ n (EF n) says that a note lies in escrow. The *next poll accepts it*; HOLD (18) in place of the poll keeps
it and restarts the device's 10 s; REJECT (08) gives it back. Only CREDIT (EE n), and for a barcode ticket TICKET ACK
(D1), is money. With POLL WITH ACK (56) those events are repeated until EVENT ACK (57), so a crash between hearing and
writing down loses nothing.

Sources: ITL manuals GA138_2_2_2129A, GA138_2_2_649A; the values of a poll answer depend on the protocol version.
"""

from __future__ import annotations

import msgspec

from hardware.checks import Faults, LocalProtocolError, crc16_ssp

STX = 0x7F
GAP_MS = 200
MAX_DATA = 255

RESET, INHIBITS, SETUP, HOST_PROTOCOL, POLL, REJECT, DISABLE, ENABLE = 0x01, 0x02, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A
SERIAL, SYNC, LAST_REJECT, HOLD, FIRMWARE, DATASET = 0x0C, 0x11, 0x17, 0x18, 0x20, 0x21
BARCODE_CONFIG, SET_BARCODE_CONFIG, BARCODE_INHIBIT, SET_BARCODE_INHIBIT, BARCODE_DATA = 0x23, 0x24, 0x25, 0x26, 0x27
POLL_ACK, EVENT_ACK, COUNTERS, RESET_COUNTERS = 0x56, 0x57, 0x58, 0x59

OK, UNKNOWN, WRONG_PARAMETERS, OUT_OF_RANGE, CANNOT, SOFTWARE_ERROR, FAIL = 0xF0, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF8

EVENTS = {
    0xF1: "reset", 0xEF: "read", 0xEE: "credit", 0xED: "rejecting", 0xEC: "rejected", 0xCC: "stacking", 0xEB: "stacked",
    0xEA: "safe_jam", 0xE9: "unsafe_jam", 0xE8: "disabled", 0xE7: "stacker_full", 0xE6: "fraud", 0xE5: "ticket",
    0xE4: "cashbox_replaced", 0xE3: "cashbox_removed", 0xE2: "cleared_to_cashbox", 0xE1: "cleared_from_front",
    0xE0: "path_open", 0xD1: "ticket_ack", 0xB5: "channels_disabled", 0xB6: "initialising", 0xB1: "payout_error",
    0xB4: "smart_emptied", 0xB3: "smart_emptying", 0xBF: "value_added", 0xC9: "transferred", 0xCF: "device_full",
    0xDA: "dispensing", 0xD2: "dispensed", 0xD5: "jammed", 0xD6: "halted", 0xD7: "floating", 0xD8: "floated",
    0xD9: "timeout", 0xDC: "incomplete_payout", 0xDD: "incomplete_float", 0xDE: "cashbox_paid", 0xDB: "note_stored",
    0xC2: "emptying", 0xC3: "emptied", 0xC6: "payout_out_of_service", 0xC7: "float_removed", 0xC8: "float_attached",
}
CODES = {name: code for code, name in EVENTS.items()}
NEEDS_ACK = frozenset({0xEE, 0xD1, 0xE2})
"""Events that are money, repeated by POLL WITH ACK until EVENT ACK."""

_CHANNEL = frozenset({0xEF, 0xEE, 0xE6, 0xE2, 0xE1})
_VALUES = frozenset({0xDA, 0xD2, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDE, 0xB3, 0xB4, 0xBF, 0xB1})
_PAIRS = frozenset({0xDC, 0xDD})

REJECT_REASONS = {
    0x00: "accepted", 0x01: "length", 0x02: "average", 0x03: "coastline", 0x04: "graph", 0x05: "buried",
    0x06: "channel_inhibit", 0x07: "second_note", 0x08: "host", 0x09: "cross_channel", 0x0A: "rear_sensor",
    0x0B: "too_long", 0x0C: "disabled", 0x0D: "slow_mech", 0x0E: "strim", 0x0F: "fraud_channel", 0x10: "no_notes",
    0x11: "peak_detect", 0x12: "twisted", 0x13: "escrow_timeout", 0x14: "barcode_scan", 0x15: "no_cam",
    0x16: "slot", 0x17: "slot", 0x18: "oversample", 0x19: "width", 0x1A: "short", 0x1B: "payout_note",
    0x1C: "double", 0x1D: "unable_to_stack",
}


class Packet(msgspec.Struct, frozen=True):
    """One packet with a right CRC. *seq* 0 or 1, *address* 0..125, *data* 1..255 bytes (command or answer first)."""

    seq: int
    address: int
    data: bytes


class Broken(msgspec.Struct, frozen=True):
    """A packet began and cannot be used; *reason* as in ``Faults``."""

    reason: str


Message = Packet | Broken


def send(packet: Packet) -> bytes:
    """The stuffed bytes of *packet*. Raises LocalProtocolError for values that the packet cannot carry."""
    if packet.seq not in (0, 1) or not 0 <= packet.address <= 0x7D:
        raise LocalProtocolError(f"seq {packet.seq}, address {packet.address}; allowed 0..1 and 0..125")
    if not 1 <= len(packet.data) <= MAX_DATA:
        raise LocalProtocolError(f"{len(packet.data)} data bytes; allowed 1..{MAX_DATA}")
    plain = bytes([packet.seq << 7 | packet.address, len(packet.data)]) + packet.data
    plain += crc16_ssp(plain).to_bytes(2, "little")
    return bytes([STX]) + plain.replace(b"\x7f", b"\x7f\x7f")


class Codec:
    """Bytes to packets, either side. Holds at most one unfinished packet (under 260 bytes)."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._plain = bytearray()
        self._open = False
        self._half = False
        self._last_ms = 0

    def receive_data(self, data: bytes, now_ms: int) -> list[Message]:
        """Take *data* as it came and return the packets that are now complete, in order."""
        messages = self.tick(now_ms)
        if data:
            self._last_ms = now_ms
        for byte in data:
            message = self._byte(byte)
            if message is not None:
                messages.append(message)
        return messages

    def tick(self, now_ms: int) -> list[Message]:
        """Let time pass: a packet whose next byte does not come for GAP_MS is given up."""
        if not self._open or now_ms - self._last_ms < GAP_MS:
            return []
        self._close()
        self.faults.count("timeout")
        return [Broken("timeout")]

    def _close(self) -> None:
        self._plain.clear()
        self._open = self._half = False

    def _byte(self, byte: int) -> Message | None:
        if not self._open:
            if byte == STX:
                self._open = True
            else:
                self.faults.count("noise")
            return None
        if self._half:
            self._half = False
            if byte != STX:  # the 7F before was alone: it began a new packet, and this is its first byte
                self._plain.clear()
                self.faults.count("restart")
            return self._literal(byte)
        if byte == STX:
            # Address 127 does not exist, so a 7F straight after the 7F is a start again, not a doubled byte.
            self._half = bool(self._plain)
            return None
        return self._literal(byte)

    def _literal(self, byte: int) -> Message | None:
        self._plain.append(byte)
        if len(self._plain) < 2:
            return None
        if self._plain[1] == 0:
            return self._fail("length")
        if len(self._plain) < self._plain[1] + 4:
            return None
        head, check = bytes(self._plain[:-2]), int.from_bytes(self._plain[-2:], "little")
        if crc16_ssp(head) != check:
            return self._fail("check")
        self._close()
        return Packet(head[0] >> 7, head[0] & 0x7F, head[2:])

    def _fail(self, reason: str) -> Broken:
        self._close()
        self.faults.count(reason)
        return Broken(reason)


class Reply(msgspec.Struct, frozen=True):
    """The device's answer to *command*: *code* is the generic answer (F0 is OK), *data* what follows it."""

    command: int
    code: int
    data: bytes


class NoReply(msgspec.Struct, frozen=True):
    """All tries of *command* went unanswered. The device may or may not have acted."""

    command: int


class Host:
    """The host's half: one command at a time, repeated with the same sequence bit until it is answered.

    *reply_ms* and *tries* are the manual's 1000 ms and 20 unless told; a driver that wants to report a silent device
    sooner lowers *tries* and goes on with SYNC.
    """

    def __init__(self, address: int = 0, reply_ms: int = 1000, tries: int = 20) -> None:
        self.codec = Codec()
        self._address, self._reply_ms, self._tries = address, reply_ms, tries
        self._seq = 1
        self._data = b""
        self._left = 0
        self._deadline_ms = 0
        self._out = bytearray()

    @property
    def busy(self) -> bool:
        """True while a command waits for its answer."""
        return bool(self._data)

    def command(self, data: bytes, now_ms: int) -> None:
        """Send a new command. Raises LocalProtocolError while another one is open."""
        if self.busy:
            raise LocalProtocolError("one command at a time")
        self._seq ^= 1
        if data[0] == SYNC:
            self._seq = 1  # the manual's own SYNC; the command after it carries 0
        self._data, self._left = data, self._tries
        self._write(now_ms)

    def data_to_send(self) -> bytes:
        """The bytes to write now; empties the store."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[Reply | NoReply]:
        """Bytes from the line; returns the reply when it is whole (at most one)."""
        replies: list[Reply | NoReply] = []
        for message in self.codec.receive_data(data, now_ms):
            if isinstance(message, Broken):
                continue  # counted; the deadline asks again
            if not self.busy or message.seq != self._seq or message.address != self._address:
                self.codec.faults.count("stale")
                continue
            replies.append(Reply(self._data[0], message.data[0], message.data[1:]))
            self._data = b""
        return replies

    def tick(self, now_ms: int) -> list[Reply | NoReply]:
        """Let time pass: repeat the command, or give it up."""
        self.codec.tick(now_ms)
        if not self.busy or now_ms < self._deadline_ms:
            return []
        if self._left > 0:
            self._write(now_ms)
            return []
        command, self._data = self._data[0], b""
        return [NoReply(command)]

    def _write(self, now_ms: int) -> None:
        self._left -= 1
        self._deadline_ms = now_ms + self._reply_ms
        self._out += send(Packet(self._seq, self._address, self._data))


class Event(msgspec.Struct, frozen=True):
    """One event of a poll answer. *channel* 0 where the event has none; *values* are (amount, country) rows as sent."""

    name: str
    channel: int = 0
    values: tuple[tuple[int, str], ...] = ()
    error: int | None = None


def decode_events(data: bytes, payout: bool = False) -> tuple[list[Event], bytes]:
    """The events of a poll answer after its F0, and the rest that could not be read (empty when all is well).

    An unknown code ends the walk, because its length is unknown: what follows is never guessed to be money.
    *payout*: the unit is a payout device, whose fraud event carries values instead of a channel (protocol >= 6).
    """
    events: list[Event] = []
    at = 0
    while at < len(data):
        step = _event(data, at, payout)
        if step is None:
            return events, data[at:]
        event, at = step
        events.append(event)
    return events, b""


def _event(data: bytes, at: int, payout: bool) -> tuple[Event, int] | None:
    code = data[at]
    name = EVENTS.get(code)
    at += 1
    if name is None:
        return None
    if code == 0xC9:
        return (Event(name, values=(_row(data, at),)), at + 7) if at + 7 <= len(data) else None
    if code in _VALUES or (payout and code == 0xE6):
        return _value_event(code, name, data, at)
    if code in _PAIRS:
        return _pair_event(name, data, at)
    if code in _CHANNEL:
        return (Event(name, data[at]), at + 1) if at < len(data) else None
    return Event(name), at


def _row(data: bytes, at: int, width: int = 4) -> tuple[int, str]:
    amount = int.from_bytes(data[at : at + 4], "little")
    return amount, data[at + width : at + width + 3].decode("ascii", "replace")


def _value_event(code: int, name: str, data: bytes, at: int) -> tuple[Event, int] | None:
    if at >= len(data):
        return None
    end = at + 1 + 7 * data[at]
    error = code == 0xB1
    if end + error > len(data):
        return None
    rows = tuple(_row(data, row) for row in range(at + 1, end, 7))
    return Event(name, values=rows, error=data[end] if error else None), end + error


def _pair_event(name: str, data: bytes, at: int) -> tuple[Event, int] | None:
    """DC and DD: rows of paid, asked, country; *values* holds paid and asked in turn."""
    if at >= len(data) or at + 1 + 11 * data[at] > len(data):
        return None
    values: list[tuple[int, str]] = []
    for row in range(at + 1, at + 1 + 11 * data[at], 11):
        paid = int.from_bytes(data[row : row + 4], "little")
        asked, country = _row(data, row + 4)
        values += [(paid, country), (asked, country)]
    return Event(name, values=tuple(values)), at + 1 + 11 * data[at]


class Setup(msgspec.Struct, frozen=True):
    """What a validator says of itself. *values* are the channels' values in whole currency units, channel 1 first."""

    unit: int
    firmware: str
    country: str
    values: tuple[int, ...]
    protocol: int


def decode_setup(data: bytes) -> Setup | None:
    """The answer to SETUP after its F0 (not the hopper's form), or None when it does not fit together.

    With protocol 6 and later the last block gives each channel's real value; before, value byte x multiplier.
    """
    if len(data) < 12 or data[0] == 3:
        return None
    count = data[11]
    tail = 12 + 2 * count
    if len(data) < tail + 4:
        return None
    protocol = data[tail + 3]
    multiplier = int.from_bytes(data[8:11], "big")
    values = tuple(value * multiplier for value in data[12 : 12 + count])
    if protocol >= 6:
        block = data[tail + 4 + 3 * count :]
        if len(block) < 4 * count:
            return None
        values = tuple(int.from_bytes(block[4 * i : 4 * i + 4], "little") for i in range(count))
    return Setup(data[0], data[1:5].decode("ascii", "replace"), data[5:8].decode("ascii", "replace"), values, protocol)


class Ticket(msgspec.Struct, frozen=True):
    """The answer to BARCODE_DATA. *state*: none, escrow, stacked or rejected."""

    state: str
    text: str


def decode_ticket(data: bytes) -> Ticket | None:
    """BARCODE_DATA's answer after its F0 (state, length, characters), or None when it is cut or not ASCII digits."""
    states = ("none", "escrow", "stacked", "rejected")
    if len(data) < 2 or data[0] >= len(states) or len(data) < 2 + data[1]:
        return None
    text = data[2 : 2 + data[1]]
    if not all(0x20 <= byte < 0x7F for byte in text):
        return None
    return Ticket(states[data[0]], text.decode("ascii"))
