"""A lesson watched before it is practised, and a moment of the practice looked at afterwards, on the whole unit."""

from __future__ import annotations

import pytest

from tests.stories.judging import judge
from tests.stories.rig import SKINS, House
from tests.wire.rig import query, wait

pytestmark = pytest.mark.glass


def test_a_demonstration_goes_by_itself_and_leaves_nothing(house: House) -> None:
    house.choose("withdraw-100", SKINS[0])
    before = query(house.db, "SELECT count(*) FROM runs")
    house.tap("task.watch")
    house.wait_step("home")
    house.wait_step("pin")  # the card is put in by nobody
    assert house.look()["run"] == ""
    house.look(tap="menu.transfer")  # whoever presses meanwhile presses nothing
    house.wait_step("menu")
    assert query(house.db, "SELECT count(*) FROM runs") == before
    assert query(house.db, "SELECT data FROM facts WHERE type LIKE 'run.%' OR type LIKE 'step.%'") == []
    house.look(tap="strip.end")
    house.wait_step("task")
    judge(house)
    house.tap("task.back")
    house.tap("lessons.back")


@pytest.mark.long
def test_a_teacher_has_a_lesson_shown_from_the_office(house: House) -> None:
    house.choose("balance", SKINS[1])
    house.tap("task.back")
    house.tap("lessons.back")
    assert not house.order("lesson.show", machine="atm", lesson="no-such")["ok"]
    assert house.order("lesson.show", machine="atm", lesson="balance", skin=SKINS[1])["ok"]
    house.wait_step("pin")
    assert house.look()["run"] == ""
    house.look(tap="strip.end")
    house.wait_step("task")  # whoever is signed in may begin it now
    house.tap("task.back")
    house.tap("lessons.back")


def test_a_moment_is_looked_at_again_on_the_page_as_it_stood(house: House) -> None:
    house.begin("balance", SKINS[0])
    house.enter()
    house.tap("menu.transfer")
    house.tap("transfer.back")
    house.tap("menu.balance")
    while house.step() != "take-card":
        if keys := [key["name"] for key in house.look()["page"].get("keys", [])]:
            house.look(tap=next((key for key in keys if key.endswith((".no", ".back", ".ok"))), keys[0]))
    house.take_card()
    house.end()
    wait(lambda: "debrief.moment" in [key["name"] for key in house.look()["page"]["keys"]], "the moment")
    house.tap("debrief.moment")
    seen = house.look()
    assert seen["page"]["step"].split("#")[0] == "moment"
    assert "menu.transfer" in [key["name"] for key in seen["page"]["keys"]]
    assert seen["strip"] == "那时按了**“转账”**。请按**“查询余额”**。"
    house.look(tap="strip.end")
    house.wait_step("debrief")
