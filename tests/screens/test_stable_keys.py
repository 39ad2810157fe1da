"""Nothing on the glass moves a key while its page stands: what comes later (an answer, a card that is put in, what
helps after a run) finds its place free. Where keys do change, a touch that is on its way means nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import DoubleTapped, Tapped, Typed
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import TextForms, Words
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from kiosk_firmware.unit.lobby.transitions import update
from kiosk_firmware.unit.lobby.view import view
from screens.stage.skin import lobby as lobby_look
from tests.unit.lobby.endings import ended
from tests.unit.lobby.test_lobby import MOMENT, OFFERS
from tests.unit.runtime.lives import CASES

pytestmark = pytest.mark.glass
MOVES = 60


def standing(machine: str, skin: str, lesson: Any) -> Iterator[tuple[Page, Page]]:
    """Pages of one step before and after something that was no press on the glass."""
    play, now = open_lesson(machine, skin, lesson)
    chance = random.Random(lesson.id)
    for _ in range(MOVES):
        expiry = play.expiry(now)
        pool = play.acts(now, lesson.values) or ((expiry,) if expiry else ())
        event = next(play.answers(now), None) or (chance.choice(pool) if pool else None)
        if event is None:
            return
        before, now = play.page(now), play.step(now, event).after
        after = play.page(now)
        if before.step == after.step and before != after and not isinstance(event, Tapped | Typed):
            yield before, after


def places(glass: Any, page: Page, words: Words, look: Any, language: str) -> dict[str, Any]:
    """Where each key stands."""
    glass.lay(page, words, language, look)
    return {hot.key.name: hot.rect for hot in glass.stage.hots}


def moved(glass: Any, before: Page, after: Page, words: Words, look: Any, language: str) -> list[str]:
    """Keys that are on both pages and not at the same place."""
    one, other = (places(glass, page, words, look, language) for page in (before, after))
    return [f"{before.step}: {name} moved" for name in one if name in other and one[name] != other[name]]


@pytest.mark.parametrize("part", range(2))
def test_no_key_of_a_machine_moves_while_its_page_stands(glass: Any, part: int, long: bool) -> None:
    found, seen = set[str](), 0
    for machine, skin, lesson in CASES[part :: 2 if long else 8]:
        loaded = machine_loader.load(machine, skin)
        for before, after in standing(machine, skin, lesson):
            seen += 1
            if [key.name for key in before.keys] != [key.name for key in after.keys]:
                what = moved(glass, before, after, loaded.words, loaded.look, "zh")
                found |= {f"{machine} {skin} {one}" for one in what}
    assert not found, "\n".join(sorted(found))
    assert seen > 10


def test_what_is_found_after_a_run_moves_no_key(glass: Any) -> None:
    running = s.Lobby(s.Running("atm", "one", "lesson-3"), "l-000932", offers=OFFERS)
    first = msgspec.structs.replace(MOMENT, sentence="那时按了“返回”")
    titled = Words([("zh", {"lesson.lesson-3.title": TextForms("取钱")})]).joined(lobby_words())
    for ending in (ended(), msgspec.structs.replace(ended(), moment=first)):
        over = update(running, s.RunOver(ending))[0]
        later = update(over, s.Remembered(MOMENT))[0]
        pages = view(over), view(later)
        assert {hot.name for hot in pages[0].keys} == {hot.name for hot in pages[1].keys}
        assert moved(glass, *pages, titled, lobby_look(), "zh") == []


def test_a_touch_on_its_way_to_a_key_that_has_just_come_means_nothing(glass: Any) -> None:
    """The same page and visit with one key more: for a moment nothing is pressed, as on a page that has just come."""
    key, later = MOMENT.page.keys[0], msgspec.structs.replace(MOMENT.page.keys[0], name="a.c")
    page = msgspec.structs.replace(MOMENT.page, keys=(key,))
    glass.show(page, lobby_words(), "zh", lobby_look())
    glass.stage.show(msgspec.structs.replace(page, keys=(later, key)), lobby_words(), "zh", lobby_look(), glass.visit)
    glass.stage.tap("a.c")
    assert glass.posted == [DoubleTapped("choose")]
    glass.frame()
    glass.now_ms += 500
    glass.stage.tap("a.c")
    assert glass.posted[1:] == [Tapped("a.c", "choose")]


def test_with_its_page_the_sentence_and_the_halo_are_gone(glass: Any) -> None:
    """Also where nobody says anything for the page that follows; what was said for that one is drawn with it."""
    page, next_page = MOMENT.page, msgspec.structs.replace(MOMENT.page, step="other")
    glass.show(page, lobby_words(), "zh", lobby_look())
    glass.stage.strip(Strip("请按“返回”。", halo_key="a.b", halo_slot="card_reader", step="choose"))
    assert (glass.stage.sentence, glass.stage.halo_slot) == ("请按“返回”。", "card_reader")
    glass.show(next_page, lobby_words(), "zh", lobby_look())
    assert (glass.stage.sentence, glass.stage.halo_slot) == ("", "")
    glass.stage.strip(Strip("一句话", halo_slot="id_reader", step="third"))
    assert glass.stage.halo_slot == "", "its page does not stand yet"
    glass.show(msgspec.structs.replace(page, step="third"), lobby_words(), "zh", lobby_look())
    assert (glass.stage.sentence, glass.stage.halo_slot) == ("一句话", "id_reader")


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_a_second_press_on_end_meets_no_key(glass: Any, language: str) -> None:
    """In a run *end* stands at the right; where nothing goes on, nothing stands there."""
    glass.stage.show(MOMENT.page, lobby_words(), language, lobby_look(), 1)
    glass.stage.strip(Strip("一句话", True))
    there = {hot.key.name: hot.rect for hot in glass.stage._overlay_hots}
    glass.stage.strip(Strip(ends=False))
    after = {hot.key.name: hot.rect for hot in glass.stage._overlay_hots}
    assert "strip.end" not in after
    x, y = there["strip.end"].centre
    assert not any(rect.holds(x, y) for rect in after.values())
    assert after["strip.teacher"] == there["strip.teacher"]
