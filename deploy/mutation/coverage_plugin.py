"""Write down, as pytest runs, which test runs which line of the room's sources, and how long each test takes.

A plugin of the run that `kiosk mutate` makes first; `MUTATION_MAP` says where to and of what.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import coverage
import msgspec
import pytest

from deploy.mutation.line_coverage import CoverageMap, CoverageRequest

MAP = "MUTATION_MAP"


class LineMap:
    """The plugin: one context of the coverage a test."""

    def __init__(self, wanted: CoverageRequest) -> None:
        """Begin with no test run."""
        self.wanted = wanted
        self.paths = {source: str(Path(source).resolve()) for source in wanted.sources}
        self.coverage = coverage.Coverage(data_file=None, include=list(self.paths.values()))
        self.took: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> None:
        """Attribute the lines from here on to a test that begins."""
        self.coverage.switch_context(item.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Add the time of a part of a test that is over, and keep whether it failed."""
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the map when all tests are over."""
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {source: self._by_line(data.contexts_by_lineno(path)) for source, path in self.paths.items()}
        took = {test: seconds for test, seconds in self.took.items() if test not in self.failed}
        Path(self.wanted.path).write_bytes(msgspec.json.encode(CoverageMap(lines, took)))

    def _by_line(self, contexts: dict[int, list[str]]) -> dict[int, list[str]]:
        return {line: sorted({one for one in tests if one} - self.failed) for line, tests in contexts.items()}


def pytest_configure(config: Any) -> None:
    """Begin before anything of the project is imported."""
    plugin = LineMap(msgspec.json.decode(os.environ[MAP], type=CoverageRequest))
    plugin.coverage.start()
    config.pluginmanager.register(plugin)
