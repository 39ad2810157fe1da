"""A lesson shown by the coach: the same pages to the goal, clearly marked, and nothing of it is practice."""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby.texts import lobby_texts
from kiosk_firmware.unit.runtime.interfaces import RunRequest
from kiosk_firmware.unit.runtime.run_start import play_of, started_of
from kiosk_firmware.unit.shell.demonstration import Demonstration
from tests.unit.runtime.rig import Clock, Stage

PEOPLE = machine_loader.personas()
CASES = [(line.id, lesson) for line in machine_loader.describe() for lesson in machine_loader.lessons(line.id)]


def shown(machine, lesson, language="zh"):
    """The whole demonstration: the stage that saw it, what was said, how long it took (ms)."""
    skin = lesson.setting.skin or machine_loader.skins(machine)[0]
    loaded = machine_loader.load(machine, skin)
    order = RunRequest(machine, skin, PEOPLE[lesson.setting.persona], lesson, language=language)
    stage, clock, said = Stage(), Clock(), []
    began = clock.now
    showing = Demonstration(
        loaded, order, stage, clock, lobby_texts(), lambda sentence, tongue: said.append((sentence, tongue))
    )
    while not showing.over:
        showing.tick()
        clock.now += 0 if showing.is_searching else 100
        assert clock.now - began < 10 * 60_000
    return stage, said, clock.now - began, (loaded, order)


@pytest.mark.parametrize(("machine", "lesson"), CASES, ids=lambda one: getattr(one, "id", one))
def test_every_lesson_can_be_shown_to_its_end(machine, lesson, long):
    if not long and CASES.index((machine, lesson)) % 3:
        pytest.skip("every third lesson; all with --long")
    stage, said, ms, (loaded, order) = shown(machine, lesson)
    assert all(strip.showing and not strip.can_show for strip in stage.strips)
    assert [page.step.split("#")[0] for page in stage.pages][-1] == "home"
    assert stage.strips[-1].sentence == said[-1][0] == lobby_texts().write(Text("coach.shown"), "zh")
    assert 8_000 < ms < 300_000
    # the pages are those that a learner who follows the coach sees
    play = play_of(loaded, order)
    ways, now = Ways(play, lesson), play.begin(started_of(order))
    steps = [play.page(now).step]
    while True:
        now = play.settle(now)
        steps.append(play.page(now).step)
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            break
        now = play.act(now, search.first_act)
        steps.append(play.page(now).step)
    seen = [page.step.split("#")[0] for page in stage.pages]
    assert set(steps) <= set(seen)


def test_each_act_is_announced_where_it_is_done_and_in_the_learners_language():
    lesson = machine_loader.lessons("atm")[0]
    stage, said, _, _ = shown("atm", lesson, "en")
    pointed = [strip for strip in stage.strips if strip.halo_key or strip.halo_slot]
    assert len(pointed) >= 5
    assert {tongue for _, tongue in said} == {"en"}
    assert any(strip.sentence.startswith("Watch: I press") for strip in pointed)
    assert any(strip.halo_slot == "card_reader" for strip in pointed)


def test_free_practice_has_nothing_to_show():
    loaded = machine_loader.load("atm", "")
    order = RunRequest("atm", loaded.skin, PEOPLE["default"])
    with pytest.raises(ValueError, match="no goal"):
        Demonstration(loaded, order, Stage(), Clock(), lobby_texts(), lambda *_: None)
