"""Card dispensers against their twins: over a pty as in life, and with the clock in hand through every bad line.

What must hold: a card is never dispensed twice, never counted that did not come, and what was told is what the twin
counted, or is said to be unknown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hardware.drivers.card_dispenser import CardDispenser
from hardware.drivers.dispenser_crt591 import DispenserCrt591
from hardware.drivers.dispenser_enq import DispenserEnq
from hardware.drivers.settings.cards import Crt591, Enq
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.protocols import crt591, dispenser_enq
from hardware.transport.serial_port import PortSettings
from hardware.twins.card_stack import CardStack
from hardware.twins.crt591 import Crt591Twin
from hardware.twins.dispenser_enq import EnqTwin
from kiosk_firmware.core.effects import Dispense, DispenseMedia, RetainMedia
from kiosk_firmware.core.events import (
    AnyEvent,
    DeviceBack,
    DeviceLost,
    ItemsPresented,
    MediaDispensed,
    MediaRetained,
    MediaTaken,
)
from tests.hardware.pin_rig import CabinetRig
from tests.hardware.wired import Wired

AT = "ticket_dispenser"
OUT, BACK = DispenseMedia(AT, "out"), RetainMedia(AT, "back")
Rig = Wired[CardStack, CardDispenser]


class Quick591(DispenserCrt591):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1200, 6000


class QuickEnq(DispenserEnq):
    """The driver with shorter patience."""

    POLL_MS, GRACE_MS, EFFECT_MS = 30, 1200, 6000


PAIRS: dict[str, tuple[Callable[..., CardStack], type[CardDispenser], dict[str, Any]]] = {
    "crt591": (Crt591Twin, Quick591, {}),
    "enq": (EnqTwin, QuickEnq, {}),
    "crt541": (partial(EnqTwin, address=b"15"), QuickEnq, {"address": "15"}),
}


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> Any:
    """A twin's maker, its driver, and the driver's options."""
    return PAIRS[request.param]


def maker(pair: Any, folder: Path) -> Callable[..., CardDispenser]:
    _, driver, options = pair
    return partial(driver, memory=folder / "counts.json", **options)


@pytest.fixture
def rig(pair: Any, tmp_path: Path) -> Iterator[Rig]:
    with Wired(pair[0](3), maker(pair, tmp_path), tmp_path / "tty") as wired:
        yield wired


def take(rig: Rig) -> None:
    with rig.served.lock:
        assert rig.twin.take()


def test_a_card_is_dispensed_and_missed_when_it_is_taken(rig: Rig) -> None:
    for turn in (1, 2, 3):
        rig.driver.perform(OUT)
        assert rig.heard(MediaDispensed, turn) == MediaDispensed(AT, "out")
        assert rig.state()["place"] == "gate"
        take(rig)
        assert rig.heard(MediaTaken, turn) == MediaTaken(AT)
    rig.driver.perform(OUT)
    assert rig.heard(MediaDispensed, 4) == MediaDispensed(AT, "out", None, "hardwareError", "empty")
    assert rig.driver.counters == {"dispensed": 3, "captured": 0}
    assert rig.driver.health()["stack"] == "empty"


def test_a_card_that_nobody_takes_is_taken_back(rig: Rig) -> None:
    rig.driver.perform(OUT)
    rig.heard(MediaDispensed)
    rig.driver.perform(DispenseMedia(AT, "again"))
    assert rig.heard(MediaDispensed, 2).reason == "occupied"
    rig.driver.perform(BACK)
    assert rig.heard(MediaRetained) == MediaRetained(AT, "back")
    assert len(rig.state()["box"]) == 1
    assert rig.all(MediaTaken) == []
    rig.driver.perform(BACK)
    assert rig.heard(MediaRetained, 2).completion == "userError"
    assert rig.driver.counters == {"dispensed": 1, "captured": 1}


def test_a_jam_is_said_to_be_one_and_is_over_when_it_is(rig: Rig) -> None:
    with rig.served.lock:
        rig.twin.jam = True
    rig.driver.perform(OUT)
    assert rig.heard(MediaDispensed).reason == "jammed"
    assert rig.state()["counters"]["dispensed"] == 0
    with rig.served.lock:
        rig.twin.jam = False
    rig.driver.perform(OUT)
    assert rig.heard(MediaDispensed, 2).completion == "success"


def test_what_it_cannot_do_it_says(rig: Rig) -> None:
    rig.driver.perform(Dispense(AT, "cash", ((100, 1),)))
    assert rig.heard(ItemsPresented).completion == "unsupportedCommand"


def test_a_cable_out_and_in_again(rig: Rig) -> None:
    rig.driver.perform(OUT)
    rig.heard(MediaDispensed)
    rig.served.unplug()
    rig.heard(DeviceLost)
    take(rig)
    rig.driver.perform(OUT)
    assert rig.heard(MediaDispensed, 2).completion == "hardwareError"
    rig.served.replug()
    rig.heard(DeviceBack)
    rig.heard(MediaTaken)
    rig.driver.perform(OUT)
    assert rig.heard(MediaDispensed, 3).completion == "success"


def test_counts_outlive_the_process(pair: Any, tmp_path: Path) -> None:
    twin, driver = pair[0](3), maker(pair, tmp_path)
    with Wired(twin, driver, tmp_path / "tty") as first:
        first.driver.perform(OUT)
        first.heard(MediaDispensed)
    with Wired(twin, driver, tmp_path / "tty") as second:
        assert second.driver.counters["dispensed"] == 1
        take(second)
        second.heard(MediaTaken)


# -- with the clock in hand -------------------------------------------------------------------------------------------


class Port:
    """What a driver on a ``Line`` has in place of a port."""

    def __init__(self) -> None:
        self.out = bytearray()

    def write(self, data: bytes) -> None:
        self.out += data

    def wake(self) -> None:
        """The line looks by itself."""

    def health(self) -> dict[str, Any]:
        return {}


class Line:
    """The wire between a driver and its twin, with a clock of its own: what is said on it may be lost or changed."""

    def __init__(self, pair: Any, dice: random.Random, memory: Path, cards: int = 400) -> None:
        twin, driver, options = pair
        self.twin, self.dice, self.now_ms = twin(cards), dice, 0
        self.quick = False  # a hand that takes a card before anybody could look
        self.events: list[AnyEvent] = []
        kind = type("OnALine", (driver,), {"_open_port": lambda self, port: Port()})
        self._make = lambda: kind(
            PortSettings("none"), self.events.append, lambda: self.now_ms, memory=memory, **options
        )
        self.begin()

    def begin(self) -> None:
        """A process begins; the one before died without a word."""
        self.driver: Any = self._make()
        self.driver._on_back()

    def replug(self) -> None:
        """The cable is out and in again; what was on it is lost."""
        self.driver._on_lost()
        self.driver._port.out.clear()
        self.driver._on_back()

    def later(self, ms: int) -> None:
        """Let *ms* pass on a good line."""
        end = self.now_ms + ms
        self.run(lambda: self.now_ms >= end)

    def spoiled(self, data: bytes, badness: float) -> bytes:
        """*data* as it arrives: whole, lost, changed in a bit, or with noise before it."""
        dice = self.dice
        if not data or dice.random() >= badness:
            return data
        match dice.randrange(3):
            case 0:
                return b""
            case 1:
                at = dice.randrange(len(data))
                return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
            case _:
                return dice.randbytes(dice.randrange(1, 5)) + data

    def run(self, until: Callable[[], Any], badness: float = 0.0, limit_ms: int = 120_000) -> None:
        """Let time pass in steps of 10 ms until *until*."""
        end = self.now_ms + limit_ms
        while not until():
            assert self.now_ms < end, f"never happened; {self.driver.health()} {self.twin.state()}"
            self.now_ms += 10
            port = self.driver._port
            said = self.spoiled(bytes(port.out), badness)
            port.out.clear()
            heard = self.spoiled(self.twin.receive(said, self.now_ms), badness)
            if heard:
                self.driver._on_bytes(heard, self.now_ms)
            if self.quick:
                self.twin.take()
            self.driver._on_tick(self.now_ms)


def answers(line: Line) -> list[Any]:
    return [event for event in line.events if isinstance(event, MediaDispensed | MediaRetained)]


def performed(line: Line, effect: DispenseMedia | RetainMedia) -> str:
    """What becomes of *effect* on a bad line: its completion, or "killed"."""
    before, dice = len(answers(line)), line.dice
    cut_ms = line.now_ms + dice.randrange(3000) if dice.random() < 0.4 else 1 << 60
    line.quick = effect is OUT and dice.random() < 0.3
    line.driver.perform(effect)
    line.run(lambda: len(answers(line)) > before or line.now_ms >= cut_ms, badness=0.12)
    if len(answers(line)) == before:
        if dice.random() < 0.5:
            line.begin()
            return "killed"
        line.replug()
        if dice.random() < 0.5:
            line.twin.take()
        line.run(lambda: len(answers(line)) > before, badness=0.12)
    return str(answers(line)[-1].completion)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_dispensed_twice_or_miscounted_on_a_bad_line(
    pair: Any, seed: int, tmp_path: Path, long: bool
) -> None:
    """Lost, changed and noisy bytes both ways, replugged cables, killed processes, quick and slow hands."""
    line = Line(pair, random.Random(seed), tmp_path / "counts.json")
    told = doubts = 0
    for _ in range(100 if long else 15):
        effect, began = OUT if line.dice.random() < 0.7 else BACK, dict(line.twin.counters)
        how = performed(line, effect)
        line.later(8000)  # whatever was late has come
        line.quick = False
        grew = line.twin.counters["dispensed"] - began["dispensed"]
        captured = line.twin.counters["captured"] - began["captured"]
        if how in ("unknown", "killed"):
            doubts += 1
            assert grew + captured <= 1
        else:
            assert (grew, captured) == ((effect is OUT, effect is BACK) if how == "success" else (0, 0)), how
            told += 1
        assert line.driver.counters["dispensed"] == line.twin.counters["dispensed"], how
        if line.dice.random() < 0.7:
            line.twin.take()
            line.later(500)
    assert line.driver.counters["captured"] <= line.twin.counters["captured"]
    assert told > doubts


@pytest.mark.parametrize("module", [crt591, dispenser_enq])
def test_an_open_exchange_is_not_begun_twice(module: Any) -> None:
    host = module.Host()
    host.command(module.STATUS if module is crt591 else module.STATE, 0)
    with pytest.raises(ValueError, match="one exchange"):
        host.command(b"\x31\x30", 0)


@pytest.mark.parametrize("table", [Crt591(), Enq()], ids=["crt591", "enq"])
def test_a_cabinet_sells_a_card_and_takes_back_the_next(tmp_path: Path, table: Crt591 | Enq) -> None:
    with CabinetRig(tmp_path, DeviceTables(ticket_dispenser=table, pins=LinkedPins())) as unit:
        assert unit.answer(OUT) == MediaDispensed(AT, "out")
        assert unit.must("take_dispensed")["uid"]
        unit.heard(MediaTaken)
        assert unit.answer(OUT) == MediaDispensed(AT, "out")
        assert unit.answer(BACK) == MediaRetained(AT, "back")
        counters = dict(unit.cabinet.found().counters)
        assert counters["ticket_dispenser.dispensed"] == 2
        assert (counters["ticket_dispenser.captured"], counters["card_reader.captured"]) == (1, 0)
        assert unit.state(AT)["stack"] == 48


def test_spoiled_and_late_answers_on_the_wire_dispense_nothing_twice(rig: Rig) -> None:
    with rig.served.lock:
        rig.twin.wire.bad_checks, rig.twin.wire.late_ms, rig.twin.wire.noise = 3, 120, b"\x00\xff\x02\xf2"
    for turn in (1, 2):
        rig.driver.perform(OUT)
        rig.heard(MediaDispensed, turn)
        rig.until(lambda: rig.state()["place"] == "gate")
        take(rig)
        rig.heard(MediaTaken, turn)
    assert rig.state()["counters"]["dispensed"] == rig.driver.counters["dispensed"] == 2
    assert rig.twin.wire.hit["late"]
    assert rig.twin.wire.hit["bad_check"] == 3
