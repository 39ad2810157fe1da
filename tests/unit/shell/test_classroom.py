"""The teacher's hand on a unit: the class stopped and going on, lessons set, and what the board is told."""

from __future__ import annotations

import msgspec
import pytest

from kiosk_firmware.core.events import MediaInserted, MediaTaken
from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.agent.class_board_feed import ClassBoardFeed
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.runtime.command_reader import CommandRow
from kiosk_firmware.unit.runtime.run_facts import pseudonym
from kiosk_firmware.wire.messages import Now
from tests.unit.shell.rig import House
from tests.wire.rig import query

LESSON = {"machine": "atm", "lesson": "withdraw-100"}


def order(house: House, name: str, **args) -> tuple[bool, str]:
    """As the office's row comes in; what the fact says of it."""
    house.unit.execute_command(CommandRow(f"c-{name}-{house.clock.now}", name, args))
    house.settle()
    (data,) = query(house.folder / "screen.db", "SELECT data FROM facts WHERE type = 'command.ended'")[-1]
    told = msgspec.json.decode(data)
    return told["ok"], told["detail"]


def guest(house: House) -> None:
    house.tap("attract.start")
    house.tap("sign.guest")
    house.skip()


def told(house: House) -> Now:
    house.wait(1000)
    payload = ClassBoardFeed(house.folder / "now.json").due(0.0)
    assert payload is not None
    return msgspec.json.decode(payload, type=Now)


@pytest.fixture
def at_work(tmp_path):
    """A guest has put a card in."""
    house = House(tmp_path, minutes=4)
    guest(house)
    assert order(house, "class.tasks", tasks=[LESSON]) == (True, "")
    assert house.step == "task"
    house.tap("task.start")
    house.cabinet.hand(MediaInserted("card_reader", house.hardware.bench.hand[0]))
    house.settle()
    assert not house.hardware.bench.hand
    return house


def take_card(house: House) -> None:
    house.wait(2500)
    house.cabinet.hand(MediaTaken("card_reader"))
    house.settle()
    house.wait(2500)


def test_stopping_ends_the_run_and_no_press_means_anything_until_the_class_goes_on(at_work):
    house = at_work
    assert house.unit.engine.run is not None
    assert order(house, "class.stop") == (True, "")
    assert house.unit.words.speak(Text("lobby.frozen.title"), "zh") in house.voice.said
    house.wait(2000)
    assert (house.page.kind, house.page.at) == ("Take", ("card_reader",))
    take_card(house)
    assert house.unit.engine.run is None
    assert house.hardware.bench.hand, "the card is the person's again"
    assert house.step == "frozen"
    before = house.unit.lobby
    for key in ("debrief.next", "debrief.again", "home.out", "out.leave"):
        house.tap(key)
    house.card("000001")
    assert house.unit.lobby == before
    house.wait(10 * 60_000, 30_000)
    assert house.unit.lobby.learner == lb.GUEST, "no clock of the turn or of patience runs"
    assert order(house, "class.go") == (True, "")
    assert house.step == "task", "the lesson that was stopped stands there again"
    house.wait(3 * 60_000, 30_000)
    assert house.unit.lobby.learner == lb.GUEST
    house.wait(5 * 60_000, 30_000)
    assert not house.unit.lobby.learner


def test_a_stopped_unit_lets_the_supervisor_in_and_a_restart_sets_it_free(tmp_path):
    house = House(tmp_path)
    order(house, "class.stop")
    assert house.step == "frozen"
    house.unit.knocked()
    assert house.step.startswith("staff-")
    house.start()
    assert house.step == "attract"


def test_lessons_that_were_set_come_one_after_another_also_after_a_restart(tmp_path):
    house = House(tmp_path)
    other = {"machine": "atm", "lesson": "balance", "skin": ""}
    lessons = [one.id for one in house.unit.lobby.offers.tile("atm").tasks]
    other["lesson"] = next(one for one in lessons if one != "withdraw-100")
    assert order(house, "class.tasks", tasks=[LESSON]) == (True, "")
    assert order(house, "class.tasks", tasks=[other], more=True) == (True, "")
    house.start()
    assert told(house).waiting == 2
    guest(house)
    house.wait(1000)
    assert house.unit.lobby.phase.lesson == "withdraw-100"
    house.tap("task.back")
    house.tap("lessons.back")
    house.wait(1000)
    assert house.unit.lobby.phase.lesson == other["lesson"]
    assert told(house).waiting == 0


def test_a_learner_is_known_by_the_pseudonym_alone(tmp_path):
    """To the board, which has no numbers, and for a lesson that was set for one learner."""
    house, anna = House(tmp_path, minutes=0), pseudonym(b"site", "l-000932")
    assert order(house, "class.tasks", tasks=[{**LESSON, "learner": anna}]) == (True, "")
    house.card("000932")
    house.wait(1_000)
    assert house.unit.classroom.now().learner == anna
    assert "000932" not in (tmp_path / "now.json").read_text()
    assert house.step == "task"


def test_a_task_for_one_learner_is_nobody_elses(tmp_path):
    house = House(tmp_path)
    assert order(house, "class.tasks", tasks=[{**LESSON, "learner": "somebody-else"}]) == (True, "")
    guest(house)
    house.wait(1000)
    assert isinstance(house.unit.lobby.phase, lb.Home)
    assert told(house).waiting == 0
    assert order(house, "class.tasks", tasks=[{**LESSON, "learner": lb.GUEST}]) == (True, "")
    assert house.step == "task"


def test_what_is_not_offered_or_no_pace_is_refused_with_what_is_allowed(tmp_path):
    house = House(tmp_path)
    ok, why = order(house, "class.tasks", tasks=[{"machine": "atm", "lesson": "nothing"}])
    assert (ok, "nothing" in why) == (False, True)
    ok, why = order(house, "class.tasks", tasks=[{**LESSON, "skin": "none"}])
    assert (ok, "allowed are" in why) == (False, True)
    ok, why = order(house, "class.tasks", tasks=[{"bad": 1}])
    assert (ok, "tasks" in why) == (False, True)
    assert order(house, "class.pace", pace="fast") == (
        False,
        "pace = 'fast': allowed are calm, gentle, real and an empty one",
    )


def test_time_pressure_is_as_the_teacher_wants_it(at_work):
    house = at_work
    assert told(house).pace == ""
    order(house, "class.stop")
    take_card(house)
    order(house, "class.go")
    order(house, "class.pace", pace="real")
    house.tap("task.start")
    assert house.unit.engine.glass._pace == "real"
    assert told(house).pace == "real"


def test_the_board_is_told_who_where_and_who_calls(at_work):
    house = at_work
    house.unit.on_strip("teacher")
    seen = told(house)
    assert (seen.learner, seen.machine, seen.lesson, seen.calling) == ("guest", "atm", "withdraw-100", True)
    assert seen.step == house.unit.engine.run.page.step
    assert order(house, "teacher.answered") == (True, "")
    assert not told(house).calling
    assert not house.cabinet.called


def test_news_goes_once_at_its_pace_and_again_for_who_comes_late(tmp_path):
    path = tmp_path / "now.json"
    present = ClassBoardFeed(path)
    assert present.due(0.0) is None
    path.write_text('{"ts": 1}')
    assert present.due(0.0) == b'{"ts": 1}'
    assert present.due(1.0) is None
    assert present.due(6.0) == b'{"ts": 1}'
    path.write_text("{")
    assert present.due(7.0) is None
    path.write_text('{"ts": 1, "learner": "' + "x" * 3000 + '"}')
    assert present.due(8.0) is None
