"""The civil affairs window by its dated figures, and what it judges: incomes by the person, and who may marry."""

from __future__ import annotations

import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.kits.counter.fields import check_digit
from kiosk_firmware.kits.counter.state import EPOCH, State
from kiosk_firmware.machines.civil_affairs.eligibility import PEOPLE, age, over_line, too_young
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

CIVIL = "civil-affairs"
RULES = machine_loader.load(CIVIL).machine.terms.rules


def test_figures_are_the_reference_s() -> None:
    assert (RULES.notice_days, RULES.transitional_months) == (7, 6)
    assert (RULES.man_years, RULES.woman_years) == (22, 20)
    assert RULES.allowance_days >= RULES.notice_days


@pytest.mark.parametrize(("day", "step"), [("2025-05-09", "refused"), ("2025-05-10", "ask-partner")])
def test_a_marriage_wants_the_book_until_the_rules_change(day: str, step: str) -> None:
    loaded = machine_loader.load(CIVIL, "laocheng", date=datetime.date.fromisoformat(day))
    play = Play(loaded.machine, loaded.world)
    now = play.begin(machine_loader.start_event(loaded.personas["civ_pair"], f"{day}T10:00:00+08:00"))
    now = play.settle(now)
    for key in ("queue.marriage", "wait.look", "wait.look", "call.go", "menu.marry"):
        now = pressed(play, now, key)
    laid = next(event for event in play.acts(now, {}) if getattr(event, "at", "") == "id_reader")
    assert play.page(play.settle(play.act(now, laid))).step == step


@given(
    people=st.sampled_from(sorted(PEOPLE)),
    income=st.integers(0, 9_999),
)
def test_the_line_is_drawn_by_the_person(people: str, income: int) -> None:
    state = State(fields=(("income", str(income)), ("people", people)))
    each = income * 100 / PEOPLE[people]
    assert (over_line(RULES, state) == "over_line") == (each > RULES.line_fen)


@given(
    born=st.dates(datetime.date(1940, 1, 1), datetime.date(2020, 12, 31)),
    today=st.dates(datetime.date(2024, 1, 1), datetime.date(2030, 12, 31)),
    man=st.booleans(),
)
def test_one_is_of_age_from_the_birthday_on(born: datetime.date, today: datetime.date, man: bool) -> None:
    first = f"519901{born:%Y%m%d}00{1 if man else 2}"
    state = State(owner=first + check_digit(first), day=(today - EPOCH).days)
    least = 22 if man else 20
    reached = (today.year - born.year - least, today.month, today.day) >= (0, born.month, born.day)
    assert (too_young(RULES, state) == "") == reached
    assert age(msgspec.structs.replace(state, day=(born - EPOCH).days)) == 0


def pressed(play: Play, now: Situation, key: str) -> Situation:
    """The situation after the key, when all that it set off has been answered."""
    page = play.page(now)
    found = page.key(key)
    assert found is not None, f"{key} is not on {page.step}"
    return play.settle(play.act(now, Tapped(key, page.step, found.value)))


def led(until: str) -> tuple[Play, Situation, list[str]]:
    """The allowance as the coach leads through it, until that step or the end, with the steps that were met."""
    lesson = next(one for one in machine_loader.lessons(CIVIL) if one.id == "decision")
    play, now = open_lesson(CIVIL, "laocheng", lesson)
    ways, steps = Ways(play, lesson), []
    for _ in range(60):
        steps.append(play.page(now).step)
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None or steps[-1] == until:
            return play, now, steps
        now = ways.settled(play.act(now, search.first_act))
    raise AssertionError("the coach leads nowhere")


def test_visit_and_notice_come_between_the_slip_and_its_day() -> None:
    play, now, steps = led("")
    order = [steps.index(step) for step in ("slip", "back", "ask-visit", "tell-notice", "coming", "passed")]
    assert order == sorted(order)
    assert play.world.persona(now.world).records == ("allowance",)


def test_who_leaves_at_home_goes_on_there_another_time() -> None:
    play, now, _ = led("ask-visit")
    assert not now.world.desk, "the papers went home, too"
    now = pressed(play, now, "desk.leave")
    while play.page(now).step != "home":
        lifted = [event for event in play.acts(now, {}) if getattr(event, "at", "") == "id_reader"]
        expiry = play.expiry(now)
        assert lifted or expiry
        now = play.settle(play.act(now, lifted[0]) if lifted else play.step(now, expiry).after)
    for key in ("queue.allowance", "wait.look", "wait.look", "call.go", "menu.allowance"):
        now = pressed(play, now, key)
    assert play.page(now).step == "ask-visit"
