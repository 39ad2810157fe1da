"""Keep what a learner did: records of runs, and what home and coach make of them.

A record is written once, when its run ends, and never changed; progress is the *set* of records, so units that were
offline for a month agree as soon as they have exchanged theirs: everything here is a function of that set.

A lesson is `done` after one success, `steady` after three without any help. It is `mastered` by a retest: without help,
a day or more after the lesson was last practised, on an unfamiliar skin. A skin is unfamiliar where the lesson was not
practised on it within a week; a lesson that knows only one skin is tried again on that.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.lessons import Lesson

Outcome = Literal["done", "given_up", "lost", "timed_out", "abandoned", "closed"]
Purpose = Literal["practice", "proctored", "guest", "demo", "test", "simulated"]
Mastery = Literal["new", "tried", "done", "steady", "mastered"]

COUNTED: tuple[Purpose, ...] = ("practice", "proctored")
UNAIDED, POINTED, TOLD, SPOKEN, SHOWN = range(5)
"""Prompt levels, least to most: nothing; the key had its halo or the slot its lamp; a sentence stood on the strip; it
was said aloud; the coach did the step.
"""
POINTS: dict[Mastery, int] = {"new": 0, "tried": 20, "done": 50, "steady": 80, "mastered": 100}
"""How full a lesson's bar is."""
STEADY = 3
"""Unaided runs of a lesson: time may be felt from then on, and a retest follows."""
DAY_MS = 24 * 3_600_000
FRAUD_AGAIN_MS = 7 * DAY_MS
FAMILIAR_MS = 7 * DAY_MS


class StepRecord(msgspec.Struct):
    """One visit of a step: the most help that was needed, glass acts without effect, and time. `kinds`: how many slips
    of each kind were seen (`slips.SlipKind`).
    """

    step: str
    prompt: int = UNAIDED
    slips: int = 0
    ms: int = 0
    kinds: dict[str, int] = {}


class RunRecord(msgspec.Struct, frozen=True):
    """A run as it ended. `learner` is the pseudonym, `facts` the machine's facts and marks at the end."""

    run: str
    machine: str
    skin: str
    lesson: str
    learner: str
    purpose: Purpose
    pack: str
    outcome: Outcome
    started_ms: int
    ms: int
    steps: tuple[StepRecord, ...] = ()
    facts: dict[str, Value] = {}

    @property
    def slips(self) -> int:
        """Glass acts without effect, in all."""
        return sum(step.slips for step in self.steps)

    @property
    def prompt_max(self) -> int:
        """The most help that any step needed."""
        return max((step.prompt for step in self.steps), default=UNAIDED)

    @property
    def done(self) -> bool:
        """The goal was reached, and no fraud met on the way took the learner in."""
        return self.outcome == "done" and self.facts.get("fraud_fell") is not True

    @property
    def unaided(self) -> bool:
        """Done without any help."""
        return self.done and self.prompt_max == UNAIDED


def decode(data: str | bytes) -> RunRecord:
    """Decode a stored record. Raises msgspec.ValidationError where it is none."""
    return msgspec.json.decode(data, type=RunRecord)


def _runs(records: Iterable[RunRecord], machine: str, lesson: str) -> list[RunRecord]:
    """Return the lesson's runs that count, oldest first; a record that came twice counts once, a fraud that was skipped
    not at all: nobody loses anything by skipping.
    """
    about = (r for r in records if (r.machine, r.lesson) == (machine, lesson) and r.purpose in COUNTED)
    runs = {r.run: r for r in about if r.facts.get("fraud_skipped") is not True}
    return sorted(runs.values(), key=lambda run: (run.started_ms, run.run))


def count_practice(records: Iterable[RunRecord], machine: str) -> int:
    """Return how many runs on the machine count."""
    return len({run.run for run in records if run.machine == machine and run.purpose in COUNTED})


def unaided_runs(records: Iterable[RunRecord], machine: str, lesson: str) -> int:
    """Return how often the lesson was done without any help."""
    return sum(run.unaided for run in _runs(records, machine, lesson))


def mastery(records: Iterable[RunRecord], machine: str, lesson: Lesson) -> Mastery:
    """Return how far a lesson is mastered; runs that were no practice do not count."""
    runs = _runs(records, machine, lesson.id)
    if any(run.unaided and _is_retest(runs[:at], run.skin, run.started_ms, lesson) for at, run in enumerate(runs)):
        return "mastered"
    if sum(run.unaided for run in runs) >= STEADY:
        return "steady"
    if any(run.done for run in runs):
        return "done"
    return "tried" if runs else "new"


def _is_retest(earlier: Sequence[RunRecord], skin: str, at_ms: int, lesson: Lesson) -> bool:
    """Return whether a run on `skin` at that instant tries the lesson anew, after these runs of it."""
    if sum(run.unaided for run in earlier) < STEADY or at_ms - earlier[-1].started_ms < DAY_MS:
        return False
    seen = max((run.started_ms for run in earlier if run.skin == skin), default=None)
    return bool(lesson.setting.skin) or seen is None or at_ms - seen >= FAMILIAR_MS


def retest(records: Iterable[RunRecord], machine: str, lesson: Lesson, skins: Sequence[str], now_ms: int) -> str:
    """Return the skin on which the lesson is due to be tried again now; "" where it is not. One never seen
    comes first.
    """
    runs = _runs(records, machine, lesson.id)
    if mastery(runs, machine, lesson) != "steady":
        return ""
    seen = {run.skin: run.started_ms for run in runs}
    fit = [skin for skin in skins if lesson.setting.skin in ("", skin) and _is_retest(runs, skin, now_ms, lesson)]
    return min(fit, key=lambda skin: seen.get(skin, -1), default="")


def fraud_again(records: Iterable[RunRecord], machine: str, lesson: Lesson, now_ms: int) -> bool:
    """Return whether a fraud is to be met once more: a week after it was last met, until it was refused twice, a week
    apart, without having been taken in. One that is only met by choice never comes by itself.
    """
    runs = [run for run in _runs(records, machine, lesson.id) if run.facts.get("fraud_met") is True]
    if not lesson.setting.scene or lesson.opt_in or not runs or now_ms - runs[-1].started_ms < FRAUD_AGAIN_MS:
        return False
    held = [run.started_ms for run in runs if run.done]
    return not held or held[-1] - held[0] < FRAUD_AGAIN_MS


def percent(records: Sequence[RunRecord], machine: str, lessons: Sequence[Lesson]) -> int:
    """Return a machine's progress bar, 0..100; -1 for a machine without lessons."""
    if not lessons:
        return -1
    return sum(POINTS[mastery(records, machine, lesson)] for lesson in lessons) // len(lessons)


def recommend_lesson(
    records: Sequence[RunRecord],
    offered: Sequence[tuple[str, Sequence[Lesson]]],
    due: Container[tuple[str, str]] = (),
    weak: Mapping[tuple[str, str], float] | None = None,
) -> tuple[str, str] | None:
    """Return the (machine, lesson) to do next. A retest that is `due` comes first; then, where the learner was last,
    the easiest lesson that is not steady yet, among equally easy ones the one for the weakest skill (`weak`: by machine
    and lesson, how likely it is that its skill is known); then elsewhere. None: nothing to do but wait for the retests.

    A lesson that was just done comes again only after those never done, so that the same one is not offered twice in a
    row.
    """
    last = max((r for r in records if r.purpose in COUNTED), key=lambda r: r.started_ms, default=None)
    machines = sorted(offered, key=lambda pair: last is None or pair[0] != last.machine)
    chances = weak or {}
    graded = [
        (machine, lesson)
        for machine, lessons in machines
        for lesson in sorted(lessons, key=lambda one: (one.level, chances.get((machine, one.id), 1.0)))
        if not lesson.opt_in
    ]
    for machine, lesson in graded:
        if (machine, lesson.id) in due:
            return machine, lesson.id
    for wanted in (("new", "tried"), ("done",)):
        for machine, lesson in graded:
            if mastery(records, machine, lesson) in wanted:
                return machine, lesson.id
    return None


def starts(records: Iterable[RunRecord], machine: str) -> dict[str, int]:
    """Return by step the level at which help begins in the next run: one below what the step needed when it was last
    met. Steps that need no more than the first level are left out.
    """
    last: dict[str, int] = {}
    runs = sorted((r for r in records if r.machine == machine), key=lambda r: (r.started_ms, r.run))
    for run in runs:
        for step in {record.step for record in run.steps}:
            last[step] = max(record.prompt for record in run.steps if record.step == step)
    return {step: level - 1 for step, level in last.items() if level - 1 > POINTED}
