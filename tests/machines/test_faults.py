"""Faults as lessons: each has one at each machine that knows it, coping is what the data say, and none comes early."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Fault
from kiosk_firmware.core.lessons import CALM_RUNS, Lesson, LessonSetting
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

pytestmark = pytest.mark.proof

MACHINES = [line.id for line in machine_loader.describe() if machine_loader.recovery(line.id)]
ARMED = [
    pytest.param(machine, lesson, id=f"{machine} {lesson.id}")
    for machine in MACHINES
    for lesson in machine_loader.lessons(machine)
    if lesson.setting.armed not in (None, "power_cut")
]


def all_asked(machine: str, lesson: Lesson) -> tuple[Play, Situation]:
    """The lesson's play with every mark kept, as a run's record keeps them."""
    play, start = open_lesson(machine, lesson.setting.skin or machine_loader.skins(machine)[0], lesson)
    return Play(play.machine, play.world, frozenset(play.machine.FACTS)), start


def copes(machine: str, fault: Fault, play: Play, now: Situation) -> bool:
    return all(row.holds(play.facts(now)) for row in machine_loader.recovery(machine)[fault])


@pytest.mark.parametrize("machine", MACHINES)
def test_coping_is_said_for_every_fault_in_facts_that_exist(machine: str) -> None:
    known = machine_loader.load(machine).machine.FACTS
    assert set(machine_loader.recovery(machine)) == set(machine_loader.faults(machine))
    assert {row.fact for rows in machine_loader.recovery(machine).values() for row in rows} <= set(known)


def test_every_fault_has_its_lesson_at_the_cash_machine() -> None:
    armed = {lesson.setting.armed for lesson in machine_loader.lessons("atm")}
    drawn = {fault for lesson in machine_loader.lessons("atm") for fault in lesson.setting.draw}
    assert armed | drawn >= set(machine_loader.faults("atm"))


@pytest.mark.parametrize(("machine", "lesson"), ARMED)
def test_the_coach_s_way_through_a_fault_is_coping(machine: str, lesson: Lesson) -> None:
    play, now = all_asked(machine, lesson)
    ways = Ways(Play(play.machine, play.world, lesson.facts()), lesson)
    marked = now
    for _ in range(60):
        search = Search(ways, now, budget=8000)
        while not search.work(1000):
            pass
        if search.first_act is None:
            break
        now = ways.play.settle(ways.play.act(now, search.first_act))
        marked = play.settle(play.act(marked, search.first_act))
    assert ways.reached(ways.settled(now))
    assert lesson.setting.armed is not None
    assert marked.armed is None, "the fault never struck"
    assert copes(machine, lesson.setting.armed, play, marked)


@pytest.mark.parametrize("fault", ["card_left", "card_expired"])
def test_a_card_that_nobody_fetches_is_no_coping(fault: Fault) -> None:
    lesson = next(one for one in machine_loader.lessons("atm") if one.setting.armed == fault)
    play, now = all_asked("atm", lesson)
    inserted = next(act for act in play.acts(now, {}) if act.__class__.__name__ == "MediaInserted")
    now = play.settle(play.act(now, inserted))
    for _ in range(20):
        expiry = play.expiry(now)
        if expiry is None:
            break
        now = play.settle(play.act(now, expiry))
    assert play.at_home(now)
    assert play.facts(now)["card_kept"]
    assert play.facts(now)["card_forgone"]
    assert not copes("atm", fault, play, now)


@given(run=st.text(st.sampled_from("0123456789abcdef-"), min_size=3), practised=st.integers(0, 9))
def test_nothing_is_drawn_in_the_first_runs_and_then_only_what_is_named(run: str, practised: int) -> None:
    named: tuple[Fault, ...] = ("paper_out", "host_offline")
    drawn = LessonSetting(draw=named).fault(run, practised)
    assert drawn is None or (practised >= CALM_RUNS and drawn in named)
    assert drawn == LessonSetting(draw=named).fault(run, practised)
    assert LessonSetting(armed="card_left", draw=named).fault(run, practised) == "card_left"


def test_each_named_fault_and_none_come_about_equally_often() -> None:
    setting = LessonSetting(draw=("paper_out", "host_offline"))
    drawn = [setting.fault(f"4f21-{number}", 3) for number in range(600)]
    assert all(140 < drawn.count(one) < 260 for one in (None, *setting.draw))
