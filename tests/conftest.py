"""What every test may ask for: full counts, and where the wires' vectors lie.

`--long` runs the tests marked `long` and sets full counts (fixture `long`); without it counts are reduced, seeds stay
fixed. `--vectors DIR` holds the drivers against another set of recorded bytes than the one in tests/hardware/vectors.
"""

from __future__ import annotations

from pathlib import Path

import pytest

VECTORS = Path(__file__).parent / "hardware" / "vectors"


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="full counts; several times as long")
    parser.addoption("--vectors", type=Path, default=VECTORS, metavar="DIR", help="recorded bytes of the wires, *.json")


def pytest_configure(config):
    folder = config.getoption("--vectors")
    if folder != VECTORS and not any(folder.glob("*.json")):
        raise pytest.UsageError(f"--vectors {folder}: no *.json there")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="only with --long"))


@pytest.fixture(scope="session")
def long(request) -> bool:
    """Whether to use full counts."""
    return request.config.getoption("--long")


@pytest.fixture(scope="session")
def vectors_dir(request) -> Path:
    """The folder of recorded bytes."""
    return request.config.getoption("--vectors").resolve()
