"""The model of learners: what must hold whatever its numbers are; figures are the bench's."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.tools.simulation.learners import MOST_RUNS, Course, Learner, Traits, read_profiles, to_mastery
from kiosk_firmware.unit.coach.progress import SHOWN

PERFECT = Traits(
    knows=1.0,
    slip=0.0,
    hesitates=0.0,
    follows=(0.0, 1.0, 1.0, 1.0, 1.0),
    learns=(1.0,) * 5,
    transfers=1.0,
    forgets=0.0,
    patience=40,
    runs_a_day=3,
)


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    lesson = next(one for one in machine_loader.lessons("atm") if one.id == "balance")
    return {skin: Course("atm", lesson, skin) for skin in machine_loader.skins("atm")}


def changed(**fields: object) -> Traits:
    return msgspec.structs.replace(PERFECT, **fields)


@pytest.mark.parametrize("coached", [True, False])
def test_whoever_knows_everything_needs_the_runs_that_the_rule_asks_for(courses, coached):
    """Three alone, and the retest a day later."""
    spent = to_mastery(courses, PERFECT, 1, coached)
    assert spent.mastered
    assert spent.runs == 4


def test_whoever_never_learns_never_masters(courses):
    hopeless = changed(knows=0.0, learns=(0.0,) * 5, transfers=0.0, patience=12)
    for coached in (True, False):
        assert not to_mastery(courses, hopeless, 1, coached).mastered


def test_help_is_recorded_and_a_run_with_help_is_not_alone(courses):
    """Who waits and does what is shown comes through the lesson, by the level that it took."""
    asking = changed(knows=0.0, hesitates=1.0, learns=(0.0,) * 5, follows=(0.0, 0.0, 0.0, 0.0, 1.0))
    course = courses["rongjiang"]
    record = Learner(asking, 1, coached=True).run(course, 0, 0, [], retest=False)
    assert record.outcome == "done"
    assert record.prompt_max == SHOWN
    assert not record.unaided
    alone = Learner(asking, 1, coached=True).run(course, 0, 0, [], retest=True)
    assert alone.prompt_max == 0, "a retest has no prompts"


def test_the_same_seed_is_the_same_person(courses):
    likely = read_profiles().likely
    assert to_mastery(courses, likely, 7, True) == to_mastery(courses, likely, 7, True)
    assert {to_mastery(courses, likely, seed, True) for seed in range(4)} != {to_mastery(courses, likely, 0, True)}
    assert all(to_mastery(courses, likely, seed, True).runs <= MOST_RUNS for seed in range(4))
