"""ccTalk, the single-wire bus of coin acceptors and hoppers: bytes on the line <-> frames, and one question at a time.

The theory. A frame is ``dest, length, source, header, data…, check``, and the check byte makes the sum of all bytes
zero mod 256 (it is 00 where the others already are, which some libraries forget). In CRC mode ``source`` and ``check``
carry a CRC-16 instead, and who speaks is known only from who was asked. Nothing marks where a frame begins: it ends
by its length, and a pause of 50 ms ends everything. So after a wrong check nothing is looked for until the line was
silent: a frame that is "found" in the middle of garbage is true one time in 256 by chance alone, and may be money.

The host (address 1) speaks, a slave answers with header 0; on a single wire the host hears itself first. An answer
does not say what it answers. Lines keep the order of what is said, so an answer that comes late can only be older
than the question, never newer; here a question that was repeated or given up makes the next one to that slave wait
for silence, and an answer of a length that its question cannot have is not believed. What remains is for the drivers:
repeating is safe for questions alone, and never for DISPENSE.

Sources: ccTalk serial communication protocol (Crane), Suzo Flow, Azkoyen X6 and Alberici AL66 manuals.
"""

from __future__ import annotations

import msgspec

from hardware.framing.checksums import FrameFaults, LocalProtocolError, crc16_xmodem, sum8_complement

HOST = 1
GAP_MS = 50
PAUSE_MS = 50
"""Silence before a question is repeated."""
SETTLE_MS = 500
"""A slave that did not answer is asked nothing for so long: by then an answer that was only late has come, and is
dropped.
"""
ADDRESSES_MS = 1600
MAX_DATA = 255
_SINGLES = (252, 253)
"""What is answered by bare address bytes, for as long as slaves may wait before they speak."""

RESET, CLEAR_COMMS, COMMS_STATUS, COMMS_REVISION = 1, 2, 3, 4
TEST_HOPPER, ENABLE_HOPPER, STATUS, DISPENSE, EMERGENCY_STOP = 163, 164, 166, 167, 172
COIN_ID, BUILD, READ_OPTO, LEVEL, ENTER_PIN = 184, 192, 236, 217, 218
MASTER, SET_MASTER, CREDIT, INHIBITS, SET_INHIBITS, SELF_CHECK = 227, 228, 229, 230, 231, 232
BILL_MODE, SET_BILL_MODE, ROUTE_BILL, COUNTRY_SCALING, BILL_ID, BILL_CREDIT = 152, 153, 154, 156, 157, 159
SOFTWARE, SERIAL, PRODUCT, CATEGORY, MAKER, COIN_STATUS, PRIORITY = 241, 242, 244, 245, 246, 248, 249
ADDRESS_CLASH, ADDRESS_POLL, POLL = 252, 253, 254
ACK, NAK, BUSY = 0, 5, 6
ENABLE_KEY = 0xA5

HEADERS = {
    RESET: "reset",
    CLEAR_COMMS: "clear comms status",
    COMMS_STATUS: "comms status",
    COMMS_REVISION: "comms revision",
    113: "baud rate",
    129: "barcode",
    130: "dispense by type",
    133: "polling value",
    134: "dispense value",
    136: "store encryption",
    137: "switch encryption",
    145: "currency revision",
    147: "stacker cycle",
    151: "lamps",
    BILL_MODE: "bill mode",
    SET_BILL_MODE: "set bill mode",
    ROUTE_BILL: "route bill",
    155: "bill position",
    COUNTRY_SCALING: "country scaling",
    BILL_ID: "bill id",
    158: "set bill id",
    BILL_CREDIT: "bill events",
    160: "cipher key",
    161: "pump rng",
    TEST_HOPPER: "test hopper",
    ENABLE_HOPPER: "enable hopper",
    165: "set variables",
    STATUS: "payout status",
    DISPENSE: "dispense",
    168: "dispense count",
    169: "address mode",
    170: "base year",
    171: "hopper coin",
    EMERGENCY_STOP: "emergency stop",
    COIN_ID: "coin id",
    185: "set coin id",
    188: "default path",
    189: "set default path",
    BUILD: "build",
    193: "fraud count",
    194: "reject count",
    195: "changed on",
    196: "made on",
    197: "rom checksum",
    201: "teach status",
    202: "teach",
    209: "sorter paths",
    210: "set sorter paths",
    212: "coin position",
    213: "options",
    214: "write data",
    215: "read data",
    216: "data storage",
    LEVEL: "payout level",
    ENTER_PIN: "enter pin",
    219: "new pin",
    221: "sorter override",
    222: "set sorter override",
    225: "accept count",
    226: "insertion count",
    MASTER: "master inhibit",
    SET_MASTER: "set master inhibit",
    CREDIT: "coin events",
    INHIBITS: "inhibits",
    SET_INHIBITS: "set inhibits",
    SELF_CHECK: "self-check",
    READ_OPTO: "opto states",
    237: "input lines",
    238: "test outputs",
    240: "test solenoids",
    SOFTWARE: "software",
    SERIAL: "serial number",
    243: "database version",
    PRODUCT: "product",
    CATEGORY: "category",
    MAKER: "maker",
    247: "variables",
    COIN_STATUS: "coin status",
    PRIORITY: "polling priority",
    250: "random address",
    251: "change address",
    ADDRESS_CLASH: "address clash",
    ADDRESS_POLL: "address poll",
    POLL: "poll",
}
"""Every header of core, coin, bill and hopper devices, in words."""
LENGTHS: dict[int, tuple[int, ...]] = {
    RESET: (0,),
    CLEAR_COMMS: (0,),
    COMMS_STATUS: (3,),
    169: (1,),
    170: (2,),
    195: (2,),
    196: (2,),
    197: (4,),
    225: (3,),
    226: (3,),
    193: (3,),
    194: (3,),
    ENTER_PIN: (0,),
    243: (1,),
    COMMS_REVISION: (3,),
    TEST_HOPPER: (1, 2, 3),
    ENABLE_HOPPER: (0,),
    STATUS: (4,),
    DISPENSE: (0, 1),
    EMERGENCY_STOP: (0, 1),
    COIN_ID: (6,),
    READ_OPTO: (1,),
    LEVEL: (1,),
    MASTER: (1,),
    SET_MASTER: (0,),
    CREDIT: (11,),
    BILL_CREDIT: (11,),
    INHIBITS: (2,),
    SET_INHIBITS: (0,),
    SELF_CHECK: (1, 2, 3),
    SERIAL: (3,),
    COIN_STATUS: (1,),
    PRIORITY: (2,),
    POLL: (0,),
    ROUTE_BILL: (0, 1),
    SET_BILL_MODE: (0,),
    BILL_MODE: (1,),
    COUNTRY_SCALING: (3,),
    BILL_ID: (7,),
}
"""How many data bytes the answer to a header can have; those not listed may have any number."""


class Frame(msgspec.Struct, frozen=True):
    """One frame with a right check. *source* is 0 in CRC mode, where the line does not carry it."""

    dest: int
    source: int
    header: int
    data: bytes = b""
    crc: bool = False


class Broken(msgspec.Struct, frozen=True):
    """A frame began and cannot be used; *reason* as in ``FrameFaults``."""

    reason: str


Message = Frame | Broken


def send(frame: Frame) -> bytes:
    """Encode *frame* as the bytes on the line. Raises LocalProtocolError for values that a frame cannot carry."""
    fields = (frame.dest, frame.source, frame.header)
    if any(not 0 <= value <= 255 for value in fields) or len(frame.data) > MAX_DATA:
        raise LocalProtocolError(f"{fields} with {len(frame.data)} data bytes; allowed 0..255 each")
    head = bytes([frame.dest, len(frame.data)])
    if frame.crc:
        crc = crc16_xmodem(head + bytes([frame.header]) + frame.data)
        return head + bytes([crc & 0xFF, frame.header]) + frame.data + bytes([crc >> 8])
    plain = head + bytes([frame.source, frame.header]) + frame.data
    return plain + bytes([sum8_complement(plain)])


class Codec:
    """Bytes to frames, either side. Holds at most one unfinished frame (260 bytes). *crc* may change between frames."""

    def __init__(self, crc: bool = False) -> None:
        self.crc = crc
        self.faults = FrameFaults()
        self._held = bytearray()
        self._lost = False
        self._last_ms = 0

    def receive_data(self, data: bytes, now_ms: int) -> list[Message]:
        """Take *data* as it came and return the frames that are now complete, in order."""
        messages = self.tick(now_ms)
        if data:
            self._last_ms = now_ms
        for byte in data:
            if self._lost:
                self.faults.count("noise")
                continue
            self._held.append(byte)
            if len(self._held) >= 2 and len(self._held) == self._held[1] + 5:
                messages.append(self._whole())
        return messages

    def tick(self, now_ms: int) -> list[Message]:
        """Let time pass: silence of GAP_MS gives up what was not finished, and lets the next frame begin."""
        if now_ms - self._last_ms < GAP_MS:
            return []
        self._lost = False
        if not self._held:
            return []
        self._held.clear()
        self.faults.count("timeout")
        return [Broken("timeout")]

    def _whole(self) -> Message:
        held = bytes(self._held)
        self._held.clear()
        dest, source, header, data = held[0], held[2], held[3], held[4:-1]
        if self.crc:
            good = crc16_xmodem(held[:2] + held[3:-1]) == source | held[-1] << 8
            frame = Frame(dest, 0, header, data, True)
        else:
            good = sum(held) & 0xFF == 0
            frame = Frame(dest, source, header, data)
        if good and any(held):  # a line that is held low reads as zeros, and their sum and CRC are right
            return frame
        self._lost = True
        self.faults.count("check")
        return Broken("check")


class Command(msgspec.Struct, frozen=True):
    """A question to the slave at *address*. *tries* 1 for what must not be repeated; *crc*: it speaks in CRC mode."""

    address: int
    header: int
    data: bytes = b""
    tries: int = 3
    reply_ms: int = 150
    crc: bool = False


class Reply(msgspec.Struct, frozen=True):
    """The slave's answer to *header*: *status* ACK, NAK or BUSY, and *data*."""

    address: int
    header: int
    status: int
    data: bytes

    @property
    def ok(self) -> bool:
        """It was understood and done, or is being done."""
        return self.status == ACK


class NoReply(msgspec.Struct, frozen=True):
    """All tries went unanswered. The slave may or may not have acted."""

    address: int
    header: int


class Addresses(msgspec.Struct, frozen=True):
    """The answer to ADDRESS_POLL: who is there (two that speak at once may be missed)."""

    found: tuple[int, ...]


class Clash(msgspec.Struct, frozen=True):
    """The answer to ADDRESS_CLASH: how many bytes were heard from that address; more than one: so many devices have it
    (two that speak at once may be heard as one).
    """

    address: int
    voices: int


Outcome = Reply | NoReply | Addresses | Clash


class Host:
    """The host's half: one question at a time on the whole bus, its own echo taken away.

    *echo* None finds out by itself: a question never begins with the host's own address, an answer always does.
    """

    def __init__(self) -> None:
        self.codec = Codec()
        self.echoes = 0
        self._open: Command | None = None
        self._left = 0
        self._deadline_ms = 0
        self._write_ms: int | None = None
        self._free_ms = 0
        self._settled_ms: dict[int, int] = {}
        self._now_ms = 0
        self._mine = b""
        self._heard = bytearray()
        self._singles = bytearray()
        self._out = bytearray()

    @property
    def busy(self) -> bool:
        """True while a question waits for its answer."""
        return self._open is not None

    def command(self, command: Command, now_ms: int) -> None:
        """Ask. Raises LocalProtocolError while another question is open, and for the host's own address."""
        if self.busy:
            raise LocalProtocolError("one command at a time")
        if command.address == HOST:
            raise LocalProtocolError("address 1 is the host's own")
        self._open, self._left = command, command.tries
        self._write_ms = max(now_ms, self._free_ms, self._settled_ms.pop(command.address, 0))
        self._due(now_ms)

    def data_to_send(self) -> bytes:
        """Return the bytes to write now, and empty the store."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive_data(self, data: bytes, now_ms: int) -> list[Outcome]:
        """Take bytes from the line; return what they answer (at most one)."""
        self._now_ms = now_ms
        rest = self._without_echo(data)
        if self._open is not None and self._open.header in _SINGLES:
            self._singles += rest[:256]
            return []
        frames = [message for message in self.codec.receive_data(rest, now_ms) if isinstance(message, Frame)]
        outcomes: list[Outcome] = [reply for frame in frames if (reply := self._reply(frame)) is not None]
        if data and not outcomes and not self._asked:  # somebody still speaks
            self._free_ms = max(self._free_ms, now_ms + PAUSE_MS)
            self._write_ms = max(self._write_ms or 0, self._free_ms) if self.busy else None
        return outcomes

    @property
    def _asked(self) -> bool:
        """The open question has been on the line."""
        return self._open is not None and self._left < self._open.tries

    def tick(self, now_ms: int) -> list[Outcome]:
        """Let time pass: ask again, or give up."""
        self._now_ms = now_ms
        self.codec.tick(now_ms)
        if self._open is None:
            return []
        if self._write_ms is not None:
            self._due(now_ms)
            return []
        if now_ms < self._deadline_ms:
            return []
        if self._open.header in _SINGLES:
            return [self._addresses(self._open)]
        if self._left > 0:
            self._write_ms = now_ms + PAUSE_MS
            return []
        given_up, self._open = self._open, None
        self._settle(given_up, now_ms + SETTLE_MS)
        return [NoReply(given_up.address, given_up.header)]

    def _due(self, now_ms: int) -> None:
        if self._open is None or self._write_ms is None or now_ms < self._write_ms:
            return
        command, self._write_ms = self._open, None
        self._left -= 1
        self._deadline_ms = now_ms + (ADDRESSES_MS if command.header in _SINGLES else command.reply_ms)
        self._mine = send(Frame(command.address, HOST, command.header, command.data, command.crc))
        self._heard.clear()
        self._singles.clear()
        self.codec.crc = command.crc
        self._out += self._mine

    def _without_echo(self, data: bytes) -> bytes:
        """Return what of *data* is not our own voice. A spoiled echo is left to the codec, which falls silent over
        it.
        """
        if not self._mine:
            return data
        self._heard += data
        heard = bytes(self._heard)
        if self._mine.startswith(heard) and heard != self._mine:
            return b""
        rest = heard.removeprefix(self._mine)
        self.echoes += heard.startswith(self._mine)
        self._mine = b""
        self._heard.clear()
        return rest

    def _reply(self, frame: Frame) -> Reply | None:
        command = self._open
        told = frame.dest == HOST and frame.header in (ACK, NAK, BUSY)
        if command is None or not told or (not frame.crc and frame.source != command.address) or not self._asked:
            self.codec.faults.count("stale" if frame.dest == HOST else "unknown")
            return None
        allowed = LENGTHS.get(command.header)
        length = len(frame.data)
        if (length != 0) if frame.header != ACK else (allowed is not None and length not in allowed):
            self.codec.faults.count("stale")
            return None
        self._open, self._write_ms, self._mine = None, None, b""
        if self._left < command.tries - 1:  # asked more than once: the other answer may still be on its way
            self._settle(command, self._now_ms + command.reply_ms + PAUSE_MS)
        return Reply(command.address, command.header, frame.header, frame.data)

    def _settle(self, command: Command, until_ms: int) -> None:
        """Ask that slave nothing before; others may be asked, where an answer says whose it is."""
        self._settled_ms[command.address] = until_ms
        self._free_ms = until_ms if command.crc else self._now_ms + PAUSE_MS

    def _addresses(self, asked: Command) -> Addresses | Clash:
        self._open, self._mine = None, b""
        if asked.header == ADDRESS_CLASH:
            return Clash(asked.address, self._singles.count(asked.address))
        return Addresses(tuple(sorted(set(self._singles) - {0, HOST})))
