"""The agent's own commands: written down before anything is done by them, done once, ended once, wherever it dies."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk_firmware.unit.agent import updates
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.agent.command_inbox import CommandInbox
from kiosk_firmware.wire.enrolment_messages import Update
from kiosk_firmware.wire.messages import ENCODE, Command
from kiosk_firmware.wire.signed_document import SignedDocument
from tests.wire.rig import query

NOW = 1_900_000_000_000
ORDER = updates.UpdateCommand("o-1", "content", "7", 10, "0" * 64, "", NOW + 10**9)
FORGED = Update(
    unit="jia-atm-01", order="o-2", kind="content", version="8", size=1, sha256="0" * 64, address="", until_ms=NOW + 1
)
COMMANDS: dict[str, dict[str, Any]] = {
    "log.lines": {},
    "update.stop": {"order": "o-1"},
    "update.start": {
        "order": "o-2",
        "document": ENCODE(SignedDocument("update", ENCODE(FORGED).decode(), "", "")).decode(),
    },
}
DEATHS = "never", "before it is done", "when it is done"


class DeadError(Exception):
    pass


class Life:
    """The agent's side of commands, which dies and comes back; `done`: log lines that left."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.dies, self.done = folder, "never", 0
        self._start()
        held = updates.UpdateState(ORDER, "waiting")
        with self.db._change():
            self.db._keep("update.content", msgspec.json.encode(held).decode())
        self.come_back()

    def _start(self) -> None:
        self.db = AgentDb(self.folder / "agent.db", "jia-atm-01")
        self.updating = updates.UpdateService(
            "jia-atm-01", self.folder, self.db, lambda: NOW, "0.1.0", random.Random(1)
        )
        own = {"update.start": self.updating.start_update, "update.stop": self.updating.stop_update}
        acts = {name: self._dying(act) for name, act in {"log.lines": self._lines, **own}.items()}
        self.inbox = CommandInbox(self.db, lambda: NOW, acts, again=own)
        self.inbox.take_up()

    def _lines(self, args: dict[str, Any]) -> str:
        self.done += 1
        return ""

    def _dying(self, act: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
        def acted(args: dict[str, Any]) -> str:
            if self.dies == "before it is done":
                raise DeadError
            why_not = act(args)
            if self.dies == "when it is done":
                raise DeadError
            return why_not

        return acted

    def come_back(self) -> None:
        self.dies = "never"
        self.db.close()
        self._start()

    def hear(self, name: str) -> None:
        command = Command("c-1", name, COMMANDS[name], NOW + 10**9)
        assert self.inbox.take("c-1", ENCODE(command)).state == "received"

    def told(self, fact: str) -> list[dict[str, Any]]:
        rows = query(self.folder / "agent.db", "SELECT data FROM facts WHERE type = ? ORDER BY seq", fact)
        return [json.loads(data) for (data,) in rows]


@pytest.mark.parametrize("heard_again", [True, False])
@pytest.mark.parametrize("dies", DEATHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_done_at_most_once_and_ended_once(tmp_path: Path, name: str, dies: str, heard_again: bool) -> None:
    life = Life(tmp_path)
    life.dies = dies
    if dies == "never":
        life.hear(name)
    else:
        with pytest.raises(DeadError):
            life.hear(name)
    for _ in range(2):
        life.come_back()
        if heard_again:
            life.hear(name)
    (ended,) = life.told("command.ended")
    stages = [(one["order"], one["stage"]) for one in life.told("update.staged")]
    match name:
        case "log.lines":
            assert (life.done, ended["ok"]) == (int(dies != "before it is done"), dies == "never")
        case "update.stop":
            assert (stages, ended["ok"]) == ([("o-1", "stopped")], True)
        case _:
            assert (stages, ended["ok"]) == ([("o-2", "refused")], False)


def test_what_the_last_life_began_ends_before_a_newer_order_is_heard(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.dies = "before it is done"
    with pytest.raises(DeadError):
        life.hear("update.stop")
    life.come_back()
    assert life.updating.content.held.stage == "stopped"
