"""The gate: in whatever order things happen it never closes on anybody, and each ask is answered once; and the driver
against its twin on linked pins.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.drivers.gate_control import CommandDone, GateControl
from hardware.drivers.gate_relay import GateRelay
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.gates import RelayGate
from hardware.drivers.settings.hardware_settings import DeviceTables, problems
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.drivers.settings.unit_fixtures import LinkedPins
from hardware.protocols import gate_contacts
from hardware.twins.gate import GateTwin
from hardware.twins.twin_actions import now_ms
from kiosk_firmware.core.effects import Cancel, EjectMedia, OpenGate
from kiosk_firmware.core.events import BarcodeRead, GateAlarmed, GateCleared, GatePassed, MediaPresented
from tests.hardware.pin_rig import CabinetRig, PinRig

WINDOW_MS, BRIEF_MS = 8000, 1500
"""The gate's own, for a person whom a busy machine holds up still comes in time; and where nobody is to come."""
PULSE = RelayGate(unlock_a=2, unlock_b=3, stop=4, pass_a=5, pass_b=6, beam_a=7, beam_b=8, fire=9, window_ms=WINDOW_MS)
KINDS = {
    "pulse": PULSE,
    "potential": RelayGate(unlock_a=2, unlock_b=3, beam_a=7, beam_b=8, kind="potential", window_ms=WINDOW_MS),
    "mirrored": RelayGate(
        unlock_a=2,
        unlock_b=3,
        stop=4,
        beam_a=7,
        beam_b=8,
        fire=9,
        entry="B",
        active_level=1,
        blocked_level=1,
        window_ms=WINDOW_MS,
        obstructed_ms=1000,
    ),
    "arms only": RelayGate(unlock_a=2, pass_a=5, window_ms=WINDOW_MS),
}
BEAMS = [name for name in KINDS if name != "arms only"]


# -- the rules, in whatever order things happen ------------------------------------------------------------------------


class Told:
    """A keeper, what it wished, and the promises that hold after every step."""

    def __init__(self, windows: int = 1) -> None:
        self.keeper = GateControl({"entry": "A", "exit": "B"}, window_ms=5000, obstructed_ms=3000)
        self.keeper.windows = windows
        self.now_ms = 0.0
        self.beams = {"A": False, "B": False}
        self.fire = self.asked = False
        self.asks = self.answers = 0
        self.mode = gate_contacts.LOCKED

    def step(self, what: str, ms: int) -> None:
        """One thing happens, *ms* later."""
        for _ in range(0, ms, 50):
            self.now_ms += 50
            self.take(self.keeper.tick(self.now_ms))
        match what:
            case "entry" | "exit" if not self.asked:
                self.asks, self.asked = self.asks + 1, True
                self.take(self.keeper.open(what, self.now_ms))  # type: ignore[arg-type]
            case "cancel":
                self.take(self.keeper.cancel(self.now_ms))
            case "A" | "B":
                self.beams[what] = not self.beams[what]
                self.take(self.keeper.beam(what, self.beams[what], self.now_ms))
            case "pass A" | "pass B":
                self.take(self.keeper.passed(what[-1], self.now_ms))
            case "fire":
                self.fire = not self.fire
                self.take(self.keeper.fire(self.fire, self.now_ms))

    def take(self, wishes: list[Any]) -> None:
        """What was wished, held against the promises."""
        for wish in wishes:
            if isinstance(wish, gate_contacts.Mode):
                assert wish != gate_contacts.LOCKED or not (any(self.beams.values()) or self.fire or self.asked), (
                    "it closed"
                )
                self.mode = wish
            elif isinstance(wish, CommandDone):
                assert self.asked, "answered twice"
                self.answers, self.asked = self.answers + 1, False

    def end(self) -> None:
        """Everybody goes home and the house is quiet."""
        for name, blocked in self.beams.items():
            if blocked:
                self.step(name, 100)
        if self.fire:
            self.step("fire", 100)
        self.step("", 10_000 + self.keeper.windows * 5000)


THINGS = st.sampled_from(["entry", "exit", "cancel", "A", "B", "A", "B", "pass A", "pass B", "fire", ""])


@given(st.lists(st.tuples(THINGS, st.integers(0, 6000)), max_size=40), st.sampled_from((1, 4)))
def test_it_never_closes_on_anybody_and_each_ask_is_answered_once(story: list[tuple[str, int]], windows: int) -> None:
    told = Told(windows)
    for what, ms in story:
        told.step(what, ms)
    told.end()
    assert told.answers == told.asks
    assert told.mode == gate_contacts.LOCKED
    assert told.keeper.due_ms() is None


@given(st.integers(0, 4), st.booleans())
def test_whoever_walks_is_counted_and_whoever_turns_back_is_not(times: int, counted_by_arm: bool) -> None:
    told, done = Told(), []
    take = told.take
    told.take = lambda wishes: (done.extend(w for w in wishes if isinstance(w, CommandDone)), take(wishes))  # type: ignore[assignment]
    told.step("entry", 0)
    for beam in "ABBA" * times:
        told.step(beam, 100)
    assert not done
    for at, beam in enumerate("ABAB"):
        told.step(beam, 100)
        if at == 1 and counted_by_arm:
            told.step("pass A", 10)
    assert [wish.completion for wish in done] == ["success"]


@pytest.mark.parametrize("windows", [1, 4])
def test_a_gate_waits_for_whoever_is_new_as_long_as_it_was_told(windows: int) -> None:
    """Its own window is five seconds: the way is opened anew until the time is over, and then not once more."""
    told, heard = Told(windows), list[tuple[float, Any]]()
    take = told.take
    told.take = lambda wishes: (heard.extend((told.now_ms, wish) for wish in wishes), take(wishes))  # type: ignore[assignment]
    told.step("entry", 0)
    told.step("", 40_000)
    opened = [at for at, wish in heard if wish == gate_contacts.Mode("single", "A")]
    assert opened == [5000.0 * at for at in range(windows)]
    assert (5000.0 * windows, CommandDone("timeOut")) in heard


# -- the driver and its twin -------------------------------------------------------------------------------------------


class Hall(PinRig):
    """A gate, its driver, and people."""

    def __init__(self, folder: Path, table: RelayGate) -> None:
        super().__init__(folder, gate=GateTwin(table))
        self.driver = self.start(GateRelay(table, self.post, self.factory))
        self.asks = 0

    def do(self, act: str, **arguments: Any) -> bool:
        with self.board.hold("gate") as twin:
            return bool(twin.ACTS[act](twin, arguments, now_ms())["ok"])

    def must(self, act: str, **arguments: Any) -> None:
        self.until(lambda: self.do(act, **arguments))

    def ask(self, way: str = "entry") -> str:
        self.asks += 1
        self.driver.perform(OpenGate("gate", f"open{self.asks}", way))
        return f"open{self.asks}"

    def answered(self) -> GatePassed:
        return self.heard(GatePassed, self.asks)  # type: ignore[no-any-return]

    def mode(self) -> str:
        return str(self.state("gate")["mode"])

    def locked_and_unhurt(self) -> None:
        self.until(lambda: self.mode() == "locked" and not self.state("gate")["beams"])
        assert self.state("gate")["counters"]["closed_on"] == 0


@pytest.fixture(params=list(KINDS))
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    with Hall(tmp_path, KINDS[request.param]) as found:
        yield found


@pytest.fixture(params=BEAMS)
def beamed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    with Hall(tmp_path, KINDS[request.param]) as found:
        yield found


@pytest.fixture
def pulsed(tmp_path: Path) -> Iterator[Hall]:
    with Hall(tmp_path, PULSE) as found:
        yield found


def test_starting_says_nothing_to_the_gate(hall: Hall) -> None:
    hall.until(lambda: hall.driver._tick() is None)
    assert hall.state("gate")["counters"]["commands"] == 0
    assert not hall.do("walk", way="entry")


def test_one_person_goes_through_and_the_gate_locks(hall: Hall) -> None:
    for count in (1, 2):
        ref = hall.ask()
        hall.must("walk", way="entry")
        assert hall.answered() == GatePassed("gate", ref)
        hall.locked_and_unhurt()
        assert hall.state("gate")["counters"]["passed"] == count
    assert not hall.all(GateAlarmed)


def test_the_other_way_is_not_open(beamed: Hall) -> None:
    beamed.ask("exit")
    beamed.until(lambda: beamed.mode() != "locked")
    assert not beamed.do("walk", way="entry")
    beamed.must("walk", way="exit")
    assert beamed.answered().completion == "success"
    beamed.locked_and_unhurt()


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_comes_and_the_gate_locks_again(tmp_path: Path, kind: str) -> None:
    with Hall(tmp_path, msgspec.structs.replace(KINDS[kind], window_ms=BRIEF_MS)) as hall:
        hall.ask()
        assert hall.answered().completion == "timeOut"
        hall.until(lambda: hall.mode() == "locked")


def test_canceled_while_nobody_is_in_it(pulsed: Hall) -> None:
    ref = pulsed.ask()
    pulsed.until(lambda: pulsed.mode() == "single A")
    pulsed.driver.perform(Cancel("gate", ref))
    assert pulsed.answered().completion == "canceled"
    pulsed.locked_and_unhurt()


def test_canceled_while_somebody_passes_lets_them_pass(beamed: Hall) -> None:
    ref = beamed.ask()
    beamed.must("walk", way="entry")
    beamed.until(lambda: beamed.driver.health()["occupied"])
    beamed.driver.perform(Cancel("gate", ref))
    assert beamed.answered().completion == "success"
    beamed.locked_and_unhurt()


def test_somebody_close_behind_is_told(beamed: Hall) -> None:
    beamed.ask()
    beamed.must("follow", way="entry")
    assert beamed.answered().completion == "success"
    assert beamed.heard(GateAlarmed) == GateAlarmed("gate", "tailgate")
    beamed.locked_and_unhurt()


def test_whoever_turns_back_may_try_again(beamed: Hall) -> None:
    beamed.ask()
    beamed.until(lambda: beamed.mode() != "locked")
    beamed.must("turn_back", way="entry")
    beamed.until(lambda: beamed.driver.health()["occupied"])
    beamed.must("walk", way="entry")
    assert beamed.answered().completion == "success"


def test_standing_in_it_is_an_obstruction_and_nothing_closes(tmp_path: Path) -> None:
    with Hall(tmp_path, msgspec.structs.replace(KINDS["mirrored"], window_ms=WINDOW_MS // 2)) as hall:
        hall.ask()
        hall.until(lambda: hall.mode() != "locked")
        hall.must("stand")
        hall.until(lambda: GateAlarmed("gate", "obstructed") in hall.events)
        assert hall.all(GatePassed) == []
        hall.must("stand", on=False)
        assert hall.heard(GateCleared) == GateCleared("gate", "obstructed")
        assert hall.answered().completion == "timeOut"
        hall.locked_and_unhurt()


def test_stepping_in_unasked_is_an_intrusion(beamed: Hall) -> None:
    beamed.must("turn_back", way="entry")
    assert beamed.heard(GateAlarmed).alarm == "intrusion"


def test_fire_lets_everybody_out_until_it_is_over(pulsed: Hall) -> None:
    pulsed.do("fire", on=True)
    assert pulsed.heard(GateAlarmed) == GateAlarmed("gate", "fire")
    for way in ("exit", "entry"):
        pulsed.must("walk", way=way)
        pulsed.until(lambda: not pulsed.state("gate")["beams"])
    pulsed.ask()
    pulsed.must("walk", way="entry")
    assert pulsed.answered().completion == "success"
    pulsed.must("stand")
    pulsed.do("fire", on=False)
    assert pulsed.heard(GateCleared).alarm == "fire"
    pulsed.must("stand", on=False)
    pulsed.locked_and_unhurt()


def test_contacts_bounce(pulsed: Hall) -> None:
    with pulsed.board.hold("gate") as twin:
        twin.spoil("bounce", True, 0)
    pulsed.ask()
    pulsed.must("walk", way="entry")
    assert pulsed.answered().completion == "success"
    pulsed.locked_and_unhurt()
    assert not pulsed.all(GateAlarmed)


def test_what_it_cannot_do_it_says(tmp_path: Path) -> None:
    with Hall(tmp_path, KINDS["arms only"]) as hall:
        hall.ask("exit")
        assert hall.answered().completion == "unsupportedCommand"
        hall.driver.perform(EjectMedia("gate", "b"))
        assert hall.heard(MediaPresented).completion == "unsupportedCommand"


def test_the_unit_dies_with_the_gate_open_and_the_gate_locks_by_itself(pulsed: Hall) -> None:
    pulsed.ask()
    pulsed.until(lambda: pulsed.mode() == "single A")
    pulsed.driver = pulsed.restart(lambda: GateRelay(PULSE, pulsed.post, pulsed.factory))
    pulsed.ask()
    pulsed.must("walk", way="entry")
    assert pulsed.heard(GatePassed).completion == "success"
    pulsed.locked_and_unhurt()


def test_a_cabinet_opens_reads_and_answers_by_the_machines_word(tmp_path: Path) -> None:
    devices = DeviceTables(gate=PULSE, barcode_scanner=ScannerSettings("gm65"), pins=LinkedPins())
    with CabinetRig(tmp_path, devices) as unit:
        unit.cabinet.expect(("barcode_scanner", "gate"))
        unit.must("show_code", text="kiosk-practice:ticket")
        assert unit.heard(BarcodeRead) == BarcodeRead("barcode_scanner", "kiosk-practice:ticket")
        unit.cabinet.perform(OpenGate("gate", "open"))
        unit.must("walk", way="entry")
        assert unit.heard(GatePassed) == GatePassed("gate", "open")
        unit.until(lambda: unit.state("gate")["mode"] == "locked")
        unit.cabinet.perform(OpenGate("gate", "open", "exit"))
        unit.until(lambda: unit.state("gate")["mode"] == "single B")
        unit.cabinet.perform(Cancel("gate", "open"))
        assert unit.heard(GatePassed, 2).completion == "canceled"


def test_a_unit_without_a_gate_says_so(tmp_path: Path) -> None:
    with CabinetRig(tmp_path, DeviceTables(pins=LinkedPins())) as unit:
        unit.cabinet.perform(OpenGate("gate", "open"))
        assert unit.heard(GatePassed) == GatePassed("gate", "open", "hardwareError")


@pytest.mark.parametrize(
    "table",
    [
        RelayGate(unlock_a=2, beam_a=3),
        RelayGate(unlock_a=2),
        RelayGate(unlock_a=2, pass_a=3, unlock_b=4),
        RelayGate(unlock_a=2, pass_a=3, entry="B"),
        RelayGate(unlock_a=2, pass_a=2),
    ],
)
def test_a_table_says_what_is_wrong(table: RelayGate) -> None:
    assert problems(DeviceTables(gate=table), MoneyChannels())


def test_sound_tables_have_no_problems() -> None:
    assert not [text for table in KINDS.values() for text in problems(DeviceTables(gate=table), MoneyChannels())]
