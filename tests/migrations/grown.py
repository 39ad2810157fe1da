"""A plugin for pytest: every table of every database has a column of the next version, which this one does not know."""

from __future__ import annotations

import pytest

from tests.migrations.schemas import OPENED, STEPS, later, shape


@pytest.fixture(autouse=True)
def grown(tmp_path_factory, monkeypatch):
    """Each file is brought to the next version's schema as soon as it is opened."""
    folder = tmp_path_factory.mktemp("shape")
    for name, opened in OPENED.items():
        opened(folder / name)
        tables = [table for table in shape(folder / name) if " " not in table]
        monkeypatch.setattr(STEPS[name], "STEPS", (*STEPS[name].STEPS, *later(tables)))
