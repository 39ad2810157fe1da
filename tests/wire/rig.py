"""What the tests of telemetry and office share: a unit's `screen.db` written by its schema, and real processes."""

from __future__ import annotations

import json
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.demo.mosquitto import start_private
from kiosk_firmware.wire.broker_settings import BrokerSettings, Telemetry

SCREEN_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE counter(name TEXT PRIMARY KEY, n INTEGER);
CREATE TABLE facts(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
    prio INTEGER NOT NULL DEFAULT 1, stamp TEXT NOT NULL DEFAULT '', was TEXT NOT NULL DEFAULT '');
CREATE TABLE runs(run TEXT PRIMARY KEY, header TEXT NOT NULL, ended TEXT, started_ms INTEGER, ended_ms INTEGER);
"""
RUN = {
    "run": "r-1",
    "machine": "atm",
    "skin": "qinghe",
    "lesson": "withdraw-100",
    "learner": "guest",
    "purpose": "practice",
}


class Unit(msgspec.Struct, frozen=True):
    id: str = "jia-atm-01"
    site: str = "jia"
    kind: str = "atm"


class Settings(msgspec.Struct, frozen=True):
    broker: BrokerSettings
    unit: Unit = Unit()
    telemetry: Telemetry = Telemetry(spread_s=0, resend_s=1, rate=2000, health_s=1)


def settings(port: int, **telemetry: Any) -> Settings:
    pace = {"spread_s": 0, "resend_s": 1, "rate": 2000, "health_s": 1, **telemetry}
    return Settings(BrokerSettings(port=port, retry_s=0.3, keepalive_s=10), telemetry=msgspec.convert(pace, Telemetry))


class Screen:
    """Stands for the screen process: the only writer of `screen.db`."""

    def __init__(self, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self.state = state
        self.db = sqlite3.connect(state / "screen.db")
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.executescript(SCREEN_SCHEMA)
        self.epoch = secrets.token_hex(8)
        with self.db:
            self.db.execute("INSERT INTO meta VALUES('epoch', ?)", (self.epoch,))
            self.db.execute("INSERT INTO counter VALUES('facts', 0)")

    def tell(self, fact: str, **data: Any) -> int:
        with self.db:
            (seq,) = self.db.execute("UPDATE counter SET n = n + 1 RETURNING n").fetchone()
            at_ms = utc_ms()
            self.db.execute(
                "INSERT INTO facts(seq, at_ms, type, data) VALUES(?, ?, ?, ?)", (seq, at_ms, fact, json.dumps(data))
            )
        return int(seq)

    def open_run(self, run: str, machine: str) -> None:
        with self.db:
            self.db.execute(
                "INSERT INTO runs VALUES(?, ?, NULL, ?, NULL)",
                (run, json.dumps({"machine": machine}), utc_ms()),
            )

    def drop_acknowledged(self) -> None:
        """What the real screen process does now and then."""
        agent = sqlite3.connect(f"file:{self.state / 'agent.db'}?mode=ro", uri=True)
        row = agent.execute("SELECT upto FROM acks WHERE epoch = ?", (self.epoch,)).fetchone()
        agent.close()
        if row:
            with self.db:
                self.db.execute("DELETE FROM facts WHERE seq <= ?", row)

    def left(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM facts").fetchone()[0])


def wait(condition: Callable[[], object], what: str, deadline_s: float = 40.0) -> None:
    """Until it holds; the deadline is generous, since only a hang should reach it."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {deadline_s} s for {what}"
        time.sleep(0.02)


def query(path: Path, sql: str, *args: object) -> list[tuple[Any, ...]]:
    """Rows of a database that another process writes; none while it has no such table yet."""
    if not path.exists():
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        return db.execute(sql, args).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


class Processes:
    """Real processes by name, that can die and come back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.acl = ""
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def broker(self) -> int:
        self._running["broker"], self.port = start_private(self.folder / "broker", self.port, self.acl)
        return self.port

    def child(self, name: str, point: str = "", count: int = 0, where: str = "") -> None:
        """Start `agent` or `collector`; it kills itself when it passes `point` for the `count`-th time. `where`: the
        collector's database, where it is none in its folder.
        """
        self.module(name, "tests.wire.child", name, str(self.folder), str(self.port), point, str(count), where)

    def module(self, name: str, *words: str) -> None:
        """Start `python -m WORDS` under that name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen([sys.executable, "-m", *words], stdout=log, stderr=log)

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, name: str) -> int:
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(30)

    def signal(self, name: str, number: int) -> None:
        self._running[name].send_signal(number)

    def died(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def close(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    @property
    def office(self) -> Path:
        return self.folder / "office" / "office.db"
