"""A finger's wait while the agent drains a long time's facts: the two processes share a disk and a processor, no more.

A unit that was without its office for long is given it back: `FACTS` lie in its own journal, the agent sends them a
hundred times as fast as a unit is set to, a broker and a collector on the same machine store them. Meanwhile a hand
taps as in `unit.reaction`; the same taps before the agent began stand beside.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from deploy.bench.bench_figures import BenchFigure
from deploy.bench.office import collector
from deploy.bench.whole_unit import BACK, KIOSK, WITHDRAW, UnitUnderTest, run_process, to_menu, wait
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.tools.demo.mosquitto import start_private
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import Batch
from kiosk_firmware.wire.broker_settings import BrokerSettings

FACTS, RATE = 100_000, 2_000.0
STEP = {"run": "bench-1", "step": "pin", "prompt": 0, "slips": 0, "ms": 5000}


def measure_draining(quick: bool) -> Iterator[BenchFigure]:
    """See the file's head; the figure is the pressed look's, and how many facts left while it was measured."""
    from deploy.bench.latency import measure, xvfb

    count, rounds = (10_000, 8) if quick else (FACTS, 40)
    unit = UnitUnderTest("atm")
    try:
        with _office(unit) as stored, xvfb() as display:
            _fill(unit.folder / "screen.db", count)
            with unit.twins() as twins, unit.screen(display) as screen:
                to_menu(unit, twins)
                before = measure(display, screen.pid, WITHDRAW, BACK, rounds=rounds)
                with run_process([*KIOSK, "agent", *unit.where]):
                    wait(lambda: stored() > 0, "the first facts at the office")
                    began, had = time.monotonic(), stored()
                    found = measure(display, screen.pid, WITHDRAW, BACK, rounds=rounds)
                    left, took = stored() - had, time.monotonic() - began
                unit.at("menu")
    finally:
        unit.close()
    note = f"{before.pressed_p95} ms before; {left} facts left in {took:.0f} s, median {found.pressed_p50} ms"
    yield BenchFigure(f"press → pressed p95, {count} facts draining", found.pressed_p95, "ms", most=17, note=note)


@contextmanager
def _office(unit: UnitUnderTest) -> Iterator[Callable[[], int]]:
    """Start a broker and a collector for this unit; yield a count of how many of its facts are stored."""
    folder = unit.folder / "office"
    process, port = start_private(folder / "broker")
    path = unit.folder / "unit.toml"
    made = unit_toml.read_settings(path)
    pace = msgspec.structs.replace(made.telemetry, rate=RATE, spread_s=0)
    made = msgspec.structs.replace(made, broker=BrokerSettings(port=port), telemetry=pace)
    path.write_text(unit_toml.settings_toml(made), encoding="utf-8")
    try:
        with collector(port, folder / "office.db"):
            yield lambda: _stored(folder / "office.db")
    finally:
        process.terminate()
        process.wait()


def _stored(path: Path) -> int:
    """Return the facts at the office; 0 before it has tables."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT coalesce(sum(upto), 0) FROM epochs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _fill(path: Path, count: int) -> None:
    """Write what the unit did while it was alone, by its own journal."""
    journal = Journal(path, "bench")
    journal.start()
    try:
        for n in range(count):
            journal.submit(Batch(1_700_000_000_000 + n, facts=(RunFact("step.ended", STEP),)))
        journal.flush(600)
    finally:
        journal.close()
