"""The bench of the office gives its figures; how good they are is not a test's business."""

from __future__ import annotations

import pytest

from deploy.bench.office import measure


@pytest.mark.broker
def test_bench_gives_figures(tmp_path):
    figures = measure(tmp_path, rows=300, paced=30, pace=300)
    assert set(figures) == {"rows_per_s", "commit_p50_ms", "commit_p99_ms"}
    assert all(value > 0 for value in figures.values())
    assert figures["commit_p50_ms"] <= figures["commit_p99_ms"]
