"""Simulated learners: does the coach bring people to mastery in fewer runs? A model, and what it is worth.

A learner is a set of steps that are known, each on the looks on which it is. At a known step the right act is done, but
for slips. At an unknown one something is pressed at random among all that can be done there, or the learner hesitates:
then, where there is a coach, prompts come least to most, from the level that this step begins with, and are followed or
not. Whoever has done a step right may know it from then on (less likely the more was shown), may forget it overnight
(less likely the oftener it was done alone), and may not know it again on another look.

What is real: the machines, the lessons and their `never` rows, the ways that the coach finds, the levels at which help
begins from run to run, that a retest has no prompts, and the rule of mastery over the records. What is assumed: every
number of `learners.toml`. The figures say that *if* people learn about so, the coach's prompts help by so much; they
prove nothing about people. The model leaves out reading, fear, teachers, and that prompts teach one to wait for them,
so two harder settings stand beside the likely one: prompts that teach half as much, and learners who hardly wait.
"""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import NamedTuple

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent, PinEntered
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.unit.coach import progress
from kiosk_firmware.unit.coach.progress import DAY_MS, POINTED, SHOWN, UNAIDED, RunRecord, StepRecord
from kiosk_firmware.unit.coach.search import Search, Ways

FILE = Path(__file__).with_name("learners.toml")
BUDGET = 600
MOST_RUNS = 80
"""Whoever has not mastered by then counts with so many runs: the mean is then too small, and said to be so."""
MOST_DAYS = 240


class Traits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The behaviour of a kind of learner; probabilities, by prompt level where they are five. See `learners.toml`."""

    knows: float
    slip: float
    hesitates: float
    follows: tuple[float, float, float, float, float]
    learns: tuple[float, float, float, float, float]
    transfers: float
    forgets: float
    patience: int
    runs_a_day: int


class TraitsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All kinds, with their source and version."""

    source: str
    version: str
    likely: Traits
    no_better_taught: Traits
    hasty: Traits


def read_profiles() -> TraitsFile:
    """Read the file beside this one."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), TraitsFile)


class Course:
    """A lesson on one look: its start, and the right act from each situation, found once and remembered."""

    def __init__(self, machine: str, lesson: Lesson, skin: str) -> None:
        """Load the machine; nothing is searched yet."""
        loaded = machine_loader.load(machine, skin)
        self.machine, self.lesson, self.skin = machine, lesson, skin
        self.play = Play(loaded.machine, loaded.world, lesson.facts())
        self.ways = Ways(self.play, lesson)
        setting = lesson.setting
        person = loaded.personas[setting.persona]
        opening = machine_loader.start_event(person, setting.now, setting.armed, scene=setting.scene)
        self.start = self.ways.settled(self.play.begin(opening))
        self._right: dict[Situation, AnyEvent | None] = {}

    def right(self, now: Situation) -> AnyEvent | None:
        """Return the coach's next act; None where it finds no way within `BUDGET` situations: the run is lost then."""
        if now not in self._right:
            search = Search(self.ways, now, BUDGET)
            while not search.work(1000):
                pass
            self._right[now] = search.first_act
        return self._right[now]

    def possible(self, now: Situation) -> list[AnyEvent]:
        """Return all that can be done, but for typing a wrong PIN on purpose."""
        acts = [
            act
            for act in self.play.acts(now, self.lesson.values)
            if not isinstance(act, PinEntered) or act.verdict == "right"
        ]
        expiry = self.play.expiry(now)
        return [*acts, expiry] if expiry else acts


class StepAttempt(NamedTuple):
    """A learner's attempt at one step: the act, how much help it took."""

    act: AnyEvent
    prompt: int


class Learner:
    """A simulated learner who practises one lesson until it is mastered."""

    def __init__(self, traits: Traits, seed: int, coached: bool) -> None:
        """Begin with nothing met yet."""
        self._traits, self._dice, self._coached = traits, random.Random(seed), coached
        self._known: dict[str, set[str]] = {}
        self._met: set[tuple[str, str]] = set()
        self._alone: dict[str, int] = {}

    # -- knowing -------------------------------------------------------------------------------------------------------

    def _knows(self, step: str, skin: str) -> bool:
        known = self._known.setdefault(step, set())
        if (step, skin) not in self._met:
            self._met.add((step, skin))
            others = known - {skin}
            if self._dice.random() < (self._traits.transfers if others else self._traits.knows):
                known.add(skin)
        return skin in known

    def _did(self, step: str, skin: str, prompt: int) -> None:
        """Learn from a step that was done right."""
        if prompt == UNAIDED and skin in self._known[step]:
            self._alone[step] = self._alone.get(step, 0) + 1
        if self._dice.random() < self._traits.learns[prompt]:
            self._known[step].add(skin)

    def sleep(self) -> None:
        """Forget what a night takes."""
        for step, skins in self._known.items():
            lost = self._traits.forgets / (1 + self._alone.get(step, 0))
            for skin in sorted(skins):
                if self._dice.random() < lost:
                    skins.discard(skin)

    # -- doing ---------------------------------------------------------------------------------------------------------

    def _tries(self, course: Course, now: Situation, right: AnyEvent, begins: int) -> StepAttempt:
        """Try one act. `begins`: the level at which help begins; 0 where there is none."""
        step = course.play.page(now).step
        if self._knows(step, course.skin) and self._dice.random() >= self._traits.slip:
            return StepAttempt(right, UNAIDED)
        if begins and self._dice.random() < self._traits.hesitates:
            for level in range(begins, SHOWN + 1):
                if self._dice.random() < self._traits.follows[level]:
                    return StepAttempt(right, level)
        return StepAttempt(self._dice.choice(course.possible(now) or [right]), UNAIDED)

    def run(self, course: Course, number: int, at_ms: int, records: list[RunRecord], retest: bool) -> RunRecord:
        """Play one run, and return it as a record."""
        helped = self._coached and not retest
        starts = progress.starts(records, course.machine) if helped else {}
        now, steps, outcome = course.start, [], "given_up"
        for _ in range(self._traits.patience):
            if course.ways.reached(now):
                outcome = "done"
                break
            right = course.right(now)
            if right is None or course.lesson.spoilt(course.play.facts(now)):
                outcome = "lost"
                break
            step = course.play.page(now).step
            tried = self._tries(course, now, right, max(POINTED, starts.get(step, POINTED)) if helped else 0)
            if tried.act == right:
                self._did(step, course.skin, tried.prompt)
            steps.append(StepRecord(step, tried.prompt))
            now = course.ways.settled(course.play.act(now, tried.act))
        return msgspec.convert(
            {
                "run": f"s-{number}",
                "machine": course.machine,
                "skin": course.skin,
                "lesson": course.lesson.id,
                "learner": "simulated",
                "purpose": "practice",
                "pack": "",
                "outcome": outcome,
                "started_ms": at_ms,
                "ms": 0,
                "steps": steps,
            },
            RunRecord,
        )


class Spent(NamedTuple):
    """The cost of mastery: runs, and acts in all of them; `mastered` is False where the limit came first."""

    runs: int
    acts: int
    mastered: bool


def to_mastery(courses: dict[str, Course], traits: Traits, seed: int, coached: bool) -> Spent:
    """Let a learner practise until the lesson is mastered. `courses`: the lesson by look."""
    records = career(courses, traits, seed, coached)
    mastered = _is_mastered(courses, records)
    over = mastered or len(records) >= MOST_RUNS
    return Spent(len(records) if over else MOST_RUNS, _acts(records), mastered)


def career(courses: dict[str, Course], traits: Traits, seed: int, coached: bool) -> list[RunRecord]:
    """Simulate the runs of a learner until the lesson is mastered, or a limit is reached."""
    learner, records = Learner(traits, seed, coached), list[RunRecord]()
    for day in range(MOST_DAYS):
        _day(learner, courses, traits, day, records)
        if _is_mastered(courses, records) or len(records) >= MOST_RUNS:
            break
        learner.sleep()
    return records


def _is_mastered(courses: dict[str, Course], records: list[RunRecord]) -> bool:
    first = next(iter(courses.values()))
    return progress.mastery(records, first.machine, first.lesson) == "mastered"


def _acts(records: list[RunRecord]) -> int:
    return sum(len(record.steps) for record in records)


def _day(learner: Learner, courses: dict[str, Course], traits: Traits, day: int, records: list[RunRecord]) -> None:
    """Simulate a day's runs; none where there is nothing to do but wait for the retest."""
    first = next(iter(courses.values()))
    for turn in range(traits.runs_a_day):
        at_ms = day * DAY_MS + turn * 3_600_000
        due = progress.retest(records, first.machine, first.lesson, tuple(courses), at_ms)
        known = progress.mastery(records, first.machine, first.lesson)
        if len(records) >= MOST_RUNS or known == "mastered" or (known == "steady" and not due):
            return
        course = courses[due] if due else first
        records.append(learner.run(course, len(records), at_ms, records, bool(due)))
