"""`kiosk bench --learning`: runs to mastery with the coach and without, of simulated learners
(`tools.simulation.learners`).

Each learner practises twice from the same seed, once with prompts and once without; the difference is taken for each
and averaged, with a 95 % interval of its mean, in runs and in acts. Rows are the model's settings; what they are worth
is said in its head.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.tools.simulation.learners import MOST_RUNS, Course, Traits, read_profiles, to_mastery

LESSONS = (("atm", "withdraw-100"), ("atm", "balance"), ("atm", "statement"), ("rail", "buy-tomorrow"))


class Saved(msgspec.Struct, frozen=True):
    """Of one count (runs, or acts): the means with and without the coach, the mean of what each learner saved, and half
    the width of its 95 % interval.
    """

    coached: float
    alone: float
    saved: float
    half: float


class GridRow(msgspec.Struct, frozen=True):
    """A setting's figures over `learners` pairs, and the shares that never mastered within the limit."""

    setting: str
    learners: int
    runs: Saved
    acts: Saved
    never_coached: float
    never_alone: float


def measure(count: int) -> Iterator[GridRow]:
    """Yield one row a setting, `count` learners for each lesson."""
    courses = [_courses(machine, lesson) for machine, lesson in LESSONS]
    kinds = read_profiles()
    for name in ("likely", "no_better_taught", "hasty"):
        yield _row(name, courses, getattr(kinds, name), count)


def _courses(machine: str, wanted: str) -> dict[str, Course]:
    lesson = next(one for one in machine_loader.lessons(machine) if one.id == wanted)
    return {skin: Course(machine, lesson, skin) for skin in machine_loader.skins(machine)}


def _row(name: str, courses: Sequence[dict[str, Course]], traits: Traits, count: int) -> GridRow:
    pairs = [
        (to_mastery(course, traits, seed, True), to_mastery(course, traits, seed, False))
        for course in courses
        for seed in range(count)
    ]
    never = [sum(not pair[which].mastered for pair in pairs) / len(pairs) for which in (0, 1)]
    return GridRow(
        name,
        len(pairs),
        _saved([(a.runs, b.runs) for a, b in pairs]),
        _saved([(a.acts, b.acts) for a, b in pairs]),
        never[0],
        never[1],
    )


def _saved(pairs: Sequence[tuple[int, int]]) -> Saved:
    saved = [alone - coached for coached, alone in pairs]
    half = 1.96 * statistics.stdev(saved) / math.sqrt(len(saved))
    coached, alone = (statistics.fmean(pair[which] for pair in pairs) for which in (0, 1))
    return Saved(coached, alone, statistics.fmean(saved), half)


def grid_lines(rows: Iterable[GridRow]) -> Iterator[str]:
    """Yield the rows as lines."""
    yield "to mastery, simulated learners: a model, no proof about people (kiosk_firmware/tools/simulation/learners.py)"
    for row in rows:
        yield f"  {row.setting}: {row.learners} learners, each with the coach and without (same seed)"
        for name, one in (("runs", row.runs), ("acts", row.acts)):
            saved = f"{one.saved:.1f} ± {one.half:.1f} saved (95 %)"
            yield f"    {name}: {one.coached:.1f} with, {one.alone:.1f} without: {saved}"
        yield (
            f"    not mastered within {MOST_RUNS} runs, counted as {MOST_RUNS}: {row.never_coached:.0%} with, "
            f"{row.never_alone:.0%} without"
        )
