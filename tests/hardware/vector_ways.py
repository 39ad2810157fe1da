"""How the vectors of each file are held against this project's codecs: WAYS, one way a file name.

A file's vectors are told apart by the word before the slash of their name and by their direction; a word that no row
knows is tried with all wires of its file. Timelines, payloads and single values have ways of their own. A way raises
AssertionError for what is wrong and ``NoDriver`` for what this project has no codec for.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from typing import Any

from hardware.framing.checksums import LocalProtocolError, crc16_xmodem
from hardware.protocols import (
    cctalk,
    coin_pulses,
    coin_serial,
    contact_debounce,
    escpos,
    escpos_stream,
    essp,
    gate_contacts,
    mdb_qibixx,
    pin_block,
    pinpad_hcc960,
    pinpad_serial,
    scanner,
    scanner_gm65,
    scanner_ssi,
    ssp,
    ssp_money,
)
from hardware.transport.secret_bytes import SecretBytes
from tests.hardware.benches import BENCHES
from tests.hardware.support import Vector, arrivals
from tests.hardware.vector_cards import CARDS
from tests.hardware.vector_wires import Wire, benched


class NoDriver(Exception):  # noqa: N818 - it is no error of the codec
    """This project has no codec for it; the text says why."""


Way = Callable[[Vector], None]
PADS = {
    dialect: Wire(lambda dialect=dialect: pinpad_serial.Codec(dialect), pinpad_serial.send, pinpad_serial.Broken)
    for dialect in pinpad_serial.DIALECTS
}
HCC960 = {
    pad: Wire(lambda pad=pad: pinpad_hcc960.Codec(pad), pinpad_hcc960.send, pinpad_hcc960.Broken, noise=(b"\x00\xff",))
    for pad in (False, True)
}
GM65 = {
    module: Wire(
        lambda module=module: scanner_gm65.Codec(module),
        scanner_gm65.send,
        (scanner_gm65.Broken, scanner_gm65.Plain),
        noise=(b"\x00", b"\xff\xaa\x31", b"\x02", b"\x7e", b"\x7e\x00\x08"),
    )
    for module in (False, True)
}
SSI = Wire(scanner_ssi.Codec, scanner_ssi.send, scanner_ssi.Broken)
TRIGGERS = Wire(scanner.Commands, scanner.send, scanner.Broken)
TEXTS = {
    suffix: Wire(lambda suffix=suffix: scanner.Codec(suffix), scanner.send, scanner.Broken, apart=True)
    for suffix in (scanner.CR, scanner.CRLF)
}
MDB = Wire(
    mdb_qibixx.Codec, mdb_qibixx.send, mdb_qibixx.Broken, apart=True, same=lambda data: data.replace(b"\r\n", b"\n")
)
DG600F = Wire(coin_serial.Codec, coin_serial.send, coin_serial.Broken)
CCTALK = {crc: Wire(lambda crc=crc: cctalk.Codec(crc), cctalk.send, cctalk.Broken, apart=True) for crc in (False, True)}


def family(vector: Vector) -> str:
    """The word before the slash of a vector's name."""
    return vector.name.split("/")[0].lower()


def _any(vector: Vector, *wires: Wire) -> None:
    """One of *wires*: the one that reads a valid vector; none of them may believe another one."""
    if vector.valid:
        wires = tuple(wire for wire in wires if wire.reads(vector.data))[:1]
        assert wires, "no codec of this file reads it"
    for wire in wires:
        wire.check(vector)


def _from_host(vector: Vector) -> bool:
    return vector.direction == "host->device"


# -- PIN pads, scanners, MDB ------------------------------------------------------------------------------------------


def _pinpad(vector: Vector) -> None:
    word = family(vector)
    if "pin" in vector.extra or word.startswith("pinblock"):
        _pin_block(vector)
    elif word.startswith("hcc"):
        HCC960[_from_host(vector)].check(vector)
    elif word.startswith("idtech"):
        PADS["idtech"].check(vector)
    elif word.startswith("epp"):
        PADS["epp"].check(vector)
    elif word.startswith("gz") and "epp" not in word:
        PADS["gz"].check(vector)
    else:
        _any(vector, *PADS.values())


def _pin_block(vector: Vector) -> None:
    pin, pan = SecretBytes(str(vector.extra.get("pin", "")).encode()), str(vector.extra.get("pan", ""))
    try:
        made, read = pin_block.block(pin, pan).reveal(), pin_block.read_pin(SecretBytes(vector.data), pan)
    except LocalProtocolError:
        made, read = b"", None
    if vector.valid:
        assert made == vector.data, "another block comes of that PIN and card"
        assert read == pin, "another PIN is read"
    else:
        assert made != vector.data or read != pin, "believed"


def _scanner(vector: Vector) -> None:
    word = family(vector)
    text = TEXTS[scanner.CRLF if vector.data.endswith(scanner.CRLF) else scanner.CR]
    if word.startswith(("gm", "grow")) and (_from_host(vector) or vector.data[:1] == b"\x02"):
        GM65[_from_host(vector)].check(vector)
    elif word.startswith("ssi"):
        SSI.check(vector)
    elif word.startswith(("trigger", "honeywell", "text", "gm", "grow", "plain")):
        (TRIGGERS if _from_host(vector) else text).check(vector)
    else:
        _any(vector, *([GM65[True], SSI, TRIGGERS] if _from_host(vector) else [GM65[False], SSI, text]))


# -- coins ------------------------------------------------------------------------------------------------------------


def run(acceptor: Any, edges: list[Any], until_ms: float, tick_ms: float = 10.0) -> list[Any]:
    """Feed edges (at_ms, level) with ticks between them, then ticks until *until_ms*; returns all that was said."""
    said, now = [], 0.0
    for at, level in edges:
        while now + tick_ms < at:
            now += tick_ms
            said += acceptor.tick(now)
        said += acceptor.edge(level, at)
        now = at
    while now < until_ms:
        now += tick_ms
        said += acceptor.tick(now)
    return said


def nominal(edges: list[Any], idle: int) -> int:
    """The acceptor's setting that a recording was made with: what its pulses are like, spikes aside."""
    widths = [end[0] - start[0] for start, end in itertools.pairwise(edges) if start[1] != idle]
    real = [width for width in widths if 10 <= width <= 300]
    return round(max(25, min(100, statistics.median(real)))) if real else 50


def _coins(vector: Vector) -> None:
    if "edges_ms_level" not in vector.extra:
        DG600F.check(vector)
        return
    row, edges = vector.extra, vector.extra["edges_ms_level"]
    pulses_told = row.get("pulses", 0) if vector.valid else 0
    for tick_ms in (1.0, 20.0, 100.0):
        acceptor = coin_pulses.Acceptor(coin_pulses.Profile(width_ms=nominal(edges, row["idle"]), idle=row["idle"]))
        said = run(acceptor, edges, edges[-1][0] + 400, tick_ms)
        counted = [message.pulses for message in said if isinstance(message, coin_pulses.Token)]
        assert counted == ([pulses_told] if pulses_told >= 2 else []), f"counted {counted}"
        assert (coin_pulses.Stuck() in said) == bool(row.get("fault")), "stuck, or not"
        if vector.valid:  # a lone pulse is noise here: every accepted coin gives at least two
            assert acceptor.faults.as_dict().get("lone", 0) == (pulses_told == 1), acceptor.faults.as_dict()


# -- gates ------------------------------------------------------------------------------------------------------------

SAME_WORD = {
    "turned back": "aborted",
    "turn back": "aborted",
    "turned_back": "aborted",
    "obstruction": "obstructed",
    "tailgating": "tailgate",
    "lock": "locked",
    "fire": "fire",
    "free exit": "fire",
    "free passage": "fire",
    "exit free": "fire",
}


def _gate(vector: Vector) -> None:
    row = vector.extra
    if "inputs_ms" in row:
        said = [mode.text for mode in _controlled(row)]
    elif "beams" in row:
        said = _passed(row)
    else:
        raise NoDriver("neither inputs_ms nor beams")
    wanted = [SAME_WORD.get(word.strip(), word.strip()) for word in str(row.get("expect", "")).lower().split(" then ")]
    heard = [word.lower() for word in said]
    if {"tailgate", "intrusion"} & set(wanted):  # an alarm stands beside how the passage ended
        heard = [word for word in heard if word in wanted]
    assert (heard == wanted) == vector.valid, f"said {said}"


def _controlled(row: dict[str, Any]) -> list[gate_contacts.Mode]:
    edges = sorted(row["inputs_ms"], key=lambda edge: edge[0])
    controller, said = gate_contacts.Controller(potential="potential" in row["name"]), []
    for at_ms, line, level in edges:
        said += controller.edge({"FIRE_ALARM": gate_contacts.FIRE}.get(line.upper(), line.upper()), level, at_ms)
    return said + controller.tick(edges[-1][0] + 2 * gate_contacts.PULSE_MS)


def _passed(row: dict[str, Any], step_ms: int = 300) -> list[str]:
    """The beams as settled contacts, each state for a while; whoever comes into a beam is seen before who leaves."""
    passage, said = gate_contacts.Passage(), []
    lines = {name: contact_debounce.Contact(20) for name in (gate_contacts.A, gate_contacts.B)}
    if row.get("locked"):
        passage.open(None)
    before = ""
    for at, state in enumerate([*row["beams"]]):
        now_ms = at * step_ms
        came, left = [name for name in state if name in lines], [name for name in before if name not in state]
        for name, blocked in [*((name, True) for name in came), *((name, False) for name in left)]:
            lines[name].edge(blocked, now_ms)
            for change in lines[name].tick(now_ms + 20):
                said += passage.beam(name, change.closed, now_ms + 20)
        before = state if state != "0" else ""
    said += passage.tick((len(row["beams"]) - 1) * step_ms + row.get("hold_ms", step_ms))
    return [getattr(message, "how", getattr(message, "what", "clear")) for message in said]


# -- printers ---------------------------------------------------------------------------------------------------------


def _escpos(vector: Vector) -> None:
    if not _from_host(vector):
        _status(vector)
        return
    heard = []
    for pieces in arrivals(vector.data):
        reader = escpos_stream.Stream()
        commands = [command for piece in pieces for command in reader.receive_data(piece)]
        heard.append(commands)
        whole = not reader.faults.total() and not reader._buffer
        assert whole == vector.valid, f"read as {commands}, {len(reader._buffer)} bytes left"
        if vector.valid:
            assert reader.receive_data(b"\x1c\x2eA")[-1] == escpos_stream.Text("A"), "out of step afterwards"
    assert all(commands == heard[0] for commands in heard)
    if vector.valid and len(vector.data) == 3 and vector.data[:2] == b"\x10\x04":
        assert escpos.ask(vector.data[2]) == vector.data


def _status(vector: Vector) -> None:
    """One status byte answers one question; four bytes are automatic. Noise before and after is passed over."""
    for pieces in (*arrivals(vector.data), [b"\xff", vector.data], [b"\x00", vector.data, b"\x93"]):
        codec = escpos.StatusCodec()
        if len(vector.data) == 1:
            codec.asked(int(vector.extra.get("n", 1)), 0)
        found = [status for piece in pieces for status in codec.receive_data(piece, 0)]
        assert len(found) == vector.valid, f"read as {found}"


# -- the rest ---------------------------------------------------------------------------------------------------------


def _ssp(vector: Vector) -> None:
    if vector.data[:1] == b"\x7f":
        benched("ssp").check(vector)
        return
    data = vector.data[1:]
    told = [not ssp_money.decode_events(data, payout, since)[1] for payout in (False, True) for since in (5, 6, 7, 8)]
    readers = (
        *told,
        ssp_money.decode_setup(data),
        ssp_money.decode_ticket(data),
        len(data) == 4,
        vector.data[0] != ssp.OK,
    )
    assert any(readers) == vector.valid, "no reader takes the payload"


def _essp(vector: Vector) -> None:
    """As SSP; what is sealed is opened with the key that stands beside it."""
    if "key_hex" not in vector.extra:
        _ssp(vector)
        return
    benched("ssp").check(vector)
    row, key = vector.extra, bytes.fromhex(vector.extra["key_hex"])
    packets = [message for message in ssp.Codec().receive_data(vector.data, 0) if isinstance(message, ssp.Packet)]
    told = [essp.open_letter(packet.data, key) for packet in packets]
    wanted = (row.get("count"), bytes.fromhex(row["plaintext_hex"]))
    assert (told == [wanted]) == vector.valid, f"opened as {told}"


def _cctalk_crc(vector: Vector) -> None:
    if "crc16" in vector.extra:
        assert (crc16_xmodem(vector.data) == int(vector.extra["crc16"], 16)) == vector.valid
    else:
        CCTALK[True].check(vector)


def _pn532(vector: Vector) -> None:
    if not family(vector).startswith("wake"):
        benched("pn532").check(vector)
        return
    bench = BENCHES["pn532"]
    codec = bench.codec()
    assert not codec.receive_data(vector.data, 0), "a wake-up is no frame"
    assert not codec.faults.total(), "a wake-up is no noise"


WAYS: dict[str, Way] = {
    **CARDS,
    "barcode_scanner": _scanner,
    "cctalk": CCTALK[False].check,
    "cctalk_crc": _cctalk_crc,
    "coin_pulse": _coins,
    "crt310": lambda vector: benched("crt310").check(vector),
    "escpos": _escpos,
    "essp": _essp,
    "gate": _gate,
    "mdb_qibixx": MDB.check,
    "pinpad": _pinpad,
    "pn532_hsu": _pn532,
    "ssp": _ssp,
    "ssp_manual_frames": _ssp,
}
