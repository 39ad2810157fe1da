"""A technician at a unit in life: a technician's card opens their pages, a learner's card never does."""

from __future__ import annotations

import pytest

from kiosk_firmware.unit.shell.environment import RESTART
from tests.unit.shell.rig import House
from tests.unit.shell.test_proctored_runs import until

ANNA, SUPERVISOR, TECHNICIAN, STRANGER = "000932", "9900990000001111", "9900990000003333", "9900990000007777"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, minutes=0)
    made.unit.desk.lock.set("card", 1, bytearray(SUPERVISOR.encode()))
    made.unit.desk.lock.set("technician", 1, bytearray(TECHNICIAN.encode()))
    return made


def facts(house):
    from tests.wire.rig import query

    return [row[0] for row in query(house.folder / "screen.db", "SELECT type FROM facts ORDER BY seq")]


def at_the_door(house, number):
    house.unit.knocked()
    house.settle()
    assert house.step == "staff-door"
    house.other_card(number)


def test_a_technicians_card_opens_the_technicians_pages_and_no_desk(house):
    at_the_door(house, TECHNICIAN)
    until(house, lambda: house.step == "staff-tech")
    house.tap("tech.end")
    assert house.step == "attract"
    assert [name for name in facts(house) if name.startswith(("tech", "superv"))] == [
        "technician.entered",
        "technician.left",
    ]
    assert house.unit.exit_code is None, "nothing was let go of"


def test_a_supervisors_card_still_opens_the_desk(house):
    at_the_door(house, SUPERVISOR)
    until(house, lambda: house.step == "staff-desk")


@pytest.mark.parametrize("number", ["9900700000" + ANNA, STRANGER])
def test_a_learners_card_and_a_strangers_open_nothing(house, number):
    at_the_door(house, number)
    until(house, lambda: "supervisor.refused" in facts(house))
    assert house.step == "staff-door"
    assert "technician.entered" not in facts(house)


def test_a_learners_card_cannot_become_a_technicians_nor_a_supervisors(house):
    at_the_door(house, SUPERVISOR)
    until(house, lambda: house.step == "staff-desk")
    for key in ("staff.technician-card", "staff.new-card"):
        house.tap("staff.setup")
        house.tap(key)
        house.other_card("9900700000" + ANNA)
        assert [line.key for line in house.page.body.lines] == ["staff.card.learner"]
        assert not house.unit.desk.lock.owner(bytearray(("9900700000" + ANNA).encode()))
        house.tap("staff.back")
        house.tap("staff.back")


def test_a_card_is_enrolled_on_the_glass_and_opens_the_door(house):
    at_the_door(house, SUPERVISOR)
    until(house, lambda: house.step == "staff-desk")
    house.tap("staff.setup")
    house.tap("staff.technician-card")
    house.other_card(SUPERVISOR)
    assert [line.key for line in house.page.body.lines] == ["staff.card.taken"]
    house.tap("staff.back")
    house.tap("staff.technician-card")
    house.other_card(STRANGER)
    assert [line.key for line in house.page.body.lines] == ["staff.technician-card.done"]
    house.tap("staff.back")
    house.tap("staff.back")
    house.tap("staff.end")
    at_the_door(house, STRANGER)
    until(house, lambda: house.step == "staff-tech")
    assert [arg for _, arg in house.page.title.args] == [2]


def test_it_goes_back_to_the_lobby_by_itself(house):
    at_the_door(house, TECHNICIAN)
    until(house, lambda: house.step == "staff-tech")
    house.wait(119_000)
    assert house.step == "staff-tech"
    house.wait(3_000)
    assert house.step == "attract"


def test_what_lets_go_of_the_devices_ends_with_a_restart(house):
    at_the_door(house, TECHNICIAN)
    until(house, lambda: house.step == "staff-tech")
    house.tap("tech.probe")
    assert not hasattr(house.cabinet, "stopped")
    house.tap("tech.begin")
    assert house.cabinet.stopped
    until(house, lambda: house.unit.lobby.phase.sheet.ok is not None)
    house.tap("tech.back")
    house.tap("tech.end")
    assert house.unit.exit_code == RESTART


@pytest.mark.parametrize("key", ["compare", "failures", "config", "network", "clock"])
def test_every_question_is_answered(house, key):
    at_the_door(house, TECHNICIAN)
    until(house, lambda: house.step == "staff-tech")
    house.tap(f"tech.{key}")
    until(house, lambda: house.unit.lobby.phase.sheet.rows is not None)
    assert house.page.body.rows or house.page.body.lines


def test_nothing_of_a_learner_stands_on_the_technicians_pages(house):
    """A learner practises; then no page of the technician's, in full, names them."""
    house.card(ANNA)
    house.tap("tile.atm")
    house.tap("home.back") if house.page.key("home.back") else None
    house.unit.on_strip("end")
    house.settle()
    house.unit.knocked()
    house.settle()
    house.other_card(TECHNICIAN)
    until(house, lambda: house.step == "staff-tech")
    known = {ANNA, f"l-{ANNA}", house.unit.session.learner or ANNA}
    for key in ("compare", "failures", "config", "network", "clock"):
        house.tap(f"tech.{key}")
        until(house, lambda: house.unit.lobby.phase.sheet.rows is not None)
        assert not [one for one in known if one in repr(house.unit.lobby.phase.sheet)]
        house.tap("tech.back")
