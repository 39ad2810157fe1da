"""Every fraud of every machine, met in its own lesson and gone through in all ways there are.

The small worlds walk whole errands with some of the frauds; here all of them are met on the real data, at the moment
that the machine names, and every key of every page is pressed. Held on each page: nothing of the person has moved,
nothing is owed, no device fact disturbs it, the machine comes home by itself, and what is said is written in both
languages. Whoever refuses, falls first or skips goes on alike, and reaches the lesson's goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import Tapped
from kiosk_firmware.core.pages import SKIP, Page
from kiosk_firmware.core.play import Situation
from kiosk_firmware.core.walk import SURPRISES
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways
from tests.machines.test_seeded_runs import come_home
from tests.machines.walking import texts

pytestmark = pytest.mark.proof


def cases() -> Iterator[Any]:
    """Every fraud on one skin, by turns; on all of them with `--long`."""
    for line in machine_loader.describe():
        for turn, lesson in enumerate(one for one in machine_loader.lessons(line.id) if one.setting.scene):
            skins = [skin for skin in machine_loader.skins(line.id) if lesson.setting.skin in ("", skin)]
            for skin in skins:
                name, marks = f"{line.id} {skin} {lesson.setting.scene}", [pytest.mark.long]
                first = skin == skins[turn % len(skins)]
                yield pytest.param(line.id, skin, lesson.setting.scene, id=name, marks=() if first else marks)


CASES = list(cases())
AGAIN, ON = "scene.again", "scene.on"
MOST_ACTS = 60


class Fraud(NamedTuple):
    """Where it is first met, and where each key of each of its pages leads; pages after it have no entry."""

    ways: Ways
    first: Situation
    leads: dict[Situation, dict[str, Situation]]

    def page(self, now: Situation) -> Page:
        return self.ways.play.page(now)

    def fact(self, now: Situation, name: str) -> object:
        return self.ways.play.facts(now)[name]


@cache
def met(machine: str, skin: str, scene: str) -> Fraud:
    """The coach leads to it; then everything that can be pressed is pressed."""
    lesson = next(one for one in machine_loader.lessons(machine) if one.setting.scene == scene)
    play, now = open_lesson(machine, skin, lesson)
    play.asked |= {"fraud_met", "fraud_fell", "fraud_refused", "fraud_skipped", "fraud_over"}
    ways = Ways(play, lesson)
    while not is_scene(play.page(now)):
        now = led(ways, now)
    leads: dict[Situation, dict[str, Situation]] = {}
    left = [now]
    while left:
        here = left.pop()
        if here not in leads and is_scene(play.page(here)):
            leads[here] = dict(pressed(ways, here))
            left += leads[here].values()
    return Fraud(ways, now, leads)


def is_scene(page: Page) -> bool:
    return page.step.startswith("scene-")


def pressed(ways: Ways, now: Situation) -> Iterator[tuple[str, Situation]]:
    page = ways.play.page(now)
    for key in page.keys:
        yield key.name, settled(ways, ways.play.act(now, Tapped(key.name, page.step, key.value)))


def settled(ways: Ways, now: Situation) -> Situation:
    """At rest; its world still knows what was pressed, which the coach's search forgets and promises ask for."""
    rest = ways.play.settle(now)
    return msgspec.structs.replace(rest, state=ways.play.machine.essence(rest.state))


def led(ways: Ways, now: Situation) -> Situation:
    """Where the coach's next act leads."""
    search = Search(ways, now, budget=8000)
    while not search.work(1000):
        pass
    assert search.first_act is not None, f"{search.hint} at {ways.play.page(now).step}"
    return settled(ways, ways.play.act(now, search.first_act))


@pytest.mark.parametrize("line", machine_loader.describe(), ids=lambda line: line.id)
def test_each_fraud_has_a_lesson(line: machine_loader.CatalogueEntry) -> None:
    """So that what follows is about all of them."""
    known = machine_loader.load(line.id).machine.SCENES
    assert set(known) == {lesson.setting.scene for lesson in machine_loader.lessons(line.id)} - {""}


@pytest.mark.parametrize(("machine", "skin", "scene"), CASES)
def test_nothing_moves_while_somebody_talks(machine: str, skin: str, scene: str) -> None:
    """On none of its pages: no money, no paper, no device; and whoever walks away leaves a machine that comes home."""
    fraud = met(machine, skin, scene)
    play = fraud.ways.play
    had = play.world.persona(fraud.first.world)
    for now in fraud.leads:
        assert play.world.persona(now.world) == had
        assert not now.open
        assert not play.world.breaches(now.world, play.at_home(now))
        for event in SURPRISES:
            state, _ = play.machine.update(now.state, event)
            assert play.machine.view(state).keys, event
        assert not play.world.breaches(come_home(play, now).world, True)


@pytest.mark.parametrize(("machine", "skin", "scene"), CASES)
def test_every_page_of_a_fraud_is_worded_and_can_be_skipped(machine: str, skin: str, scene: str) -> None:
    fraud, words = met(machine, skin, scene), machine_loader.machine_texts(machine, skin)
    keys = {key for now in fraud.leads for key in texts(fraud.page(now))}
    for language in machine_loader.LANGUAGES:
        assert keys <= words.keys(language)
    for now in fraud.leads:
        over = fraud.fact(now, "fraud_over")
        assert [key.name for key in fraud.page(now).keys if key.name in (SKIP, ON)] == [ON if over else SKIP]


@pytest.mark.parametrize(("machine", "skin", "scene"), CASES)
def test_a_wrong_answer_is_talked_about_and_tried_again(machine: str, skin: str, scene: str) -> None:
    """Each page that asks has a safe and an unsafe answer; what was wrong is debriefed at once, what was right in the
    end.
    """
    fraud = met(machine, skin, scene)
    asking = [now for now in fraud.leads if fraud.page(now).step.removeprefix("scene-").isdigit()]
    assert asking
    for now in asking:
        answers = {name: after for name, after in fraud.leads[now].items() if name != SKIP}
        fell = [after for after in answers.values() if fraud.page(after).step == "scene-fell"]
        assert 0 < len(fell) < len(answers), fraud.page(now).title
        for after in fell:
            assert fraud.page(after).title.key == f"scene.{scene}.fell.title"
            assert fraud.fact(after, "fraud_fell")
            assert fraud.page(fraud.leads[after][AGAIN]) == fraud.page(now)
    ends = {fraud.page(now).title.key for now in fraud.leads if fraud.fact(now, "fraud_over")}
    assert ends == {f"scene.{scene}.refused.title", "scene.skipped.title"}


@pytest.mark.parametrize(("machine", "skin", "scene"), CASES)
def test_whoever_refused_fell_or_skipped_goes_on_alike(machine: str, skin: str, scene: str) -> None:
    """The errand goes on where it was, whatever was answered, and the lesson's goal is reached from there."""
    fraud = met(machine, skin, scene)
    after = {on for keys in fraud.leads.values() for on in keys.values() if not is_scene(fraud.page(on))}
    how = {tuple(bool(fraud.fact(on, f"fraud_{what}")) for what in ("refused", "fell", "skipped")) for on in after}
    assert how == {(True, False, False), (True, True, False), (False, False, True), (False, True, True)}
    assert len({(on.state, on.world) for on in after}) == 1
    for now in after:
        for _ in range(MOST_ACTS):
            if fraud.ways.reached(now):
                break
            now = led(fraud.ways, now)
        assert fraud.ways.reached(now)


@pytest.mark.parametrize(("machine", "skin", "scene"), CASES)
def test_the_coach_leads_through_it_and_never_around(machine: str, skin: str, scene: str) -> None:
    """Skipping is the person's own choice; a hint that pointed there would teach nothing."""
    fraud, now = met(machine, skin, scene), met(machine, skin, scene).first
    while now in fraud.leads:
        now = led(fraud.ways, now)
    assert fraud.fact(now, "fraud_refused")
    assert not fraud.fact(now, "fraud_fell")
