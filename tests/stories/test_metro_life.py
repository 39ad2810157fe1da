"""The metro's ticket machine on the whole unit: two tickets for a note with change, and what goes wrong in life.

Played by page keys over twins; the dispenser is a CRT-591, which lets blank tickets out, so the cabinet tells what they
should carry. Judged by what the twins count and the facts say.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.judging import judge
from tests.stories.rig import House
from tests.telemetry.rig import wait

pytestmark = pytest.mark.glass
NOTE = 1_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit that lets tickets out."""
    made = House(tmp_path_factory.mktemp("house"), tickets=True)
    try:
        yield made.start()
    finally:
        made.close()


def choose(house: House, line: str, station: str, count: int) -> None:
    """From the first page to how to pay, on the first skin."""
    for key in ("menu.ticket", f"line.{line}"):
        house.tap(key)
    house.turn_pages("page.down", f"station.{station}")
    for key in (f"station.{station}", f"count.{count}", "pay.cash"):
        house.tap(key)


def take_tickets(house: House, count: int) -> None:
    """One after the other: the next one comes when the last one is gone."""
    dispenser = house.twins.state()["ticket_dispenser"]["counters"]
    for at in range(1, count + 1):
        house.wait_step("take-ticket")
        wait(lambda: house.twins.do("take_dispensed")["ok"], "a ticket in the slot")
        counts = house.twins.state()["ticket_dispenser"]["counters"]
        assert counts["taken"] - dispenser["taken"] == at


def cup(house: House) -> int:
    return sum(house.twins.state()["coin_dispenser"]["cup"])


def proved(house: House, lesson: str, outcome: str = "done", **facts: object) -> str:
    """The run's fact says all this and the judges agree; the slips that came out."""
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("metro-ticket", lesson, outcome)
    told = {name: ended["facts"].get(name) for name in facts}
    assert told == facts, told
    judge(house)
    return "\n".join(house.slips())


def test_two_tickets_for_a_note_and_the_change_falls_into_the_cup(house: House) -> None:
    house.begin("two-change", machine="metro-ticket")
    choose(house, "2", "s035", 2)
    fen = house.wait_step("cash")["due_fen"]
    house.note(NOTE)
    take_tickets(house, 2)
    house.wait_step("take-tokens")
    assert cup(house) == NOTE - fen
    house.twins.must("take_change")
    proved(house, "two-change", bought=2, bought_to="s035", paid_by="cash", change_fen=NOTE - fen)
    moved = [fact for fact in house.facts("media.moved") if fact["at"] == "ticket_dispenser"]
    assert [fact["what"] for fact in moved].count("taken") == 2


def no_ticket(house: House, lesson: str) -> None:
    """Pay for one that does not come, and take the money back."""
    house.begin(lesson, machine="metro-ticket")
    choose(house, "2", "s035", 1)
    house.note(NOTE)
    house.take_cash()


def dispensed(house: House) -> int:
    return int(house.twins.state()["ticket_dispenser"]["counters"]["dispensed"])


def test_no_ticket_comes_and_the_note_comes_back(house: House) -> None:
    before = dispensed(house)
    no_ticket(house, "tickets-out")
    proved(house, "tickets-out", told="none_came", returned_fen=NOTE, bought=0)
    assert dispensed(house) == before


def test_a_ticket_jams_in_the_dispenser_and_the_note_comes_back(house: House) -> None:
    before = dispensed(house)
    house.twins.must("fault", device="ticket_dispenser", kind="jam", on=True)
    no_ticket(house, "")
    house.twins.must("fault", device="ticket_dispenser", kind="jam", on=False)
    ended = house.end()
    assert (ended["facts"]["told"], ended["facts"]["returned_fen"]) == ("none_came", NOTE)
    judge(house)
    assert dispensed(house) == before


def test_nobody_takes_the_ticket_and_the_machine_keeps_it(house: House) -> None:
    house.begin("", machine="metro-ticket")
    choose(house, "2", "s035", 1)
    house.note(NOTE)
    house.wait_step("take-ticket")
    house.pass_time("take-ticket")
    house.wait_step("told")
    house.tap("told.ok")
    house.wait_step("take-tokens")
    house.twins.must("take_change")
    assert house.end()["facts"]["ticket_kept"] is True
    judge(house)
    assert house.twins.state()["ticket_dispenser"]["counters"]["captured"] == 1
    assert house.slips()
