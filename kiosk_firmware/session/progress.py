"""What a learner did: records of runs, and what home and coach make of them.

A record is written once, when its run ends, and never changed; progress is the *set* of records, so units that were
offline for a month agree as soon as they have exchanged theirs. Mastery is kept simple on purpose: a lesson is `done`
after one success, `mastered` after two successes without any help.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from kiosk_firmware.core.facts import Value
from kiosk_firmware.core.lessons import Lesson

Outcome = Literal["done", "given_up", "lost", "timed_out", "abandoned", "closed"]
Purpose = Literal["practice", "proctored", "guest", "demo", "test", "simulated"]
Mastery = Literal["new", "tried", "done", "mastered"]

COUNTED: tuple[Purpose, ...] = ("practice", "proctored")
UNAIDED, POINTED, TOLD, SPOKEN, SHOWN = range(5)
"""Prompt levels, least to most: nothing; the key had its halo or the slot its lamp; a sentence stood on the strip; it
was said aloud; the coach did the step.
"""
_POINTS: dict[Mastery, int] = {"new": 0, "tried": 20, "done": 70, "mastered": 100}


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
    def unaided(self) -> bool:
        """Done without any help."""
        return self.outcome == "done" and self.prompt_max == UNAIDED


def decode(data: str | bytes) -> RunRecord:
    """A stored record. Raises msgspec.ValidationError where it is none."""
    return msgspec.json.decode(data, type=RunRecord)


def mastery(records: Iterable[RunRecord], machine: str, lesson: str) -> Mastery:
    """How far a lesson is mastered; runs that were no practice do not count."""
    runs = [r for r in records if (r.machine, r.lesson) == (machine, lesson) and r.purpose in COUNTED]
    if sum(run.unaided for run in runs) >= 2:
        return "mastered"
    if any(run.outcome == "done" for run in runs):
        return "done"
    return "tried" if runs else "new"


def percent(records: Sequence[RunRecord], machine: str, lessons: Sequence[Lesson]) -> int:
    """A machine's progress bar, 0..100; -1 for a machine without lessons."""
    if not lessons:
        return -1
    return sum(_POINTS[mastery(records, machine, lesson.id)] for lesson in lessons) // len(lessons)


def recommended(
    records: Sequence[RunRecord], offered: Sequence[tuple[str, Sequence[Lesson]]]
) -> tuple[str, str] | None:
    """(machine, lesson) to do next: where the learner was last, the easiest lesson not yet mastered; then elsewhere.

    A lesson that was just done comes again only after those never done, so that the same one is not offered twice in a
    row.
    """
    last = max((r for r in records if r.purpose in COUNTED), key=lambda r: r.started_ms, default=None)
    machines = sorted(offered, key=lambda pair: last is None or pair[0] != last.machine)
    for wanted in (("new", "tried"), ("done",)):
        for machine, lessons in machines:
            for lesson in sorted(lessons, key=lambda lesson: lesson.level):
                if mastery(records, machine, lesson.id) in wanted:
                    return machine, lesson.id
    return None


def starts(records: Iterable[RunRecord], machine: str) -> dict[str, int]:
    """By step, the level at which help begins in the next run: one below what the step needed when it was last met.
    Steps that need no more than the first level are left out.
    """
    last: dict[str, int] = {}
    runs = sorted((r for r in records if r.machine == machine), key=lambda r: (r.started_ms, r.run))
    for run in runs:
        for step in {record.step for record in run.steps}:
            last[step] = max(record.prompt for record in run.steps if record.step == step)
    return {step: level - 1 for step, level in last.items() if level - 1 > POINTED}


def calm_runs(records: Iterable[RunRecord]) -> int:
    """How many runs were done unaided: from three on a gentle time ring may be offered."""
    return sum(run.unaided for run in records if run.purpose in COUNTED)
