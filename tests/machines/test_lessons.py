"""Each lesson is proved from its own setting, on every skin it may be practised on (without `--long` on one, by turns).

Following the coach reaches the goal; one backward sweep over what its acts can reach finds no situation without a way
that no `never` row covers; and coach and proof agree about situations taken from all over the sweep.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.tools.authoring.lesson_check import open_lesson, trial
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.coach.solvability import sweep
from kiosk_firmware.unit.lobby.debrief import debrief
from tests.machines.claims import said, wrong
from tests.machines.lives import Life, lesson_of, lives, way

pytestmark = pytest.mark.proof

CASES = [
    pytest.param(line.id, skin, lesson, id=f"{line.id} {skin} {lesson.id}")
    for line in machine_loader.describe()
    for lesson in machine_loader.lessons(line.id)
    for skin in machine_loader.skins(line.id)
    if lesson.setting.skin in ("", skin)
]
REACH, LONG_REACH = 900, 3000
"""Situations that are looked at for each lesson."""


def is_turn(machine: str, skin: str, lesson: Lesson, every: int = 1) -> bool:
    """Whether the lesson is looked at without `--long`: every so many one, on one of its skins by turns."""
    skins, at = machine_loader.skins(machine), machine_loader.lessons(machine).index(lesson)
    return at % every == 0 and skin == (lesson.setting.skin or skins[at // every % len(skins)])


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_the_coach_leads_to_the_goal_and_nobody_is_stranded(
    machine: str, skin: str, lesson: Lesson, long: bool
) -> None:
    """Doing what the coach says, again and again, reaches the goal; nobody is left without a word."""
    if not long and not is_turn(machine, skin, lesson):
        pytest.skip("on its other skin; on both with --long")
    found = trial(machine, skin, lesson, way(machine, skin, lesson.id))
    assert found.wrong == ()
    assert found.acts


def test_the_coach_sees_a_way_from_the_start_on_every_skin() -> None:
    """Cheaper than going it, so without `--long` too: a goal that one skin cannot reach is found at once. On the
    skin whose turn it is, it is gone in the test above.
    """
    others = [case for case in CASES if not is_turn(*case.values)]
    assert others
    assert [case.id for case in others if not first_act(*case.values)] == []


def first_act(machine: str, skin: str, lesson: Lesson) -> bool:
    play, start = open_lesson(machine, skin, lesson)
    search = Search(Ways(play, lesson), start)
    while not search.work(1000):
        pass
    return search.first_act is not None


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_whatever_the_debrief_says_the_run_has_shown(machine: str, skin: str, lesson: Lesson, long: bool) -> None:
    """At every step of the coach's way *end* is pressed, what comes back is taken or left; and it is gone to its end,
    by the learner's own hand and with each key pressed by the coach. No sentence is false, empty or unworded.
    """
    if not long and not is_turn(machine, skin, lesson):
        pytest.skip("on its other skin; on both with --long")
    found = {f"{len(life.journal)}: {one}" for life in ends(machine, skin, lesson.id) for one in judged(life)}
    assert not found


def ends(machine: str, skin: str, name: str) -> Iterator[Life]:
    """Every way in which the lesson's run may end."""
    for life in lives(machine, skin, name):
        if life.run.outcome() is None:
            yield from (life.ended(takes=takes) for takes in (True, False))
        else:
            yield life
    yield from (life for life in lives(machine, skin, name, coach=True) if life.run.outcome() is not None)


def judged(life: Life) -> Iterator[str]:
    """What is false on its debrief's page."""
    ending = life.ending()
    return wrong(life, ending, debrief(ending, None))


REPRODUCED = [("atm", "withdraw-100"), ("metro-gate", "tap-in"), ("id-card", "number"), ("id-card", "week-book")]


@pytest.mark.parametrize(("machine", "name"), REPRODUCED)
def test_whoever_ends_at_once_is_neither_praised_nor_blamed(machine: str, name: str) -> None:
    """Card, ID card and papers had never left the hand; a number that nobody waits for any more was not missed."""
    lesson = next(lesson for lesson in machine_loader.lessons(machine) if lesson.id == name)
    skin = lesson.setting.skin or machine_loader.skins(machine)[0]
    ends = [life.ended().ending() for life in lives(machine, skin, name) if life.run.outcome() is None]
    pages = [debrief(end, None) for end in ends if end.outcome != "done"]
    assert len(pages) > 2
    assert {(page.title.key, page.body.rows) for page in pages} == {("lobby.early.title", ())}


def test_a_way_of_paying_is_named_and_a_card_that_was_not_used_is_not() -> None:
    told = {
        name: [text.key for text in said(debrief(list(lives(machine, skin, name))[-1].ending(), None))]
        for machine, skin, name in (("payment", "rongfu", "show-code"), ("metro-ticket", "jinhe", "one-ticket"))
    }
    assert {"debrief.paid_to.shop", "debrief.paid_way.code"} <= {*told["show-code"]}
    assert "debrief.balance_fen" not in told["one-ticket"]


@pytest.mark.parametrize(("machine", "name"), REPRODUCED[:3])
def test_a_debrief_that_praises_what_was_so_before_is_caught(machine: str, name: str) -> None:
    """The mutant that looks at facts and not at their changes: the same page, from the same run, is judged false."""
    life = Life(machine, machine_loader.skins(machine)[0], lesson_of(machine, name)).ended()
    mutant = msgspec.structs.replace(
        life.ending(), outcome="timed_out", by=tuple((fact, "learner") for fact in life.facts())
    )
    assert [one for one in wrong(life, mutant, debrief(mutant, None)) if "before the run" in one]


POINTS_AT_NOTHING = re.compile(r"这[个样些里位]|那[个样些里位]|这样|\b(this|these|that) (one|way)\b|like (this|that)")


def test_no_sentence_of_a_debrief_points_at_what_it_does_not_name() -> None:
    """A fact with a word for its value is told with it."""
    for line in machine_loader.describe():
        words, facts = machine_loader.machine_texts(line.id), machine_loader.load(line.id).machine.FACTS
        for language in machine_loader.LANGUAGES:
            for fact in (name for name, start in facts.items() if isinstance(start, str)):
                for key in [key for key in words.keys(language) if f"{key}.".startswith(f"debrief.{fact}.")]:
                    assert not POINTS_AT_NOTHING.search(words.entry(key, language).text), (line.id, language, key)


UNTOLD = {
    "": {"at_home", "fraud_over"},  # where every run ends, and what a sentence about the fraud says
    "rail": {"bought_kind", "bought_to", "paid_by", "changed_in_days"},  # the right train says them
    "metro-ticket": {"paid_by"},
    "metro-desk": {"paid_by"},
    "airport": {"thing_missed"},  # holds as long as nothing has gone wrong
}
"""Facts that goals ask for and that are told by another sentence."""


@pytest.mark.parametrize("machine", [line.id for line in machine_loader.describe()])
def test_what_a_lesson_asks_for_is_told_afterwards(machine: str) -> None:
    """In both languages, and nothing is excused that no goal asks for."""
    asked = {row.fact for lesson in machine_loader.lessons(machine) for row in lesson.goal}
    for language in machine_loader.LANGUAGES:
        keys = machine_loader.machine_texts(machine).keys(language)
        told = {key.split(".")[1] for key in keys if key.startswith("debrief.")}
        assert asked - told - UNTOLD[""] == UNTOLD.get(machine, set())


@pytest.mark.parametrize(("machine", "skin", "lesson"), CASES)
def test_coach_and_proof_agree(machine: str, skin: str, lesson: Lesson, long: bool) -> None:
    """Where the coach shows a way there is one, and what it calls lost is lost; short of breath it says neither."""
    if not long and not is_turn(machine, skin, lesson, every=2):
        pytest.skip("every second lesson on one skin; all on both with --long")
    play, start = open_lesson(machine, skin, lesson)
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
    for line in machine_loader.describe():
        words, lessons = machine_loader.machine_texts(line.id), machine_loader.lessons(line.id)
        facts = machine_loader.load(line.id).machine.FACTS
        assert len(lessons) >= 10
        assert [lesson.level for lesson in lessons] == sorted(lesson.level for lesson in lessons)
        for lesson in lessons:
            assert lesson.facts() <= set(facts)
            for language in machine_loader.LANGUAGES:
                assert {f"lesson.{lesson.id}.title", f"lesson.{lesson.id}.task"} <= words.keys(language)
