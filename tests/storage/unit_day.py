"""A unit's day as one process, for `trace`: `python -m tests.storage.unit_day FOLDER GIVEN`.

Each promise is a line of JSON in the file `acks`, written when the code that promises has returned: what a unit has
told the office, or lets somebody rely on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from hardware.drivers.practice_pin_store import PinStore
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.office.pki.trust_folder import now_ms
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.unit.agent import config_rollout, content_packs
from kiosk_firmware.unit.agent.main import Agent
from kiosk_firmware.unit.runtime.command_reader import CommandReader, applied_commands
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock
from kiosk_firmware.visit.wire import messages as m
from kiosk_firmware.visit.wire import recording_upload
from kiosk_firmware.visit.wire.agent_bridge import AgentBridge
from kiosk_firmware.visit.wire.recording_encryption import Sealer
from kiosk_firmware.wire import private_keys
from kiosk_firmware.wire.messages import Command
from tests.storage.trace import ACKS
from tests.unit.shell.rig import House

NOW = 1_900_000_000_000
CARD, PIN, CODE = "6222000000000001", "318274", b"271828"
LESSON = """
[lesson]
id = "take-{n}"
level = 1
goal = [{{ fact = "cash_taken_fen", equal = {n}00 }}]
[texts.zh]
title = "取钱"
task = "请取钱。"
[texts.en]
title = "Take money"
task = "Please take money."
"""


class Day:
    """`root`: `state` and `etc/unit.toml` of a trusted unit, `alone`: the state of one that belongs to nobody."""

    def __init__(self, root: Path, given: Path) -> None:
        self.root, self.given, self.state = root, given, root / "state"
        self.toml, self.alone = root / "etc" / "unit.toml", root / "alone"
        self._acks = os.open(root / ACKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def promise(self, what: str, **data: object) -> None:
        os.write(self._acks, json.dumps({"what": what, **data}).encode() + b"\n")

    def run(self) -> None:
        self._keys()
        self._begin()
        for n in (1, 2, 3):
            self._lesson(n)
            self._content(n)
            self._visit(f"HJ{n:06}")
            self._facts()
        self._config()
        self.house.journal.close()
        self.agent.close()

    def _keys(self) -> None:
        settings = unit_settings.read_settings(self.toml)
        self.promise("site key", key=unit_settings.site_key(settings, self.alone).decode())
        PinStore(self.alone).set(CARD, PIN)
        self.promise("pin")
        SupervisorLock(self.alone, lambda: NOW).set("code", 1, bytearray(CODE))
        self.promise("code")

    def _begin(self) -> None:
        config_rollout.begin(self.toml, self.state)
        machine_loader.site(self.state / "lessons.d")
        self.agent = Agent(unit_settings.read_settings(self.toml), self.state, unit=self.toml)
        self.house = House(self.state)
        self.orders = CommandReader(self.state / "agent.db", applied_commands(self.state / "screen.db"))

    def _ordered(self, id_: str, name: str, args: dict[str, object]) -> None:
        self.agent.db.receive(Command(id_, name, args, NOW + 10**9), NOW)
        self.promise("received", id=id_)
        for row in self.orders.due(NOW, True):
            self.house.unit.execute_command(row)
        self.house.settle()

    def _lesson(self, n: int) -> None:
        self._ordered(f"put-{n}", "lesson.put", {"machine": "atm", "file": LESSON.format(n=n)})
        self.promise("lesson", id=f"take-{n}", file=LESSON.format(n=n))

    def _content(self, n: int) -> None:
        content_packs.install((self.given / f"content-{n}").read_bytes(), self.state, now_ms())
        self.promise("content", version=n, lesson=f"take-{n}00")

    def _visit(self, visit: str) -> None:
        def say(words: bytes) -> bool:
            if isinstance(word := m.decode_up(words), m.Accepted):
                self.promise("accepted", visit=word.visit)
            return True

        post = AgentBridge(self.state / "calls", say, write_whole, lambda: NOW)
        post.heard(m.ENCODE(invitation(visit)))
        seal = (
            private_keys.make_key()
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
        with Sealer(recording_upload.recording_path(self.state / "calls", visit), visit, seal) as sealer:
            for _ in range(3):
                sealer.write(os.urandom(3000))
                sealer.flush()
        kept = recording_upload.mark_finished(self.state / "calls", visit, 9)
        self.promise("recorded", visit=visit, sha256=kept.sha256)
        post.close()

    def _facts(self) -> None:
        self.house.card("00000001")
        self.house.wait(2_000)
        with contextlib.closing(sqlite3.connect(self.state / "screen.db")) as db:
            (epoch,) = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
            (seq,) = db.execute("SELECT max(seq) FROM facts").fetchone()
        self.promise("facts", epoch=epoch, seq=seq)

    def _config(self) -> None:
        config_rollout.take((self.given / "config-1").read_bytes(), self.toml, self.state, now_ms())
        self.promise("config", version=1)
        config_rollout.begin(self.toml, self.state)
        config_rollout.settle_trial(self.state)
        self.promise("settled", sha256=hashlib.sha256(self.toml.read_bytes()).hexdigest())


def invitation(visit: str) -> m.Invited:
    return m.Invited(
        visit=visit,
        begins_ms=NOW,
        learner="0" * 16,
        language="zh",
        people=2,
        rules=m.CallRules(),
        ice=(),
        seal="PEM",
        token="t-1",
    )


if __name__ == "__main__":
    Day(Path(sys.argv[1]), Path(sys.argv[2])).run()
