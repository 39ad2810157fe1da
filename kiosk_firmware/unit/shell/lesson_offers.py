"""Gather what the lobby is told: which machines a unit can offer, their lessons with the learner's progress, one next
step; and how a run ended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.unit.coach.progress import (
    POINTS,
    RunRecord,
    fraud_again,
    mastery,
    percent,
    recommend_lesson,
    retest,
)
from kiosk_firmware.unit.coach.skill_mastery import stages, weakness
from kiosk_firmware.unit.lobby.debrief import praisable_facts, run_ending
from kiosk_firmware.unit.lobby.phases.lobby import Ending, PracticeOffers, Route, Task, Tile
from kiosk_firmware.unit.lobby.phases.practice_offers import Owned
from kiosk_firmware.unit.runtime.run_record import RunResult
from kiosk_firmware.unit.shell import lesson_pictures
from kiosk_firmware.unit.shell.machine_vocabulary import vocabulary
from kiosk_firmware.unit.shell.persona_belongings import belongings
from kiosk_firmware.unit.shell.run_request import practised_as


def ending_of(result: RunResult) -> Ending:
    """Return how a run ended, as far as its machine has words for it."""
    record = result.record
    words = machine_loader.machine_texts(record.machine, record.skin)
    return run_ending(
        record.machine,
        record.skin,
        result.lesson,
        record.outcome,
        record.facts,
        words.keys("zh"),
        by=result.by,
        coached=result.coached,
        good=praisable_facts(machine_loader.lessons(record.machine)),
        unaided=record.unaided,
        steps=len(record.steps),
        exam=record.run if record.purpose == "proctored" else "",
        holds=machine_loader.entry(record.machine).holds,
    )


Carried = Callable[[str, str], Persona | None]
"""Who comes along to a machine's lesson (empty: free practice) from another machine of its place, or nobody."""


def offers_of(
    machines: Sequence[str],
    missing: Collection[str],
    records: Sequence[RunRecord],
    now_ms: int = 0,
    carried: Carried = lambda machine, lesson: None,
) -> PracticeOffers:
    """Return what the lobby offers. `machines`: what the unit is set to offer (empty: everything); `missing`: devices
    it lacks now; `now_ms`: the instant (UTC ms), for which retests are due.
    """
    offered = [
        line
        for line in machine_loader.describe()
        if (not machines or line.id in machines) and not set(line.needs) & set(missing)
    ]
    lessons = {line.id: machine_loader.lessons(line.id) for line in offered}
    places = {spot.id: spot for spot in machine_loader.PLACES if sum(line.id in spot.parts for line in offered) > 1}
    tiles = tuple(_tile(line, lessons[line.id], records, now_ms, carried, places) for line in offered)
    due = {(tile.machine, task.id) for tile in tiles for task in tile.tasks if task.retest}
    due |= {
        (name, lesson.id)
        for name, known in lessons.items()
        for lesson in known
        if fraud_again(records, name, lesson, now_ms)
    }
    tables = {line.id: machine_loader.skills(line.id) for line in machine_loader.describe()}
    weak = weakness(records, tables, machine_loader.tracing_parameters()) if records else {}
    best = recommend_lesson(records, [(line.id, lessons[line.id]) for line in offered], due, weak)
    shown = tuple((spot.id, spot.icon) for spot in places.values())
    here = {line.id for line in offered}
    routes = tuple(
        Route(spot.id, spot.icon, spot.stops)
        for spot in machine_loader.PLACES
        if spot.stops and here >= {machine for machine, _ in spot.stops}
    )
    best = _onward(routes, records) or best
    return PracticeOffers(tiles, best, tuple(stages(records, tables).items()), shown, routes)


def _onward(routes: Sequence[Route], records: Sequence[RunRecord]) -> tuple[str, str] | None:
    """Return the stop after the one that was done last of all, if that is not done yet: a learner on the
    way goes on.
    """
    last = max(records, key=lambda run: (run.started_ms, run.run), default=None)
    if last is None or last.outcome != "done":
        return None
    done = {(run.machine, run.lesson) for run in records if run.outcome == "done"}
    for route in routes:
        if (last.machine, last.lesson) in route.stops:
            return next((stop for stop in route.stops if stop not in done), None)
    return None


def _tile(
    line: machine_loader.CatalogueEntry,
    lessons: Sequence[Lesson],
    records: Sequence[RunRecord],
    now_ms: int,
    carried: Carried,
    places: Collection[str] = (),
) -> Tile:
    tasks = tuple(_task(line, lesson, records, now_ms, carried) for lesson in lessons)
    spot = machine_loader.place(line.id)
    where = spot.id if spot and spot.id in places else ""
    return Tile(
        line.id,
        line.icon,
        machine_loader.skins(line.id),
        tasks,
        percent(records, line.id, lessons),
        where,
        vocabulary(line.id),
        _own(line, None, carried),
        line.act,
    )


def _task(
    line: machine_loader.CatalogueEntry, lesson: Lesson, records: Sequence[RunRecord], now_ms: int, carried: Carried
) -> Task:
    again = retest(records, line.id, lesson, machine_loader.skins(line.id), now_ms)
    points, own = POINTS[mastery(records, line.id, lesson)], _own(line, lesson, carried)
    skin, icon = again or lesson.setting.skin, lesson_pictures.picture(lesson, line.icon)
    return Task(lesson.id, lesson.level, points, skin, bool(again), own, icon)


def _own(line: machine_loader.CatalogueEntry, lesson: Lesson | None, carried: Carried) -> tuple[Owned, ...]:
    there = carried(line.id, lesson.id if lesson else "")
    return belongings(line, practised_as(_people(), lesson, there))


@cache
def _people() -> Mapping[str, Persona]:
    return machine_loader.personas()
