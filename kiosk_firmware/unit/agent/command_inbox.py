"""Commands of the office: checked, written down once, answered.

A command that the screen shall do becomes a row of `agent.db`'s inbox, whatever its name: the screen applies it once
per id and ends it with the fact `command.ended`. `watch` is a row that stands until it expires and is not answered.
The agent itself does `epoch.renew` for its own epoch, and what it is given as `own`, or as `later`, where it takes a
while: written down first, done, ended by its fact. What a death left between is taken up by the next life: done again
where that changes nothing, else told as not known. An id that is expired, or was heard before, has no effect.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import msgspec

from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.wire.messages import Command, Reply

log = logging.getLogger(__name__)
LIMIT = 48 * 1024
_ID = re.compile(r"[a-z0-9-]{3,64}")
_NAME = re.compile(r"[a-z]+(\.[a-z]+)*")
_DECODE = msgspec.json.Decoder(Command).decode


class Renewal(msgspec.Struct, frozen=True):
    """Arguments of `epoch.renew`: the epoch whose numbers clash, and its first number that is not committed."""

    epoch: str
    start: int


class CommandInbox:
    """The way of commands into `agent.db`."""

    def __init__(
        self,
        db: AgentDb,
        now_ms: Callable[[], int],
        own: Mapping[str, Callable[[dict[str, Any]], str]] | None = None,
        again: Collection[str] = (),
        later: Mapping[str, Callable[[dict[str, Any], Callable[[str], None]], None]] | None = None,
    ) -> None:
        """Take `now_ms`: UTC. `own`: commands that the agent does itself, by name; each returns why it could not, or
        "". `again`: those of them that change nothing when they are done twice. `later`: those that end themselves,
        once, in the agent's own thread.
        """
        self._db, self._now_ms, self._own, self._again = db, now_ms, own or {}, again
        self._later = later or {}

    def take_up(self) -> None:
        """End what the last life began and did not end."""
        for command in self._db.begun():
            if command.name in self._again and command.name in self._own:
                self._obey(command)
            else:
                self._db.end(command, False, "the unit was started again in the middle of it", self._now_ms())

    def take(self, command_id: str, payload: bytes) -> Reply:
        """Write a command down; says what became of it. Never raises for any payload."""
        try:
            command = self._read(command_id, payload)
        except ValueError as error:
            log.warning("command %s refused: %s", command_id, error)
            return Reply(command_id, "refused", str(error)[:200])
        now = self._now_ms()
        if command.expires_at <= now:
            return Reply(command.id, "expired")
        if command.name in self._own or command.name in self._later:
            self._do(command)
        elif command.name != "epoch.renew" or not self._renew(command, now):
            self._db.receive(command, now)
        return Reply(command.id, "received")

    def _do(self, command: Command) -> None:
        if not self._db.was_handled(command.id) and command.id not in (one.id for one in self._db.begun()):
            self._db.begin(command)
            self._obey(command)

    def _obey(self, command: Command) -> None:
        if command.name in self._later:
            self._later[command.name](command.args, partial(self._end, command))
        else:
            self._end(command, self._own[command.name](command.args))

    def _end(self, command: Command, why_not: str) -> None:
        self._db.end(command, not why_not, why_not[:200], self._now_ms())

    def _read(self, command_id: str, payload: bytes) -> Command:
        if len(payload) > LIMIT:
            raise ValueError(f"{len(payload)} bytes, allowed are {LIMIT}")
        command = _DECODE(payload)
        if command.id != command_id or not _ID.fullmatch(command_id):
            raise ValueError("id is not the topic's, or no id")
        if not _NAME.fullmatch(command.name):
            raise ValueError(f"name {command.name!r} is no name of a command")
        if command.name == "epoch.renew":
            msgspec.convert(command.args, Renewal)
        return command

    def _renew(self, command: Command, now: int) -> bool:
        """Return whether the command was the agent's own to do."""
        if self._db.was_handled(command.id):
            return True
        renewal = msgspec.convert(command.args, Renewal)
        if renewal.epoch != self._db.epoch():
            return False
        self._db.renew(renewal.start, now, command)
        return True
