"""Before a lesson it is said who one is and which card is one's own, for every lesson and skin: what it needs."""

from __future__ import annotations

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import MediaInserted
from kiosk_firmware.core.media import thing_of
from kiosk_firmware.tools.authoring.lesson_check import opened
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby import state as s
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.shell.lesson_offers import shelf_of
from tests.unit.runtime.lives import CASES, PEOPLE

SHELF = shelf_of((), (), ())
PER_MACHINE = sorted({(machine, skin) for machine, skin, _ in CASES})


def given(machine, skin, lesson):
    """What the coach gives to a reader first, of each kind."""
    play, now = opened(machine, skin, lesson)
    ways, found = Ways(play, lesson), {}
    for _ in range(60):
        search = Search(ways, now)
        while not search.work(1000):
            pass
        if search.first_act is None:
            break
        if isinstance(act := search.first_act, MediaInserted):
            found.setdefault(thing_of(act.media.number), act.media.number[-4:])
        now = play.settle(play.act(now, act))
    return found


def numbers(person):
    """Of everything that is this person's own."""
    return [one.number for one in (*person.ids[:1], *person.cards, *person.passes)]


def told(machine, skin, lesson):
    """What the page before the lesson says is one's own."""
    page = view(s.Lobby(s.Before(machine, skin, lesson.id), shelf=SHELF))
    return {row.label.key.removeprefix("lobby.own."): dict(row.value.args) for row in page.body.rows}


@pytest.mark.parametrize(("machine", "skin"), PER_MACHINE)
def test_the_page_before_a_lesson_names_who_one_is_and_what_the_lesson_needs(machine, skin, long):
    lessons = [lesson for of, on, lesson in CASES if (of, on) == (machine, skin)]
    for lesson in lessons if long else lessons[::4]:
        said = told(machine, skin, lesson)
        assert said["me"] == {"name": PEOPLE[lesson.setting.persona].name}
        for thing, tail in given(machine, skin, lesson).items():
            if tail in {one.number[-4:] for one in PEOPLE[lesson.setting.persona].ids[1:]}:
                continue  # somebody's whom one travels with: the task names them
            ends = str(said.get(thing, {}).get("tail", "")).split(" / ")
            assert tail in ends, f"{lesson.id}: {thing} ending {tail}, but {said}"
            assert set(ends) <= {number[-4:] for number in numbers(PEOPLE[lesson.setting.persona])}


def test_every_skin_of_every_machine_is_looked_at():
    assert {machine for machine, _ in PER_MACHINE} == {line.id for line in machine_loader.describe()}
