"""Probing finds what is there and moves nothing: every byte it may write is proved to be a question."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hardware.decoders.wire_decoders import DECODERS
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.coins import CctalkCoins, CctalkHoppers
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.protocols import (
    cctalk,
    crt310,
    crt591,
    dispenser_enq,
    escpos_stream,
    mdb_qibixx,
    pinpad_hcc960,
    pinpad_serial,
    pn532,
    scanner_gm65,
    scanner_ssi,
    sdt,
    ssp,
)
from hardware.setup import port_probing
from hardware.setup import unit_toml_proposal as proposing
from hardware.twins import factory
from hardware.twins.cctalk_unit import wires
from hardware.twins.crt310 import Crt310Twin, TwinCard
from hardware.twins.pseudo_terminal import serve
from hardware.twins.single_twin import roles
from hardware.twins.ssp import SspTwin

HARMLESS = {
    "escpos": {escpos_stream.Query(1)},
    "ssp": {ssp.SYNC, ssp.SETUP, ssp.SERIAL, ssp.FIRMWARE},
    "cctalk": {cctalk.POLL, cctalk.CATEGORY, cctalk.MAKER, cctalk.PRODUCT, cctalk.SERIAL, cctalk.SOFTWARE},
    "crt310": {crt310.STATUS, crt310.ENQ},
    "pn532": {pn532.FIRMWARE},
    "enq": {dispenser_enq.VERSION, dispenser_enq.ENQ},
    "crt591": {b"C" + crt591.VERSION},
    "sdt": {sdt.SAM_ID},
    "mdb": {mdb_qibixx.Line("V")},
    "scanner": {scanner_gm65.READ, scanner_ssi.REVISION},
}
"""What may be asked of a device that nobody knows: who are you, how are you."""


def asked(message: Any) -> Any:
    """What a message asks for, as HARMLESS has it."""
    match message:
        case ssp.Packet(data=data):
            return data[0]
        case cctalk.Frame(header=header):
            return header
        case crt310.Frame(body=body):
            return body
        case crt310.Control(code=code):
            return code
        case pn532.Frame(data=data):
            return data[0]
        case crt591.Frame(text=text) | dispenser_enq.Frame(text=text):
            return text
        case sdt.Frame(body=body):
            return body
        case dispenser_enq.Control(code=code):
            return code
        case scanner_gm65.Command(type=code) | scanner_ssi.Packet(opcode=code):
            return code
    return message


EARS: dict[str, Callable[[], Any]] = {
    **{driver: DECODERS[driver].host for driver in HARMLESS if driver in DECODERS},
    "gm65": lambda: scanner_gm65.Codec(module=True),
    "ssi": scanner_ssi.Codec,
    "hcc960": lambda: pinpad_hcc960.Codec(pad=True),
    **{name: partial(pinpad_serial.Codec, name) for name in pinpad_serial.DIALECTS},
}
"""How each device hears its host."""


def ears_of(driver: str, data: bytes) -> str:
    """The ears that a question is meant for."""
    if driver != "scanner":
        return driver
    return "gm65" if data.startswith(scanner_gm65.COMMAND) else "ssi"


def read(ears: str, data: bytes) -> list[Any]:
    """The messages that *data* are for these ears."""
    codec = EARS[ears]()
    messages = codec.receive_data(data, 0)
    for turn in range(1, 60):
        messages += codec.tick(turn * 1000)
    return [message for message in messages if "Broken" not in type(message).__name__]


def test_every_question_is_known() -> None:
    for driver, data in port_probing.QUESTIONS:
        messages = read(ears_of(driver, data), data)
        assert len(messages) == 1, (driver, data)
        assert asked(messages[0]) in HARMLESS[driver]
    assert {driver for driver, _ in port_probing.QUESTIONS} == set(HARMLESS)


@pytest.mark.parametrize(("whose", "data"), port_probing.QUESTIONS)
def test_no_question_is_another_protocols_command(whose: str, data: bytes) -> None:
    """Whatever device really stands there: it hears nothing with a right check, but for single control bytes."""
    for other in set(EARS) - {ears_of(whose, data), "escpos"}:  # a printer prints what it is sent: it is asked first
        for message in read(other, data):
            assert "Control" in type(message).__name__, (whose, data, other, message)
    assert port_probing.PROBES[0].driver == "escpos"


def lone_twins() -> list[Any]:
    """(role, driver, table) of every serial driver with a line of its own that probing can find; each table once."""
    known = {probe.driver for probe in port_probing.PROBES} | {"essp"}
    tables = {
        table: (role, driver)
        for role, drivers in reversed(roles().items())
        for driver, table in drivers.items()
        if table in factory.SERIAL and driver in known and role != "cash_dispenser"
    }
    made = [
        (at, ScannerSettings(model="gm65")) if table is ScannerSettings else (at, table())
        for table, at in tables.items()
    ]
    made.append((("barcode_scanner", "scanner"), ScannerSettings(model="ssi")))
    return [pytest.param(role, table, id=f"{driver}-{getattr(table, 'model', role)}") for (role, driver), table in made]


def without_counting(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the counters of what was merely said."""
    counters = {name: count for name, count in state.get("counters", {}).items() if name != "commands"}
    return {**state, "counters": counters}


@pytest.mark.parametrize(("role", "table"), lone_twins())
def test_a_twin_is_found_named_and_not_touched(tmp_path: Path, role: str, table: Any) -> None:
    twin = factory.SERIAL[type(table)](table, MoneyChannels())
    with serve(twin, tmp_path / "tty") as served:
        before = without_counting(twin.state())
        (found,) = port_probing.probe(served.path, patience=0.2) or port_probing.probe(
            served.path
        )  # a busy machine: once more
        assert without_counting(twin.state()) == before
    assert found.driver == table.__struct_config__.tag
    proposal = proposing.propose_tables({served.path: [found]})
    (table_said,) = proposal.tables.values()
    assert msgspec.convert(table_said, type(table)) == msgspec.structs.replace(
        msgspec.convert({"driver": found.driver, **found.settings}, type(table)), port=served.path, baud=found.baud
    )


def test_a_bus_is_asked_at_its_addresses(tmp_path: Path) -> None:
    devices = DeviceTables(coin_acceptor=CctalkCoins(), coin_dispenser=CctalkHoppers())
    (wire,) = wires(devices, MoneyChannels()).values()
    before = wire.state()
    with serve(wire, tmp_path / "tty") as served:
        found = port_probing.probe(served.path)
    assert wire.state() == before
    assert [(one.role, one.address, one.maker, one.serial) for one in found] == [
        ("coin_acceptor", 2, "Twin Works", "345678"),
        ("coin_dispenser", 3, "Twin Works", "500003"),
    ]


def test_a_card_in_the_reader_and_a_note_in_escrow_stay(tmp_path: Path) -> None:
    """All questions of all protocols, whatever was answered: the card lies where it lay, the note is not drawn in."""
    reader, validator = Crt310Twin(), SspTwin()
    for raw in (crt310.send(crt310.Frame(crt310.ENTRY_OPEN)), crt310.send(crt310.Control(crt310.ENQ))):
        reader.receive(raw, 0)
    assert reader.insert_card(TwinCard("9900123412341234"))
    for n, data in enumerate((b"\x11", b"\x02\xff\xff", b"\x26\xfc", b"\x0a")):
        validator.receive(ssp.send(ssp.Packet(n & 1, 0, data)), 0)
    assert validator.insert_note(20)
    for ms in range(0, 400, 10):
        validator.tick(ms)
    assert validator.state()["stage"] == "escrow"
    card = reader.state()
    for n, (_, data) in enumerate(
        itertools.islice(itertools.cycle(port_probing.QUESTIONS), 3 * len(port_probing.QUESTIONS))
    ):
        reader.receive(data, 400 + 20 * n)
        validator.receive(data, 400 + 20 * n)
        validator.tick(410 + 20 * n)
    assert without_counting(reader.state()) == without_counting(card)
    assert validator.state()["stage"] == "escrow"
    assert validator.state()["box"] == []


def test_nobody_answers(tmp_path: Path) -> None:
    class Mute:
        heard = b""

        def receive(self, data: bytes, now_ms: int) -> bytes:
            self.heard += data
            return b""

        def tick(self, now_ms: int) -> bytes:
            return b""

        def state(self) -> dict[str, Any]:
            return {}

    with serve(Mute(), tmp_path / "tty") as served:
        assert port_probing.probe(served.path, patience=0.05) == []
        first = {probe.steps[0] for probe in port_probing.PROBES}
        assert all(step in served.twin.heard for step in first)  # type: ignore[attr-defined]
        follows = crt310.send(crt310.Control(crt310.ENQ))
        assert not served.twin.heard.endswith(follows)  # type: ignore[attr-defined]  # ENQ only after an ACK


class Refusing(SspTwin):
    """A validator of another dialect: it hears the host, and refuses what it is asked."""

    def receive(self, data: bytes, now_ms: int) -> bytes:
        heard = self._codec.receive_data(data, now_ms)
        packets = (one for one in heard if isinstance(one, ssp.Packet) and one.address == 0)
        return b"".join(ssp.send(ssp.Packet(one.seq, 0, bytes([ssp.UNKNOWN]))) for one in packets)


def test_foreign_dialect_of_ssp_is_said_and_is_nobody_that_we_know(tmp_path: Path) -> None:
    with serve(Refusing(), tmp_path / "tty") as served:
        assert port_probing.probe(served.path, ("ssp",)) == []
        said = port_probing.refusal(served.path)
        assert said.startswith("something speaks SSP here (address 0), but refuses synchronisation: f2")
    with serve(SspTwin(), tmp_path / "tty2") as served:
        assert [one.driver for one in port_probing.probe(served.path, ("ssp",))] == ["ssp"]


def test_a_port_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(port_probing.PortError, match="tty"):
        port_probing.probe(str(tmp_path / "tty"))
