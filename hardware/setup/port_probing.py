"""Find out who answers on a serial port: each protocol's harmless question, asked in turn.

The theory. A port that nobody knows may have anything behind it: a stacker full of notes, a hopper, a card that
somebody left in a reader. So a probe asks for an identity or a status and for nothing else; `QUESTIONS` are all bytes
that probing ever writes, a test reads each with its own codec and with every other one, and probes every twin to see
that nothing moved. Printers are asked first, since whatever else reaches them ends up on paper; the first protocol
that answers with a right check ends the search (a bus is then asked at its other addresses). A step that follows
another is only said when that one was answered.

Sources: the codecs' own. What answers nothing of the kind (pulse acceptors, text scanners, magnetic stripes, serial
coin acceptors) cannot be found this way.
"""

from __future__ import annotations

import contextlib
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from hardware.decoders.wire_decoders import DECODERS
from hardware.protocols import (
    cctalk,
    crt310,
    crt591,
    dispenser_enq,
    escpos,
    mdb_qibixx,
    pn532,
    scanner_gm65,
    scanner_ssi,
    sdt,
    ssp,
    ssp_money,
)
from hardware.transport.serial_port import PortSettings, open_serial


class ProbedDevice(msgspec.Struct, frozen=True, omit_defaults=True):
    """The device that answered: the *driver* and *role* that unit.toml would name, at which *baud*, and what it says of
    itself.

    *address*: where it sits on a bus; 0: the port is its own. *settings*: what else unit.toml must say of it.
    """

    driver: str
    role: str
    baud: int
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    address: int = 0
    settings: dict[str, str] = {}

    @property
    def words(self) -> str:
        """In short."""
        firmware, number = self.firmware and f"firmware {self.firmware}", self.serial and f"no. {self.serial}"
        said = (self.maker, self.model, firmware, number)
        where = f" at address {self.address}" if self.address else ""
        return f"{self.role} {self.driver}{where}: {', '.join(part for part in said if part) or 'says no name'}"


class Probe(NamedTuple):
    """One protocol's questions. *steps*: bytes; *hears(message)*: the answer's value, None for what is none;
    *tells(values)*: role and fields of the Identity, None when it is not that device after all.
    """

    driver: str
    bauds: tuple[int, ...]
    steps: tuple[bytes, ...]
    hears: Callable[[Any], Any]
    tells: Callable[[list[Any]], dict[str, Any] | None]
    wait_ms: int = 250
    stop_bits: int = 1
    bus: bool = False
    codec: Callable[[], Any] | None = None
    """What reads the answers, where the driver has several tongues."""


def _text(data: bytes) -> str:
    return "".join(chr(byte) for byte in data if 32 <= byte < 127).strip()


# -- printers ----------------------------------------------------------------------------------------------------------


def _escpos(message: Any) -> Any:
    return True if isinstance(message, bytes) and len(message) == 1 and message[0] & 0x93 == 0x12 else None


# -- note acceptors ----------------------------------------------------------------------------------------------------


SSP_ADDRESSES = (0, 16)
"""A note validator's, and a hopper's."""
_HOPPER, _PAYING = 3, (6, 7)
"""Unit types: a hopper; validators that pay out too."""


def _ssp(address: int) -> Probe:
    def ask(seq: int, command: int) -> bytes:
        return ssp.send(ssp.Packet(seq, address, bytes([command])))

    def hears(message: Any) -> bytes | None:
        if not isinstance(message, ssp.Packet) or message.address != address or message.data[0] != ssp.OK:
            return None
        return message.data[1:]

    def tells(values: list[Any]) -> dict[str, Any] | None:
        _, setup, serial, firmware = values
        if setup is None or ssp_money.decode_setup(setup) is None:
            return None
        return {
            "driver": "essp" if setup[0] in _PAYING else "ssp",
            "address": address,
            "role": "coin_dispenser" if setup[0] == _HOPPER else "note_acceptor",
            "serial": str(int.from_bytes(serial, "big")) if serial else "",
            "firmware": _text(firmware or b""),
        }

    steps = (ask(0, ssp.SYNC), ask(0, ssp.SETUP), ask(1, ssp.SERIAL), ask(0, ssp.FIRMWARE))
    return Probe("ssp", (9600,), steps, hears, tells, 300, stop_bits=2, bus=True)


# -- card readers ------------------------------------------------------------------------------------------------------


def _crt310(message: Any) -> Any:
    if isinstance(message, crt310.Control):
        return message.code == crt310.ACK or None
    if isinstance(message, crt310.Frame) and message.body[:2] == crt310.STATUS:
        return crt310.decode_status(message.body[2:])
    return None


def _crt310_tells(values: list[Any]) -> dict[str, Any] | None:
    known = isinstance(values[1], crt310.ReaderStatus) and values[1].position != "unknown"
    return {"role": "card_reader"} if known else None


def _pn532(message: Any) -> bytes | None:
    if not isinstance(message, pn532.Frame) or message.tfi != pn532.CHIP or len(message.data) != 5:
        return None
    return message.data[1:] if message.data[0] == pn532.FIRMWARE + 1 else None


def _pn532_tells(values: list[Any]) -> dict[str, Any] | None:
    chip, version, revision, _ = values[0]
    return {"role": "card_reader", "model": f"PN5{chip:02x}", "firmware": f"{version}.{revision}"}


# -- ccTalk ------------------------------------------------------------------------------------------------------------

_HEADERS = (cctalk.CATEGORY, cctalk.MAKER, cctalk.PRODUCT, cctalk.SERIAL, cctalk.SOFTWARE)
_CATEGORIES = {"coin": "coin_acceptor", "payout": "coin_dispenser", "hopper": "coin_dispenser", "bill": "note_acceptor"}
ADDRESSES = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 40)


def _cctalk(address: int) -> Probe:
    def hears(message: Any) -> bytes | None:
        if not isinstance(message, cctalk.Frame) or (message.dest, message.source) != (cctalk.HOST, address):
            return None
        return message.data if message.header == cctalk.ACK else None

    def tells(values: list[Any]) -> dict[str, Any] | None:
        category, maker, product, serial, software = (value or b"" for value in values)
        role = next((role for word, role in _CATEGORIES.items() if word in _text(category).lower()), None)
        return (
            None
            if role is None
            else {
                "role": role,
                "maker": _text(maker),
                "model": _text(product),
                "address": address,
                "serial": str(int.from_bytes(serial, "little")) if serial else "",
                "firmware": _text(software),
            }
        )

    steps = tuple(cctalk.send(cctalk.Frame(address, cctalk.HOST, header)) for header in _HEADERS)
    return Probe("cctalk", (9600,), steps, hears, tells, 80, bus=True)


# -- dispensers, ID readers, changers, scanners ------------------------------------------------------------------------


def _enq(message: Any) -> Any:
    if isinstance(message, dispenser_enq.Control):
        return message.code == dispenser_enq.ACK or None
    return message.text if isinstance(message, dispenser_enq.Frame) else None


def _enq_tells(values: list[Any]) -> dict[str, Any] | None:
    return {"role": "ticket_dispenser", "firmware": _text(values[1])} if isinstance(values[1], bytes) else None


def _crt591(message: Any) -> Any:
    return crt591.decode(message.text) if isinstance(message, crt591.Frame) else None


def _crt591_tells(values: list[Any]) -> dict[str, Any]:
    data = values[0].data if isinstance(values[0], crt591.Answer) else b""  # before it is initialised it refuses
    return {"role": "ticket_dispenser", "firmware": _text(data)}


def _sdt(message: Any) -> bytes | None:
    good = isinstance(message, sdt.Frame) and message.body[2:3] == bytes([sdt.OK]) and len(message.body) == 19
    return message.body[3:] if good else None


def _mdb(message: Any) -> Any:
    return message if isinstance(message, mdb_qibixx.Line) and message.letter == "v" else None


def _mdb_tells(values: list[Any]) -> dict[str, Any]:
    return {"role": "coin_acceptor", "maker": "Qibixx", "firmware": " ".join(values[0].fields)}


def _scans(model: str) -> Callable[[list[Any]], dict[str, Any]]:
    return lambda values: {"role": "barcode_scanner", "model": model, "settings": {"model": model}}


def _ssi(message: Any) -> Any:
    return message if isinstance(message, scanner_ssi.Packet) and message.opcode == scanner_ssi.REVISION_IS else None


def _gm65(message: Any) -> Any:
    return message if isinstance(message, scanner_gm65.Answer) and message.type == scanner_gm65.DONE else None


_ASK_SSI = scanner_ssi.send(scanner_ssi.Packet(scanner_ssi.REVISION))
_ASK_GM65 = scanner_gm65.send(scanner_gm65.Command(scanner_gm65.READ, scanner_gm65.BAUD_ZONE, b"\x02"))

PROBES: tuple[Probe, ...] = (
    Probe("escpos", (9600, 115_200, 19_200), (escpos.ask(1),), _escpos, lambda _: {"role": "receipt_printer"}),
    *(_ssp(address) for address in SSP_ADDRESSES),
    *(_cctalk(address) for address in ADDRESSES),
    Probe(
        "crt310",
        (9600,),
        (crt310.send(crt310.Frame(crt310.STATUS)), crt310.send(crt310.Control(crt310.ENQ))),
        _crt310,
        _crt310_tells,
        400,
    ),
    Probe(
        "pn532",
        (115_200,),
        (pn532.WAKE_UP + pn532.send(pn532.Frame(pn532.HOST, bytes([pn532.FIRMWARE]))),),
        _pn532,
        _pn532_tells,
        300,
    ),
    Probe(
        "enq",
        (9600,),
        (
            dispenser_enq.send(dispenser_enq.Frame(dispenser_enq.VERSION)),
            dispenser_enq.send(dispenser_enq.Control(dispenser_enq.ENQ)),
        ),
        _enq,
        _enq_tells,
    ),
    Probe("crt591", (9600,), (crt591.send(crt591.Frame(b"C" + crt591.VERSION)),), _crt591, _crt591_tells, 400),
    Probe("sdt", (115_200,), (sdt.send(sdt.Frame(sdt.SAM_ID)),), _sdt, lambda _: {"role": "id_reader"}, 300),
    Probe("mdb", (115_200,), (mdb_qibixx.send(mdb_qibixx.Line("V")),), _mdb, _mdb_tells),
    Probe("scanner", (9600,), (_ASK_GM65,), _gm65, _scans("gm65"), codec=lambda: scanner_gm65.Codec(module=False)),
    Probe("scanner", (9600,), (_ASK_SSI,), _ssi, _scans("ssi"), codec=scanner_ssi.Codec),
)
"""In the order of asking."""
QUESTIONS: tuple[tuple[str, bytes], ...] = tuple((probe.driver, data) for probe in PROBES for data in probe.steps)
"""All bytes that probing writes, with whose question they are."""


class PortError(OSError):
    """The port cannot be opened; the text says why, and who holds it."""


def probe(path: str, drivers: Sequence[str] = (), patience: float = 1.0) -> list[ProbedDevice]:
    """Open *path*, ask who is there (*drivers*: only these), close it. Empty: nobody that we know. *patience* stretches
    the waiting.

    Raises:
        PortError: the port is not there, or somebody else has it.
    """
    try:
        line = open_serial(PortSettings(path))
    except OSError as error:
        raise PortError(*error.args) from error
    with contextlib.closing(line):
        return identify_device(line, drivers, patience)


def refusal(path: str, patience: float = 1.0) -> str:
    """Return who speaks SSP there in another dialect, in words; "" where nobody refuses. Asks nothing that `probe` does
    not. Raises PortError as that.
    """
    try:
        line = open_serial(PortSettings(path))
    except OSError as error:
        raise PortError(*error.args) from error
    with contextlib.closing(line):
        said = (_ask_refusal(line, address, patience) for address in SSP_ADDRESSES)
        return next((words for words in said if words), "")


def _ask_refusal(line: Any, address: int, patience: float) -> str:
    one = _ssp(address)._replace(hears=lambda message: message if isinstance(message, ssp.Packet) else None)
    line.baudrate, line.stopbits, line.timeout = one.bauds[0], one.stop_bits, 0.01
    codec = DECODERS[one.driver].device()
    for step, question in zip(one.steps, ("synchronisation", "the setup request"), strict=False):
        line.write(step)
        answer = next(_read_answers(line, one, codec, one.wait_ms * patience), None)
        if answer is None:
            return ""
        if answer.data[:1] != bytes([ssp.OK]):
            return f"{_THERE} (address {address}), but refuses {question}: {answer.data.hex(' ')}; {_HINT}"
    return f"{_THERE} (address {address}), but tells its setup in a form that we do not know; {_HINT}"


_THERE = "something speaks SSP here"
_HINT = "look in its manual for the protocol (SSP, eSSP) and its version, and set it to one of ours"


def identify_device(
    line: Any, drivers: Sequence[str] = (), patience: float = 1.0, ended: Callable[[], bool] = lambda: False
) -> list[ProbedDevice]:
    """Return who answers on an open pyserial *line*; its speed and frame are put back. *ended* True: asks no further
    question.

    Raises:
        OSError: the line broke.
    """
    before = (line.baudrate, line.stopbits, line.timeout)
    try:
        return _ask_probes(line, [one for one in PROBES if not drivers or one.driver in drivers], patience, ended)
    except termios.error as error:
        raise OSError(*error.args) from error
    finally:
        with contextlib.suppress(OSError, termios.error):
            line.baudrate, line.stopbits, line.timeout = before


def _ask_probes(line: Any, probes: list[Probe], patience: float, ended: Callable[[], bool]) -> list[ProbedDevice]:
    found: list[ProbedDevice] = []
    for one in probes:
        if ended() or (found and not (one.bus and one.driver == found[0].driver)):
            continue
        for baud in one.bauds:
            if (identity := _ask(line, one, baud, patience)) is not None:
                found.append(identity)
                break
    return found


def _ask(line: Any, one: Probe, baud: int, patience: float) -> ProbedDevice | None:
    line.baudrate, line.stopbits, line.timeout = baud, one.stop_bits, 0.01
    codec = (one.codec or DECODERS[one.driver].device)()
    line.reset_input_buffer()
    values: list[Any] = []
    for step in one.steps:
        line.write(step)
        value = next(_read_answers(line, one, codec, one.wait_ms * patience), None)
        if value is None and not values:
            return None
        values.append(value)
    told = one.tells(values)
    return None if told is None else ProbedDevice(**{"driver": one.driver, "baud": baud, **told})


def _read_answers(line: Any, one: Probe, codec: Any, wait_ms: float) -> Iterator[Any]:
    """Yield the answers within the step's time."""
    end = time.monotonic() + wait_ms / 1000
    while time.monotonic() < end:
        data = line.read(1)
        if data:
            data += line.read(line.in_waiting)
        for message in codec.receive_data(data, time.monotonic_ns() // 1_000_000):
            if (value := one.hears(message)) is not None:
                yield value
