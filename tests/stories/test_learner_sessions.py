"""Turns on a real unit: a centre card in the reader's slot, pictures, a power cut with somebody else before it."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.settings import unit_toml
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from tests.stories.rig import House
from tests.wire.rig import query, wait

pytestmark = pytest.mark.glass
DIGITS, OTHER = "000932", "000417"


def known(house: House, digits: str) -> str:
    return pseudonym(unit_toml.site_key(unit_toml.read_settings(house.unit), house.state), f"l-{digits}")


def turns(house: House) -> list[tuple[str, str]]:
    begun = [fact["learner"] for fact in house.facts("sitting.started")]
    why = [fact["reason"] for fact in house.facts("sitting.ended")]
    return list(zip(begun, [*why, ""], strict=False))


def ends(house: House, run: str) -> list[dict[str, Any]]:
    """What was told of the run's end, as soon as it was."""
    wait(lambda: any(end["run"] == run for end in house.ended()), "the run's end")
    return [end for end in house.ended() if end["run"] == run]


def number(house: House, digits: str) -> None:
    if house.wait_step("attract", "sign-in")["step"].startswith("attract"):
        house.tap("attract.start")
    house.type(digits)
    house.tap("sign.ok")


def test_a_centre_card_signs_in_comes_back_and_the_teacher_ends_the_turn(house: House) -> None:
    house.wait_step("attract")
    house.card("9900700000" + DIGITS)
    house.take_card()
    house.choose("withdraw-100")
    house.tap("task.start")
    house.wait_run()
    house.card()
    house.wait_step("pin")
    assert house.order("turn.end")["ok"]
    house.take_card()
    house.wait_step("attract")
    wait(lambda: turns(house)[-1] == (known(house, DIGITS), "teacher"), "the turn's end to be told")
    assert house.ended()[-1]["outcome"] == "closed"
    assert DIGITS not in house.told()


def test_a_cut_run_is_not_its_learner_s_any_more_when_somebody_else_comes(house: House) -> None:
    house.card("9900700000" + DIGITS)
    house.take_card()
    house.choose("withdraw-100")
    house.tap("task.start")
    house.wait_run()
    run = house.look()["run"]
    house.card()
    house.wait_step("pin")
    house.kill("screen")
    house.start_screen()
    number(house, OTHER)
    house.wait_step("pictures-choose")
    house.tap("pictures.later")
    house.take_card()
    house.tap("touch.skip")
    house.wait_step("home")
    (end,) = ends(house, run)
    assert (end["learner"], end["outcome"]) == (known(house, DIGITS), "abandoned")
    assert set(query(house.db, "SELECT learner FROM records")) == {(known(house, DIGITS),)}
    house.tap("home.out")
    house.tap("out.leave")


def test_a_cut_run_goes_on_for_its_own_learner(house: House) -> None:
    number(house, OTHER)
    house.tap("pictures.later")
    house.begin("balance")
    house.wait_run()
    run = house.look()["run"]
    house.card()
    house.wait_step("pin")
    house.kill("screen")
    house.start_screen()
    number(house, OTHER)
    house.tap("pictures.later")
    house.wait_step("pin")
    assert house.look()["run"] == run
    house.pin()
    house.wait_step("menu")
    house.tap("menu.eject")
    house.take_card()
    house.end()
    assert [end["learner"] for end in ends(house, run)] == [known(house, OTHER)]
