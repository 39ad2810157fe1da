"""ITL SSP banknote validators: bytes on the line <-> packets, and one command at a time. 9600 8N2.

The theory. A packet is ``7F SEQ|ID LEN DATA CRClo CRChi``; the CRC runs over SEQ|ID..DATA, and after the leading 7F
every 7F is doubled, so that a lone 7F always means "a packet starts here". The host asks, the device answers with the
same SEQ|ID. The sequence bit changes with each new command; the same bit again means "I did not hear you, say it
again", and the device repeats its last answer without acting, which makes every retry safe. SYNC (11) clears that
memory. What commands and answers mean is in ``ssp_money``; how payout commands are hidden, in ``essp``.

Sources: ITL manuals GA138_2_2_2129A, GA138_2_2_649A.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError, crc16_ssp

STX, SEALED = 0x7F, 0x7E
GAP_MS = 200
MAX_DATA = 255

RESET, INHIBITS, SETUP, HOST_PROTOCOL, POLL, REJECT, DISABLE, ENABLE = 0x01, 0x02, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A
SERIAL, SYNC, LAST_REJECT, HOLD, FIRMWARE, DATASET = 0x0C, 0x11, 0x17, 0x18, 0x20, 0x21
BARCODE_CONFIG, SET_BARCODE_CONFIG, BARCODE_INHIBIT, SET_BARCODE_INHIBIT, BARCODE_DATA = 0x23, 0x24, 0x25, 0x26, 0x27
POLL_ACK, EVENT_ACK, COUNTERS, RESET_COUNTERS = 0x56, 0x57, 0x58, 0x59
CHANNEL_VALUES, LEVELS, PAYOUT, SET_LEVEL, LEVEL, HALT = 0x0E, 0x22, 0x33, 0x34, 0x35, 0x38
SET_ROUTE, ROUTE, FLOAT, MIN_PAYOUT, EMPTY, FLOAT_PIECES, PAYOUT_PIECES = 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x44, 0x46
DISABLE_PAYOUT, ENABLE_PAYOUT = 0x5B, 0x5C

OK, UNKNOWN, WRONG_PARAMETERS, OUT_OF_RANGE, CANNOT, SOFTWARE_ERROR, FAIL = 0xF0, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF8
NO_KEY = 0xFA
"""The command must be sealed (``essp``), and no key was agreed."""


class Packet(msgspec.Struct, frozen=True):
    """One packet with a right CRC. *seq* 0 or 1, *address* 0..125, *data* 1..255 bytes (command or answer first)."""

    seq: int
    address: int
    data: bytes


class Broken(msgspec.Struct, frozen=True):
    """A packet began and cannot be used; *reason* as in ``FrameFaults``."""

    reason: str


Message = Packet | Broken


def send(packet: Packet) -> bytes:
    """Encode *packet* as bytes on the line, stuffed. Raises LocalProtocolError for values that the packet
    cannot carry.
    """
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
        self.faults = FrameFaults()
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
    sooner lowers *tries* and goes on with SYNC. ``seal`` and ``unseal`` may be set between commands: then all but SYNC
    goes through them, and an answer that cannot be unsealed is as if it had not come.
    """

    def __init__(self, address: int = 0, reply_ms: int = 1000, tries: int = 20) -> None:
        self.codec = Codec()
        self._address, self._reply_ms, self._tries = address, reply_ms, tries
        self.seal: Callable[[bytes], bytes] | None = None
        self.unseal: Callable[[bytes], bytes | None] = bytes
        self._seq = 1
        self._data = self._plain = b""
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
        sealed = self.seal(data) if self.seal is not None and data[0] != SYNC else data
        self._plain, self._data, self._left = data, sealed, self._tries
        self._write(now_ms)

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, and empty the store."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[Reply | NoReply]:
        """Take bytes from the line; return the reply when it is whole (at most one)."""
        replies: list[Reply | NoReply] = []
        for message in self.codec.receive_data(data, now_ms):
            if isinstance(message, Broken):
                continue  # counted; the deadline asks again
            if not self.busy or message.seq != self._seq or message.address != self._address:
                self.codec.faults.count("stale")
            elif (told := self._opened(message.data)) is not None:
                replies.append(Reply(self._plain[0], told[0], told[1:]))
                self._data = b""
        return replies

    def _opened(self, data: bytes) -> bytes | None:
        """Return the data of an answer, unsealed where the command was sealed. To what was sealed, only a refusal may
        come open: that key or letter was not known.
        """
        if self._data is self._plain:
            return data
        told = self.unseal(data) if data[0] == SEALED else data if data[0] != OK else None
        if not told:
            self.codec.faults.count("stale")
        return told or None

    def tick(self, now_ms: int) -> list[Reply | NoReply]:
        """Let time pass: repeat the command, or give it up."""
        self.codec.tick(now_ms)
        if not self.busy or now_ms < self._deadline_ms:
            return []
        if self._left > 0:
            self._write(now_ms)
            return []
        self._data = b""
        return [NoReply(self._plain[0])]

    def _write(self, now_ms: int) -> None:
        self._left -= 1
        self._deadline_ms = now_ms + self._reply_ms
        self._out += send(Packet(self._seq, self._address, self._data))
