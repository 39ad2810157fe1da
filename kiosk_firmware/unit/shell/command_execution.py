"""Obey each command of the office once, whatever dies in the middle, and answer each once.

A command is written down as begun in a transaction of its own, then done, then written down as ended together with its
answer (`command.ended`). What a death left begun is done again at the next start where that changes nothing; of the
others the office is told that nobody knows.
"""

from __future__ import annotations

from typing import Protocol

from kiosk_firmware.unit.runtime import journal_reader
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.transition_batch import AppliedCommand, Batch
from kiosk_firmware.unit.shell.class_board import ClassBoard
from kiosk_firmware.unit.shell.environment import SystemClock

UNKNOWN = "the unit stopped in the middle of it: perhaps it was done, perhaps not"
SETTLE_S = 2.0
"""How long the glass may stand still for the disk. A disk that refuses is not waited for: the rows keep their order."""


class CommandHost(Protocol):
    """The part of the screen process that commands need."""

    @property
    def classroom(self) -> ClassBoard: ...

    @property
    def clock(self) -> SystemClock: ...

    @property
    def journal(self) -> Journal: ...


def execute(unit: CommandHost, row: CommandRow) -> None:
    """Do it, once; tell that it was done, or why not."""
    begun = AppliedCommand(row.id, row.name, row.expires_at)
    unit.journal.submit(Batch(unit.clock.utc_ms(), applied_commands=(begun,), urgent=True))
    if not unit.journal.trouble:
        unit.journal.settle(SETTLE_S)
    _end(unit, begun, *unit.classroom.execute(row))


def answer_cut(unit: CommandHost) -> None:
    """Answer for the commands in the middle of which the unit stopped, and which are not done again."""
    for begun in journal_reader.begun_commands(unit.journal.path):
        if not begun.is_repeatable:
            _end(unit, begun, False, UNKNOWN)


def _end(unit: CommandHost, begun: AppliedCommand, ok: bool, detail: str) -> None:
    ended = AppliedCommand(begun.id, begun.name, begun.expires_at, ended=True)
    told = RunFact("command.ended", {"id": begun.id, "name": begun.name, "ok": ok, "detail": detail}, 2)
    unit.journal.submit(Batch(unit.clock.utc_ms(), facts=(told,), applied_commands=(ended,)))
