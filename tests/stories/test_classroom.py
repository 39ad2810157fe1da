"""The class is stopped with a card in the machine, and goes on: on the whole unit, from the office's command."""

from __future__ import annotations

import pytest

from tests.stories.judging import judge
from tests.stories.rig import SKINS, House
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.long]


def test_stopping_gives_the_card_back_and_going_on_puts_the_task_there_again(house: House) -> None:
    house.choose("withdraw-100", SKINS[0])
    house.tap("task.start")
    house.enter()
    assert house.order("class.stop")["ok"]
    house.look(tap="menu.withdraw")  # whoever presses now presses nothing
    house.wait_step("take-card")
    house.take_card()
    house.wait_step("frozen")
    wait(lambda: house.look(tap="frozen.teacher") and house.facts("teacher.called"), "the call from that page")
    assert house.step() == "frozen"
    assert house.order("class.go")["ok"]
    house.wait_step("task")
    judge(house)
