"""A moment seen again: what was pressed, by the key's own name, and what would have helped; nothing invented."""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.learner_slips import KINDS, Moment, label_of
from kiosk_firmware.unit.coach.rewind import PRESSED, QUIET, rewind
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words

LESSON = next(lesson for lesson in machine_loader.lessons("atm") if lesson.id == "balance")


@pytest.fixture(params=machine_loader.skins("atm"))
def menu(request):
    """Ways and the situation at the menu."""
    play, now = open_lesson("atm", request.param, LESSON)
    ways = Ways(play, LESSON)
    while play.page(now).step != "menu":
        search = Search(ways, now)
        while not search.work(1000):
            pass
        now = play.settle(play.act(now, search.first_act))
    return ways, now, lobby_words().joined(machine_loader.machine_texts("atm", request.param))


def seen(menu, kind, key="", language="zh"):
    ways, now, words = menu
    page = ways.play.page(now)
    moment = Moment(kind, page, label_of(Tapped(key, "menu"), page), now, "zh")
    found = rewind(moment, ways, words, language)
    if found is None:
        return None
    while not found.work():
        pass
    return found.seen


ZH, EN = "那时按了**“{}”**。请按**“{}”**。", "You pressed **{}** here. Please press **{}**."
"""The coach's language; keys are named as they stand on the glass."""


@pytest.mark.parametrize(
    ("kind", "language", "told"), [("wrong_key", "zh", ZH), ("back_and_forth", "zh", ZH), ("dead_key", "en", EN)]
)
def test_what_was_pressed_and_what_helps(menu, kind, language, told):
    found = seen(menu, kind, "menu.withdraw", language)
    names = [menu[2].write(found.page.key(key).text, "zh") for key in ("menu.withdraw", found.key)]
    assert found.key == "menu.balance"
    assert found.sentence == told.format(*names)
    assert found.page.step == "menu"
    assert found.spoken == found.sentence.replace("**", "")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in (*PRESSED, *QUIET)])
def test_other_slips_have_their_own_sentence(menu, kind):
    texts = {language: seen(menu, kind, language=language).sentence for language in ("zh", "en")}
    assert len(set(texts.values())) == 2
    assert not any("moment." in sentence or "{" in sentence for sentence in texts.values())


def test_a_double_tap_is_nothing_to_look_at(menu):
    assert seen(menu, "double_tap") is None
    assert rewind(None, menu[0], menu[2], "zh") is None


def test_where_the_goal_was_out_of_reach_only_what_was_done_is_told(menu):
    ways, now, words = menu
    impossible = Ways(ways.play, Lesson("x", 1, LESSON.goal, LESSON.goal))
    page = ways.play.page(now)
    found = rewind(Moment("wrong_key", page, page.key("menu.withdraw").text, now, "zh"), impossible, words, "zh")
    while not found.work():
        pass
    assert found.seen.sentence == ZH[:13].format(words.write(page.key("menu.withdraw").text, "zh"))
    assert (found.seen.key, found.seen.slot) == ("", "")


def test_every_kind_of_slip_has_a_sentence():
    """Whatever the moment, no text's key stands where a sentence should."""
    for language in ("zh", "en"):
        missing = {f"moment.{kind}" for kind in ("pressed", *KINDS) if kind not in QUIET} - lobby_words().keys(language)
        assert not missing
