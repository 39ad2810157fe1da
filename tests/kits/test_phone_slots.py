"""Nothing of a machine's slots is inside a telephone: no page of one waits for a card, an ID card, cash or paper, and
no sentence on it or task for it names one. A phone reads codes with its camera, and is itself held to a reader.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.texts import table
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from screens.stage.skin import decode
from tests.machines.claims import said
from tests.unit.runtime.lives import CASES

HAS = {"barcode_scanner", "tap_reader"}
"""The camera; and the shop's reader, to which the phone is held."""
SLOT_WORDS = {
    "zh": (
        "插进",
        "插入",
        "卡口",
        "证件感应区",
        "身份证贴",
        "读卡",
        "托盘",
        "出钞口",
        "投币",
        "放上身份证",
        "放身份证",
        "机器上",
        "这台机器",
        "机器最多",
        "身份证都要放",
    ),
    "en": (
        "card slot",
        "ID reader",
        "insert ",
        "into the slot",
        "tray",
        "back of the phone",
        "at the machine",
        "this machine",
    ),
}
MOVES = 60


@cache
def phones() -> frozenset[tuple[str, str]]:
    """Each skin that is a telephone."""
    every = [(line.id, skin) for line in machine_loader.describe() for skin in machine_loader.skins(line.id)]
    return frozenset((name, skin) for name, skin in every if decode(machine_loader.load(name, skin).look).phone)


def pages(machine: str, skin: str, lesson: Any) -> Iterator[Page]:
    """The pages that a person of chance meets in a lesson."""
    play, now = open_lesson(machine, skin, lesson)
    chance = random.Random(lesson.id)
    for _ in range(MOVES):
        yield play.page(now)
        expiry = play.expiry(now)
        pool = play.acts(now, lesson.values) or ((expiry,) if expiry else ())
        event = next(play.answers(now), None) or (chance.choice(pool) if pool else None)
        if event is None:
            return
        now = play.step(now, event).after


def slots_inside(page: Page, words: Any) -> Iterator[str]:
    """What on a telephone's page belongs to a machine."""
    if page.kind in ("Insert", "Take"):
        yield f"{page.step}: a page of kind {page.kind}"
    yield from (f"{page.step}: waits on {at}" for at in page.at if at not in HAS)
    for text in said(page):
        for language, names in SLOT_WORDS.items():
            written = words.write(text, language)
            yield from (f"{page.step}: {written!r}" for name in names if name in written)


def test_no_page_of_a_telephone_has_a_slot_in_it() -> None:
    found, seen = set[str](), set[tuple[str, str]]()
    for machine, skin, lesson in [case for case in CASES if case[:2] in phones()]:
        words = machine_loader.machine_texts(machine, skin)
        task = Page("Message", "task", Text(f"lesson.{lesson.id}.task"))
        for page in (task, *pages(machine, skin, lesson)):
            found |= {f"{machine} {skin} {lesson.id} {one}" for one in slots_inside(page, words)}
        seen.add((machine, skin))
    assert sorted(found) == []
    assert seen == phones()
    assert len(seen) >= 10


@pytest.mark.parametrize("language", machine_loader.LANGUAGES)
def test_no_text_that_a_telephone_has_of_its_own_names_a_slot(language: str) -> None:
    wrong = []
    for machine, skin in sorted(phones()):
        made = tomllib.loads((machine_loader.folder(machine) / "skins.toml").read_text(encoding="utf-8"))
        for key, one in table(made["skin"][skin]["texts"][language]).items():
            wrong += [f"{machine} {skin} {key}: {one.text}" for name in SLOT_WORDS[language] if name in one.text]
    assert wrong == []


def test_a_telephone_with_a_slot_is_caught() -> None:
    page = Page("Insert", "ident", Text("ident.title"), at=("id_reader",))
    assert len(list(slots_inside(page, machine_loader.machine_texts("airport", "tianfu-kiosk")))) >= 2
