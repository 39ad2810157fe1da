"""What every test may ask for: full counts.

`--long` runs the tests marked `long` and sets full counts (fixture `long`, hypothesis' profile `long`); without it
counts are reduced, seeds stay fixed.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("short", deadline=None)  # how long an example takes decides nothing
settings.register_profile("long", max_examples=1000, deadline=None)
settings.load_profile("short")


def pytest_configure(config):
    if config.getoption("--long"):
        settings.load_profile("long")


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="full counts; several times as long")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="only with --long"))


@pytest.fixture(scope="session")
def long(request) -> bool:
    """Whether to use full counts."""
    return request.config.getoption("--long")
