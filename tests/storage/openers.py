"""The real start-up code of unit and office on any folder, and what was promised held against what it finds."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hardware.drivers.practice_pin_store import PinStore
from kiosk_firmware.catalogue import machine_loader, site_content
from kiosk_firmware.office.database.connection import connect
from kiosk_firmware.office.fleet.display_names import DisplayNames
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.process import server
from kiosk_firmware.office.settings import read_settings as read_settings
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent import config_rollout
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock
from kiosk_firmware.visit.wire import paths as places
from kiosk_firmware.visit.wire import recording_upload
from kiosk_firmware.visit.wire.agent_bridge import AgentBridge
from kiosk_firmware.wire.broker_settings import BrokerSettings
from tests.storage.unit_day import CARD, CODE, NOW, PIN
from tests.unit.shell.rig import House


class Unit:
    """A unit that has started on a folder as `unit_day.Day` leaves it; `lies`: promises that are not kept."""

    def __init__(self, root: Path) -> None:
        state, self.toml, alone = root / "state", root / "etc" / "unit.toml", root / "alone"
        self.state, self.lies = state, list[str]()
        with contextlib.ExitStack() as ends:
            config_rollout.begin(self.toml, state)
            self.settings = unit_settings.read_settings(self.toml)
            machine_loader.site(state / "lessons.d")
            ends.callback(machine_loader.site, None)
            self.key = unit_settings.site_key(self.settings, alone)
            self.pins, self.lock = PinStore(alone), SupervisorLock(alone, lambda: NOW)
            self.content = site_content.delivered_folder(state)
            machine_loader.content(self.content)
            ends.callback(machine_loader.content, None)
            machine_loader.load("atm")
            house = House(state)
            ends.callback(house.journal.close)
            agent = Agent(self.settings, state, unit=self.toml)
            ends.callback(agent.close)
            post = AgentBridge(state / "calls", lambda words: True, write_whole, lambda: NOW)
            ends.callback(post.close)
            post.up()
            self.lessons = {one.lesson.id for one in site_content.lessons("atm")}

    def held(self, promise: dict[str, Any]) -> bool:
        """Whether what was promised is there."""
        match promise["what"]:
            case "site key":
                return self.key.decode() == promise["key"]
            case "pin":
                return self.pins.right(CARD, bytearray(PIN.encode()))
            case "code":
                return self.lock.judge("code", bytearray(CODE)).who == 1
            case "received":
                return promise["id"] in self._ids()
            case "lesson":
                path = self.state / "lessons.d" / "atm" / f"{promise['id']}.toml"
                return path.exists() and path.read_text("utf-8") == promise["file"]
            case "content":
                return site_content.number(self.state) > promise["version"] or promise["lesson"] in self.lessons
            case "accepted":
                return places.read_invitation(self.state / "calls" / f"{promise['visit']}.json") is not None
            case "recorded":
                return self._recorded(promise)
            case "facts":
                return self._facts(promise)
            case "config" | "settled":
                last = config_rollout.record(self.state)
                return last is not None and last.version == 1
        raise AssertionError(promise)

    def _ids(self) -> set[str]:
        with _read(self.state / "agent.db") as db:
            return {row[0] for row in db.execute("SELECT id FROM inbox")}

    def _facts(self, promise: dict[str, Any]) -> bool:
        with _read(self.state / "screen.db") as db:
            (epoch,) = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
            found = {row[0] for row in db.execute("SELECT seq FROM facts")}
        return epoch == promise["epoch"] and set(range(1, promise["seq"] + 1)) <= found

    def _recorded(self, promise: dict[str, Any]) -> bool:
        kept = {one.visit: one for one in recording_upload.list_waiting(self.state / "calls")}.get(promise["visit"])
        path = recording_upload.recording_path(self.state / "calls", promise["visit"])
        return kept is not None and path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == kept.sha256


@contextlib.contextmanager
def _read(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        yield db


class Office:
    """An office that has started on a folder as `office_day.Day` leaves it."""

    def __init__(self, root: Path) -> None:
        self.state = root / "office"
        options = server.Options(BrokerSettings(), self.state)
        settings = read_settings(self.state / server.SETTINGS)
        connect(options.where).close()
        with contextlib.ExitStack() as ends:
            services = server._Services(options, settings, DisplayNames())
            ends.callback(services.close)
            store = FactStore(options.where)
            ends.callback(store.close)
            self.shelf, self.lessons = services.bundles.all(), services._authoring.kept()
            assert services.calls is not None
            self.whole = self._whole(services.calls.hub.room)
        self.key = (self.state / "visits.key").read_bytes()

    def _whole(self, room: Any) -> set[str]:
        whole = "recordings JOIN requests ON requests.id = request WHERE recordings.state = 'whole'"
        found = room.db.rows(f"SELECT number, sha256 FROM {whole}")
        paths = {row["sha256"]: self.state / "recordings" / f"{row['number']}.sealed" for row in found}
        return {sha256 for sha256, path in paths.items() if path.exists() and _digest(path) == sha256}

    def held(self, promise: dict[str, Any]) -> bool:
        """Whether what was promised is there."""
        match promise["what"]:
            case "visits key":
                return hashlib.sha256(self.key).hexdigest() == promise["sha256"]
            case "acked":
                with _read(self.state / "office.db") as db:
                    return {row[0] for row in db.execute("SELECT seq FROM facts")} >= set(range(1, promise["upto"] + 1))
            case "noted":
                with _read(self.state / "people.db") as db:
                    return promise["about"] in {row[0] for row in db.execute("SELECT about FROM audit")}
            case "recording":
                return promise["sha256"] in self.whole
            case "shelf":
                path = self.state / "updates" / promise["sha256"]
                is_listed = promise["sha256"] in {one.sha256 for one in self.shelf}
                return is_listed and path.exists() and _digest(path) == promise["sha256"]
            case "lesson":
                return (promise["id"], promise["file"]) in {(one.id, one.file) for one in self.lessons}
        raise AssertionError(promise)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
