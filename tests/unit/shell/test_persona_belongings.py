"""Before a lesson, and before free practice, it is said who one is and whose each card is: every lesson and skin."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import MediaInserted
from kiosk_firmware.core.media import thing_of
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Search, Ways
from kiosk_firmware.unit.lobby.phases import lobby as s
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.shell.lesson_offers import offers_of
from kiosk_firmware.unit.shell.run_request import FREE
from tests.unit.runtime.lives import CASES, PEOPLE

OFFERS = offers_of((), (), ())
PER_MACHINE = sorted({(machine, skin) for machine, skin, _ in CASES})


def given(machine, skin, lesson):
    """What the coach gives to a reader first, of each kind."""
    play, now = open_lesson(machine, skin, lesson)
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


def told(machine, skin, lesson, offers=OFFERS):
    """What the page before the lesson (empty: free practice) says is whose."""
    page = view(s.Lobby(s.Before(machine, skin, lesson), offers=offers))
    return {row.label.key.removeprefix("lobby.own."): dict(row.value.args) for row in page.body.rows}


def companions(machine, skin, lesson, offers=OFFERS):
    """Whose further ID cards the page tells, by the end of the number."""
    page = view(s.Lobby(s.Before(machine, skin, lesson), offers=offers))
    rows = [row for row in page.body.rows if row.label.key == "lobby.own.other_id"]
    return {dict(row.value.args)["tail"]: dict(row.label.args)["name"] for row in rows}


@pytest.mark.parametrize(("machine", "skin"), PER_MACHINE)
def test_the_page_before_a_lesson_names_who_one_is_and_what_the_lesson_needs(machine, skin, long):
    lessons = [lesson for of, on, lesson in CASES if (of, on) == (machine, skin)]
    for lesson in lessons if long else lessons[::4]:
        said = told(machine, skin, lesson.id)
        assert said["me"] == {"name": PEOPLE[lesson.setting.persona].name}
        for thing, tail in given(machine, skin, lesson).items():
            if tail in companions(machine, skin, lesson.id):
                continue
            ends = str(said.get(thing, {}).get("tail", "")).split(" / ")
            assert tail in ends, f"{lesson.id}: {thing} ending {tail}, but {said}"
            assert set(ends) <= {number[-4:] for number in numbers(PEOPLE[lesson.setting.persona])}


@pytest.mark.parametrize("line", [line for line in machine_loader.describe() if "id_reader" in line.uses], ids=str)
def test_whose_id_card_each_is_stands_wherever_somebody_could_take_the_wrong_one(line):
    people = {lesson.id: PEOPLE[lesson.setting.persona] for lesson in machine_loader.lessons(line.id)}
    for lesson, person in {**people, "": PEOPLE[FREE]}.items():
        others = {one.number[-4:]: one.name for one in person.ids[1:]}
        assert companions(line.id, "", lesson) == others, f"{line.id} {lesson or 'free practice'}"


@pytest.mark.parametrize("line", machine_loader.describe(), ids=lambda line: line.id)
def test_before_free_practice_it_is_said_who_one_is_and_whose_cards_these_are(line):
    said = told(line.id, "", "")
    assert said["me"] == {"name": PEOPLE[FREE].name}
    wanted = {"id_card"} if "id_reader" in line.uses else set()
    if "card_reader" in line.uses and "pin_pad" in line.uses:
        wanted.add("bank_card")
    elif "card_reader" in line.uses:
        wanted |= {thing_of(one.number) for one in PEOPLE[FREE].passes}
    assert said.keys() - {"me", "phone", "other_id"} == wanted


def test_whoever_comes_from_next_door_is_told_the_cards_that_are_in_the_pocket_now():
    card = msgspec.structs.replace(PEOPLE[FREE].cards[0], number="9900550000007777")
    person = msgspec.structs.replace(PEOPLE[FREE], name="王强", cards=(card,))
    there = offers_of((), (), (), carried=lambda machine, lesson: person if machine == "atm" and not lesson else None)
    assert told("atm", "", "", there)["me"] == {"name": "王强"}
    assert told("atm", "", "", there)["bank_card"] == {"tail": "7777"}
    assert told("atm", "", "withdraw-100", there) == told("atm", "", "withdraw-100"), "a lesson begins afresh"


def test_every_skin_of_every_machine_is_looked_at():
    assert {machine for machine, _ in PER_MACHINE} == {line.id for line in machine_loader.describe()}
