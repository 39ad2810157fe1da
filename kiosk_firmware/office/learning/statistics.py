"""Reckon what people learn from their runs: figures by lesson and step, and the gain from first attempt to delayed
retest.

Only practice and proctored runs of learners count; guests, demonstrations, tests and simulated runs never do. A figure
of fewer than five learners is not shown, whatever it is of. What each figure is a share of stands in `DICTIONARY`, and
its texts on the page beside it.

Intervals are of 95 %: Wilson's for a share (Wilson 1927), and for the gain, which is a difference of paired shares,
Agresti and Min's (Statistics in Medicine 24, 2005): half a pair is added to each of the four cells.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kiosk_firmware.core.skills import SKILLS, SkillName
from kiosk_firmware.office.database.queries import Queries
from kiosk_firmware.office.learning.learning_sums import ALL, CLASSES, FIRST_MS, PURPOSES, TABLES, day_of, week_of

FEW = 5
WEEK = "day - (day + 3) % 7"
"""The Monday of a day, as `learning_sums.week_of`."""
Z = 1.96
DICTIONARY = (
    ("learners", "learners", ""),
    ("funnel", "funnel", ""),
    ("runs", "runs", ""),
    ("done", "runs_done", "runs"),
    ("unaided", "runs_unaided", "runs"),
    ("prompt", "prompt_sum", "runs"),
    ("slips", "slip_sum", "runs"),
    ("median_s", "median", ""),
    ("first", "first_unaided", "pairs"),
    ("later", "later_unaided", "pairs"),
    ("gain", "gain", "pairs"),
    ("step_prompt", "step_prompted", "steps"),
    ("step_slips", "step_slip_sum", "steps"),
    ("mean_s", "mean", ""),
    ("step_left", "step_left", "runs_left"),
    ("skill", "skill_right", "skill_steps"),
)
"""Figure, numerator, denominator; each is a text `dictionary.<word>`."""


class RunSample(msgspec.Struct, frozen=True):
    """The data of a run that figures are reckoned from."""

    site: str
    machine: str
    lesson: str
    skin: str
    learner: str
    started_ms: int
    outcome: str
    ms: int
    slips: int
    prompt_max: int
    step: str

    @property
    def unaided(self) -> bool:
        """Done, and never with a prompt."""
        return self.outcome == "done" and self.prompt_max == 0


class Share(msgspec.Struct, frozen=True):
    """A share with its interval: k of n."""

    k: int
    n: int

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.k / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %."""
        if not self.n:
            return 0.0, 1.0
        p, z2 = self.value, Z * Z
        middle = (p + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = Z * math.sqrt(p * (1 - p) / self.n + z2 / (4 * self.n * self.n)) / (1 + z2 / self.n)
        return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))


class Gain(msgspec.Struct, frozen=True):
    """Pairs of a first attempt and a delayed retest, by whether each was unaided: both, only first, only later,
    none.
    """

    both: int = 0
    first: int = 0
    later: int = 0
    none: int = 0

    @property
    def n(self) -> int:
        """Pairs."""
        return self.both + self.first + self.later + self.none

    @property
    def value(self) -> float:
        """Later's share less the first's, -1 to 1."""
        return (self.later - self.first) / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Agresti and Min's, 95 %."""
        n, first, later = self.n + 2, self.first + 0.5, self.later + 0.5
        middle = (later - first) / n
        half = Z * math.sqrt(max(0.0, first + later - (later - first) ** 2 / n)) / n
        return max(-1.0, middle - half), min(1.0, middle + half)


class LessonFigures(msgspec.Struct, frozen=True):
    """A lesson's figures; where `few`, all but the names are to be left out."""

    machine: str
    lesson: str
    learners: int
    runs: int
    done: Share
    unaided: Share
    median_s: float
    prompt: float
    slips: float
    gain: Gain
    alone: Share
    mastered: Share

    @property
    def few(self) -> bool:
        """Fewer than five learners."""
        return self.learners < FEW


class StepFigures(msgspec.Struct, frozen=True):
    """A step of a lesson: how often it was ended and prompted, slips, and how many runs that were left ended there."""

    step: str
    ended: int
    prompted: Share
    slips: float
    mean_s: float
    left: Share
    kinds: tuple[tuple[str, int], ...] = ()


class WeekFigures(msgspec.Struct, frozen=True):
    """A week's runs: the Monday (a day since 1970), and how many were done, and done without help."""

    monday: int
    done: Share
    unaided: Share
    learners: int

    @property
    def few(self) -> bool:
        """Fewer than five learners."""
        return self.learners < FEW


def runs(views: Queries, since_ms: int, sites: Sequence[str] = (), site: str = "") -> list[RunSample]:
    """Return the runs that count, since an instant, of one site or of these (all without any), oldest first."""
    wanted = [site] if site else [*sites]
    where = f" AND u.site IN ({', '.join('?' * len(wanted))})" if wanted else ""
    marks = ", ".join("?" * len(PURPOSES))
    rows = views.rows(
        "SELECT u.site, r.machine, r.lesson, r.skin, r.learner, r.started_ms, r.outcome, r.ms, r.slips, r.prompt_max,"
        " r.step FROM runs r JOIN units u ON u.unit = r.unit WHERE r.ended_ms > 0 AND r.started_ms >= ?"
        f" AND r.learner NOT IN ('', 'guest') AND r.lesson <> '' AND r.purpose IN ({marks}){where}"
        " ORDER BY r.started_ms",
        since_ms,
        *PURPOSES,
        *wanted,
    )
    return [RunSample(**dict(row)) for row in rows]


class Sums:
    """Figures from the sums that are kept as facts arrive (`ingest.learning_sums`), since a day."""

    def __init__(self, views: Queries, since_ms: int, sites: Sequence[str] = (), site: str = "") -> None:
        """Sum up one site, these sites, or all. The day in which `since_ms` lies counts whole."""
        self._views, self._since = views, day_of(since_ms)
        self._sites = [site] if site else [*sites] or [ALL]
        self._of = f"site IN ({', '.join('?' * len(self._sites))}) AND day >= ?"

    def _rows(
        self, figures: Sequence[str], table: str, by: str, where: str = "", *more: str
    ) -> list[Mapping[str, Any]]:
        sums = ", ".join(f"sum({one}) AS {one}" for one in figures)
        sql = f"SELECT {by}, {sums} FROM {table} WHERE {self._of}{where} GROUP BY {by} ORDER BY {by}"
        return self._views.rows(sql, *self._sites, self._since, *more)

    def lessons(self) -> tuple[LessonFigures, ...]:
        """Return figures by machine and lesson, by name."""
        ways = {(row["machine"], row["lesson"]): row for row in self._ways("machine, lesson")}
        rows = self._rows(TABLES["sum_lessons"][1], "sum_lessons", "machine, lesson")
        return tuple(_lesson(row, ways.get((row["machine"], row["lesson"]))) for row in rows if row["runs"])

    def _ways(self, by: str, where: str = "", *more: str) -> list[Mapping[str, Any]]:
        return self._rows(TABLES["sum_learners"][1], "sum_learners", by, where, *more)

    def weeks(self, machine: str = "", lesson: str = "") -> tuple[WeekFigures, ...]:
        """Return figures week by week (from a Monday, a day since 1970): of all lessons, or of one."""
        where, of = (" AND machine = ? AND lesson = ?", (machine, lesson)) if machine else ("", ())
        by = f"{WEEK} AS monday"
        sums = "sum(runs) AS runs, sum(done) AS done, sum(unaided) AS unaided"
        sql = f"SELECT {by}, {sums} FROM sum_lessons WHERE {self._of}{where} GROUP BY {WEEK} ORDER BY {WEEK}"
        rows = self._views.rows(sql, *self._sites, week_of(self._since), *of)
        only = f"{self._of} AND machine = ? AND lesson = ?"
        who = f"SELECT day, sum(learners) AS n FROM sum_weeks WHERE {only} GROUP BY day"
        found = self._views.rows(who, *self._sites, week_of(self._since), machine, lesson)
        people = {row["day"]: int(row["n"]) for row in found}
        return tuple(_week(row, people.get(row["monday"], 0)) for row in rows if row["runs"])

    def steps(self, machine: str, lesson: str) -> tuple[StepFigures, ...]:
        """Return where people need help and leave, by step; nothing where there are fewer than five learners."""
        only = " AND machine = ? AND lesson = ?", machine, lesson
        ways = self._ways("machine, lesson", *only)
        if not ways or ways[0]["learners"] < FEW:
            return ()
        rows = self._rows(TABLES["sum_steps"][1], "sum_steps", "step, kind", *only)
        left = sum(int(row["stopped"]) for row in rows)
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if row["kind"]:
                kinds[row["step"]][row["kind"]] = int(row["ended"])
        own = [row for row in rows if not row["kind"] and (row["ended"] or row["stopped"])]
        return tuple(_step(row, left, kinds[row["step"]]) for row in own)

    def skills(self) -> tuple[tuple[SkillName, int, Share], ...]:
        """Return each skill over all machines: learners, and how many of its steps were done alone and without a slip
        (coping with a fault and refusing a fraud: of the runs that met one).
        """
        ways = {row["lesson"]: int(row["learners"]) for row in self._ways("lesson", " AND machine = ''")}
        rows = {row["skill"]: row for row in self._rows(("tried", "shown"), "sum_skills", "skill")}
        return tuple(
            (name, ways.get(name, 0), Share(int(rows[name]["shown"]), int(rows[name]["tried"])))
            for name in SKILLS
            if name in rows and rows[name]["tried"]
        )


def _week(row: Mapping[str, Any], learners: int) -> WeekFigures:
    n = int(row["runs"])
    return WeekFigures(int(row["monday"]), Share(int(row["done"]), n), Share(int(row["unaided"]), n), learners)


def _lesson(row: Mapping[str, Any], way: Mapping[str, Any] | None) -> LessonFigures:
    n = int(row["runs"])
    pairs = ("both_times", "first_only", "later_only", "neither")
    learners, alone, mastered = (int(way[name]) if way else 0 for name in ("learners", "alone", "mastered"))
    return LessonFigures(
        row["machine"],
        row["lesson"],
        learners,
        n,
        Share(int(row["done"]), n),
        Share(int(row["unaided"]), n),
        median_ms([int(row[f"t{k}"]) for k in range(CLASSES)]) / 1000,
        int(row["prompts"]) / n,
        int(row["slips"]) / n,
        Gain(*(int(way[name]) for name in pairs)) if way else Gain(),
        Share(alone, learners),
        Share(mastered, learners),
    )


def median_ms(classes: Sequence[int]) -> float:
    """Return the median of times that are known by their class (`learning_sums.time_class`), within its class by the
    share of the way through; a class is √2 wide, so it is right within a fifth.
    """
    half, before = sum(classes) / 2, 0
    for number, n in enumerate(classes):
        if n and before + n >= half:
            return float(FIRST_MS * 2 ** ((number - 1 + (half - before) / n) / 2))
        before += n
    return 0.0


def _step(row: Mapping[str, Any], left: int, kinds: Counter[str]) -> StepFigures:
    ended = int(row["ended"])
    n = max(1, ended)
    return StepFigures(
        row["step"],
        ended,
        Share(int(row["prompted"]), ended),
        int(row["slips"]) / n,
        int(row["ms"]) / n / 1000,
        Share(int(row["stopped"]), left),
        tuple(kinds.most_common(3)),
    )
