"""`kill -9` around a boarding pass: as the airline books, and as the printer prints.

Nobody is checked in twice, no pass comes out twice; what may not have come out is owed by the counter, which is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.stories.judging import judge
from tests.stories.riding import ME, lay, lift_ident
from tests.stories.rig import GoneError, House
from tests.wire.rig import query

pytestmark = pytest.mark.glass


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Twins only; printing takes a while, to be killed in."""
    made = House(tmp_path_factory.mktemp("house"), line_ms=20)
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


def check_in(house: House) -> None:
    """In free practice, one of two people, to the end."""
    house.begin("", machine="airport")
    house.tap("menu.checkin")
    house.wait_step("ident")
    lay(house, ME)
    for key in (
        "trip.K7X2PM",
        "flight.ok",
        "people.ok",
        "bags.0",
        "danger.no",
        "seats.ok",
        "phone.ok",
        "confirm.ok",
    ):
        if key == "phone.ok":
            house.wait_step("phone")
            house.type("12000005528")
        house.tap(key)
    house.wait_step("take-ident")


@pytest.mark.parametrize(
    ("point", "owed"),
    [
        ("before HostAnswered 3", False),
        ("during PrintDocument 1", True),
        ("before DocumentPrinted 1", True),
        pytest.param("after DocumentPrinted 1", False, marks=pytest.mark.long),
    ],
)
def test_a_pass_comes_out_once_or_is_owed(house: House, point: str, owed: bool) -> None:
    house.start_screen(point)
    with suppress(GoneError):  # its last page may stand before the event is on the disk, after which the unit dies
        check_in(house)
    house.wait_dead()
    house.start_screen()
    if owed:
        house.wait_line("notice.owed.how")
        house.tap("notice.ok")
    lift_ident(house)
    facts = house.end()["facts"]
    assert (facts["checked_in"], facts["owed"]) == (1, owed)
    slips = [slip for slip in house.slips() if "登机牌" in slip]
    assert len(slips) <= 1
    assert owed or len(slips) == 1
    judge(house)
    assert query(house.db, "SELECT count(*) FROM runs WHERE ended IS NULL") == [(0,)]
