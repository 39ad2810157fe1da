"""`kill -9` of the screen process while hoppers pay change: every token falls once, whoever heard of it.

The unit is started again, its hopper may still be paying, and the person goes on. In the end exactly the change lies in
the cup, and twins and facts tell the same (`judge`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.judging import judge
from tests.stories.riding import buy, lift_ident
from tests.stories.rig import GoneError, House
from tests.wire.rig import query, wait

pytestmark = pytest.mark.glass
NOTE, FARE = 10_000, 3_400
MIDWAY = "two tokens in the cup"


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    try:
        made.start_twins()
        yield made
    finally:
        made.close()


@pytest.fixture
def house(twins: House) -> Iterator[House]:
    """Nobody at the glass, before and after."""
    yield twins
    twins.kill("screen")


def cup(house: House) -> list[int]:
    lying: list[int] = house.twins.state()["coin_dispenser"]["cup"]
    return lying


def pay(house: House) -> None:
    """In cash, to the moment when change falls."""
    house.begin("", machine="rail")
    buy(house, "my", 1, "D1955", "cash")
    house.note(NOTE)
    house.tap("slip.no")


def pay_and_wait(house: House) -> None:
    pay(house)
    house.wait_step("take-tokens")


@pytest.mark.parametrize(
    "point",
    [
        MIDWAY,
        *(pytest.param(at, marks=pytest.mark.long) for at in ("during Dispense 1", "before ItemsPresented 1")),
    ],
)
def test_change_falls_once(house: House, point: str) -> None:
    house.start_screen("" if point == MIDWAY else point)
    if point == MIDWAY:
        pay(house)
        wait(lambda: len(cup(house)) >= 2, MIDWAY)
        house.kill("screen")
    else:
        with pytest.raises(GoneError):
            pay_and_wait(house)
        house.wait_dead()
    house.start_screen()
    lift_when_all_fell(house)
    ended = house.end()
    assert (ended["outcome"], ended["facts"]["change_fen"], ended["facts"]["bought"]) == ("done", NOTE - FARE, 1)
    assert sum(house.twins.must("take_change")["tokens"]) == NOTE - FARE
    judge(house)
    assert query(house.db, "SELECT count(*) FROM runs WHERE ended IS NULL") == [(0,)]


def lift_when_all_fell(house: House) -> None:
    """Tokens may come in two falls: what the dead process had ordered, and the rest."""
    while house.wait_step("take-tokens", "counting-out", "told", "take-ident")["step"].split("#")[0] != "take-ident":
        house.look(tap="tokens.ok")
    lift_ident(house)
