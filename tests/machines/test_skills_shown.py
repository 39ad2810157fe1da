"""A machine's table of skills names lessons that are good to practise them with: whoever does one of those as the coach
would, and without help, has shown the skill.
"""

from __future__ import annotations

from functools import cache

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.play import Play
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.progress import RunRecord, StepRecord
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.coach.skill_mastery import shows_skill

pytestmark = pytest.mark.proof

LISTED = [
    pytest.param(line.id, skill, lesson, id=f"{line.id} {skill} {lesson}")
    for line in machine_loader.describe()
    for skill, how in machine_loader.skills(line.id).items()
    for lesson in how.lessons
]
MOST = 60


@cache
def done_alone(machine: str, id_: str) -> RunRecord:
    """The record of a lesson that was done as the coach would, every page that stood among its steps."""
    lesson = next(one for one in machine_loader.lessons(machine) if one.id == id_)
    skin = lesson.setting.skin or machine_loader.skins(machine)[0]
    told = {row.fact for how in machine_loader.skills(machine).values() for row in (*how.right, *how.wrong)}
    play, now = open_lesson(machine, skin, lesson)
    play = Play(play.machine, play.world, lesson.facts() | told)
    ways, steps = Ways(play, lesson), [StepRecord(play.page(now).step)]
    for _ in range(MOST):
        search = Search(ways, now, budget=8000)
        while not search.work(1000):
            pass
        if search.first_act is None:
            break
        event = search.first_act
        while event is not None:
            now = play.act(now, event)
            steps.append(StepRecord(play.page(now).step))
            event = next(play.answers(now), None)
    assert search.hint is not None
    assert search.hint.kind == "reached"
    facts = dict(play.facts(now))
    return RunRecord("r", machine, skin, id_, "a" * 16, "practice", "", "done", 0, 0, tuple(steps), facts)


@pytest.mark.parametrize(("machine", "skill", "lesson"), LISTED)
def test_a_listed_lesson_shows_its_skill(machine: str, skill: str, lesson: str) -> None:
    assert shows_skill(done_alone(machine, lesson), skill, {machine: machine_loader.skills(machine)}) is True
