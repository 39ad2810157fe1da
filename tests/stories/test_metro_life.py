"""The metro's ticket machine on the whole unit: two tickets for a note with change, and what goes wrong in life.

Played by page keys over twins; the dispenser is a CRT-591, which lets blank tickets out, so the cabinet tells what they
should carry. Judged by what the twins count and the facts say.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.drivers.card_pn532 import CardPn532
from hardware.protocols import stored_value_card
from tests.stories.judging import judge
from tests.stories.rig import House
from tests.stories.unit_file import METRO_TAG
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
NOTE = 1_000
AWAY_LOOKS = CardPn532.AWAY_LOOKS


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


@pytest.mark.long
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


@pytest.mark.long
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


@pytest.mark.long
def test_no_change_comes_and_a_slip_says_so(house: House) -> None:
    """The hopper pays nothing, and the tray has no coins: what is owed stands on a slip."""
    assert house.order("fault.arm", fault="change_gone")["ok"]
    house.begin("", machine="metro-ticket")
    choose(house, "2", "s035", 1)
    house.note(NOTE)
    take_tickets(house, 1)
    house.wait_step("told")
    ended = house.end()
    assert [fact["fault"] for fact in house.facts("fault.struck") if fact["run"] == ended["run"]] == ["change_gone"]
    assert (ended["facts"]["bought"], ended["facts"]["change_fen"]) == (1, 0)
    judge(house)
    assert "客服中心" in "\n".join(house.slips())


# -- cards that carry a balance ----------------------------------------------------------------------------------------

FEN, LOAD = 150, 2_000


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit to whose reader cards are held."""
    made = House(tmp_path_factory.mktemp("reader"), tickets=True, purse=True)
    try:
        yield made.start()
    finally:
        made.close()


def on_tag(house: House) -> tuple[int, str]:
    """Balance and journey that the tag itself carries."""
    held = bytes.fromhex(house.twins.state()["card_reader"]["memories"][METRO_TAG])
    found = stored_value_card.read_purse(bytes.fromhex(METRO_TAG), held[64:80], held[80:96])
    assert found is not None
    return found.fen, found.trip


def test_a_card_that_goes_away_while_it_is_loaded_is_loaded_once(reader: House) -> None:
    tag = {"at": "card_reader", "uid": METRO_TAG}
    reader.twins.must("encode_tag", fen=FEN, trip="c", **tag)
    reader.begin("torn", machine="metro-ticket")
    reader.tap("menu.load")
    reader.wait_step("card-load")
    reader.twins.must("tap_tag", **tag)
    reader.wait_step("load")
    reader.note(LOAD)
    reader.tap("load.ok")
    reader.wait_step("torn")
    reader.twins.must("remove_tag", at="card_reader")
    looks = reader.twins.state()["card_reader"]["counters"]["lists"]
    wait(lambda: reader.twins.state()["card_reader"]["counters"]["lists"] > looks + AWAY_LOOKS, "the tag to be missed")
    reader.twins.must("tap_tag", **tag)
    reader.tap("card.ok")
    ended = reader.end()
    told = {name: ended["facts"].get(name) for name in ("loaded_fen", "written_again", "card_back")}
    assert told == {"loaded_fen": LOAD, "written_again": True, "card_back": True}
    assert ended["outcome"] == "done"
    assert on_tag(reader) == (FEN + LOAD, "c")
