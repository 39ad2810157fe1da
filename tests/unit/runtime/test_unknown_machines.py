"""Hints on machines that the coach has never met: not a word of it knows any machine."""

from __future__ import annotations

import random

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Started
from kiosk_firmware.core.play import Play
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.coach.solvability import sweep
from tests.unit.runtime.strangers import BUYER, SOUP_FOR_12, Stranger, Sure, Vending, VendingWorld

MOST = 60
LESSONS = [lesson for lesson in machine_loader.lessons("atm") if not lesson.setting.skin]


def follow(ways, now):
    """Do what the coach says; the pages that were passed, and the last word."""
    steps = []
    for _ in range(MOST):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            return steps, search.hint.kind
        steps.append(ways.play.page(now).step)
        now = ways.play.settle(ways.play.act(now, search.first_act))
    raise AssertionError("the coach goes round in circles")


@pytest.fixture
def vending():
    play = Play(Vending(), VendingWorld(), SOUP_FOR_12.facts())
    return Ways(play, SOUP_FOR_12), play.settle(play.begin(Started(0, BUYER)))


def test_soup_is_bought_at_a_machine_never_seen(vending):
    ways, start = vending
    steps, last = follow(ways, start)
    assert last == "reached"
    assert steps[:3] == ["home", "room", "room"]
    assert set(steps[3:]) == {"pay"}


@pytest.mark.parametrize("seed", range(20))
def test_from_anywhere_there_the_coach_and_the_proof_agree(vending, seed):
    ways, start = vending
    proof = sweep(ways, start, 20_000)
    chance = random.Random(seed)
    for now in chance.sample(proof.seen, min(10, len(proof.seen))):
        assert follow(ways, now)[1] == ("reached" if now in proof.won else "lost")


@pytest.mark.parametrize("skin", machine_loader.skins("atm"))
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_bank_with_other_keys_and_one_more_page_is_known_at_once(lesson, skin):
    own, first = open_lesson("atm", skin, lesson)
    ways = Ways(Play(Stranger(own.machine), own.world, lesson.facts()), lesson)
    steps, last = follow(ways, msgspec.structs.replace(first, state=Sure(first.state)))
    assert last == "reached"
    errands = {"menu", "cardless"}  # the one without a card begins on the first page
    assert ("sure" in steps) == bool(errands & set(follow(Ways(own, lesson), first)[0]))
