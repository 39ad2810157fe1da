"""Write down, as pytest runs, how many tests ran and which failed: pytest's exit code says neither of them alone.

The project's own part of pytest's summary looks at the repository, which a copy is not, and would fail there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

OUTCOME = "MUTATION_OUTCOME"
READING = "as the tests were read"


class Outcome(msgspec.Struct):
    """`ran`: tests that ran, passed or not; `failed`: the first that failed, "" for none."""

    ran: int = 0
    failed: str = ""


_SO_FAR = Outcome()


def pytest_runtest_logreport(report: Any) -> None:
    """Count a part of a test that is over."""
    _SO_FAR.ran += report.when == "call"
    _note(report.failed, report.nodeid)


def pytest_collectreport(report: Any) -> None:
    """Note a file that could not be read."""
    _note(report.failed, READING)


def _note(failed: bool, where: str) -> None:
    _SO_FAR.failed = _SO_FAR.failed or (where if failed else "")
    Path(os.environ[OUTCOME]).write_bytes(msgspec.json.encode(_SO_FAR))
