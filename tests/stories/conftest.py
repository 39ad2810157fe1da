from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.rig import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit for a whole file; every story leaves it as it found it."""
    made = House(tmp_path_factory.mktemp("house"))
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A unit of the story's own, nothing of it started."""
    made = House(tmp_path_factory.mktemp("house"))
    try:
        yield made
    finally:
        made.close()
