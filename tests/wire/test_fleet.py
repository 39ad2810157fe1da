"""Simulated units: real journals, agents, broker and office; each run arrives whole, once, and counts nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk_firmware.office.database.completeness_proof import account
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation.fleet import Settings, Simulated, Unit, run
from kiosk_firmware.wire.broker_settings import Broker, Telemetry
from tests.wire.rig import Processes, query

pytestmark = pytest.mark.broker


def test_a_small_fleet_practises_and_the_office_has_it_all(processes: Processes, tmp_path: Path) -> None:
    broker = Broker(port=processes.broker(), retry_s=0.3)
    processes.child("collector")
    pace = Telemetry(spread_s=0, resend_s=1, rate=2000)
    units = [Simulated(Settings(Unit(f"sim-{n}", "simulated"), broker, pace), tmp_path / f"{n}", n) for n in range(4)]
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
