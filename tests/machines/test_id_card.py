"""The ID card's window by its dated figures, and what a visit there leaves in the pocket."""

from __future__ import annotations

import datetime

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core import money
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways

ID = "id-card"


@pytest.mark.parametrize(("day", "first"), [("2018-03-31", 2_000), ("2018-04-01", 0), ("2026-11-24", 0)])
def test_a_first_card_costs_what_the_rules_of_the_day_say(day: str, first: int) -> None:
    rules = machine_loader.load(ID, date=datetime.date.fromisoformat(day)).machine.terms.rules
    assert rules.first_fen == first


def test_figures_are_the_reference_s() -> None:
    rules = machine_loader.load(ID).machine.terms.rules
    assert (rules.renew_fen, rules.lost_fen, rules.temp_fen) == (2_000, 4_000, 1_000)
    assert (rules.temp_months, rules.temp_days, rules.card_most_days, rules.report_days) == (3, 3, 60, 30)
    assert (rules.young_years, rules.middle_years) == (10, 20)
    assert rules.card_days <= rules.card_most_days


def led(lesson_id: str) -> tuple[Play, Situation]:
    """A lesson done as the coach says: the play, and where it ends."""
    lesson = next(one for one in machine_loader.lessons(ID) if one.id == lesson_id)
    play, now = open_lesson(ID, lesson.setting.skin or "liuhe", lesson)
    ways = Ways(play, lesson)
    for _ in range(60):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return play, now
        now = ways.settled(play.act(now, search.first_act))
    raise AssertionError("the coach leads nowhere")


def after(lesson_id: str) -> Persona:
    play, now = led(lesson_id)
    person: Persona = play.world.persona(now.world)
    return person


def test_who_fetched_a_card_has_one_that_is_valid_and_no_paper_of_it() -> None:
    person = after("fetch")
    own = person.ids[0]
    assert (own.lost, own.number) == (False, "519901198802140030")
    assert own.expires > "2611"
    assert {paper.id for paper in person.papers} == {"old_id", "hukou"}
    assert money.total(person.purse) == 7_000 - 2_000


def test_who_only_applied_has_a_slip_and_no_card() -> None:
    person = after("renew")
    assert person.ids[0].lost
    assert "slip" in {paper.id for paper in person.papers}


def test_the_certificate_comes_back_with_the_household_book() -> None:
    person = after("restore")
    assert {paper.id for paper in person.papers} == {"release", "family_book", "hukou"}
    assert person.records == ("registered",)


@pytest.mark.parametrize(("lesson", "hidden"), [("lost", ("sit", "glasses")), ("worn", ("sit", "white_shirt"))])
def test_no_picture_is_taken_while_something_is_in_the_way(lesson: str, hidden: tuple[str, ...]) -> None:
    """Each hindrance is named when the shutter is pressed too early; without them the errand goes on."""
    play, now = open_lesson(ID, "liuhe", next(one for one in machine_loader.lessons(ID) if one.id == lesson))
    paper = "paper.hukou" if lesson == "lost" else "paper.release"
    keys = ("queue.card", "wait.look", "wait.look", "call.go", "menu.lost", paper, "how_gone.lost", "tell.ok")
    for key in keys:
        now = pressed(play, now, key)
    for what in hidden:
        now = pressed(play, now, "photo.shoot")
        assert play.page(now).body.lines[0].key == f"photo.{what}"
        now = pressed(play, now, f"photo.{what}")
    assert play.page(pressed(play, now, "photo.shoot")).step == "ask-right_print"


def pressed(play: Play, now: Situation, key: str) -> Situation:
    """The situation after the key, when all that it set off has been answered."""
    page = play.page(now)
    found = page.key(key)
    assert found is not None, f"{key} is not on {page.step}"
    return play.settle(play.act(now, Tapped(key, page.step, found.value)))
