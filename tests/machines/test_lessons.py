"""Each lesson is proved from its own setting, on every skin it may be practised on.

One backward sweep over what its acts can reach: the goal can be reached from the start within the steps that a
first lesson may take, and wherever it cannot any more, a `never` row holds (the run is lost and known to be). Coach
and proof agree.
"""

from __future__ import annotations

from collections import deque

import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.playing import opening
from kiosk_firmware.session.coach import Search, one_piece

CASES = [
    pytest.param(line.id, skin, lesson, id=f"{line.id} {skin} {lesson.id}")
    for line in catalogue.describe()
    for lesson in catalogue.lessons(line.id)
    for skin in catalogue.skins(line.id)
    if lesson.setting.skin in ("", skin)
]
NODES = 3000
FIRST_STEPS = 14


def play_of(machine: str, skin: str, lesson: Lesson) -> tuple[Play, Situation]:
    """The lesson's play and its first settled situation."""
    loaded = catalogue.load(machine, skin)
    play = Play(loaded.machine, loaded.world, lesson.facts())
    return play, play.settle(play.begin(opening(lesson.setting, "zh")))


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_coach_leads_to_the_goal(machine: str, skin: str, lesson: Lesson) -> None:
    """Doing what the coach says, again and again, reaches the goal in few steps and is never called lost."""
    play, now = play_of(machine, skin, lesson)
    for steps in range(40):
        search = Search(play, lesson, now, budget=6000)
        while not search.work(1000):
            pass
        assert search.hint is not None
        if search.hint.kind == "reached":
            break
        act = search.first_act
        assert act is not None, f"{search.hint} after {steps} steps at {play.machine.view(now.state).step}"
        now = play.settle(play.act(now, act))
    assert lesson.reached(play.facts(now))
    assert play.at_home(now)
    assert lesson.level > 1 or steps <= FIRST_STEPS


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_lost_is_known(machine: str, skin: str, lesson: Lesson) -> None:
    """In the explored part of the space, a situation from which nothing leads on to the goal is spoilt, or at its
    border.
    """
    play, start = play_of(machine, skin, lesson)
    parents: dict[Situation, list[Situation]] = {start: []}
    queue = deque([start])
    goals: list[Situation] = []
    while queue and len(parents) < NODES:
        now = queue.popleft()
        if play.at_home(now) and lesson.reached(play.facts(now)):
            goals.append(now)
        for after in _next(play, lesson, now):
            if after not in parents:
                parents[after] = []
                queue.append(after)
            parents[after].append(now)
    won = _backwards(parents, [*goals, *queue])
    assert goals or queue, "the goal cannot be reached at all"
    lost = [now for now in parents if now not in won and not lesson.spoilt(play.facts(now))]
    assert not lost, f"{len(lost)} situations without a way and without a never row, as {play.facts(lost[0])}"


def _next(play: Play, lesson: Lesson, now: Situation) -> list[Situation]:
    page = play.machine.view(now.state)
    acts = one_piece(play.acts(now, lesson.values), page.due_fen)
    expiry = play.expiry(now)
    return [play.settle(play.act(now, event)) for event in (*acts, *((expiry,) if expiry else ()))]


def _backwards(parents: dict[Situation, list[Situation]], known: list[Situation]) -> set[Situation]:
    won, queue = set(known), deque(known)
    while queue:
        for source in parents[queue.popleft()]:
            if source not in won:
                won.add(source)
                queue.append(source)
    return won


def test_lessons_are_graded_and_worded() -> None:
    """Levels never fall, every row names a fact, every text exists in both languages."""
    for line in catalogue.describe():
        words, lessons = catalogue.words(line.id), catalogue.lessons(line.id)
        facts = catalogue.load(line.id).machine.FACTS
        assert len(lessons) >= 10
        assert [lesson.level for lesson in lessons] == sorted(lesson.level for lesson in lessons)
        for lesson in lessons:
            assert lesson.facts() <= set(facts)
            for language in catalogue.LANGUAGES:
                assert {f"lesson.{lesson.id}.title", f"lesson.{lesson.id}.task"} <= words.keys(language)
