"""`kiosk simulate --history 52w`: write a past that never was into a sample office, through its own store.

Learners, classes, outages, faults, roll-outs and visits are invented; the way of each fact is real: an envelope,
decoded and stored as if a broker had brought it. Runs come from careers on the real machines (`learners`): somebody who
has never done a lesson practises it until it is mastered or the patience is over; a career is told of many learners,
each with days and times of their own. They count as practice, so the database is marked a sample, for good, and every
page says so. It is written into an empty database only.

As it has no live units, an office takes those of a sample for as lately heard as its past ends.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.office.database.connection import Where
from kiosk_firmware.office.ingest.fact_store import FactStore
from kiosk_firmware.office.ingest.incoming_message import IncomingMessage
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.tools.simulation.learners import Course, career, read_profiles
from kiosk_firmware.unit.agent.main import version
from kiosk_firmware.unit.coach.progress import DAY_MS, RunRecord
from kiosk_firmware.unit.runtime.run_facts import RunFact as Told
from kiosk_firmware.wire import topics
from kiosk_firmware.wire.envelope import Fact, encode
from kiosk_firmware.wire.messages import ENCODE, Health, Status

LESSONS = (
    ("atm", "withdraw-100"),
    ("atm", "balance"),
    ("rail", "look-up"),
    ("metro-ticket", "one-ticket"),
    ("metro-gate", "tap-in"),
    ("metro-desk", "ask-fine"),
    ("payment", "show-code"),
    ("social", "say-hello"),
    ("legal-desk", "number"),
)
CAREERS = 12
"""Of each lesson."""
BATCH = 2_000
A_SITE = 50
"""Units of a site, at most."""
RUNS = 200_000
"""The most runs, unless more are asked for."""
HOUR_MS = 3_600_000
STEP_MS = 6_000
CLASSES_H = (9, 14)
"""When classes begin, UTC+8."""
AWAY_DAYS = 20
"""How long a unit that is away has been, at most."""
DEVICES = ("card_reader", "pin_pad", "note_acceptor", "receipt_printer")


class HistoryPlan(NamedTuple):
    """Past that is to be written: `weeks` up to `until_ms`, by `units` at sites whose names begin with `site`."""

    units: int
    weeks: int
    runs: int
    site: str
    until_ms: int
    seed: int = 0

    def sites(self) -> list[tuple[str, list[str]]]:
        """Return sites with their units, whose names carry the site's: two samples never name the same one."""
        count = -(-self.units // A_SITE)
        found = []
        for n in range(count):
            site = f"{self.site}-{n + 1:03d}"
            found.append((site, [f"{site}-{k:02d}" for k in range(1, len(range(n, self.units, count)) + 1)]))
        return found


def careers(seed: int = 0) -> list[list[RunRecord]]:
    """Return ways to learn each lesson, on the real machines; a learner who knew it all from the beginning is among
    them.
    """
    traits, dice = read_profiles().likely, random.Random(seed)
    found = []
    for machine, wanted in LESSONS:
        lesson = next(one for one in machine_loader.lessons(machine) if one.id == wanted)
        skins = [lesson.setting.skin] if lesson.setting.skin else [*machine_loader.skins(machine)][:2]
        courses = {skin: Course(machine, lesson, skin) for skin in skins}
        found += [career(courses, traits, dice.randrange(1 << 30), coached=True) for _ in range(CAREERS)]
    return [one for one in found if one]


class _SiteHistory:
    """One site's past, as its units would have told it."""

    def __init__(self, plan: HistoryPlan, site: str, units: Sequence[str], ways: Sequence[Sequence[RunRecord]]) -> None:
        """Derive everything from the plan's seed and the site's name."""
        self._plan, self._site, self._units, self._ways = plan, site, units, ways
        self._dice = random.Random(f"{plan.seed}/{site}")
        self._epochs = {unit: f"{random.Random(f'{plan.seed}/{unit}').getrandbits(64):016x}" for unit in units}
        self._numbers = dict.fromkeys(units, 0)
        self._last_ms = dict.fromkeys(units, 0)
        self._first = (plan.until_ms - plan.weeks * 7 * DAY_MS) // DAY_MS * DAY_MS - 8 * HOUR_MS

    def messages(self, runs: int) -> Iterator[IncomingMessage]:
        """Yield all of it, unit by unit in the order of their numbers; `runs`: about how many."""
        for unit in self._units:
            at_ms = self._first + self._dice.randrange(HOUR_MS)
            told = {"fw": "0.0.9", "kind": "atm", "machines": sorted({one for one, _ in LESSONS})}
            yield self._fact(unit, at_ms, "unit.started", {**told, "devices": list(DEVICES), "missing": []})
            yield from self._troubles(unit)
        yield from self._learning(runs)
        for unit in self._units:
            yield from self._now(unit)

    def _fact(self, unit: str, at_ms: int, kind: str, data: dict[str, object]) -> IncomingMessage:
        self._numbers[unit] += 1
        self._last_ms[unit] = max(self._last_ms[unit], at_ms)
        fact = Fact(self._epochs[unit], self._numbers[unit], at_ms, kind, json.dumps(data).encode())
        topic = topics.topic(self._site, unit, "evt", topics.fact_leaf(kind))
        return IncomingMessage(topic, encode(self._site, unit, fact, "synced"), at_ms + 400)

    # -- learning

    def _learning(self, runs: int) -> Iterator[IncomingMessage]:
        told = 0
        while told < runs:
            learner = f"{self._dice.getrandbits(64):016x}"
            begins = self._dice.randrange(self._plan.weeks * 7)
            for way in self._dice.sample(self._ways, k=self._dice.choice((1, 2, 3))):
                for record in way:
                    at_ms = self._instant(begins, record)
                    if at_ms >= self._plan.until_ms:
                        break
                    told += 1
                    yield from self._run(record, learner, at_ms)
                begins += self._dice.randrange(7, 30)

    def _instant(self, begins: int, record: RunRecord) -> int:
        """Return a class's hour of a weekday (1970 began on a Thursday), the runs of a day after each
        other, in UTC ms.
        """
        day = begins + record.started_ms // DAY_MS
        weekday = (self._first + 8 * HOUR_MS + day * DAY_MS) // DAY_MS + 3
        day += max(0, weekday % 7 - 4) and 7 - weekday % 7
        turn = record.started_ms % DAY_MS // HOUR_MS
        hour = CLASSES_H[begins % len(CLASSES_H)]
        return self._first + day * DAY_MS + hour * HOUR_MS + turn * 1_500_000 + self._dice.randrange(1_200_000)

    def _run(self, record: RunRecord, learner: str, at_ms: int) -> Iterator[IncomingMessage]:
        unit = self._dice.choice(self._units)
        run, pace = f"{self._epochs[unit]}-{self._numbers[unit] + 1}", self._dice.uniform(0.6, 1.8)
        for fact in run_facts(record, run, learner, "practice", round(STEP_MS * pace)):
            yield self._fact(unit, at_ms, fact.type, fact.data)
            at_ms += round(STEP_MS * pace) if fact.type == "step.ended" else 0
        if self._dice.random() < 0.02:
            yield self._fact(unit, at_ms, "teacher.called", {"run": run, "step": record.steps[-1].step})

    # -- what happens to units

    def _troubles(self, unit: str) -> Iterator[IncomingMessage]:
        """Yield devices that were lost and came back, a roll-out in the middle of the time, visits."""
        span = self._plan.weeks * 7 * DAY_MS
        for _ in range(self._dice.choice((0, 0, 0, 1))):
            at_ms, device = self._first + self._dice.randrange(span), self._dice.choice(DEVICES)
            yield self._fact(unit, at_ms, "device.lost", {"at": device})
            if self._dice.random() < 0.9:
                yield self._fact(unit, at_ms + 26 * HOUR_MS, "device.back", {"at": device})
        stage = "returned" if self._dice.random() < 0.01 else "kept"
        order = {"order": "sample-1", "kind": "system", "version": version(), "detail": ""}
        at_ms = self._first + span // 2 + self._dice.randrange(14) * DAY_MS
        yield self._fact(unit, at_ms, "update.staged", {**order, "stage": "installing"})
        yield self._fact(unit, at_ms + HOUR_MS, "update.staged", {**order, "stage": stage})
        if self._dice.random() < 0.1:
            at_ms = self._first + self._dice.randrange(span)
            for after, phase, end in ((0, "talking", ""), (HOUR_MS // 2, "over", "time")):
                yield self._fact(unit, at_ms + after, "visit.changed", {"phase": phase, "end": end})

    def _now(self, unit: str) -> Iterator[IncomingMessage]:
        """Yield how it is at the end of the past: there, or away; a site now and then is without power."""
        now, power = self._plan.until_ms, random.Random(f"{self._plan.seed}/{self._site}/out")
        out = power.random() < 0.01
        online = not out and self._dice.random() > 0.015
        if not online:
            now = max(self._last_ms[unit], now - (power if out else self._dice).randrange(AWAY_DAYS * DAY_MS))
        status = Status(online, f"{self._epochs[unit]}", 1, version(), now, "atm")
        yield IncomingMessage(topics.topic(self._site, unit, "status"), ENCODE(status), now)
        depth, disk = self._dice.randrange(9), self._dice.randrange(4, 24) << 30
        health = Health(now, self._dice.randrange(9_000_000), depth, depth * 2, disk, 0.2, "synced", 48.5)
        yield IncomingMessage(topics.topic(self._site, unit, "health"), ENCODE(health), now)


def run_facts(record: RunRecord, run: str, learner: str, purpose: str, step_ms: int) -> list[Told]:
    """Return the facts of a run as its unit tells them; `step_ms`: what a step takes, since the record of a simulated
    run has no times.
    """
    named = {"machine": record.machine, "skin": record.skin, "lesson": record.lesson, "learner": learner}
    whole = {"run": run, **named, "purpose": purpose}
    steps = [
        {"run": run, "step": step.step, "prompt": step.prompt, "slips": step.slips, "ms": step_ms}
        for step in record.steps
    ]
    figures = {"ms": step_ms * len(steps), "slips": record.slips, "prompt_max": record.prompt_max}
    return [
        Told("run.started", {**whole, "pack": record.pack}),
        *(Told("step.ended", step) for step in steps),
        Told("run.ended", {**whole, "outcome": record.outcome, **figures, "facts": {}}, 2),
    ]


def write(where: Where, plan: HistoryPlan) -> int:
    """Write a past into an empty database, which is a sample from then on; how many facts it has.

    Raises:
        ValueError: there are units in it that are no sample's, or a sample is there already.
    """
    with closing(FactStore(where)) as store:
        store.mark_sample(plan.until_ms)
        facts, ways, sites = 0, careers(plan.seed), plan.sites()
        for site, units in sites:
            batch: list[IncomingMessage] = []
            for message in _SiteHistory(plan, site, units, ways).messages(-(-plan.runs * len(units) // plan.units)):
                batch.append(message)
                if len(batch) == BATCH:
                    facts += store.apply(batch).stored
                    batch = []
            facts += store.apply(batch).stored if batch else 0
        return facts


def weeks_of(text: str) -> int:
    """Parse weeks from `52w`.

    Raises:
        argparse.ArgumentTypeError: it is not a number of weeks from 1 to 520.
    """
    number = text.removesuffix("w")
    if not number.isdecimal() or not text.endswith("w") or not 1 <= int(number) <= 520:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted weeks, 1w to 520w")
    return int(number)


def main(chosen: argparse.Namespace) -> int:
    """Write what `kiosk simulate --history` asked for.

    Returns:
        The exit code: 0.
    """
    where: Where = chosen.database or (chosen.state or Path("var/office")) / "office.db"
    runs = chosen.runs or min(RUNS, chosen.units * chosen.history)
    began = time.monotonic()
    facts = write(where, HistoryPlan(chosen.units, chosen.history, runs, chosen.site, utc_ms()))
    print(f"{chosen.units} units, {facts} facts in {time.monotonic() - began:.0f} s: a sample office, {where}")
    return 0
