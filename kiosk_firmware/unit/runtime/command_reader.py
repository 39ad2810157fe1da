"""Read the commands of the office for the screen: rows of `agent.db`'s inbox, read every 200 ms, each applied once.

The screen never writes that file; that a command was begun or has ended stands in `screen.db`, as a row of `obeyed`
that outlives the inbox's (`unit/shell/command_execution.py`). What is not urgent waits until no run goes on, so that
nobody's practice is interrupted.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware.storage.read_only import read_connection
from kiosk_firmware.unit.runtime.screen_db import reader
from kiosk_firmware.unit.runtime.transition_batch import AppliedCommand

URGENT = (
    "teacher.answered",
    "out.of.service",
    "turn.end",
    "learner.records",
    "class.stop",
    "class.go",
    "class.tasks",
    "class.pace",
)
"""Obeyed at once: they end a run in good order, or do not touch one."""
EVERY_S = 0.2


class CommandRow(msgspec.Struct, frozen=True):
    """A command: its id, name and arguments."""

    id: str
    name: str
    args: dict[str, Any]
    expires_at: int = 0


class CommandReader:
    """Reads the inbox. `done` holds the ids that were applied, also before a restart."""

    def __init__(self, agent_db: Path, done: set[str]) -> None:
        """Take the agent's file, which may not be there yet."""
        self._path = agent_db
        self._done = done
        self.watched = False

    def due(self, now_ms: int, between_runs: bool) -> tuple[CommandRow, ...]:
        """Return the commands to apply now; note too whether an unexpired `watch` stands. Each is handed out once."""
        rows = self._rows(now_ms)
        self.watched = any(row.name == "watch" for row in rows)
        ready = tuple(
            row
            for row in rows
            if row.name != "watch" and row.id not in self._done and (between_runs or row.name in URGENT)
        )
        self._done.update(row.id for row in ready)
        return ready

    def _rows(self, now_ms: int) -> tuple[CommandRow, ...]:
        if not self._path.exists():
            return ()
        try:
            with read_connection(self._path, 0.05) as db:
                found = db.execute(
                    "SELECT id, name, args, expires_at FROM inbox WHERE expires_at > ? ORDER BY received_at", (now_ms,)
                ).fetchall()
        except sqlite3.Error:
            return ()  # being made, or busy: the next look is 200 ms away
        return tuple(CommandRow(id_, name, _args(args), expires_at) for id_, name, args, expires_at in found)


def _args(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return {}


def applied_commands(screen_db: Path) -> set[str]:
    """Return the ids of commands that this unit is not to do any more: they ended, or began and cannot be repeated."""
    try:
        with closing(reader(screen_db)) as db:
            rows = db.execute("SELECT id, name, expires_at, ended FROM obeyed").fetchall()
            told = db.execute("SELECT data FROM facts WHERE type = 'command.ended'").fetchall()
    except sqlite3.Error:
        return set()
    known = (AppliedCommand(id_, name, expires_at, bool(ended)) for id_, name, expires_at, ended in rows)
    earlier = {str(_args(data).get("id", "")) for (data,) in told}  # a version before this kept nothing else
    return {command.id for command in known if command.ended or not command.is_repeatable} | earlier
