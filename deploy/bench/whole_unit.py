"""A unit to measure: twins and screen process on an X display of its own, used by a hand, seen from outside.

First frames are timed from the start of the process until an X client sees pixels; memory is what the kernel says is
resident; reaction is measured by `latency`. The bare window goes through the same hands in the same run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from deploy.bench.bench_figures import BenchFigure, median, p95
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.hardware_settings import full_cabinet
from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.settings import unit_toml

CARD, PIN = "9900550000005528", "902741"
PATIENCE_S = 40.0
SETTLED_S = 3.0
WITHDRAW, BACK = (1130, 264), (1100, 624)
"""The menu's key that leads to the amounts, and the key there that leads back: the fifth and the eighth beside the
glass."""
TOMORROW, TO_DAYS, LIST_ROWS = (389, 270), (114, 644), (170, 264, 360, 460, 560, 640)
"""On the ticket machine's page of days: tomorrow; on its list of trains: back; and rows of pixels through all of it."""
KIOSK = (sys.executable, "-P", "-m", "kiosk_firmware.cli")


def wait(condition: Callable[[], Any], what: str) -> Any:
    """Return what the condition gives, once it gives something. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > until:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(0.02)
    return found


@contextmanager
def run_process(command: list[str], **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is ended at the end."""
    out = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, **env}, stdin=out, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class UnitUnderTest:
    """A private folder with a unit's settings, and its twins; the screen comes and goes."""

    def __init__(self, kind: str = "all-in-one", machine: str = "") -> None:
        """Make the unit's folder; nothing runs yet. `kind` "atm" or "rail" stands at the machine's own first page;
        `machine`: the only one, where it is not named as the kind.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
        made = unit_toml.check_settings(tomllib.loads(unit_toml.example("demo")), "bench")
        machines = () if kind == "all-in-one" else (machine or kind,)
        unit = msgspec.structs.replace(made.unit, kind=kind, machines=machines)
        turn = msgspec.structs.replace(made.turn, idle_seconds=3600, minutes=0)
        voice = msgspec.structs.replace(made.voice, on=False)
        desk, whole = made.devices, full_cabinet(quick=True)
        whole = msgspec.structs.replace(whole, ticket_dispenser=desk.ticket_dispenser, id_reader=desk.id_reader)
        if machine == "metro-gate":  # its barrier has the pins of the pad
            whole = msgspec.structs.replace(whole, gate=desk.gate, pin_pad=desk.pin_pad)
        made = msgspec.structs.replace(made, unit=unit, turn=turn, voice=voice, devices=whole)
        (self.folder / "unit.toml").write_text(unit_toml.settings_toml(made), encoding="utf-8")
        PinStore(self.folder).set(CARD, PIN)
        self.where = ["--unit", str(self.folder / "unit.toml"), "--state", str(self.folder)]

    @contextmanager
    def twins(self) -> Iterator[TwinControlClient]:
        """Start the twins' process; yield a client."""
        with (
            run_process([*KIOSK, "emulate", *self.where]),
            TwinControlClient(self.folder / "twins.sock", PATIENCE_S) as client,
        ):
            yield client

    def command(self, *more: str) -> list[str]:
        """Return what starts the screen process, with its hand."""
        hand = self.folder / "hand.sock"
        hand.unlink(missing_ok=True)
        return [*KIOSK, "run", *self.where, "--hand", str(hand), *more]

    def screen(self, display: str) -> Any:
        """Start the screen process on that display (a context)."""
        return run_process(self.command(), DISPLAY=display)

    def hand(self, **words: str) -> dict[str, Any]:
        """Press or look; empty while the glass does not answer."""
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(15)
            try:
                end.connect(str(self.folder / "hand.sock"))
                end.sendall(json.dumps(words).encode() + b"\n")
                line = end.makefile().readline()
            except OSError:
                return {}
        found: dict[str, Any] = json.loads(line) if line else {}
        return found

    def step(self) -> str:
        """Return the step of the page that stands."""
        return str((self.hand().get("page") or {}).get("step", ""))

    def at(self, step: str) -> str:
        """Wait for the page of that step; its step with the visit."""
        return str(wait(lambda: (now := self.step()).split("#")[0] == step and now, f"page {step}, not {self.step()}"))

    def tap(self, step: str, key: str) -> None:
        """Press the key on that page as soon as it takes touches."""
        here = self.at(step)
        wait(lambda: self.step() != here or (self.hand(tap=key) and None), f"{key} to lead on from {step}")

    def close(self) -> None:
        """Forget the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def to_menu(unit: UnitUnderTest, twins: TwinControlClient) -> None:
    """Go from the machine's first page to its menu."""
    unit.at("home")
    wait(lambda: twins.do("insert_card", card=CARD)["ok"], "the slot to take the card")
    unit.at("pin")
    for key in (*PIN, "E"):
        twins.must("pin_key", key=key)
    unit.at("menu")


def withdraw(unit: UnitUnderTest, twins: TwinControlClient) -> None:
    """Play a whole run of a dedicated unit, from first page to first page."""
    to_menu(unit, twins)
    unit.tap("menu", "menu.withdraw")
    unit.tap("amounts", "amount.100")
    unit.tap("receipt", "receipt.no")
    wait(lambda: twins.do("take_card")["ok"], "the card to come back")
    wait(lambda: twins.do("take_cash")["ok"], "the cash to lie in the tray")
    unit.tap("goodbye", "told.ok")
    unit.at("home")


def to_days(unit: UnitUnderTest) -> None:
    """Go from the ticket machine's first page to the page of days."""
    unit.tap("home", "menu.buy")
    unit.tap("places-target", "station.cqb")
    unit.at("days")


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def bare_window(display: str) -> Any:
    """Start a bare Kivy window's process on that display (a context)."""
    return run_process([sys.executable, "-m", "deploy.bench.kivy_baseline"], DISPLAY=display)


def _first_frame_s(display: str, process: Any) -> tuple[float, float]:
    """Measure the seconds from the start until pixels stand, and resident MiB when it has settled. The display must be
    black.
    """
    from deploy.bench.latency import Eye

    eye = Eye(display)
    wait(lambda: not any(eye.row(400)), "the display to be black")
    began = time.perf_counter()
    with process() as started:
        eye.wait(lambda: any(eye.row(400)))
        taken = time.perf_counter() - began
        eye.close()
        time.sleep(SETTLED_S)
        return taken, resident_mib(started.pid)


def first_frames(quick: bool) -> Iterator[BenchFigure]:
    """Measure first frame and memory, ours and the bare window's in turn; medians, and their ratio."""
    from deploy.bench.latency import xvfb

    bare: list[tuple[float, float]] = []
    ours: list[tuple[float, float]] = []
    unit = UnitUnderTest()
    try:
        with xvfb() as display, unit.twins():
            for at in range(4 if quick else 8):
                found = _first_frame_s(display, lambda: bare_window(display))
                also = _first_frame_s(display, lambda: unit.screen(display))
                if at:  # the first of each fills caches
                    bare.append(found)
                    ours.append(also)
    finally:
        unit.close()
    yield from _compared("first frame of the first page", "s", 1.4, [b[0] for b in bare], [o[0] for o in ours])
    yield from _compared("memory of the screen process", "MiB", 1.2, [b[1] for b in bare], [o[1] for o in ours])


def _compared(name: str, unit: str, most: float, bare: list[float], ours: list[float]) -> Iterator[BenchFigure]:
    this, that = median(ours), median(bare)
    note = f"{this:.3g} {unit} beside {that:.3g} {unit}, {len(ours)} of each in turn"
    yield BenchFigure(f"{name} ÷ bare window", round(this / that, 3), "×", most=most, note=note)


def after_runs(quick: bool) -> Iterator[BenchFigure]:
    """Measure memory after ten whole runs, beside a bare window's."""
    from deploy.bench.latency import xvfb

    runs = 3 if quick else 10
    unit = UnitUnderTest("atm")
    try:
        with xvfb() as display:
            _, bare = _first_frame_s(display, lambda: bare_window(display))
            with unit.twins() as twins, unit.screen(display) as screen:
                unit.at("home")
                time.sleep(SETTLED_S)
                before = resident_mib(screen.pid)
                for _ in range(runs):
                    withdraw(unit, twins)
                ours = resident_mib(screen.pid)
    finally:
        unit.close()
    note = f"{ours:.3g} MiB (before: {before:.3g}) beside {bare:.3g} MiB"
    yield BenchFigure(f"memory after {runs} runs ÷ bare window", round(ours / bare, 3), "×", most=1.2, note=note)


def reaction(quick: bool) -> Iterator[BenchFigure]:
    """Measure from finger to glass on the machine's real menu, and what idling there costs."""
    from deploy.bench.latency import measure, xvfb

    unit = UnitUnderTest("atm")
    try:
        with xvfb() as display, unit.twins() as twins, unit.screen(display) as screen:
            to_menu(unit, twins)
            found = measure(display, screen.pid, WITHDRAW, BACK, rounds=12 if quick else 40)
            unit.at("menu")
    finally:
        unit.close()
    note = f"median {found.pressed_p50} ms, {found.rounds} taps; stock Kivy 24–32 ms"
    yield BenchFigure("press → pressed look p95", found.pressed_p95, "ms", most=17, note=note)
    yield BenchFigure("release → next page p95", found.page_p95, "ms", most=60, note=f"median {found.page_p50} ms")
    yield BenchFigure("idle CPU on the menu", round(found.idle_cpu * 100, 2), "% of a core", most=3)


def lists(quick: bool) -> Iterator[BenchFigure]:
    """Measure from release to the complete list of tomorrow's trains, out of all that the railway has: again and again,
    and the first time in a fresh process, when no letter has been drawn yet.
    """
    pages: dict[tuple[int, int], list[bytes]] = {}
    warm = _lists(12 if quick else 40, pages)
    cold = [ms for _ in range(2 if quick else 5) for ms in _lists(1, pages)]
    first = f"first in a process {median(cold):.3g} ms, longest {max(cold):.3g}"
    note = f"median {median(warm):.3g} ms, {len(warm)} lists; {first}"
    yield BenchFigure("release → complete train list p95", round(p95([*warm, *cold]), 1), "ms", most=120, note=note)


def _lists(rounds: int, pages: dict[tuple[int, int], list[bytes]]) -> list[float]:
    """Measure milliseconds in a unit of its own."""
    from deploy.bench.latency import turned_ms, xvfb

    unit = UnitUnderTest("rail")
    try:
        with xvfb() as display, unit.twins(), unit.screen(display):
            to_days(unit)
            found = turned_ms(display, TOMORROW, TO_DAYS, rounds, LIST_ROWS, pages)
            unit.at("trains")
            return found
    finally:
        unit.close()
