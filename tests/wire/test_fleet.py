"""Simulated units: real journals, agents, broker and office; each run arrives whole, once, and counts nowhere."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation.fleet import (
    FILES_A_UNIT,
    OWN_FILES,
    AgentSettings,
    AgentUnitTable,
    SimulatedUnit,
    run,
    shares,
)
from kiosk_firmware.wire.broker_settings import BrokerSettings, Telemetry
from tests.wire.rig import Processes, query

pytestmark = pytest.mark.broker


def test_a_small_fleet_practises_and_the_office_has_it_all(processes: Processes, tmp_path: Path) -> None:
    broker = BrokerSettings(port=processes.broker(), retry_s=0.3)
    processes.child("collector")
    pace = Telemetry(spread_s=0, resend_s=1, rate=2000)
    units = [
        SimulatedUnit(AgentSettings(AgentUnitTable(f"sim-{n}", "simulated"), broker, pace), tmp_path / f"{n}", n)
        for n in range(4)
    ]
    try:
        runs = run(units, every_s=0.3, seconds=1.0, stop=[])
    finally:
        for unit in units:
            unit.close()
    assert runs > 0
    told = query(processes.office, "SELECT count(*), count(DISTINCT run), min(purpose), max(purpose) FROM runs")
    assert told == [(runs, runs, "simulated", "simulated")]
    assert query(processes.office, "SELECT count(*) FROM runs WHERE ended_ms = 0 OR steps = 0") == [(0,)]
    assert [(one.lost, one.wrong) for one in account(processes.office, utc_ms())] == [(0, "")] * 4


@pytest.mark.parametrize(("units", "files", "processes"), [(1, 50, 1), (600, 20_000, 1), (5_000, 20_000, 4)])
def test_each_unit_is_in_one_process_and_none_has_too_many(units: int, files: int, processes: int) -> None:
    parts = shares(units, files)
    assert [n for part in parts for n in part] == list(range(units))
    assert len(parts) == processes
    assert max(len(part) for part in parts) * FILES_A_UNIT + OWN_FILES <= max(files, FILES_A_UNIT + OWN_FILES)


def test_more_units_than_one_process_may_open_files_for_arrive_whole(processes: Processes, tmp_path: Path) -> None:
    port = processes.broker()
    processes.child("collector")
    most = OWN_FILES + 4 * FILES_A_UNIT
    command = [sys.executable, "-m", "kiosk_firmware.cli", "simulate", "--broker", f"127.0.0.1:{port}"]
    done = subprocess.run(
        [*command, "--units", "16", "--every", "1", "--seconds", "2", "--state", str(tmp_path / "units")],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)),
    )
    assert done.returncode == 0, done.stderr
    runs = int(done.stdout.split()[2])
    assert done.stdout.startswith("16 units, ")
    assert runs > 0
    told = query(processes.office, "SELECT count(*), count(DISTINCT unit || run), min(ended_ms) > 0 FROM runs")
    assert told == [(runs, runs, 1)]
    assert query(processes.office, "SELECT count(*) FROM units") == [(16,)]
