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
    "tests/unit/runtime/test_slot_totals.py",
    "tests/unit/runtime/test_progress.py",
    "tests/wire/test_agent.py",
    "tests/office/test_fact_store.py",
    "tests/office/test_accounts.py",
    "tests/office/test_access_control.py",
    "tests/office/test_rollouts.py",
    "tests/office/test_learner_records.py",
    "tests/pki/test_remote_configuration.py",
    "tests/visit/office",
)


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_holds_on_files_of_the_next_version(file):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.migrations.grown", file]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-3000:]
