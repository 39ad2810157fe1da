"""What a hint says names what is to be done, with what, and where; and it points at one place: one key or one slot."""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.texts import Words
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.hints import hint_sentence
from kiosk_firmware.unit.coach.search import Hint, Search, Ways
from kiosk_firmware.unit.lobby.texts import lobby_texts

OWN = Words(partial=True).joined(lobby_texts())  # keys of machines stand for themselves
LESSONS = [(line.id, lesson) for line in machine_loader.describe() for lesson in machine_loader.lessons(line.id)]
CARRIED = ("insert", "tap", "take")
"""Kinds of acts in which a thing goes from hand to machine, or back."""


def hints(machine, lesson):
    """Each hint on the coach's way."""
    play, now = open_lesson(machine, lesson.setting.skin or machine_loader.skins(machine)[0], lesson)
    ways, found = Ways(play, lesson), []
    for _ in range(60):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            break
        found.append((search.hint, play.page(now)))
        now = play.settle(play.act(now, search.first_act))
    return found


def unnamed(hint: Hint, language: str) -> str:
    """What the hint's sentence leaves out; empty: nothing."""
    write = lambda text: OWN.write(text, language)  # noqa: E731
    sentences = [hint_sentence(hint, write, write), hint_sentence(hint, write, write, "showing")]
    wanted = [f"slot.{hint.slot}"] if hint.slot and hint.kind not in ("pin", "walk") else []
    wanted += [f"thing.{hint.thing}"] if hint.kind in CARRIED and not hint.fen else []
    lacking = [key for key in wanted for sentence in sentences if write(Text(key)) not in sentence]
    return ", ".join(lacking)


@pytest.mark.parametrize("machine", sorted({machine for machine, _ in LESSONS}))
def test_every_hint_names_the_thing_and_the_place_and_points_at_one(machine, long):
    found = []
    for lesson in [lesson for of, lesson in LESSONS if of == machine][:: 1 if long else 5]:
        for hint, page in hints(machine, lesson):
            points = bool(hint.key) + bool(hint.slot)
            if points > 1 or (hint.kind in CARRIED and hint.thing in ("", "card") and not hint.fen):
                found.append(f"{lesson.id} {page.step}: {hint}")
            found += [
                f"{lesson.id} {page.step}: {hint.kind} lacks {lacks}"
                for language in machine_loader.LANGUAGES
                if (lacks := unnamed(hint, language))
            ]
    assert not found, "\n".join(dict.fromkeys(found))
