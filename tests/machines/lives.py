"""Runs of lessons as they go in life, without a cabinet: somebody follows the coach, and may end at any step.

The run's own books (`unit.runtime.run.Run`) hear each event as in life; beside them a second book is kept, which knows
nothing of theirs: all facts after each event, and whose act went before. What a debrief says is judged by that one.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    DoorClosed,
    GatePassed,
    GlassEvent,
    ItemsInserted,
    ItemsTaken,
    MediaDetected,
    MediaInserted,
    MediaTaken,
    PinEntered,
    TimerExpired,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.play import Play
from kiosk_firmware.tools.authoring.lesson_check import Way, follow, open_lesson
from kiosk_firmware.unit.coach.progress import SHOWN
from kiosk_firmware.unit.lobby.phases.lobby import Ending
from kiosk_firmware.unit.runtime import run_record
from kiosk_firmware.unit.runtime.run import JournalHeader, Run
from kiosk_firmware.unit.shell.lesson_offers import ending_of

ACTS = (
    GlassEvent,
    MediaInserted,
    MediaDetected,
    MediaTaken,
    ItemsInserted,
    ItemsTaken,
    PinEntered,
    BarcodeRead,
    DoorClosed,
    GatePassed,
)
MOST = 80


class Moment(NamedTuple):
    """An event with whose act it is or goes back to ("learner", "coach", "time"), and all facts after it."""

    event: AnyEvent | None
    hand: str
    facts: Facts


class Writer:
    """Where a run's end is written down."""

    def write(self, *rows: object, **more: object) -> None:
        """Let it go."""


class Life:
    """One run, and what happened in it."""

    def __init__(self, machine: str, skin: str, lesson: Lesson) -> None:
        loaded = _loaded(machine, skin, datetime.datetime.fromisoformat(lesson.setting.now).date())
        self.play = Play(loaded.machine, loaded.world, lesson.facts())
        setting, person = lesson.setting, loaded.personas[lesson.setting.persona]
        started = machine_loader.start_event(person, setting.now, setting.armed, scene=setting.scene)
        header = JournalHeader(machine, skin, "", "", "", "guest", lesson.id, "practice", "zh")
        self.run = Run("e-1", header, self.play, lesson, started, 0)
        self.run.recovery = loaded.recovery
        self.marks: dict[str, Any] = {}
        self.journal: list[Moment] = []
        self.hand = "time"
        self.take(self.play.world.found(self.run.now.world))
        self.settle()
        self.journal = [Moment(None, "time", self.facts())]

    def facts(self) -> Facts:
        return {**self.play.facts(self.run.now), **self.marks}

    def take(self, event: AnyEvent, coach: bool = False) -> None:
        """The run hears it, and so does the other book."""
        before = self.run.now
        if isinstance(event, ACTS):
            self.hand = "coach" if coach else "learner"
        elif isinstance(event, TimerExpired):
            self.hand = "time"
        if coach:
            self.run.prompt(SHOWN)
            self.run.changes.coach_acts()
        done, _ = self.run.take(event, 0)
        if done.taken:
            self.marks.update(self.play.machine.marks(before.state, event, self.run.now.state))
            self.journal.append(Moment(event, self.hand, self.facts()))

    def act(self, event: AnyEvent, coach: bool = False) -> None:
        """An act, with the fault that may strike at it, and what the machine answers."""
        self._struck(event, coach and isinstance(event, GlassEvent))
        self.settle()

    def _struck(self, event: AnyEvent, coach: bool = False) -> None:
        armed = self.run.now.armed
        for said in struck(armed, event) if armed and moment(armed, event) else (event,):
            self.take(said, coach)

    def settle(self) -> None:
        while (event := next(self.play.answers(self.run.now), None)) is not None:
            self._struck(event)

    def copy(self) -> Life:
        """The same moment, to go on from in another way."""
        other = copy.copy(self)
        other.run, other.marks, other.journal = _copied(self.run), dict(self.marks), list(self.journal)
        return other

    def ended(self, outcome: Any = "given_up", takes: bool = True) -> Life:
        """The strip's *end* is pressed: the machine comes home by itself; what it gives back is taken, or left."""
        other = self.copy()
        run = other.run
        run.leaving = outcome
        for _ in range(MOST):
            if run.outcome() is not None:
                return other
            hands = [act for act in other.play.acts(run.now, {}) if isinstance(act, MediaTaken | ItemsTaken)]
            if takes and hands and run.page.kind == "Take":
                other.act(hands[0])
            elif (expiry := other.play.expiry(run.now)) is not None:
                other.act(expiry)
            else:
                raise AssertionError(f"nothing leads home from {run.page.step}")
        raise AssertionError(f"not home, but at {run.page.step}")

    def ending(self) -> Ending:
        """What the lobby hears of it."""
        outcome = self.run.outcome()
        assert outcome is not None
        return ending_of(run_record.end(Writer(), self.run, outcome, 0, 0))  # type: ignore[arg-type]


def _copied(run: Run) -> Run:
    other = copy.copy(run)
    for name, value in vars(run).items():
        if isinstance(value, dict | list):
            setattr(other, name, copy.deepcopy(value) if name == "steps" else copy.copy(value))
        elif name == "_step":
            setattr(other, name, msgspec.structs.replace(value, kinds=dict(value.kinds)))
    other.changes = copy.copy(run.changes)
    other.changes.by = dict(run.changes.by)
    return other


@cache
def _loaded(machine: str, skin: str, date: datetime.date) -> machine_loader.LoadedMachine:
    return machine_loader.load(machine, skin, date)


def lesson_of(machine: str, name: str) -> Lesson:
    return next(lesson for lesson in machine_loader.lessons(machine) if lesson.id == name)


@cache
def way(machine: str, skin: str, name: str) -> Way:
    """The way that the coach shows, looked for once."""
    lesson = lesson_of(machine, name)
    play, start = open_lesson(machine, skin, lesson)
    return follow(play, lesson, start)


def lives(machine: str, skin: str, name: str, coach: bool = False) -> Iterator[Life]:
    """The run at each step of the coach's way, from the first page to its end. `coach`: it presses every key itself."""
    life = Life(machine, skin, lesson_of(machine, name))
    yield life
    for event in way(machine, skin, name).acts:
        life.act(event, coach)
        yield life
