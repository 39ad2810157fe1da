"""The ATM on a unit whose notes go into a recycler and come out of it again, judged by its store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.rig import House

pytestmark = pytest.mark.glass


@pytest.fixture
def recycling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Its store is empty at first."""
    made = House(tmp_path_factory.mktemp("house"), recycler=True)
    try:
        yield made.start()
    finally:
        made.close()


def test_what_one_person_deposits_the_next_one_withdraws(recycling: House) -> None:
    house = recycling
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.wait_step("deposit")
    for count in (1, 2, 3):
        house.note(10_000)
        house.wait_amount("deposit", 10_000 * count)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    assert house.end()["facts"]["deposited_fen"] == 30_000
    assert house.twins.state()["cash_dispenser"]["store"]["10000"] == 3
    house.begin("")
    house.enter()
    house.tap("menu.withdraw")
    house.tap("amount.200")
    house.tap("receipt.no")
    house.take_card()
    house._let(lambda: house.twins.do("take_cash")["ok"], "the notes to come out")
    ended = house.end()
    assert (ended["outcome"], ended["facts"]["withdrawn_fen"]) == ("done", 20_000)
    twin = house.twins.state()["cash_dispenser"]
    assert (twin["store"]["10000"], twin["counters"]["dispensed"], twin["counters"]["orders"]) == (1, 2, 1)
