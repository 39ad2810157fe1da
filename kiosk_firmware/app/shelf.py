"""What a unit can offer: the machines whose devices are there, their lessons with the learner's progress, one next
step.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kiosk_firmware import catalogue
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.lobby.state import Shelf, Task, Tile
from kiosk_firmware.session.progress import RunRecord, mastery, percent, recommended

_PERCENT = {"new": 0, "tried": 20, "done": 70, "mastered": 100}


def shelf_of(machines: Sequence[str], missing: Collection[str], records: Sequence[RunRecord]) -> Shelf:
    """The shelf. `machines`: what the unit is set to offer (empty: everything); `missing`: devices it lacks now."""
    offered = [
        line for line in catalogue.describe()
        if (not machines or line.id in machines) and not set(line.needs) & set(missing)
    ]
    lessons = {line.id: catalogue.lessons(line.id) for line in offered}
    tiles = tuple(_tile(line, lessons[line.id], records) for line in offered)
    return Shelf(tiles, recommended(records, [(line.id, lessons[line.id]) for line in offered]))


def _tile(line: catalogue.Entry, lessons: Sequence[Lesson], records: Sequence[RunRecord]) -> Tile:
    tasks = tuple(_task(line.id, lesson, records) for lesson in lessons)
    return Tile(line.id, line.icon, catalogue.skins(line.id), tasks, percent(records, line.id, lessons))


def _task(machine: str, lesson: Lesson, records: Sequence[RunRecord]) -> Task:
    return Task(lesson.id, lesson.level, _PERCENT[mastery(records, machine, lesson.id)], lesson.setting.skin)
