"""Keep what runs come to, by site, day, lesson, skill and step, in the commit that stores the facts.

What a run counts follows from its row alone (`runs`, with `told`: its steps and what its end said). Whoever changes
rows does so within `changed`: what they counted before is taken away, what they count now is added. So the sums do not
depend on the order in which facts come, and a late fact, a mended clock or an erased learner are changes like any
other. A learner's way with a lesson is read again from their runs, and the difference is added to the sums by day.

`rebuild` makes all anew from the facts. What was retired is in the sums only, so it begins where nothing is (`since`).
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.skills import Skills
from kiosk_firmware.office.database.connection import Database
from kiosk_firmware.wire import facts as f

PURPOSES = ("practice", "proctored")
"""Of runs that count; those of guests, demonstrations, tests and simulations never do."""
NOBODY = ("", "guest")
DAY_MS, OFFSET_MS = 86_400_000, 8 * 3_600_000
CLASSES, FIRST_MS = 16, 8_000
"""Classes of a run's time, and where the first one ends; each is √2 times the one before."""
STEADY, FAMILIAR_MS = 3, 7 * DAY_MS
"""Mastered is a run without help a day after `STEADY` of them, on a look that was not practised for a week."""
ALL = ""
"""The site of the sums over all sites."""
MOST = 1 << 40
"""A larger figure of one run is nobody's, and would not add up."""
Key = tuple[str, str]
"""(unit, run)."""
Way = tuple[int, int, int, int, int, int, int, str]
"""A learner's way with a lesson, as `learner_lessons` keeps it."""
TABLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sum_lessons": (
        ("site", "day", "machine", "lesson"),
        ("runs", "done", "unaided", "prompts", "slips", *(f"t{n}" for n in range(CLASSES))),
    ),
    "sum_steps": (
        ("site", "machine", "lesson", "day", "step", "kind"),
        ("ended", "prompted", "slips", "ms", "stopped"),
    ),
    "sum_skills": (("site", "day", "skill"), ("tried", "shown")),
    "sum_learners": (
        ("site", "day", "machine", "lesson"),
        ("learners", "alone", "mastered", "both_times", "first_only", "later_only", "neither"),
    ),
    "sum_weeks": (("site", "day", "machine", "lesson"), ("learners",)),
}
"""Keys and figures of each table of sums."""
_RUN = "unit, run, machine, skin, lesson, learner, purpose, started_ms, ended_ms, outcome, ms, slips, prompt_max, step"
_COLUMNS = f"u.site, {', '.join('r.' + name for name in f'{_RUN}, told'.split(', '))}"
_OF_KEYS = (
    f"WITH wanted(unit, run) AS ({{rows}}) SELECT {_COLUMNS} FROM wanted CROSS JOIN runs r CROSS JOIN units u"
    " WHERE r.unit = wanted.unit AND r.run = wanted.run AND u.unit = r.unit"
)
_TOLD = (
    "WITH said(unit, run, told, skills) AS ({rows}) UPDATE runs SET told = said.told, skills = said.skills FROM said"
    " WHERE runs.unit = said.unit AND runs.run = said.run"
)
_PRACTISED = (
    "WITH wanted(site, learner) AS ({rows}) SELECT u.site, r.learner, r.machine, r.lesson, r.skin, r.started_ms,"
    " r.outcome, r.prompt_max, r.skills, r.unit, r.run FROM wanted CROSS JOIN runs r CROSS JOIN units u WHERE"
    " r.learner = wanted.learner AND u.unit = r.unit AND u.site = wanted.site AND r.ended_ms > 0 AND r.lesson <> ''"
    f" AND r.purpose IN ({', '.join(repr(one) for one in PURPOSES)})"
)
_WAY = ("first_ms", "last_day", "first_alone", "later_ms", "later_alone", "alone", "mastered", "weeks")
_KNOWN = (
    f"WITH wanted(site, learner) AS ({{rows}}) SELECT l.site, l.learner, machine, lesson, {', '.join(_WAY)} FROM wanted"
    " CROSS JOIN learner_lessons l WHERE l.site = wanted.site AND l.learner = wanted.learner"
)
_GONE = (
    "WITH wanted(site, learner) AS ({rows}) DELETE FROM learner_lessons WHERE (site, learner) IN"
    " (SELECT site, learner FROM wanted)"
)
_KEPT = (
    f"WITH kept(site, learner, machine, lesson, {', '.join(_WAY)}) AS ({{rows}}) INSERT INTO learner_lessons(site,"
    f" learner, machine, lesson, {', '.join(_WAY)}) SELECT site, learner, machine, lesson, {', '.join(_WAY)} FROM kept"
    " WHERE true"
)


class RunTotals(msgspec.Struct, omit_defaults=True):
    """Facts of one run beside its row. `steps`: step → how often it was ended, how often with help,
    slips, how often without either, ms; `kinds`: step → kind of slip → how many; `end`: what skills ask of its end.
    """

    steps: dict[str, list[int]] = {}
    kinds: dict[str, dict[str, int]] = {}
    end: dict[str, bool] = {}

    def take(self, data: f.StepEnded | f.RunEnded) -> None:
        """Add a fact of the run."""
        if isinstance(data, f.RunEnded):
            self.end = {name: data.facts[name] is True for name in _ASKED if name in data.facts}
            return
        clean = data.prompt == 0 and data.slips == 0
        self._add(
            data.step, [1, int(data.prompt > 0), _cap_figure(data.slips), int(clean), _cap_figure(data.ms)], data.kinds
        )

    def add(self, other: RunTotals) -> None:
        """Add what other facts of the same run said."""
        for step, figures in other.steps.items():
            self._add(step, figures, other.kinds.get(step, {}))
        self.end = other.end or self.end

    def _add(self, step: str, figures: Sequence[int], kinds: Mapping[str, int]) -> None:
        self.steps[step] = [a + b for a, b in zip(self.steps.get(step, [0] * 5), figures, strict=True)]
        for kind, n in kinds.items():
            of = self.kinds.setdefault(step, {})
            of[kind] = of.get(kind, 0) + _cap_figure(n)


_ASKED = ("recovered", "fraud_met", "fraud_skipped", "fraud_refused")
_ENCODE = msgspec.json.Encoder(order="deterministic").encode
_DECODE = msgspec.json.Decoder(RunTotals).decode


def _cap_figure(figure: int) -> int:
    return max(-MOST, min(MOST, figure))


@cache
def skill_tables() -> dict[str, Skills]:
    """Return what of a run at a machine shows a skill, by machine."""
    return {entry.id: machine_loader.skills(entry.id) for entry in machine_loader.describe()}


def day_of(at_ms: int) -> int:
    """Return the day of an instant in UTC+8, counted since 1970."""
    return (at_ms + OFFSET_MS) // DAY_MS


def time_class(ms: int) -> int:
    """Return the class of a run's time."""
    return max(0, min(CLASSES - 1, math.ceil(2 * math.log2(max(1, ms) / FIRST_MS))))


class _Row:
    """A run's row with what it told."""

    def __init__(self, columns: Sequence[Any]) -> None:
        """Take `columns`, as `_COLUMNS` names them."""
        self.site, self.unit, self.run, self.machine, self.skin, self.lesson, self.learner, self.purpose = columns[:8]
        self.started_ms, self.ended_ms, self.outcome, self.ms, self.slips, self.prompt_max, self.step = columns[8:15]
        self.told = _DECODE(columns[15]) if columns[15] else RunTotals()

    @property
    def counts(self) -> bool:
        """Return whether it is practice of a learner, and over."""
        practice = self.purpose in PURPOSES and self.learner not in NOBODY
        return practice and self.ended_ms > 0 and self.lesson != ""

    def skills(self) -> dict[str, tuple[int, int]]:
        """Return skill → how often it was called for, how often it was shown."""
        return _skills(self.machine, self.told)


def skills_told(machine: str, told: str) -> dict[str, tuple[int, int]]:
    """Return what a run at the machine says of skills (`runs.told`): skill → how often called for, how often shown."""
    try:
        return _skills(machine, _DECODE(told)) if told else {}
    except (msgspec.DecodeError, RecursionError):
        return {}


def _skills(machine: str, told: RunTotals) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for name, skill in skill_tables().get(machine, {}).items():
        met = [told.steps[step] for step in skill.steps if step in told.steps]
        if met:
            found[name] = sum(figures[0] for figures in met), sum(figures[3] for figures in met)
    if "recovered" in told.end:
        found["recover_fault"] = 1, int(told.end["recovered"])
    if told.end.get("fraud_met") and not told.end.get("fraud_skipped"):
        found["refuse_fraud"] = 1, int(told.end.get("fraud_refused", False))
    return found


class _Sums:
    """Differences of sums, gathered before they are written."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[Any, ...], list[int]]] = {name: {} for name in TABLES}

    def add(self, table: str, site: str, key: Mapping[str, Any], figures: Sequence[int]) -> None:
        """Add figures to a row of the site, and to that of all sites."""
        names, of = TABLES[table][0], self._found[table]
        for where in (site, ALL):
            own = tuple(where if name == "site" else key[name] for name in names)
            before = of.get(own)
            of[own] = list(figures) if before is None else [a + b for a, b in zip(before, figures, strict=True)]

    def run(self, row: _Row, sign: int) -> None:
        """Add (1) or take away (-1) all that a run counts, but for its learner's way."""
        if not row.counts:
            return
        key = {"day": day_of(row.started_ms), "machine": row.machine, "lesson": row.lesson}
        done, classes = row.outcome == "done", [0] * CLASSES
        classes[time_class(row.ms)] = sign
        runs = [1, done, done and row.prompt_max == 0, _cap_figure(row.prompt_max), _cap_figure(row.slips)]
        self.add("sum_lessons", row.site, key, [sign * int(n) for n in runs] + classes)
        self._steps(row, key, sign)
        for skill, (tried, shown) in row.skills().items():
            self.add("sum_skills", row.site, {**key, "skill": skill}, [sign * tried, sign * shown])

    def _steps(self, row: _Row, key: Mapping[str, Any], sign: int) -> None:
        for step, (ended, prompted, slips, _, ms) in row.told.steps.items():
            of = {**key, "step": step, "kind": ""}
            self.add("sum_steps", row.site, of, [sign * ended, sign * prompted, sign * slips, sign * ms, 0])
            for kind, n in row.told.kinds.get(step, {}).items():
                self.add("sum_steps", row.site, {**of, "kind": kind}, [sign * n, 0, 0, 0, 0])
        if row.outcome != "done" and row.step:
            self.add("sum_steps", row.site, {**key, "step": row.step, "kind": ""}, [0, 0, 0, 0, sign])

    def way(self, site: str, machine: str, lesson: str, way: Way, sign: int, since: int = 0) -> None:
        """Add a learner's way with a lesson; `since`: of days and weeks from then on."""
        _, last_day, first, later_ms, later, alone, mastered, weeks = way
        pair = [0, 0, 0, 0]
        if later_ms:
            pair[(0 if later else 1) if first else (2 if later else 3)] = sign
        key = {"day": last_day, "machine": machine, "lesson": lesson}
        if last_day >= since:
            self.add("sum_learners", site, key, [sign, sign * alone, sign * mastered, *pair])
        for monday in map(int, weeks.split()):
            if monday >= since:
                self.add("sum_weeks", site, {**key, "day": monday}, [sign])

    def write(self, db: Database) -> None:
        """Add what was gathered to the tables, always in the same order: writers beside each other wait, and end."""
        for table, (keys, figures) in TABLES.items():
            rows = sorted((*key, *own) for key, own in self._found[table].items() if any(own))
            db.merge(_add_statement(table, keys, figures), rows)


@cache
def _add_statement(table: str, keys: tuple[str, ...], figures: tuple[str, ...]) -> str:
    names = ", ".join((*keys, *figures))
    more = ", ".join(f"{one} = {table}.{one} + excluded.{one}" for one in figures)
    return (
        f"WITH more({names}) AS ({{rows}}) INSERT INTO {table}({names}) SELECT {names} FROM more WHERE true"
        f" ON CONFLICT({', '.join(keys)}) DO UPDATE SET {more}"
    )


class LearningSums:
    """The sums, on the writer's own connection and within its transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @contextmanager
    def changed(self, keys: Iterable[Key], told: Mapping[Key, RunTotals] | None = None) -> Iterator[None]:
        """Let the sums follow whatever is done to these runs within. `told`: what new facts say of them."""
        names, sums, learners = sorted(set(keys)), _Sums(), set[tuple[str, str]]()
        before = self._rows(names)
        for row in before.values():
            _count(row, -1, sums, learners)
        yield
        self._tell(before, told or {})
        for row in self._rows(names).values():
            _count(row, 1, sums, learners)
        self._ways(sorted(learners), sums)
        sums.write(self._db)

    def _rows(self, names: Sequence[Key]) -> dict[Key, _Row]:
        rows = (_Row(columns) for columns in self._db.look(_OF_KEYS, names))
        return {(row.unit, row.run): row for row in rows}

    def _tell(self, before: Mapping[Key, _Row], told: Mapping[Key, RunTotals]) -> None:
        """Write down what the facts of runs said; their rows are there by now. Which machine a run was at may be told
        after its steps: only then its skills are known.
        """
        said = []
        for key, row in self._rows(sorted({*before, *told})).items():
            old = before.get(key)
            whole = old.told if old else RunTotals()
            if key in told:
                whole.add(told[key])
            if key in told or (whole.steps and old and old.machine != row.machine):
                said.append(_told_row(key, row, whole))
        self._db.merge(_TOLD, sorted(said))

    def _ways(self, learners: Sequence[tuple[str, str]], sums: _Sums, anew: bool = False) -> None:
        """Read these learners' ways again from their runs; `anew`: the sums hold nothing of them."""
        known: dict[Any, Way] = {tuple(row[:4]): tuple(row[4:]) for row in self._db.look(_KNOWN, learners)}
        since = self.since()
        now = dict(_read(self._db.look(_PRACTISED, learners), known, since * DAY_MS - OFFSET_MS))
        if not anew:
            for (site, _, machine, lesson), way in known.items():
                sums.way(site, machine, lesson, way, -1)
        for (site, _, machine, lesson), way in now.items():
            sums.way(site, machine, lesson, way, 1, since if anew else 0)
        self._db.merge(_GONE, learners)
        self._db.merge(_KEPT, sorted((*name, *way) for name, way in now.items()))

    def forget(self, site: str, learner: str) -> None:
        """Subtract an erased learner and their runs, also what was kept of runs that were retired before."""
        sums = _Sums()
        for row in self._db.look(_KNOWN, [(site, learner)]):
            sums.way(site, row[2], row[3], tuple(row[4:]), -1)
        sums.write(self._db)
        self._db.merge(_GONE, [(site, learner)])

    def digests(self) -> dict[str, str]:
        """Return table → how many rows say something, and a digest of them: equal where the sums are."""
        return {table: self._digest(table, *columns) for table, columns in TABLES.items()}

    def _digest(self, table: str, keys: tuple[str, ...], figures: tuple[str, ...]) -> str:
        something = " OR ".join(f"{one} <> 0" for one in figures)
        rows = self._db.execute(f"SELECT {', '.join((*keys, *figures))} FROM {table} WHERE {something}")
        found = [hashlib.blake2b(repr(tuple(row)).encode(), digest_size=16).digest() for row in rows]
        whole = hashlib.blake2b(b"".join(sorted(found)), digest_size=8)
        return f"{len(found)} rows {whole.hexdigest()}"

    # -- since when they can be made anew

    def since(self) -> int:
        """Return the first day of which all facts are here."""
        row = self._db.execute("SELECT value FROM properties WHERE name = 'sums'").fetchone()
        return int(row[0]) if row else 0

    def _note_since(self, day: int) -> None:
        note = "INSERT INTO properties(name, value) VALUES('sums', ?) ON CONFLICT(name) DO UPDATE"
        self._db.execute(f"{note} SET value = excluded.value", (str(day),))

    def retired(self, before_ms: int) -> None:
        """Let go of the facts from before an instant: of those days the sums stand still, and nobody is named."""
        day = max(self.since(), day_of(before_ms) + 1)
        self._db.execute("DELETE FROM learner_lessons WHERE last_day < ?", (day_of(before_ms),))
        self._note_since(day)

    def need_rebuild(self) -> bool:
        """Return whether an earlier release kept this database: there is no word of the sums."""
        return self._db.execute("SELECT 1 FROM properties WHERE name = 'sums'").fetchone() is None

    def rebuild(self) -> None:
        """Make all sums anew from the facts, site by site. Within a transaction."""
        self._db.exclude("runs")
        since = self.since()
        self._note_since(since)
        for table in TABLES:
            self._db.execute(f"DELETE FROM {table} WHERE day >= ?", (since,))
        sites = [str(row[0]) for row in self._db.execute("SELECT DISTINCT site FROM units ORDER BY site").fetchall()]
        for site in sites:
            self._rebuild_site(site, since)

    def _rebuild_site(self, site: str, since: int) -> None:
        sums, learners = _Sums(), set[tuple[str, str]]()
        units = self._db.execute("SELECT unit FROM units WHERE site = ? ORDER BY unit", (site,)).fetchall()
        for (unit,) in units:
            for row in self._retold(str(unit), since):
                if day_of(row.started_ms) >= since:
                    _count(row, 1, sums, learners)
        kept = "SELECT DISTINCT learner FROM learner_lessons WHERE site = ? AND last_day >= ?"
        learners |= {(site, str(row[0])) for row in self._db.execute(kept, (site, since)).fetchall()}
        self._ways(sorted(learners), sums, anew=True)
        sums.write(self._db)

    def _retold(self, unit: str, since: int) -> Iterator[_Row]:
        """Yield the unit's runs, each with what its facts say now."""
        facts = "SELECT type, data FROM facts WHERE unit = ? AND type IN ('step.ended', 'run.ended')"
        told: defaultdict[str, RunTotals] = defaultdict(RunTotals)
        for kind, text in self._db.execute(facts, (unit,)).fetchall():
            data = _decode_fact(kind, text)
            if data is not None:
                told[data.run].take(data)
        columns = f"SELECT {_COLUMNS} FROM runs r JOIN units u ON u.unit = r.unit WHERE r.unit = ? ORDER BY r.run"
        rows = [_Row(row) for row in self._db.execute(columns, (unit,)).fetchall()]
        fresh = [row for row in rows if day_of(row.started_ms) >= since]
        self._db.merge(_TOLD, [_told_row((unit, row.run), row, told.get(row.run, RunTotals())) for row in fresh])
        return iter(fresh)


def _decode_fact(kind: str, text: str) -> f.StepEnded | f.RunEnded | None:
    """Decode a fact's data; None where it has not its shape."""
    try:
        found = f.decode_data(kind, text.encode())
    except (KeyError, msgspec.DecodeError):
        return None
    return found if isinstance(found, f.StepEnded | f.RunEnded) else None


def _told_row(key: Key, row: _Row, told: RunTotals) -> tuple[str, str, str, str]:
    """Return the row as `_TOLD` takes it; the row holds it from now on."""
    row.told = told
    text = _ENCODE(told).decode()
    return (*key, text if text != "{}" else "", " ".join(sorted(row.skills())))


def _count(row: _Row, sign: int, sums: _Sums, learners: set[tuple[str, str]]) -> None:
    if row.counts:
        sums.run(row, sign)
        learners.add((row.site, row.learner))


Name = tuple[str, str, str, str]
"""(site, learner, machine, lesson)."""


def _read(rows: Iterable[Sequence[Any]], known: Mapping[Name, Way], since_ms: int) -> Iterator[tuple[Name, Way]]:
    """Yield ways by name, from rows as `_PRACTISED` finds them."""
    attempts: defaultdict[Name, list[tuple[int, str, bool, str]]] = defaultdict(list)
    for site, learner, machine, lesson, skin, started_ms, outcome, prompt_max, skills, unit, run in rows:
        attempt = (int(started_ms), f"{unit}/{run}", outcome == "done" and prompt_max == 0, skin)
        attempts[site, learner, machine, lesson].append(attempt)
        attempts[site, learner, "", ""].append(attempt)
        for skill in skills.split():
            attempts[site, learner, "", skill].append((int(started_ms), f"{unit}/{run}", False, ""))
    for name in {*attempts, *known}:
        before = known.get(name)
        frozen = before if before is not None and before[0] < since_ms else None
        if name in attempts:
            yield name, _merge_frozen(way_of(sorted(attempts[name])), frozen)
        elif frozen is not None:
            yield name, frozen


def week_of(day: int) -> int:
    """Return the Monday of a day, both counted since 1970, which began on a Thursday."""
    return day - (day + 3) % 7


def way_of(attempts: Sequence[tuple[int, str, bool, str]]) -> Way:
    """Return a learner's way with a lesson from their attempts, oldest first: (started_ms, which, without
    help, look).
    """
    first = attempts[0]
    later = next((one for one in attempts if one[0] - first[0] >= DAY_MS), None)
    alone = any(one[2] for one in attempts)
    pair = (later[0], int(later[2])) if later else (0, 0)
    weeks = " ".join(map(str, sorted({week_of(day_of(one[0])) for one in attempts})))
    return (first[0], day_of(attempts[-1][0]), int(first[2]), *pair, int(alone), int(_is_mastered(attempts)), weeks)


def _is_mastered(attempts: Sequence[tuple[int, str, bool, str]]) -> bool:
    unaided, last_ms, seen = 0, 0, dict[str, int]()
    for at_ms, _, alone, skin in attempts:
        fresh = skin not in seen or at_ms - seen[skin] >= FAMILIAR_MS
        if alone and fresh and unaided >= STEADY and at_ms - last_ms >= DAY_MS:
            return True
        unaided, last_ms, seen[skin] = unaided + alone, at_ms, at_ms
    return False


def _merge_frozen(now: Way, frozen: Way | None) -> Way:
    """Return what is read from the runs that are left, with what was known before the others were retired."""
    if frozen is None:
        return now
    first_ms, last_day, first_alone, later_ms, later_alone, alone, mastered, weeks = frozen
    if not later_ms and now[0] - first_ms >= DAY_MS:
        later_ms, later_alone = now[0], now[2]
    return (
        first_ms,
        max(last_day, now[1]),
        first_alone,
        later_ms,
        later_alone,
        max(alone, now[5]),
        max(mastered, now[6]),
        " ".join(map(str, sorted({int(one) for one in f"{weeks} {now[7]}".split()}))),
    )
