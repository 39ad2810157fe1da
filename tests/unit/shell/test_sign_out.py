"""Signing out on the real screen process: whatever is pressed, and *end* as often as somebody likes, nobody is signed
out but by one key of the one page that asks; that page asks once.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kiosk_firmware.core.events import Typed
from tests.unit.shell.rig import House

ANNA = "000001"
MOVES = 90
ASKS = "sign-out"


def move(house: House, chance: random.Random) -> str:
    """A key of the page that stands, but the one that signs out; else time passes. The step that it was pressed at."""
    step, keys = house.step, [key.name for key in house.page.keys if key.name != "out.leave"]
    field = house.page.body.field_key
    if field and chance.random() < 0.3:
        house.inbox.post(Typed(field, str(chance.randrange(10)), house.page.step))
        house.settle()
    elif keys:
        house.tap(chance.choice(keys))
    house.wait(500)
    return step


def walk(house: House, seed: int) -> set[str]:
    """The steps of a walk on which *end* was pressed once, twice and thrice."""
    chance, pressed = random.Random(seed), set[str]()
    for _ in range(MOVES):
        move(house, chance)
        if chance.random() < 0.4:
            pressed.add(house.step)
            for _ in range(chance.choice((1, 2, 2, 3))):
                house.unit.on_strip("end")
                house.settle()
        assert house.unit.lobby.learner == f"l-{ANNA}", f"signed out without an answer, last at {house.step}"
    return pressed


@pytest.mark.parametrize("seed", range(3))
def test_end_signs_nobody_out_however_often_it_is_pressed(tmp_path: Path, seed: int) -> None:
    house = House(tmp_path, minutes=0, idle_seconds=36_000)
    house.card(ANNA)
    pressed = walk(house, seed)
    assert len(pressed) > 6, pressed
    house.journal.close()


def test_the_question_is_asked_once_and_end_answers_nothing_there(tmp_path: Path) -> None:
    house = House(tmp_path, minutes=0, idle_seconds=36_000)
    house.card(ANNA)
    house.tap("home.out")
    assert house.step == ASKS
    for _ in range(3):
        house.unit.on_strip("end")
        house.settle()
        assert (house.step, house.unit.lobby.learner) == (ASKS, f"l-{ANNA}")
    house.tap("out.leave")
    assert (house.step, house.unit.lobby.learner, house.unit.session.learner) == ("attract", "", "")


def test_a_run_ended_twice_leaves_its_learner_signed_in(tmp_path: Path) -> None:
    """The second press comes after the run is over, to whatever stands then."""
    house = House(tmp_path, minutes=0, idle_seconds=36_000)
    house.card(ANNA)
    for name in ("tile.atm", "lessons.free", "task.start"):
        house.tap(name)
    for _ in range(6):
        house.unit.on_strip("end")
        house.wait(1_000)
    assert house.unit.engine.run is None
    assert house.unit.lobby.learner == f"l-{ANNA}"
    assert house.step == "debrief"
