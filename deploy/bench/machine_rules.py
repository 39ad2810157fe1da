"""Measure how fast the rules are: one `update`, a whole walk, a hint. No glass, disk or device takes part."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

from deploy.bench.bench_figures import BenchFigure, median, p95
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.core.faults import FAULTS
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.machine import Machine
from kiosk_firmware.core.play import Play
from kiosk_firmware.core.walk import Walker
from kiosk_firmware.system import gc_pause
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

NOW = "2026-11-24T14:05:00+08:00"
MOST_STEPS = 40
STRAYS = 0.1
"""How often a learner does something else than the hint says."""
REPEATS = 3
"""Of one step: the best counts, so that whatever else the machine does is left out."""


def _walker(machine: str, walk: machine_loader.Walk) -> Walker:
    loaded = machine_loader.load(machine, walk.skin, changes=walk.changes)
    return Walker(Play(loaded.machine, loaded.world), walk.values, menu=walk.menu)


def update_us() -> Iterator[BenchFigure]:
    """Measure the median `update` over all steps of each machine's first walk, in µs."""
    for entry in machine_loader.describe():
        walk = machine_loader.walks(entry.id)[0]
        walker = _walker(entry.id, walk)
        walker.walk(machine_loader.start_event(walk.persona, NOW))
        machine = walker.play.machine
        steps = [(found[0].state, found[1]) for found in walker.parents.values() if found]
        taken = []
        for state, event in steps:
            best = min(_once_ns(machine, state, event) for _ in range(REPEATS))
            taken.append(best / 1000)
        yield BenchFigure(
            f"{entry.id}: median update", round(median(taken), 2), "µs", most=5, note=f"{len(taken)} steps"
        )


def _once_ns(machine: Machine[Any], state: Any, event: AnyEvent) -> int:
    began = time.perf_counter_ns()
    machine.update(state, event)
    return time.perf_counter_ns() - began


def walks(quick: bool) -> Iterator[BenchFigure]:
    """Measure each small world of each machine: seconds and situations, over all faults (`quick`: without a fault
    only).
    """
    for entry in machine_loader.describe():
        for walk in machine_loader.walks(entry.id):
            size, longest, began = 0, 0.0, time.perf_counter()
            for fault in (None,) if quick else FAULTS:
                start = time.perf_counter()
                size = max(
                    size, _walker(entry.id, walk).walk(machine_loader.start_event(walk.persona, NOW, fault)).situations
                )
                longest = max(longest, time.perf_counter() - start)
            whole = time.perf_counter() - began
            note = f"largest {size:,} situations (limit 50,000); all {'' if quick else 'faults '}{whole:.1f} s"
            yield BenchFigure(f"{entry.id}: walk “{walk.name}”", round(longest, 2), "s", most=10, note=note)


def hints(quick: bool) -> Iterator[BenchFigure]:
    """Measure the milliseconds of search for a hint, as a run asks for them: at every step of every lesson on every
    skin, and the first one alone, which nothing found before makes shorter.
    """
    for entry in machine_loader.describe():
        first: list[float] = []
        later: list[float] = []
        slices: list[float] = []
        for lesson in machine_loader.lessons(entry.id)[: 3 if quick else None]:
            for skin in machine_loader.skins(entry.id):
                if lesson.setting.skin in ("", skin):
                    taken = list(_hints_of(entry.id, skin, lesson, slices))
                    first.append(taken[0])
                    later += taken[1:]
        both = [*first, *later]
        note = f"longest {max(both):.0f} ms, {len(both)} hints; a run's first: p95 {p95(first):.1f} ms"
        yield BenchFigure(f"{entry.id}: hint time p95", round(p95(both), 1), "ms", most=30, note=note)
        note = f"longest {max(slices):.1f} ms of {len(slices)}; a frame waits for one"
        yield BenchFigure(f"{entry.id}: the coach's slice p95", round(p95(slices), 2), "ms", most=2, note=note)


def _hints_of(machine: str, skin: str, lesson: Lesson, slices: list[float]) -> Iterator[float]:
    """Simulate a learner who follows most hints, and now and then does something else; `slices` gets the time of each
    slice.
    """
    gc_pause.resume_gc()
    play, now = open_lesson(machine, skin, lesson)
    ways, dice = Ways(play, lesson), random.Random(lesson.id)
    for _ in range(MOST_STEPS):
        before = len(slices)
        gc_pause.begin()
        began = time.perf_counter()
        search, found = Search(ways, now), False
        while not found:
            found = search.work()
            ended = time.perf_counter()
            slices.append((ended - began) * 1000)
            began = ended
        gc_pause.end()
        yield sum(slices[before:])
        if search.first_act is None:
            return
        stray = dice.random() < STRAYS
        act = dice.choice(play.acts(now, lesson.values) or (search.first_act,)) if stray else search.first_act
        now = play.settle(play.act(now, act))
