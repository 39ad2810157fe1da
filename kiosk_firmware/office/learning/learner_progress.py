"""Read one learner's way from their runs: how far each lesson and each skill is, and what may come next.

A lesson is *tried*, *alone* (done once without help) or *mastered* (without help a day after three such runs, on a look
that was not practised for a week): the same words, by the same sums, as of all learners. Of a skill, what counts is how
often its steps went without help and without a slip. What may come next follows from that by three rules, and says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.skills import SKILLS
from kiosk_firmware.office.database.queries import Queries, RunRow
from kiosk_firmware.office.learning.learning_sums import PURPOSES, skill_tables, skills_told
from kiosk_firmware.office.learning.statistics import Share

Stage = Literal["tried", "alone", "mastered"]
Why = Literal["again", "other_day", "skill"]
WEAK, ENOUGH = 0.7, 3
"""A skill is to be practised where less than this share of at least so many tries went without help."""
LAST = 6
"""Tries of a skill that are shown one by one."""
MOST_NEXT = 3
HELP = 4
"""The most help that a coach gives."""
Lesson = tuple[str, str]
"""(machine, lesson)."""


class LessonWay(msgspec.Struct, frozen=True):
    """A lesson with its stage and its last run."""

    machine: str
    lesson: str
    stage: Stage
    runs: int
    alone: int
    last: RunRow


class SkillWay(msgspec.Struct, frozen=True):
    """A skill: tries shown without help, of all; the last ones, oldest first."""

    name: str
    shown: Share
    last: tuple[bool, ...]


class NextStep(msgspec.Struct, frozen=True):
    """A lesson that may come next, and by which rule; `about`: the skill, where it is for one."""

    why: Why
    machine: str
    lesson: str
    about: str = ""


class Dot(msgspec.Struct, frozen=True):
    """A run in the line of progress: `across` from 0 to 1 in time, `down` from 0 (no help) to 1 (all of it)."""

    run: RunRow
    across: float
    down: float


class LearnerProgress(msgspec.Struct, frozen=True):
    """The content of one learner's page."""

    runs: tuple[RunRow, ...]
    lessons: tuple[LessonWay, ...]
    skills: tuple[SkillWay, ...]
    next: tuple[NextStep, ...]
    line: tuple[Dot, ...]


def progress(views: Queries, site: str, learner: str) -> LearnerProgress:
    """Return what is known of a site's learner."""
    runs = views.learner(site, learner)
    counted = [run for run in runs if run.purpose in PURPOSES and run.ended_ms and run.lesson]
    lessons = tuple(_lessons(counted, _mastered_lessons(views, site, learner)))
    skills = tuple(_skills(views, site, learner))
    return LearnerProgress(runs, lessons, skills, tuple(_next(lessons, skills))[:MOST_NEXT], tuple(_line(counted)))


def mastered_counts(views: Queries, site: str, learners: Sequence[str]) -> dict[str, int]:
    """Return how many lessons each of these learners of a site has mastered."""
    if not learners:
        return {}
    marks = ", ".join("?" * len(learners))
    asked = (
        "SELECT learner, sum(mastered) AS n FROM learner_lessons WHERE site = ? AND machine <> ''"
        f" AND learner IN ({marks}) GROUP BY learner"
    )
    return {str(row["learner"]): int(row["n"]) for row in views.rows(asked, site, *learners)}


def lesson_stages(views: Queries, site: str, at: Mapping[str, Lesson]) -> dict[str, Stage]:
    """Return how far each of these learners is with the lesson that they are at; nothing of who has not ended it."""
    if not at:
        return {}
    marks = ", ".join("?" * len(at))
    asked = (
        "SELECT learner, machine, lesson, alone, mastered FROM learner_lessons"
        f" WHERE site = ? AND lesson <> '' AND learner IN ({marks})"
    )
    return {
        str(row["learner"]): _stage(row["mastered"], row["alone"])
        for row in views.rows(asked, site, *at)
        if at[row["learner"]] == (row["machine"], row["lesson"])
    }


def _stage(mastered: object, alone: object) -> Stage:
    return "mastered" if mastered else "alone" if alone else "tried"


def _mastered_lessons(views: Queries, site: str, learner: str) -> set[Lesson]:
    asked = (
        "SELECT machine, lesson FROM learner_lessons WHERE site = ? AND learner = ? AND machine <> '' AND mastered = 1"
    )
    return {(row["machine"], row["lesson"]) for row in views.rows(asked, site, learner)}


def _is_alone(run: RunRow) -> bool:
    return run.outcome == "done" and run.prompt_max == 0


def _lessons(runs: Iterable[RunRow], mastered: set[Lesson]) -> Iterator[LessonWay]:
    """Yield the lessons of runs newest first: the lesson that was practised last stands first."""
    by: defaultdict[Lesson, list[RunRow]] = defaultdict(list)
    for run in runs:
        by[run.machine, run.lesson].append(run)
    for name, own in by.items():
        alone = sum(map(_is_alone, own))
        yield LessonWay(*name, _stage(name in mastered, alone), len(own), alone, own[0])


def _skills(views: Queries, site: str, learner: str) -> Iterator[SkillWay]:
    marks = ", ".join("?" * len(PURPOSES))
    rows = views.rows(
        "SELECT r.machine, r.told FROM runs r JOIN units u ON u.unit = r.unit WHERE u.site = ? AND r.learner = ?"
        f" AND r.ended_ms > 0 AND r.purpose IN ({marks}) ORDER BY r.started_ms",
        site,
        learner,
        *PURPOSES,
    )
    tries: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        for name, counted in skills_told(row["machine"], row["told"]).items():
            tries[name].append(counted)
    for name in SKILLS:
        if own := tries.get(name):
            whole = Share(sum(shown for _, shown in own), sum(tried for tried, _ in own))
            yield SkillWay(name, whole, tuple(shown == tried for tried, shown in own[-LAST:]))


def _next(lessons: Sequence[LessonWay], skills: Sequence[SkillWay]) -> Iterator[NextStep]:
    """Yield each lesson at most once: what was tried last and not yet alone; what was, on another day; the weakest
    skill.
    """
    again = next((one for one in lessons if one.stage == "tried"), None)
    if again:
        yield NextStep("again", again.machine, again.lesson)
    ripe = next((one for one in reversed(lessons) if one.stage == "alone"), None)
    if ripe:
        yield NextStep("other_day", ripe.machine, ripe.lesson)
    weak = sorted((one.shown.value, one.name) for one in skills if one.shown.n >= ENOUGH and one.shown.value < WEAK)
    taken = {(one.machine, one.lesson) for one in (again, ripe) if one}
    for _, skill in weak[:1]:
        fit = (name for name in _good_for(skill, lessons) if name not in taken)
        yield from (NextStep("skill", *name, skill) for name in list(fit)[:1])


def _good_for(skill: str, lessons: Sequence[LessonWay]) -> Iterator[Lesson]:
    """Yield the lessons that the machines name for a skill and that are not mastered: machines that the learner knows
    first.
    """
    known = dict.fromkeys(one.machine for one in lessons)
    mastered = {(one.machine, one.lesson) for one in lessons if one.stage == "mastered"}
    for machine in [*known, *(one.id for one in machine_loader.describe() if one.id not in known)]:
        rows = skill_tables().get(machine, {})
        for name, row in rows.items():
            if name == skill:
                yield from ((machine, lesson) for lesson in row.lessons if (machine, lesson) not in mastered)


def _line(runs: Sequence[RunRow]) -> Iterator[Dot]:
    if not runs:
        return
    first, last = runs[-1].started_ms, runs[0].started_ms
    for run in reversed(runs):
        across = (run.started_ms - first) / (last - first) if last > first else 0.5
        yield Dot(run, across, min(HELP, max(0, run.prompt_max)) / HELP)
