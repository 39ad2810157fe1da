"""A PostgreSQL that starts after the office, or falls while it starts: the office waits and says so."""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from kiosk_firmware.office.database.connection import wait_for_writer
from tests.wire.rig import Processes, wait

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.broker
NUMBER = count()


@contextmanager
def office(folder: Path, url: str, broker: int) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The whole office as a process, and the file of what it says to its log."""
    said = folder / "office.err"
    command = [sys.executable, "-m", "tests.office.child", "--broker", f"127.0.0.1:{broker}", "--database", url]
    with said.open("w") as log:
        process = subprocess.Popen(
            [*command, "--state", str(folder / "office")], stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
        )
    try:
        yield process, said
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.close()


@pytest.fixture
def down(cluster) -> Iterator[str]:
    """The address of a database whose server is down; it is there again for the tests that come after."""
    url = cluster.url(f"late_{next(NUMBER)}")
    cluster.kill()
    yield url
    if cluster.is_down:
        cluster.restart()


def test_the_office_waits_for_its_database_and_says_so(tmp_path, down, cluster, processes: Processes):
    with office(tmp_path, down, processes.broker()) as (process, said):
        wait(lambda: "PostgreSQL does not answer yet" in said.read_text() or process.poll() is not None, "a word")
        assert process.poll() is None, said.read_text()
        cluster.restart()
        page = process.stdout.readline().strip()
        with urllib.request.urlopen(page, timeout=20) as answer:
            assert answer.status == 200
    assert said.read_text().count("does not answer yet") <= 3, "not a line for each try"


def test_while_it_waits_it_can_be_ended_in_order(tmp_path, down, processes: Processes):
    with office(tmp_path, down, processes.broker()) as (process, said):
        wait(lambda: "PostgreSQL does not answer yet" in said.read_text() or process.poll() is not None, "a word")
        process.terminate()
        assert process.wait(20) == 0, said.read_text()


def test_a_file_that_cannot_be_opened_is_not_waited_for(tmp_path):
    (tmp_path / "office.db").mkdir()
    with pytest.raises(Exception, match="unable to open"):
        wait_for_writer(tmp_path / "office.db", threading.Event())
