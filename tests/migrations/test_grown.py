"""What is proved of journal, agent, office, people and visits holds on files to which the next version added columns.

That is what this version meets when a new system was given up and the old one is back.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

FILES = (
    "tests/unit/runtime/test_journal.py",
    "tests/unit/runtime/test_custody.py",
    "tests/unit/runtime/test_progress.py",
    "tests/wire/test_units_side.py",
    "tests/office/test_store.py",
    "tests/office/test_people.py",
    "tests/office/test_access.py",
    "tests/office/test_rollouts.py",
    "tests/office/test_learners.py",
    "tests/pki/test_at_the_office.py",
    "tests/visit/office",
)


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_holds_on_files_of_the_next_version(file):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.migrations.grown", file]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:]
