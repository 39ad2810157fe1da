"""Check-in on the whole unit: from the ID card to the pass in the hand, a code before the scanner, a booking code
typed, a gate that moves, and a printer without paper.

Played by page keys over twins; judged by what hangs out of the printer's twin and what the facts say. (The office's
row: `test_office_row`.)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.judging import judge
from tests.stories.riding import HER, ME, lay, lift, lift_ident
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
CODE = "kiosk-practice:trip/K7X2PM"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit that has a scanner, too."""
    made = House(tmp_path_factory.mktemp("house"), scanner=True)
    try:
        yield made.start()
    finally:
        made.close()


def show(house: House, code: str) -> None:
    """Hold a code before the scanner, as soon as it looks."""
    wait(lambda: house.twins.do("show_code", at="barcode_scanner", text=code)["ok"], "the scanner to look")


def answer(house: House, bags: str = "bags.0") -> None:
    """From the flight to the last page before the pass: nothing dangerous, the seat that is given."""
    house.tap("flight.ok")
    house.tap(bags)
    house.tap("danger.no")
    house.tap("seats.ok")
    house.tap("confirm.ok")


def proved(house: House, lesson: str, **facts: object) -> list[str]:
    """The run's fact says all this, the judges agree; the slips that came out."""
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("airport", lesson, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    judge(house)
    assert not [number for number in (ME, HER, "K7X2PM", "ZHANG") if number in house.told()]
    return house.slips()


def test_a_pass_and_a_tag_with_the_id_card(house: House) -> None:
    house.begin("one-bag", machine="airport")
    house.tap("menu.checkin")
    lay(house, ME)
    answer(house, "bags.1")
    house.tap("tagged.ok")
    lift_ident(house)
    boarding, tag = proved(house, "one-bag", checked_in=1, bags=1, passes=1, tags=1, found_by="id")
    for words in ("登机牌", "TD4221", "昆明", "31B", "练习"):
        assert words in boarding
    assert "行李条" in tag


@pytest.mark.long
def test_a_code_of_ours_before_the_scanner_and_one_that_is_not(house: House) -> None:
    house.begin("first-pass", machine="airport")
    house.tap("menu.checkin")
    house.wait_step("ident")
    show(house, "https://example.invalid/")
    house.wait_line("ident.code")
    show(house, CODE)
    house.tap("flight.ok")
    house.wait_step("people")
    lay(house, HER)
    house.wait_line("people.stranger")
    lift(house)
    lay(house, ME)
    house.tap("people.ok")
    house.tap("bags.0")
    house.tap("danger.no")
    house.tap("seats.ok")
    house.tap("confirm.ok")
    lift_ident(house)
    assert len(proved(house, "first-pass", checked_in=1, found_by="scan")) == 1


@pytest.mark.long
def test_a_booking_code_typed_and_a_seat_chosen_in_another_part(house: House) -> None:
    house.begin("by-reference", machine="airport")
    house.tap("menu.checkin")
    house.tap("ident.reference")
    house.type("K7X2PM")
    house.tap("typing.ok")
    house.tap("flight.ok")
    house.wait_step("people")
    lay(house, ME)
    house.tap("people.ok")
    house.tap("bags.0")
    house.tap("danger.no")
    house.wait_step("seats")
    house.turn_pages("part.middle", "seat.44A")
    house.look(tap="seat.44A")
    house.wait_line("seats.exit")
    house.look(tap="seat.47A")
    house.wait_line("seats.window")
    house.tap("seats.ok")
    house.tap("confirm.ok")
    lift_ident(house)
    assert len(proved(house, "by-reference", checked_in=1, seat_side="window", seat_tried="exit")) == 1


@pytest.mark.long
def test_a_gate_that_moved_after_the_pass_came_out(house: House) -> None:
    house.begin("gate-moved", machine="airport")
    house.tap("menu.checkin")
    lay(house, ME)
    answer(house)
    lift_ident(house)
    house.tap_away("told.ok", "goodbye")
    house.tap("menu.lookup")
    lay(house, ME)
    house.wait_line("looked.moved")
    house.tap("looked.ok")
    lift_ident(house)
    (boarding,) = proved(house, "gate-moved", checked_in=1, gate_moved=True)
    assert "128" not in boarding


def test_without_paper_the_counter_owes_the_pass(house: House) -> None:
    house.begin("paper-out", machine="airport")
    house.tap("menu.checkin")
    lay(house, ME)
    answer(house)
    house.wait_line("notice.owed.how")
    house.tap("notice.ok")
    lift_ident(house)
    assert proved(house, "paper-out", checked_in=1, owed=True, passes=0) == []


@pytest.mark.long
def test_by_telephone_nothing_is_printed(house: House) -> None:
    house.begin("phone-pass", "phone", machine="airport")
    house.tap("menu.checkin")
    house.tap("flight.ok")
    house.tap("seats.ok")
    house.tap("bags.0")
    house.tap("danger.no")
    house.tap("confirm.ok")
    page = house.wait_step("pass")
    assert len(page["body"]["code"]) == 60
    house.tap("pass.ok")
    assert proved(house, "phone-pass", checked_in=1, pass_shown=True, passes=0) == []
