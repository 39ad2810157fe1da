"""Send what follows a learner from unit to unit of a site: records of runs, pictures and settings.

The office never learns who a learner is; a site's units know them by the same keyed hash. When one signs in, their unit
asks, and is sent what the site's *other* units told of them: each run as a record, made again from its facts, in
commands that fit a message, and the newest of what was set. Records are a set, so what comes twice changes nothing.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.office.fleet.commands import Commands, OutgoingMessage
from kiosk_firmware.wire import facts as f
from kiosk_firmware.wire.messages import ENCODE, Command

NAME = "learner.records"
TTL_MS = 3600 * 1000
"""How long an answer waits for its unit; the next signing in asks anew."""
MOST = 400
"""Runs that are sent, the newest."""
ROOM = 40 * 1024
"""Bytes of records in one command: a message holds 48 KiB."""
_RUNS = (
    "SELECT runs.unit, runs.run, started_ms, ended_ms FROM runs JOIN units ON units.unit = runs.unit WHERE site = ?"
    " AND learner = ? AND runs.unit <> ? AND ended_ms > 0 ORDER BY ended_ms DESC LIMIT ?"
)
_FACTS = (
    "SELECT type, data FROM facts WHERE unit = ? AND at_ms BETWEEN ? AND ?"
    " AND type IN ('run.started', 'step.ended', 'run.ended') ORDER BY epoch, seq"
)
_KEEP = (
    "INSERT INTO learners(site, learner, at_ms, kept) VALUES(?, ?, ?, ?) ON CONFLICT(site, learner) DO UPDATE"
    " SET at_ms = excluded.at_ms, kept = excluded.kept"
    " WHERE (excluded.at_ms, excluded.kept) > (learners.at_ms, learners.kept)"
)


class LearnerRecords:
    """The books of learners, on the store's own connection and within its transaction."""

    def __init__(self, db: Database, commands: Commands) -> None:
        """Take `commands`, which writes down what is sent."""
        self._db, self._commands = db, commands

    def keep(self, site: str, data: f.LearnerKept) -> None:
        """Keep what a learner has set, if it is the newest."""
        self._db.execute(_KEEP, (site, data.learner, data.at_ms, ENCODE(data).decode()))

    def answers(self, site: str, unit: str, learner: str, now_ms: int) -> Iterator[OutgoingMessage]:
        """Yield commands for the unit that asked; none where there is nothing to tell, or the same is under way."""
        row = self._db.execute("SELECT kept FROM learners WHERE site = ? AND learner = ?", (site, learner)).fetchone()
        kept = json.loads(row[0]) if row else None
        for part in self._parts(site, unit, learner):
            args: dict[str, Any] = {"learner": learner, "records": part, "kept": kept}
            if (part or kept) and not self._commands.stands(unit, NAME, args, now_ms):
                command = Command(f"learner-{secrets.token_hex(8)}", NAME, args, now_ms + TTL_MS)
                yield self._commands.send(site, unit, command, now_ms)
            kept = None

    def _parts(self, site: str, unit: str, learner: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the learner's records in portions that fit; at least one, perhaps empty."""
        part: list[dict[str, Any]] = []
        room = ROOM
        for where, run, started_ms, ended_ms in self._db.execute(_RUNS, (site, learner, unit, MOST)).fetchall():
            record = self._record(where, run, started_ms, ended_ms)
            size = len(ENCODE(record)) if record else 0
            if record is None or size > ROOM:
                continue
            if size > room:
                yield part
                part, room = [], ROOM
            part.append(record)
            room -= size
        yield part

    def _record(self, unit: str, run: str, started_ms: int, ended_ms: int) -> dict[str, Any] | None:
        """Return a run as its unit wrote it down, but for what facts do not tell: the machine's facts of free text."""
        told = [(kind, json.loads(data)) for kind, data in self._db.execute(_FACTS, (unit, started_ms, ended_ms))]
        own = [(kind, data) for kind, data in told if data["run"] == run]
        end = next((data for kind, data in own if kind == "run.ended"), None)
        if end is None:
            return None
        steps = [
            {name: data[name] for name in ("step", "prompt", "slips", "ms", "kinds") if name in data}
            for kind, data in own
            if kind == "step.ended"
        ]
        pack = next((data["pack"] for kind, data in own if kind == "run.started"), "")
        names = ("run", "machine", "skin", "lesson", "learner", "purpose", "outcome", "ms", "facts")
        return {**{name: end[name] for name in names}, "pack": pack, "started_ms": ended_ms - end["ms"], "steps": steps}
