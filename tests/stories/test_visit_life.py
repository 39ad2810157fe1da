"""A visit by video on the whole unit: asked for, its slip printed; met from signing in to its end; a fraud on the way;
and a line that breaks.

Played by page keys over twins; judged by what hangs out of the printer's twin and what the facts say. No name of the
family, no number and no word of the conversation reaches the office.
"""

from __future__ import annotations

import time

import pytest

from tests.stories.judging import judge
from tests.stories.queueing import press
from tests.stories.riding import ME, lay, lift_ident
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.long]
FAMILY = ("王秀英", "张小燕", "张小军")
SIGNED_IN = ("pledge.next", "pledge.next", "pledge.next", "pledge.sign")


def shown(house: House, errand: str) -> None:
    """The errand, and the card on its reader."""
    house.tap(f"menu.{errand}")
    house.wait_step("ident")
    lay(house, ME)


def choose(house: House, key: str) -> None:
    """Tick a key of a page that stays; a page that is new swallows touches."""

    def ticked() -> bool:
        return any(one["name"] == key and one.get("state") == "on" for one in house.look()["page"]["keys"])

    def pressed() -> bool:
        house.look(tap=key)
        end = time.monotonic() + 2
        while not (found := ticked()) and time.monotonic() < end:
            time.sleep(0.02)
        return found

    wait(lambda: ticked() or pressed(), f"{key} to be ticked")


def proved(house: House, lesson: str, **facts: object) -> list[str]:
    """The run's fact says all this, the judges agree, nothing private was told; the slips that came out."""
    lift_ident(house)
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("visit", lesson, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    judge(house)
    told = house.told()
    assert not [word for word in (ME, *FAMILY) if word in told]
    return house.slips()


def test_asked_for_with_an_acceptance_slip(house: House) -> None:
    house.begin("ask-mother", skin="zhongxin", machine="visit")
    shown(house, "ask")
    choose(house, "who.mother")
    press(house, "who.ok", "slot.1", "check.ok", "notice.ok")
    slip = proved(house, "ask-mother", asked=True, people=1, accepted_slip=True)[-1]
    for words in ("会见申请受理单", "王秀英", "12月3日 09:30", "练习"):
        assert words in slip


def test_met_from_signing_in_to_the_end(house: House) -> None:
    house.begin("whole", skin="zhongxin", machine="visit")
    shown(house, "visit")
    press(house, *SIGNED_IN, "check.yes", "check.yes")
    press(house, "say.hello", "say.tell-deaf", "say.ask-health", "say.wait", "say.put-away", "say.plan", "say.bye")
    press(house, "over.ok")
    proved(house, "whole", ended="in_time", said="bye", early=False, warned=0)


def test_a_fraud_on_the_way_and_the_answer_is_waited_for(house: House) -> None:
    """Having been taken in once is told at once, and costs nothing."""
    house.begin("faster", skin="zhongxin", machine="visit")
    shown(house, "mine")
    press(house, *(f"scene.{key}" for key in ("send-fee", "again", "wait-answer", "tell-officer", "on")))
    press(house, "looked.wait", "looked.ok")
    proved(house, "faster", fraud_met=True, fraud_fell=True, fraud_refused=True, fraud_over=True)


def test_a_line_that_breaks_is_tried_again(house: House) -> None:
    house.begin("line-cut", skin="sifasuo", machine="visit")
    shown(house, "visit")
    press(house, *SIGNED_IN, "check.yes", "check.yes", "talk.end", "over.ok")
    proved(house, "line-cut", connected=True, ended="in_time", early=True)
