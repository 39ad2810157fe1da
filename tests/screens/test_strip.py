"""Whatever the coach may say stands on the strip whole, in both languages; a demonstration is marked as one."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.hints import hint_sentence
from kiosk_firmware.unit.coach.learner_slips import KINDS
from kiosk_firmware.unit.coach.rewind import PRESSED
from kiosk_firmware.unit.coach.search import Hint, Search, Ways
from kiosk_firmware.unit.lobby.texts import lobby_texts as lobby_words
from screens.stage.kivy_boot import WIDE
from screens.stage.page_canvas import PAGE
from screens.stage.painter import plain_quotes
from screens.stage.skin import lobby
from tests.screens import samples
from tests.screens.inspecting import faults

pytestmark = pytest.mark.glass
HERE = Page("Message", "here", Text("练习"))


@cache
def hints() -> tuple[tuple[str, Hint, Page], ...]:
    """(machine, hint, page) of every step of every lesson, each kind and label once."""
    found: dict[Any, tuple[str, Hint, Page]] = {}
    for line in machine_loader.describe():
        for lesson in machine_loader.lessons(line.id):
            play, now = open_lesson(line.id, lesson.setting.skin or machine_loader.skins(line.id)[0], lesson)
            ways = Ways(play, lesson)
            for _ in range(60):
                search = Search(ways, now)
                while not search.work(1000):
                    pass
                if search.first_act is None or search.hint is None:
                    break
                what = (search.hint.kind, search.hint.slot, search.hint.label, search.hint.value)
                found[what] = line.id, search.hint, play.page(now)
                now = play.settle(play.act(now, search.first_act))
    return tuple(found.values())


def sentences(language: str) -> set[tuple[str, bool, bool]]:
    """(sentence, whether a step is offered beside it, whether it is a demonstration's) of all that can stand there."""
    found: set[tuple[str, bool, bool]] = set()
    own = lobby_words()
    for machine, hint, _ in hints():
        words = own.joined(machine_loader.machine_texts(machine))
        write = lambda text, words=words: words.write(text, language)  # noqa: E731
        found.add((hint_sentence(hint, write, write), True, False))
        if hint.kind not in ("lost", "reached"):  # nobody shows what is no act
            found.add((hint_sentence(hint, write, write, "showing"), False, True))
        if hint.kind in ("press", "type"):
            found.add((hint_sentence(hint, write, write, "showing"), False, False))
            found.add((hint_sentence(hint, write, write, "yours"), True, False))
        found |= set(_moments(words, hint, write(hint.label), language))
    found |= {(own.write(Text(f"coach.{name}"), language), True, False) for name in ("unsure", "queue", "leaving")}
    found |= {(own.write(Text(f"coach.{name}"), language), False, name == "shown") for name in ("lost", "shown")}
    for line in machine_loader.describe():
        tasks = machine_loader.machine_texts(line.id)
        found |= {
            (tasks.write(Text(f"lesson.{one.id}.task"), language), True, False)
            for one in machine_loader.lessons(line.id)
        }
    return found


def _moments(words: Words, hint: Hint, label: str, language: str) -> list[tuple[str, bool, bool]]:
    """What is told of a moment of each kind, where this hint helps."""
    write = lambda text: words.write(text, language)  # noqa: E731
    kinds = {"pressed" if kind in PRESSED else kind for kind in KINDS if kind != "double_tap"}
    helps = hint_sentence(hint, write, write)
    return [
        (write(Text(f"moment.{kind}", (("label", label), ("hint", helps)))), False, False) for kind in sorted(kinds)
    ]


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_whatever_the_coach_says_stands_there_whole(glass: Any, language: str) -> None:
    found = []
    glass.show(HERE, lobby_words(), language, lobby())
    for sentence, can_show, showing in sorted(sentences(language)):
        glass.stage.strip(Strip(sentence, can_show, language=language, showing=showing))
        texts = [note for note in glass.stage.notes if note.kind == "text" and note.within.y >= PAGE.bottom]
        found += [f"{note.text}: {note.size} px, {note.lines}" for note in texts if not note.fits]
        assert any(note.text == plain_quotes(sentence) for note in texts) or not sentence
    assert not found, "\n".join(found)


@pytest.mark.parametrize("skin", ["rongjiang", "shufeng"])
def test_who_is_examined_has_the_machine_alone(glass: Any, skin: str) -> None:
    """No sentence, no halo, no key below the machine's page; the page itself is as it always is."""
    page, look = samples.MACHINE_PAGES["menu"], samples.looks()[skin]
    glass.stage.strip(Strip("", True, "menu.withdraw"))
    glass.show(page, samples.words(), "zh", look)
    helped = glass.picture()
    glass.stage.strip(Strip(off=True))
    glass.show(page, samples.words(), "zh", look)
    examined, rows = glass.picture(f"strip-examined-{skin}"), 3 * WIDE
    assert len({examined[at : at + 3] for at in range(round(PAGE.bottom) * rows, len(examined), 3)}) == 1
    assert not [note for note in glass.stage.notes if note.within.y >= PAGE.bottom]
    assert not any(glass.stage.tap(f"strip.{kind}") for kind in ("hear", "show", "teacher", "end"))
    assert examined[: 20 * rows] == helped[: 20 * rows]


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
@pytest.mark.parametrize(
    ("name", "strip"),
    [
        ("halo", Strip("", True, "menu.withdraw")),
        ("unsure", Strip("coach.unsure", True)),
        ("lost", Strip("coach.lost")),
        ("demo", Strip("coach.showing_insert_money", False, "menu.withdraw", "", "", True)),
    ],
)
def test_strips_are_well_laid_out(glass: Any, name: str, strip: Strip, language: str) -> None:
    words = lobby_words()
    args = (("slot_key", "slot.note_acceptor"), ("amount_fen", 123_400))
    sentence = words.write(Text(strip.sentence, args), language) if strip.sentence else ""
    glass.stage.strip(Strip(sentence, strip.can_show, strip.halo_key, "", language, strip.showing))
    glass.show(samples.MACHINE_PAGES["menu"], samples.words(), language, samples.looks()["rongjiang"])
    assert faults(glass.stage.notes, glass.picture(f"strip-{name}-{language}")) == []
    names = {hot.key.name for hot in glass.stage._overlay_hots}
    assert ("strip.teacher" in names) != strip.showing
    assert "strip.end" in names
