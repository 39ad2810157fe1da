"""Decode what is said on a wire, as a person reads it: both ends' bytes to short lines, with nothing in them that is
secret.

The theory. A `ProtocolDecoder` names the codec that reads the host's half of a protocol, the one that reads the
device's, and the words for a message. A `WireDecoder` listens to one wire and gives out a `DecodedLine` whenever an end
has finished something: the raw bytes with their words. What comes between frames stays in the bytes of the next one, so
a recording lacks nothing. A driver without a row here is shown as its bytes.

Secrets. Digits of a PIN, what stands on an ID card, and codes that may be somebody's own are never shown: for those
devices a `DecodedLine` has a length and nothing else. A card that is no practice card hides the whole frame that its
number stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from hardware.protocols import (
    cctalk,
    coin_serial,
    crt310,
    crt591,
    dispenser_enq,
    escpos,
    escpos_stream,
    mdb_qibixx,
    pn532,
    sdt,
    ssp,
    ssp_money,
)

SECRET = frozenset({"pin_pad", "id_reader", "barcode_scanner"})
"""Logical devices whose wire carries what nobody may see."""
FOREIGN = re.compile(rb"(?<!\d)(?!9900)\d{12,19}(?!\d)")
"""A card's number that does not begin as practice cards do."""
QUIET_MS = 250
LONGEST = 4096


class DecodedLine(msgspec.Struct, frozen=True):
    """One end said something: *host* True for the host, when (*ms*, a clock of the listener's), its bytes and its
    words. *hidden* > 0: so many bytes that are not shown; then *data* is empty.
    """

    host: bool
    ms: int
    data: bytes
    words: tuple[str, ...] = ()
    hidden: int = 0
    private: bool = False
    """It may be somebody's own (what a tag says of itself): shown to who stands there, never kept."""


class ProtocolDecoder(NamedTuple):
    """The reader of one protocol. *words(message, host, asked)*: "" for what needs no line; *asked* is the host's last
    message.
    """

    host: Callable[[], Any]
    device: Callable[[], Any]
    words: Callable[[Any, bool, Any], str]
    private: Callable[[Any], bool] = lambda message: False


def _name_codes(module: ModuleType, names: str) -> dict[Any, str]:
    return {getattr(module, name): name.lower() for name in names.split()}


def _with(name: str, data: bytes) -> str:
    return f"{name} {data.hex(' ')}".rstrip()


# -- protocol by protocol ----------------------------------------------------------------------------------------------

_SSP = _name_codes(
    ssp,
    "RESET INHIBITS SETUP HOST_PROTOCOL POLL REJECT DISABLE ENABLE SERIAL SYNC LAST_REJECT HOLD FIRMWARE DATASET "
    "BARCODE_CONFIG SET_BARCODE_CONFIG BARCODE_INHIBIT SET_BARCODE_INHIBIT BARCODE_DATA POLL_ACK EVENT_ACK COUNTERS "
    "RESET_COUNTERS CHANNEL_VALUES LEVELS PAYOUT SET_LEVEL LEVEL HALT SET_ROUTE ROUTE FLOAT MIN_PAYOUT EMPTY "
    "FLOAT_PIECES PAYOUT_PIECES DISABLE_PAYOUT ENABLE_PAYOUT SEALED",
)
_SSP_SAYS = _name_codes(ssp, "OK UNKNOWN WRONG_PARAMETERS OUT_OF_RANGE CANNOT SOFTWARE_ERROR FAIL NO_KEY SEALED")


def _ssp(message: Any, host: bool, asked: Any) -> str:
    if not isinstance(message, ssp.Packet):
        return str(message)
    code, rest = message.data[0], message.data[1:]
    if host:
        return _with(_SSP.get(code, f"command {code:02x}"), rest)
    says = _SSP_SAYS.get(code, f"answer {code:02x}")
    if isinstance(asked, ssp.Packet) and asked.data[0] in (ssp.POLL, ssp.POLL_ACK) and code == ssp.OK:
        events, left = ssp_money.decode_events(rest)
        return _with(" ".join([says, *(f"{event.name} {event.channel or ''}".strip() for event in events)]), left)
    return _with(says, rest)


_TEXTS = frozenset({cctalk.SOFTWARE, cctalk.PRODUCT, cctalk.CATEGORY, cctalk.MAKER, cctalk.BUILD, cctalk.COIN_ID})


def _cctalk(message: Any, host: bool, asked: Any) -> str:
    if not isinstance(message, cctalk.Frame):
        return str(message)
    if message.dest != cctalk.HOST:
        if not host:
            return ""  # the wire's echo of the host
        name = cctalk.HEADERS.get(message.header, f"header {message.header}")
        return _with(f"to {message.dest}: {name}", message.data)
    if message.header:
        return {cctalk.NAK: "nak", cctalk.BUSY: "busy"}.get(message.header, f"answer {message.header}")
    if isinstance(asked, cctalk.Frame) and asked.header in _TEXTS:
        return f"ack {message.data.decode('ascii', 'replace')!r}"
    return _with("ack", message.data)


_CONTROLS = _name_codes(crt310, "ACK NAK ENQ EOT")
_CRT310 = {
    **_name_codes(
        crt310, "RESET STATUS CARD_TYPE ENTRY_OPEN ENTRY_CLOSED STOP_AT_IC MOVE_IC MOVE_FRONT_HOLD MOVE_CAPTURE"
    ),
    crt310.READ_TRACK_2: "read_track_2",
}


def _crt310(message: Any, host: bool, asked: Any) -> str:
    if isinstance(message, crt310.Control):
        return _CONTROLS.get(message.code, f"{message.code:02x}")
    if not isinstance(message, crt310.Frame):
        return str(message)
    body = message.body
    if host:
        return _CRT310.get(body, _with("command", body))
    if body[:2] == crt310.STATUS and (status := crt310.decode_status(body[2:])) is not None:
        return f"card {status.position}, entry {'open' if status.entry_open else 'closed'}"
    return _with("answer", body)


_PN532 = _name_codes(
    pn532,
    "DIAGNOSE FIRMWARE READ_REGISTER WRITE_REGISTER SET_BAUD SET_PARAMETERS SAM_CONFIG POWER_DOWN RF_CONFIG "
    "DATA_EXCHANGE DESELECT LIST_TARGETS RELEASE",
)


def _pn532(message: Any, host: bool, asked: Any) -> str:
    if not isinstance(message, pn532.Frame):
        return type(message).__name__.lower() if isinstance(message, pn532.Ack | pn532.Nack) else str(message)
    if not message.data:
        return "error"
    code = message.data[0] if host else message.data[0] - 1
    return _with(_PN532.get(code, f"command {code:02x}"), message.data[1:])


def _tags(message: Any) -> bool:
    """Return whether a tag's number, or what is on it, is said."""
    if not isinstance(message, pn532.Frame) or len(message.data) < 3:
        return False
    found = message.data[:1] == bytes([pn532.LIST_TARGETS + 1]) and message.data[1] > 0
    return found or message.data[0] in (pn532.DATA_EXCHANGE, pn532.DATA_EXCHANGE + 1)


class _Paper:
    """A printer's stream, gathered to lines."""

    def __init__(self) -> None:
        self._stream, self._line = escpos_stream.Stream(), ""
        self.faults = self._stream.faults

    def receive_data(self, data: bytes, now_ms: int) -> list[Any]:
        """Return the commands that *data* completes, a whole line of text as one str."""
        out: list[Any] = []
        for command in self._stream.receive_data(data):
            if isinstance(command, escpos_stream.Text):
                self._line += command.char
                continue
            if self._line:
                out.append(self._line)
                self._line = ""
            if not isinstance(command, escpos_stream.Ignored | escpos_stream.Style):
                out.append(command)
        return out

    def tick(self, now_ms: int) -> list[Any]:
        """Return nothing: nothing is late on paper."""
        return []


class _Bytes:
    """Bytes as they came."""

    def receive_data(self, data: bytes, now_ms: int) -> list[Any]:
        """Return all bytes, as one message."""
        return [data] if data else []

    def tick(self, now_ms: int) -> list[Any]:
        """Return nothing: nothing waits."""
        return []


class _Gathered:
    """Bytes until the line falls silent: what belongs together is judged together."""

    def __init__(self) -> None:
        self._held = b""

    def receive_data(self, data: bytes, now_ms: int) -> list[Any]:
        """Gather *data*: nothing is finished while somebody speaks."""
        self._held += data
        return []

    def tick(self, now_ms: int) -> list[Any]:
        """Return all that was gathered."""
        held, self._held = self._held, b""
        return [held] if held else []


def _escpos(message: Any, host: bool, asked: Any) -> str:
    if isinstance(message, str):
        return f"prints {message!r}"
    if isinstance(message, escpos_stream.Query):
        return f"status? {message.n}"
    if host or not isinstance(message, bytes):
        return str(message)
    try:
        status = escpos.decode_status(asked.n if isinstance(asked, escpos_stream.Query) else 1, message[-1])
    except ValueError:
        return _with("says", message)
    told = [name for name in status.__struct_fields__ if getattr(status, name)]
    return f"status {', '.join(told) or 'good'}"


def _plain(message: Any, host: bool, asked: Any) -> str:
    return _with("bytes", message) if isinstance(message, bytes) else str(message)


DECODERS: dict[str, ProtocolDecoder] = {
    "ssp": ProtocolDecoder(ssp.Codec, ssp.Codec, _ssp),
    "cctalk": ProtocolDecoder(cctalk.Codec, cctalk.Codec, _cctalk),
    "crt310": ProtocolDecoder(crt310.Codec, crt310.Codec, _crt310),
    "pn532": ProtocolDecoder(pn532.Codec, pn532.Codec, _pn532, _tags),
    "essp": ProtocolDecoder(ssp.Codec, ssp.Codec, _ssp),
    "crt591": ProtocolDecoder(crt591.Codec, crt591.Codec, _plain),
    "enq": ProtocolDecoder(dispenser_enq.Codec, dispenser_enq.Codec, _plain),
    "sdt": ProtocolDecoder(sdt.Codec, sdt.Codec, _plain),
    "escpos": ProtocolDecoder(_Paper, _Bytes, _escpos),
    "dg600f-serial": ProtocolDecoder(_Bytes, coin_serial.Codec, _plain),
    "mdb": ProtocolDecoder(mdb_qibixx.Codec, mdb_qibixx.Codec, _plain),
}
"""By a table's driver name."""
BYTES = ProtocolDecoder(_Gathered, _Gathered, _plain)


class WireDecoder:
    """Listens to a wire: *driver* says how it is read, *at* (the devices on it) whether it may be."""

    def __init__(self, driver: str, *at: str) -> None:
        decoder = DECODERS.get(driver, BYTES)
        self._secret, self._words, self._private = bool(SECRET & {*at}), decoder.words, decoder.private
        self._codecs = {True: decoder.host(), False: decoder.device()}
        self._open = {True: bytearray(), False: bytearray()}
        self._last_ms = {True: 0, False: 0}
        self._asked: Any = None

    def heard(self, data: bytes, host: bool, ms: int) -> Iterator[DecodedLine]:
        """Take *data* from one end; yield the lines that it finishes."""
        if self._secret:
            yield DecodedLine(host, ms, b"", (f"{len(data)} bytes, not shown",), len(data))
            return
        yield from self.tick(ms)
        yield from self._turned(not host)
        self._open[host] += data
        self._last_ms[host] = ms
        yield from self._finished(host, self._codecs[host].receive_data(data, ms), ms)

    def tick(self, ms: int) -> Iterator[DecodedLine]:
        """Time passed: what was not finished is given out as it is."""
        for host, held in self._open.items():
            if held and (ms - self._last_ms[host] >= QUIET_MS or len(held) > LONGEST):
                yield from self._finished(host, [*self._codecs[host].tick(ms), None], self._last_ms[host])

    def _turned(self, host: bool) -> Iterator[DecodedLine]:
        """Finish the other end's open bytes: it has stopped speaking, so they are whole."""
        if isinstance(self._codecs[host], _Gathered) and self._open[host]:
            yield from self._finished(host, self._codecs[host].tick(self._last_ms[host]), self._last_ms[host])

    def _finished(self, host: bool, messages: list[Any], ms: int) -> Iterator[DecodedLine]:
        if not messages:
            return
        data = bytes(self._open[host])
        self._open[host].clear()
        words = tuple(text for message in messages if message is not None and (text := self._text(message, host)))
        if FOREIGN.search(data):
            words = (f"{len(data)} bytes with a card's number that is no practice card's",)
            yield DecodedLine(host, ms, b"", words, len(data))
        else:
            words = words or (() if None not in messages else (f"unfinished {data.hex(' ')}",))
            yield DecodedLine(host, ms, data, words, private=any(map(self._private, messages)))

    def _text(self, message: Any, host: bool) -> str:
        text = self._words(message, host, self._asked)
        if host:
            self._asked = message
        return text
