"""Each lesson is proved from its own setting, on every skin it may be practised on (without `--long` on one, by turns).

Following the coach reaches the goal; one backward sweep over what its acts can reach finds no situation without a way
that no `never` row covers; and coach and proof agree about situations taken from all over the sweep.
"""

from __future__ import annotations

import random

import pytest

from kiosk_firmware import catalogue
from kiosk_firmware.authors.lessons import opened, trial
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.session.coach import Search, Ways
from kiosk_firmware.session.sweep import sweep

CASES = [
    pytest.param(line.id, skin, lesson, id=f"{line.id} {skin} {lesson.id}")
    for line in catalogue.describe()
    for lesson in catalogue.lessons(line.id)
    for skin in catalogue.skins(line.id)
    if lesson.setting.skin in ("", skin)
]
REACH, LONG_REACH = 900, 3000
"""Situations that are looked at for each lesson."""


def is_turn(machine: str, skin: str, lesson: Lesson, every: int = 1) -> bool:
    """Whether the lesson is looked at without `--long`: every so many one, on one of its skins by turns."""
    skins, at = catalogue.skins(machine), catalogue.lessons(machine).index(lesson)
    return at % every == 0 and skin == (lesson.setting.skin or skins[at // every % len(skins)])


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_the_coach_leads_to_the_goal_and_nobody_is_stranded(
    machine: str, skin: str, lesson: Lesson, long: bool
) -> None:
    """Doing what the coach says, again and again, reaches the goal; nobody is left without a word."""
    if not long and not is_turn(machine, skin, lesson):
        pytest.skip("on its other skin; on both with --long")
    found = trial(machine, skin, lesson)
    assert found.wrong == ()
    assert found.acts


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_coach_and_proof_agree(machine: str, skin: str, lesson: Lesson, long: bool) -> None:
    """Where the coach shows a way there is one, and what it calls lost is lost; short of breath it says neither."""
    if not long and not is_turn(machine, skin, lesson, every=2):
        pytest.skip("every second lesson on one skin; all on both with --long")
    play, start = opened(machine, skin, lesson)
    ways = Ways(play, lesson)
    proof = sweep(ways, start, LONG_REACH if long else REACH)
    dice = random.Random(lesson.id)
    for now in dice.sample(proof.seen, min(200 if long else 8, len(proof.seen))):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        assert search.hint is not None
        if search.hint.kind == "lost":
            assert now not in proof.won
        elif search.hint.kind != "unsure":
            assert now in proof.won | proof.unknown


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
