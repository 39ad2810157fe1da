"""`kiosk devices test` and `teach`: a person and a device are led through what it must do; the report is kept.

Nothing is tested behind a running unit's back: it must be ended first. The unit's own state folder is used, so what is
paid out or taken in is counted as in life. A report is JSON for machines and text for people, under one name in the
folder `tests` beside the state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hardware.diagnostics.cli.device_access import UnitError, connect_running, own
from hardware.diagnostics.cli.device_bench import Bench, BenchOperator, Step
from hardware.diagnostics.cli.guided_tests import ON_PANEL, TRIALS
from hardware.diagnostics.cli.sentences import ENGLISH, Write
from hardware.diagnostics.device_history import FILE, History
from hardware.diagnostics.live_socket import driver_of
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from kiosk_firmware.core.pages import Text
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.system.state_folders import READABLE
from kiosk_firmware.system.utc_clock import utc_ms

FOLDER = "tests"


class DeviceTest(msgspec.Struct, frozen=True):
    """One device: its driver, its steps, and its health at the end."""

    at: str
    driver: str
    ok: bool
    steps: tuple[Step, ...]
    health: dict[str, Any]


class Report(msgspec.Struct, frozen=True):
    """A whole test, when it began (UTC ms)."""

    at_utc_ms: int
    ok: bool
    devices: tuple[DeviceTest, ...]

    def text(self) -> str:
        """Return the report as text, to read and to file."""
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(self.at_utc_ms / 1000 + 8 * 3600))
        lines = [f"Test of {when}: {'all well' if self.ok else 'found wanting'}"]
        for one in self.devices:
            lines.append(f"\n{one.at} ({one.driver}): {'well' if one.ok else 'WRONG'}")
            lines += [f"  {'ok   ' if step.ok else 'WRONG'} {step.told} -> {step.seen}" for step in one.steps]
        return "\n".join(lines) + "\n"


class Terminal:
    """The person at a keyboard."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, flush=True)

    def saw(self, seen: str, ok: bool) -> None:
        """Print a line with its verdict."""
        print(f"  {'ok   ' if ok else 'WRONG'} {seen}", flush=True)

    def agrees(self, question: str) -> bool:
        """Ask for y or n; anything else is asked again, the end of the lines is no."""
        while True:
            try:
                answer = input(f"{question} [y/n] ").strip().lower()
            except EOFError:
                return False
            if answer in ("y", "n"):
                return answer == "y"


def guide_tests(
    devices: DeviceTables,
    money: MoneyChannels,
    state: Path,
    at: Sequence[str],
    person: BenchOperator,
    wait_s: float,
    write: Write = ENGLISH,
) -> Report:
    """Lead through the tests of these devices (none: all), and keep the report.

    Raises:
        UnitError: the unit runs, a device is unknown or cannot be tested so.
    """
    _must_rest(state)
    known = [name for name, _ in devices.named() if name in TRIALS]
    if wrong := [name for name in at if name not in known]:
        raise UnitError(f"device {wrong[0]!r}: allowed are {', '.join(known)}")
    began_ms = utc_ms()
    found = tuple(_one(name, devices, money, state, person, wait_s, write) for name in (at or known))
    report = Report(began_ms, all(one.ok for one in found), found)
    keep(report, state)
    return report


def _must_rest(state: Path) -> None:
    if (line := connect_running(state)) is not None:
        with line:
            raise UnitError("the unit runs: end it first, or use the self-tests of its supervisor's pages")


def _one(
    at: str,
    devices: DeviceTables,
    money: MoneyChannels,
    state: Path,
    person: BenchOperator,
    wait_s: float,
    write: Write,
) -> DeviceTest:
    driver = driver_of(getattr(devices, at))
    person.say(f"\n{at} ({driver})")
    bench = Bench(at, money, person, wait_s, write)
    with own(devices, money, state, (at, "lights"), bench.heard, state) as parts:
        bench.parts = parts
        if at in parts.failed:
            bench.note(Text("bench.opens"), parts.failed[at], False)
        elif at in ON_PANEL or bench.ready():
            TRIALS[at](bench)
        health = parts.health().get(at, {})
    ok = bool(bench.steps) and all(step.ok for step in bench.steps)
    return DeviceTest(at, driver, ok, tuple(bench.steps), msgspec.to_builtins(health))


def keep(report: Report, state: Path) -> None:
    """Write a report down, for machines and for people."""
    name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(report.at_utc_ms / 1000 + 8 * 3600))
    folder = state / FOLDER
    write_whole(folder / f"{name}.json", msgspec.json.format(msgspec.json.encode(report), indent=1), READABLE)
    write_whole(folder / f"{name}.txt", report.text().encode(), READABLE)
    history = History(state / FILE)
    for one in report.devices:
        history.note(one.at, f"guided test: {'well' if one.ok else 'wrong, see ' + name + '.txt'}", utc_ms())


def taught(
    devices: DeviceTables,
    money: MoneyChannels,
    state: Path,
    at: str,
    times: int,
    say: Callable[[str], None],
    write: Write = ENGLISH,
) -> tuple[str, bool]:
    """Measure a pulse acceptor token by token; the keys for unit.toml, and whether they may be written there.

    Raises:
        UnitError: the unit runs, or the device is no pulse acceptor.
    """
    from hardware.drivers.coin_line_recording import CoinLineRecording
    from hardware.drivers.settings.coins import Pulse
    from hardware.setup import pulse_teaching
    from hardware.transport import gpio_pin_factory

    _must_rest(state)
    table = getattr(devices, at, None)
    if not isinstance(table, Pulse):
        raise UnitError(f"{at!r}: taught are pulse coin acceptors")
    linked = isinstance(devices.pins, LinkedPins)
    factory = gpio_pin_factory.factory("linked" if linked else "lgpio", state / getattr(devices.pins, "socket", ""))
    try:
        with CoinLineRecording(table, factory) as feed:
            proposal = pulse_teaching.teach(feed, money.tokens_fen, lambda told: say(write(told)), times)
    finally:
        factory.close()
    if proposal.problems:
        return "nothing is proposed", False
    from hardware.setup.unit_toml_proposal import table_toml

    return table_toml(at, {"driver": "pulse", **proposal.table()}), True
