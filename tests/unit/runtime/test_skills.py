"""Skills over all machines: what a run shows, when one is mastered, and how likely it is that one is known."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.lessons import GoalCondition
from kiosk_firmware.core.skills import SKILLS, Skill
from kiosk_firmware.unit.coach.progress import DAY_MS, RunRecord, StepRecord, recommend_lesson
from kiosk_firmware.unit.coach.skill_mastery import (
    SkillEvidence,
    chance,
    shows_skill,
    skill_evidence,
    stage,
    stages,
    weakness,
)

TABLES = {
    "atm": {
        "pin_unseen": Skill(("pin",), wrong=(GoalCondition("wrong_pin", equal=True),), lessons=("withdraw",)),
        "cancel_safely": Skill(right=(GoalCondition("canceled", equal=True),)),
    },
    "rail": {"pin_unseen": Skill(("pin",))},
}
FACTS = {"wrong_pin": False, "canceled": False}
NUMBER = itertools.count()


def run(machine="atm", skin="one", at_ms=0, prompt=0, slips=0, steps=("home", "pin"), purpose="practice", **facts):
    met = tuple(StepRecord(step, prompt, slips) for step in steps)
    values = {**(FACTS if machine == "atm" else {}), **facts}
    return RunRecord(f"e-{next(NUMBER)}", machine, skin, "withdraw", "l", purpose, "p", "done", at_ms, 1, met, values)


def test_a_run_shows_a_skill_where_it_was_called_for():
    assert shows_skill(run(), "pin_unseen", TABLES) is True
    assert shows_skill(run(prompt=1), "pin_unseen", TABLES) is False
    assert shows_skill(run(slips=1), "pin_unseen", TABLES) is False
    assert shows_skill(run(wrong_pin=True), "pin_unseen", TABLES) is False
    assert shows_skill(run(steps=("home",)), "pin_unseen", TABLES) is None
    assert shows_skill(run(), "cancel_safely", TABLES) is None
    assert shows_skill(run(canceled=True), "cancel_safely", TABLES) is True
    assert shows_skill(run("phone"), "pin_unseen", TABLES) is None
    assert [shows_skill(run(recovered=value), "recover_fault", {}) for value in (True, False)] == [True, False]
    assert shows_skill(run(), "recover_fault", {}) is None
    met = {"fraud_met": True, "fraud_refused": True, "fraud_fell": False, "fraud_skipped": False}
    assert shows_skill(run(**met), "refuse_fraud", {}) is True
    assert shows_skill(run(**{**met, "fraud_fell": True}), "refuse_fraud", {}) is False
    assert shows_skill(run(**{**met, "fraud_skipped": True}), "refuse_fraud", {}) is None


def word(skin, day, right=True, coped=False):
    return SkillEvidence(right, ("atm", skin), day * DAY_MS, coped)


def test_mastered_is_thrice_on_two_skins_a_fault_coped_with_and_a_day_later_on_a_new_one():
    three = [word("one", 0), word("two", 0), word("two", 0, coped=True)]
    assert stage([], "pin_unseen") == "new"
    assert stage(three[:2], "pin_unseen") == "tried"
    assert stage(three, "pin_unseen") == "steady"
    assert stage([*three, word("three", 1)], "pin_unseen") == "mastered"
    assert stage([*three, word("three", 0.9)], "pin_unseen") == "steady"
    assert stage([*three, word("one", 1)], "pin_unseen") == "steady"
    assert stage([*three, word("three", 1, right=False)], "pin_unseen") == "steady"
    assert stage([word("one", 0)] * 3, "pin_unseen") == "tried"
    calm = [msgspec.structs.replace(one, coped=False) for one in three]
    assert stage([*calm, word("three", 1)], "pin_unseen") == "steady"
    assert stage([*calm, word("three", 1)], "refuse_fraud") == "mastered"
    assert stage([*calm, word("three", 1, coped=True)], "pin_unseen") == "mastered"


RUNS = st.lists(
    st.builds(
        run,
        st.sampled_from(("atm", "rail")),
        st.sampled_from(("one", "two", "three")),
        st.integers(0, 9 * DAY_MS),
        st.integers(0, 2),
        recovered=st.booleans(),
        purpose=st.sampled_from(("practice", "guest", "proctored")),
    ),
    max_size=12,
)


@given(RUNS, st.randoms())
def test_skills_are_a_function_of_the_set_of_records(runs, chance_of):
    shuffled = [*runs, *runs[:3]]
    chance_of.shuffle(shuffled)
    assert stages(runs, TABLES) == stages(shuffled, TABLES)
    assert weakness(runs, TABLES, machine_loader.tracing_parameters()) == weakness(
        shuffled, TABLES, machine_loader.tracing_parameters()
    )
    counted = [one for one in runs if one.purpose != "guest"]
    assert stages(runs, TABLES) == stages(counted, TABLES)


@given(RUNS)
def test_a_mastered_skill_keeps_all_that_it_was_mastered_by(runs):
    for name in SKILLS:
        words = skill_evidence(runs, name, TABLES)
        right = [one for one in words if one.right]
        if stage(words, name) == "mastered":
            assert len(right) >= 4
            assert len({one.skin for one in right}) >= 3
            assert max(one.at_ms for one in right) - min(one.at_ms for one in right) >= DAY_MS


@pytest.mark.parametrize(
    ("tries", "figures"),
    [((True,) * 4, (0.60, 0.89, 0.977, 0.996)), ((False, True, True, True), (0.18, 0.57, 0.88, 0.97))],
)
def test_the_tracing_s_figures_are_those_of_the_reference(tries, figures):
    by = machine_loader.tracing_parameters()
    for count, wanted in enumerate(figures, start=1):
        assert chance(tries[:count], by) == pytest.approx(wanted, abs=0.006)


@given(st.lists(st.booleans(), max_size=30))
def test_a_chance_is_one_and_a_right_try_never_lowers_it(tries):
    by = machine_loader.tracing_parameters()
    now = chance(tries, by)
    assert 0 < now < 1
    assert chance([*tries, True], by) > now or now > 0.999


def test_among_equally_easy_lessons_the_weakest_skill_comes_first_and_known_ones_do_not_count():
    lessons = [(name, machine_loader.lessons(name)) for name in ("atm",)]
    plain = recommend_lesson((), lessons)
    level = {one.id: one.level for one in lessons[0][1]}
    other = next(name for name, at in level.items() if at == level[plain[1]] and name != plain[1])
    harder = next(name for name, at in level.items() if at > level[plain[1]])
    assert recommend_lesson((), lessons, weak={("atm", other): 0.2}) == ("atm", other)
    assert recommend_lesson((), lessons, weak={("atm", harder): 0.1}) == plain
    right = [run(at_ms=n) for n in range(4)]
    assert weakness([], TABLES, machine_loader.tracing_parameters()) == {("atm", "withdraw"): 0.2}
    assert weakness(right, TABLES, machine_loader.tracing_parameters()) == {}


@pytest.mark.parametrize("machine", [line.id for line in machine_loader.describe()])
def test_the_tables_name_what_there_is(machine):
    loaded = machine_loader.load(machine)
    steps = {
        key.removeprefix("step.") for key in machine_loader.machine_texts(machine).keys("zh") if key.startswith("step.")
    }
    lessons = {lesson.id for lesson in loaded.lessons}
    for name, skill in machine_loader.skills(machine).items():
        assert skill.steps or skill.right, name
        assert set(skill.steps) <= steps, name
        assert {row.fact for row in (*skill.right, *skill.wrong)} <= set(loaded.machine.FACTS), name
        assert set(skill.lessons) <= lessons, name
