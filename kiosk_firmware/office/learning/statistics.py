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
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from kiosk_firmware.core.skills import SKILLS, SkillName, Skills
from kiosk_firmware.office.web.queries import Queries, data_of
from kiosk_firmware.wire.facts import FACTS

FEW = 5
DAY_MS = 86_400_000
Z = 1.96
PURPOSES = ("practice", "proctored")
DICTIONARY = (
    ("learners", "learners", ""),
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
    ("step_left", "step_left", "runs_left"),
    ("skill", "skill_right", "skill_steps"),
)
"""Figure, numerator, denominator; each is a text `dictionary.<word>`."""


class Run(msgspec.Struct, frozen=True):
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
    median_s: float
    left: Share
    kinds: tuple[tuple[str, int], ...] = ()


def runs(views: Queries, since_ms: int, sites: Sequence[str] = (), site: str = "") -> list[Run]:
    """The runs that count, since an instant, of one site or of these (all without any), oldest first."""
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
    return [Run(**dict(row)) for row in rows]


def lessons(found: Iterable[Run]) -> tuple[LessonFigures, ...]:
    """Figures by machine and lesson, by name."""
    by: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in found:
        by[run.machine, run.lesson].append(run)
    return tuple(_row(machine, lesson, those) for (machine, lesson), those in sorted(by.items()))


def _row(machine: str, lesson: str, those: list[Run]) -> LessonFigures:
    n = len(those)
    return LessonFigures(
        machine,
        lesson,
        len({(run.site, run.learner) for run in those}),
        n,
        Share(sum(run.outcome == "done" for run in those), n),
        Share(sum(run.unaided for run in those), n),
        statistics.median(run.ms for run in those) / 1000,
        sum(run.prompt_max for run in those) / n,
        sum(run.slips for run in those) / n,
        gain(those),
    )


def gain(those: Iterable[Run]) -> Gain:
    """Of one lesson: each learner's first attempt against their first one at least a day after it."""
    by: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in sorted(those, key=lambda run: run.started_ms):
        by[run.site, run.learner].append(run)
    cells = [0, 0, 0, 0]
    for own in by.values():
        later = next((run for run in own if run.started_ms - own[0].started_ms >= DAY_MS), None)
        if later is not None:
            cells[(0 if later.unaided else 1) if own[0].unaided else (2 if later.unaided else 3)] += 1
    return Gain(*cells)


class RunFacts:
    """The facts of the runs that count: their steps and their ends, read unit by unit."""

    def __init__(self, views: Queries, since_ms: int, sites: Sequence[str] = (), site: str = "") -> None:
        """Of one site, of these sites, or of all."""
        self.steps: list[tuple[str, str, str, dict[str, Any]]] = []
        """(machine, lesson, who, step.ended's data), in the order in which they were told."""
        self.ends: list[tuple[str, dict[str, Any]]] = []
        """(who, run.ended's data)."""
        counting = _counting(views, since_ms, [site] if site else [*sites])
        for unit, own in counting.items():
            for row in views.rows(
                "SELECT type, data FROM facts WHERE unit = ? AND at_ms >= ? AND type IN ('step.ended', 'run.ended')"
                " ORDER BY at_ms, seq",
                unit,
                since_ms,
            ):
                self._take(own, row)

    def _take(self, own: Mapping[str, tuple[str, str, str]], row: Mapping[str, Any]) -> None:
        """A row that has not its fact's shape tells nothing."""
        data = data_of(row)
        run = own.get(str(data.get("run")))
        if run is None or not _has_shape(data, FACTS[row["type"]]):
            return
        if row["type"] == "step.ended":
            self.steps.append((*run, data))
        else:
            self.ends.append((run[2], data))


def _has_shape(data: dict[str, Any], shape: type[msgspec.Struct]) -> bool:
    try:
        msgspec.convert(data, shape)
    except msgspec.ValidationError:
        return False
    return True


def _counting(views: Queries, since_ms: int, sites: Sequence[str]) -> dict[str, dict[str, tuple[str, str, str]]]:
    """Unit → run → (machine, lesson, who) of the runs that count."""
    where = f" AND u.site IN ({', '.join('?' * len(sites))})" if sites else ""
    marks = ", ".join("?" * len(PURPOSES))
    found: dict[str, dict[str, tuple[str, str, str]]] = defaultdict(dict)
    for row in views.rows(
        "SELECT r.unit, r.run, r.machine, r.lesson, r.learner, u.site FROM runs r JOIN units u ON u.unit = r.unit"
        f" WHERE r.started_ms >= ? AND r.learner NOT IN ('', 'guest') AND r.purpose IN ({marks}){where}",
        since_ms,
        *PURPOSES,
        *sites,
    ):
        found[row["unit"]][row["run"]] = row["machine"], row["lesson"], f"{row['site']}/{row['learner']}"
    return found


def steps(told: RunFacts, found: Iterable[Run], machine: str, lesson: str) -> tuple[StepFigures, ...]:
    """Return where people need help and where they leave, by step; nothing where there are fewer than five learners."""
    own = [run for run in found if (run.machine, run.lesson) == (machine, lesson)]
    if len({(run.site, run.learner) for run in own}) < FEW:
        return ()
    left = [run.step for run in own if run.outcome != "done"]
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for of, what, _, data in told.steps:
        if (of, what) == (machine, lesson):
            by[data["step"]].append(data)
    return tuple(_step(name, by.get(name, []), left) for name in dict.fromkeys([*by, *filter(None, left)]))


def _step(name: str, rows: list[dict[str, Any]], left: list[str]) -> StepFigures:
    n = max(1, len(rows))
    kinds: Counter[str] = Counter()
    for one in rows:
        kinds.update(one.get("kinds", {}))
    return StepFigures(
        name,
        len(rows),
        Share(sum(one["prompt"] > 0 for one in rows), len(rows)),
        sum(one["slips"] for one in rows) / n,
        statistics.median([one["ms"] for one in rows] or [0]) / 1000,
        Share(left.count(name), len(left)),
        tuple(kinds.most_common(3)),
    )


def skills(told: RunFacts, tables: Mapping[str, Skills]) -> tuple[tuple[SkillName, int, Share], ...]:
    """Each skill over all machines: learners, and how many of its steps were done alone and without a slip (coping with
    a fault and refusing a fraud: of the runs that met one). `tables`: by machine.
    """
    found: dict[SkillName, list[tuple[str, bool]]] = defaultdict(list)
    for machine, _, who, data in told.steps:
        for name, skill in tables.get(machine, {}).items():
            if data["step"] in skill.steps:
                found[name].append((who, data["prompt"] == 0 and data["slips"] == 0))
    for who, data in told.ends:
        facts = data["facts"]
        if "recovered" in facts:
            found["recover_fault"].append((who, facts["recovered"] is True))
        if facts.get("fraud_met") is True and facts.get("fraud_skipped") is not True:
            found["refuse_fraud"].append((who, facts.get("fraud_refused") is True))
    return tuple(
        (name, len({who for who, _ in found[name]}), Share(sum(right for _, right in found[name]), len(found[name])))
        for name in SKILLS
        if name in found
    )
