"""A whole chain for the page tests, started once: broker, office, an agent with a `screen.db`, and a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from deploy.office.temporary_postgres import Cluster, ClusterError
from tests.clock import machine_time_environment
from tests.wire.rig import Processes, Screen, wait

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "pictures"


TICKET = "a-ticket-of-these-tests"


class Chain:
    """What a test of the pages drives."""

    def __init__(self, folder: Path) -> None:
        self.processes = Processes(folder)
        self.screen = Screen(folder / "state")
        self.state = folder / "state"
        self.url = ""
        self._office: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.processes.broker()
        self.start_office()
        self.processes.child("agent")

    def start_office(self, *more: str) -> None:
        command = [sys.executable, "-m", "tests.office.child", "--broker", f"127.0.0.1:{self.processes.port}"]
        ticket = self.processes.folder / "ticket"
        ticket.write_text(TICKET)
        command += ["--state", str(self.processes.folder / "office"), "--ticket", str(ticket), *more]
        self._office = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._office.stdout is not None
        self.url = self._office.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), self.url

    def stop_office(self) -> int:
        assert self._office is not None
        self._office.terminate()
        return self._office.wait(20)

    def close(self) -> None:
        if self._office is not None and self._office.poll() is None:
            self._office.kill()
            self._office.wait()
        if self._office is not None and self._office.stdout is not None:
            self._office.stdout.close()
        self.processes.close()
        self.screen.db.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of our own, started once."""
    try:
        made = Cluster()
    except ClusterError as error:
        if "not installed" in str(error):
            pytest.skip(str(error))
        raise
    yield made
    made.close()


@pytest.fixture(scope="session")
def _database(cluster: Cluster) -> str:
    return cluster.url("office")


@pytest.fixture
def postgres(_database: str) -> str:
    """An empty database's address; its tables are made by whoever connects."""
    with closing(psycopg.connect(_database, autocommit=True)) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute("CREATE SCHEMA public")
    return _database


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("chain"))
    try:
        made.start()
        yield made
    finally:
        made.close()


def start_chromium(size: str, *flags: str) -> webdriver.Chrome:
    """Start a headless Chromium that can resolve no name and reach nothing but loopback; skip where there is none."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium and chromedriver here; on Debian: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--window-size={size}",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        "--disable-background-networking",
        "--hide-scrollbars",
        "--lang=zh-CN",
        *flags,
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options, Service(driver, env=machine_time_environment()))


@pytest.fixture(scope="module")
def browser(chain: Chain) -> Iterator[webdriver.Chrome]:
    """A Chromium that has come in."""
    made = start_chromium("1280,800")
    made.set_window_size(1280, 943)  # leaves 1280×800 to the page
    made.get(f"{chain.url}enter/{TICKET}")
    yield made
    made.quit()


def shot(browser: webdriver.Chrome, name: str) -> None:
    """A picture of the page, for people to judge."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    assert browser.save_screenshot(str(PICTURES / f"office-{name}.png"))


__all__ = ["PICTURES", "Chain", "shot", "start_chromium", "wait"]
