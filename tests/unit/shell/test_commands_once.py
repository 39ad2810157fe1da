"""Each command of the office is carried out once: through restarts, lost answers, and a death at any moment of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.unit.runtime.command_reader import CommandReader, applied_commands
from kiosk_firmware.unit.shell.class_board import ClassBoard
from kiosk_firmware.wire.messages import Command
from tests.unit.shell.rig import House
from tests.wire.rig import query

DAY_MS = 24 * 3600 * 1000
COMMANDS = {
    "self.test": {},
    "restart": {},
    "turn.end": {},
    "fault.arm": {"fault": "paper_out"},
    "class.tasks": {"tasks": [{"machine": "atm", "lesson": "withdraw-100"}], "more": True},
    "out.of.service": {"reason": "repair"},
    "reload": {},
    "class.stop": {},
    "learner.erase": {"learner": "x"},
}
AGAIN = "out.of.service", "reload", "class.stop", "learner.erase"
"""Done again after a death in the middle of them, since that changes nothing."""
DEATHS = "never", "before it is done", "when it is done", "when it is written down"


class DeadError(Exception):
    pass


class Life:
    """A unit that dies and comes back, with commands in the agent's file; what it carried out, in order."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.applied_commands, self.dies = folder, list[str](), "never"
        self.agent = AgentDb(folder / "agent.db", "jia-atm-01")
        self.house = House(folder)
        execute = ClassBoard.execute

        def counted(classroom: ClassBoard, row: object) -> object:
            if self.dies == "before it is done":
                raise DeadError
            self.applied_commands.append(row.id)
            done = execute(classroom, row)
            if self.dies == "when it is done":
                raise DeadError
            return done

        monkeypatch.setattr(ClassBoard, "execute", counted)
        self.orders = self._orders()

    def _orders(self) -> CommandReader:
        return CommandReader(self.folder / "agent.db", applied_commands(self.folder / "screen.db"))

    def now(self) -> int:
        return self.house.clock.utc_ms()

    def send(self, id_: str, name: str) -> None:
        self.agent.receive(Command(id_, name, COMMANDS[name], self.now() + DAY_MS), self.now())

    def look(self) -> None:
        """As the screen process does several times a second."""
        for row in self.orders.due(self.now(), self.house.unit.engine.run is None):
            self.house.unit.execute_command(row)
        if self.dies == "when it is written down":
            self.house.journal.commit_now()
            raise DeadError
        self.house.settle()

    def come_back(self) -> None:
        self.dies = "never"
        self.house.journal._queue.clear()
        self.house.journal.close()
        self.house.start()
        self.orders = self._orders()

    def acknowledged(self) -> None:
        """The office has all facts, and the journal lets go of them."""
        self.ended = self.told()
        self.house.journal._db.execute("DELETE FROM facts")

    def told(self) -> list[tuple[str, bool]]:
        rows = query(self.folder / "screen.db", "SELECT data FROM facts WHERE type = 'command.ended' ORDER BY seq")
        data = [msgspec.json.decode(text) for (text,) in rows]
        return [(one["id"], one["ok"]) for one in data]


@pytest.mark.parametrize("name", COMMANDS)
def test_carried_out_once_though_its_answer_has_left_the_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    life = Life(tmp_path, monkeypatch)
    life.send("c-1", name)
    life.look()
    life.acknowledged()
    assert [id_ for id_, _ in life.ended] == ["c-1"]
    for _ in range(3):
        life.come_back()
        life.look()
        life.acknowledged()
        assert life.ended == []
    assert life.applied_commands == ["c-1"]


@pytest.mark.parametrize("dies", DEATHS)
@pytest.mark.parametrize("name", COMMANDS)
def test_carried_out_at_most_once_and_answered_wherever_the_unit_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, dies: str
) -> None:
    life = Life(tmp_path, monkeypatch)
    life.send("c-1", name)
    life.dies = dies
    if dies == "never":
        life.look()
    else:
        with pytest.raises(DeadError):
            life.look()
    for _ in range(2):
        life.come_back()
        life.look()
    assert len(life.applied_commands) <= (2 if name in AGAIN else 1)
    assert [id_ for id_, _ in life.told()] == ["c-1"], "the office hears what became of it, once"
    if dies == "before it is done":
        assert (len(life.applied_commands) == 1) == (name in AGAIN)
        assert life.told()[0][1] == (name in AGAIN), "nobody says done where nobody knows"


def test_an_applied_command_is_kept_until_its_row_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(tmp_path, monkeypatch)
    life.send("c-1", "self.test")
    life.look()
    kept = "SELECT id FROM obeyed"
    life.house.journal._stamp = lambda: "synced 0123abcd 5"
    for days, left in ((0, ["c-1"]), (1, ["c-1"]), (9, [])):
        life.house.clock.now += days * DAY_MS
        life.house.journal._next_age = 0.0
        life.house.journal.tidy()
        assert [id_ for (id_,) in query(tmp_path / "screen.db", kept)] == left
