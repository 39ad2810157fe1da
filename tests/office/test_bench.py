"""The bench of the office gives its figures; how good they are is not a test's business."""

from __future__ import annotations

import pytest

from deploy.bench.office import measure


@pytest.mark.broker
def test_bench_gives_figures(tmp_path):
    figures = measure(tmp_path, tmp_path / "office.db", rows=1500, paced=30, pace=300)
    assert set(figures) == {"rows_per_s", "drained_per_s", "drained_us", "commit_p50_ms", "commit_p99_ms"}
    assert all(value > 0 for name, value in figures.items() if name != "drained_us"), "which counts in ticks of 10 ms"
    assert figures["commit_p50_ms"] <= figures["commit_p99_ms"]
