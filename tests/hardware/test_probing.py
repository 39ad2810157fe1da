"""Probing finds what is there and moves nothing: every byte it may write is proved to be a question."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hardware import probing
from hardware.emulators import makers
from hardware.emulators.cctalk_unit import wires
from hardware.emulators.crt310 import Crt310Twin, TwinCard
from hardware.emulators.pty import serve
from hardware.emulators.single import roles
from hardware.emulators.ssp import SspTwin
from hardware.protocols import cctalk, crt310, escpos_stream, pn532, ssp
from hardware.settings import Devices
from hardware.tables.base import Money
from hardware.tables.coins import CctalkCoins, CctalkHoppers
from hardware.tongues import TONGUES

HARMLESS = {
    "escpos": {escpos_stream.Query(1)},
    "ssp": {ssp.SYNC, ssp.SETUP, ssp.SERIAL, ssp.FIRMWARE},
    "cctalk": {cctalk.POLL, cctalk.CATEGORY, cctalk.MAKER, cctalk.PRODUCT, cctalk.SERIAL, cctalk.SOFTWARE},
    "crt310": {crt310.STATUS, crt310.ENQ},
    "pn532": {pn532.FIRMWARE},
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
    return message


def read(driver: str, data: bytes) -> list[Any]:
    """The messages of a protocol that *data* are, for the device's ears."""
    codec = TONGUES[driver].host()
    messages = codec.receive_data(data, 0)
    for turn in range(1, 60):
        messages += codec.tick(turn * 1000)
    return [message for message in messages if "Broken" not in type(message).__name__]


def test_every_question_is_known() -> None:
    for driver, data in probing.QUESTIONS:
        messages = read(driver, data)
        assert len(messages) == 1, (driver, data)
        assert asked(messages[0]) in HARMLESS[driver]
    assert {driver for driver, _ in probing.QUESTIONS} == set(HARMLESS)


@pytest.mark.parametrize(("whose", "data"), probing.QUESTIONS)
def test_no_question_is_another_protocols_command(whose: str, data: bytes) -> None:
    """Whatever device really stands there: it hears nothing with a right check, but for single control bytes."""
    for other in set(HARMLESS) - {whose, "escpos"}:  # a printer prints what it is sent: it is asked first, and alone
        for message in read(other, data):
            assert isinstance(message, crt310.Control), (whose, data, other, message)
    assert probing.PROBES[0].driver == "escpos"


def lone_twins() -> list[Any]:
    """(role, driver, twin) of every serial table with a line of its own that probing can find."""
    known = {probe.driver for probe in probing.PROBES}
    return [
        pytest.param(role, driver, table, id=f"{role}-{driver}")
        for role, drivers in roles().items() for driver, table in drivers.items()
        if table in makers.SERIAL and driver in known
    ]


def without_counting(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the counters of what was merely said."""
    counters = {name: count for name, count in state.get("counters", {}).items() if name != "commands"}
    return {**state, "counters": counters}


@pytest.mark.parametrize(("role", "driver", "table"), lone_twins())
def test_a_twin_is_found_named_and_not_touched(tmp_path: Path, role: str, driver: str, table: type) -> None:
    twin = makers.SERIAL[table](msgspec.convert({"driver": driver}, table), Money())
    with serve(twin, tmp_path / "tty") as served:
        before = without_counting(twin.state())
        (found,) = probing.probe(served.path)
        assert without_counting(twin.state()) == before
    assert (found.driver, driver in roles()[found.role]) == (driver, True)


def test_a_bus_is_asked_at_its_addresses(tmp_path: Path) -> None:
    devices = Devices(coin_acceptor=CctalkCoins(), coin_dispenser=CctalkHoppers())
    (wire,) = wires(devices, Money()).values()
    before = wire.state()
    with serve(wire, tmp_path / "tty") as served:
        found = probing.probe(served.path)
    assert wire.state() == before
    assert [(one.role, one.address, one.maker, one.serial) for one in found] == [
        ("coin_acceptor", 2, "Twin Works", "345678"), ("coin_dispenser", 3, "Twin Works", "500003"),
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
    for n, (_, data) in enumerate(itertools.islice(itertools.cycle(probing.QUESTIONS), 3 * len(probing.QUESTIONS))):
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
        assert probing.probe(served.path, patience=0.05) == []
        first = {probe.steps[0] for probe in probing.PROBES}
        assert all(step in served.twin.heard for step in first)  # type: ignore[attr-defined]
        follows = crt310.send(crt310.Control(crt310.ENQ))
        assert not served.twin.heard.endswith(follows)  # type: ignore[attr-defined]  # ENQ only after an ACK


def test_a_port_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(probing.PortError, match="tty"):
        probing.probe(str(tmp_path / "tty"))
