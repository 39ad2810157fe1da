"""Do what a teacher does with a unit from the class board, and what the board is told of it.

The class is stopped at once and for everybody: a run comes home as ever, so card and money are given back, then one
page stands until the class goes on, and no clock runs. Lessons that were set wait here, also through a restart; the
learner is led to the next one wherever nobody is in the middle of something. What the glass is at lies beside the
databases in `now.json`, replaced whole, for the agent: it is worth nothing a second later, so it is never a fact.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, get_args

import msgspec

from hardware.transport.durable_json import DurableJson
from kiosk_firmware.system.state_folders import screen_folder
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.runtime.interfaces import Pace
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.shell.command_handlers import Outcome, handle
from kiosk_firmware.unit.shell.demonstration_playback import Playback
from kiosk_firmware.unit.shell.environment import RESTART, CabinetCalls, SystemClock
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from kiosk_firmware.unit.shell.session_recovery import SessionLifecycle
from kiosk_firmware.unit.shell.sign_in import SignIn
from kiosk_firmware.unit.shell.speech import Speech
from kiosk_firmware.unit.shell.supervisor_desk import SupervisorDesk
from kiosk_firmware.unit.shell.visit_client import VisitClient
from kiosk_firmware.wire.messages import ENCODE, Now

TELL_MS = 500
MOST = 20
"""Lessons that may wait."""


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A lesson that was set; empty `skin`: the one that is due. `learner`: for this one alone (a pseudonym)."""

    machine: str
    lesson: str
    skin: str = ""
    learner: str = ""


class ClassHost(Protocol):
    """The part of the screen process that the class board needs."""

    exit_code: int | None

    @property
    def cabinet(self) -> CabinetCalls: ...

    @property
    def clock(self) -> SystemClock: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def lobby(self) -> lb.Lobby: ...

    @property
    def session(self) -> LearnerSession: ...

    @property
    def talk(self) -> Speech: ...

    @property
    def visiting(self) -> VisitClient: ...

    @property
    def coming(self) -> SignIn: ...

    @property
    def desk(self) -> SupervisorDesk: ...

    @property
    def is_alone(self) -> bool: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def shows(self) -> Playback: ...

    @property
    def turns(self) -> SessionLifecycle: ...

    def drop(self) -> None: ...

    def hear(self, *events: lb.LobbyEvent) -> None: ...


class ClassBoard:
    """The teacher's hand on this unit."""

    def __init__(self, unit: ClassHost, state: Path) -> None:
        """Read what waits; the class goes on."""
        self._unit, self._now = unit, screen_folder(state) / "now.json"
        self._memory = DurableJson(screen_folder(state) / "class.json")
        self.pace: Pace | None = None
        self._tasks = tuple(msgspec.convert(self._memory.get("tasks", []), list[Task]))
        self._calling = False
        self._told: Now | None = None
        self._told_ms = self._acted_ms = 0
        self._at: tuple[str, int, int] = ("", 0, 0)

    # -- what the office wants ----------------------------------------------------------------------------------------

    def execute(self, row: CommandRow) -> Outcome:
        """Do it; done or not, and why not."""
        unit = self._unit
        match row.name:
            case "class.stop" | "class.go":
                self._freeze(row.name == "class.stop")
            case "class.tasks":
                return self._set(row.args)
            case "class.pace":
                return self._pace(row.args.get("pace"))
            case "restart":
                unit.exit_code = RESTART
            case "turn.end":
                unit.turns.end("teacher")
            case "lesson.show":
                return unit.shows.wanted(row.args, unit.lobby, unit.hear)
            case "learner.erase":
                self._keep(tuple(task for task in self._tasks if task.learner != row.args.get("learner")))
                done, why = unit.coming.erased(row.args.get("learner"))
                if done:
                    unit.visiting.erase(str(row.args.get("learner")))
                return done, why
            case "learner.records":
                outcome = unit.coming.sent(row.args)
                unit.journal.settle()
                return outcome
            case _:
                if row.name == "teacher.answered":
                    self._calling = False
                return handle(row, unit.journal, unit.desk, unit.cabinet)
        return True, ""

    def _freeze(self, on: bool) -> None:
        if on:
            self._unit.drop()
            if self._unit.engine.run is not None:  # presses are dead from here; what is to be taken says so itself
                self._unit.talk.told("lobby.frozen.title")
            self._unit.engine.leave("closed")
        self._unit.hear(lb.Froze(on))

    def _pace(self, pace: object) -> Outcome:
        if pace not in ("", *get_args(Pace)):
            return False, f"pace = {pace!r}: allowed are {', '.join(get_args(Pace))} and an empty one"[:200]
        self.pace = msgspec.convert(pace, Pace) if pace else None
        return True, ""

    def _set(self, args: Mapping[str, object]) -> Outcome:
        """Set `tasks` instead of what waits, or behind it where `more` is true; an empty list clears."""
        try:
            tasks = tuple(msgspec.convert(args.get("tasks", []), list[Task]))
        except msgspec.ValidationError as error:
            return False, f"tasks: {error}"[:200]
        for task in tasks:
            tile = self._unit.lobby.offers.tile(task.machine)
            if tile is None or task.lesson not in [one.id for one in tile.tasks]:
                return False, f"machine = {task.machine!r}, lesson = {task.lesson!r}: not offered here"[:200]
            if task.skin not in ("", *tile.skins):
                return False, f"skin = {task.skin!r}: allowed are {', '.join(tile.skins)}"[:200]
        self._keep((*(self._tasks if args.get("more") else ()), *tasks)[:MOST])
        if tasks and not args.get("more") and tasks[0].learner in ("", self._unit.session.learner):
            self._unit.hear(lb.Tasked(tasks[0].machine, tasks[0].lesson, tasks[0].skin))
        return True, ""

    def _keep(self, tasks: tuple[Task, ...]) -> None:
        self._tasks = tasks
        self._memory.keep(tasks=[msgspec.structs.asdict(task) for task in tasks])

    # -- as time passes -----------------------------------------------------------------------------------------------

    def call(self, on: bool) -> None:
        """Switch the lamp and tell the board: the learner calls the teacher, or the call is over."""
        self._calling = on
        self._unit.cabinet.call_teacher(on)
        if on:
            self._unit.visiting.called()

    def tick(self) -> None:
        """Lead to what was set; tell the agent what stands here."""
        phase, learner = self._unit.lobby.phase, self._unit.session.learner
        if self._tasks and learner and self._tasks[0].learner not in ("", learner):
            self._keep(self._tasks[1:])
        elif self._tasks and learner:
            first = self._tasks[0]
            if isinstance(phase, lb.Before | lb.Running) and (phase.machine, phase.lesson) == (
                first.machine,
                first.lesson,
            ):
                self._keep(self._tasks[1:])
            elif isinstance(phase, lb.Home | lb.InPlace | lb.Lessons) and not self._unit.lobby.frozen:
                self._unit.hear(lb.Tasked(first.machine, first.lesson, first.skin))
        self._tell()

    def now(self) -> Now:
        """Return what stands on this unit."""
        unit, run = self._unit, self._unit.engine.run
        common = Now(
            unit.clock.utc_ms(),
            unit.session.learner,
            acted_ms=self._acted_ms,
            calling=self._calling,
            stopped=unit.lobby.frozen,
            waiting=len(self._tasks),
            pace=self.pace or "",
        )
        if run is None or unit.is_alone:
            return common
        header, level = run.header, unit.engine.glass.helper.level if unit.engine.glass else 0
        return msgspec.structs.replace(
            common,
            learner=header.learner,
            machine=header.machine,
            skin=header.skin,
            lesson=header.lesson,
            step=run.page.step,
            prompt=level,
        )

    def _tell(self) -> None:
        """Tell the board, at most twice a second, and only news. `acted_ms`: when the page or the number of slips last
        changed.
        """
        run, mono = self._unit.engine.run, self._unit.clock.mono_ms()
        if mono - self._told_ms < TELL_MS and self._told is not None:
            return
        self._told_ms = mono
        at = (run.page.step, run.visit, run.slips) if run else (type(self._unit.lobby.phase).__name__, 0, 0)
        if at != self._at:
            self._at, self._acted_ms = at, self._unit.clock.utc_ms()
        fresh = msgspec.structs.replace(self.now(), ts=0)
        if fresh == self._told:
            return
        self._told = fresh
        with contextlib.suppress(OSError):  # a full disk: the board lags, nothing else
            spare = self._now.with_suffix(".fresh")
            spare.write_bytes(ENCODE(msgspec.structs.replace(fresh, ts=self._unit.clock.utc_ms())))
            os.replace(spare, self._now)
