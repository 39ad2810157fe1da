"""The ticket machine on the whole unit: bought in cash, by card and by phone, given back, and what goes wrong in life.

Played by page keys over twins; the phone reads the code off the glass's own picture. Judged by what the twins count and
the facts say. (The other skin, and the office's row: `test_office_row`.)
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stories.riding import HER, NOBODY, buy, choose, identify, lay, lift, lift_ident, phone, proved
from tests.stories.rig import House

pytestmark = pytest.mark.glass
NOTE = 5_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit whose glass is pictured, as on a desk with a front panel."""
    made = House(tmp_path_factory.mktemp("house"), seen=True)
    try:
        yield made.start()
    finally:
        made.close()


def cup(house: House) -> int:
    return sum(house.twins.state()["coin_dispenser"]["cup"])


def take_change(house: House, fen: int) -> None:
    """What fell is what the page says, and leaves the cup."""
    house.wait_step("take-tokens")
    assert cup(house) == fen
    house.twins.must("take_change")


def test_bought_with_a_note_and_the_change_falls_into_the_cup(house: House) -> None:
    house.begin("buy-change", machine="rail")
    buy(house, "my", 1, "D1955", "cash")
    fen = house.wait_step("cash")["due_fen"]
    house.note(NOTE)
    house.tap("slip.yes")
    take_change(house, NOTE - fen)
    lift_ident(house)
    slips = proved(house, "buy-change", bought=1, paid_by="cash", change_fen=NOTE - fen, slip_printed=True)
    for words in ("D1955", "绵阳", "尾号 0030", "练习"):
        assert words in slips


def test_bought_by_bank_card_with_pin_and_slip(house: House) -> None:
    house.begin("buy-card-slip", machine="rail")
    buy(house, "ls", 2, "C6209", "card")
    house.card()
    house.wait_step("pin")
    house.pin()
    house.tap("slip.yes")
    house.take_card()
    lift_ident(house)
    assert "C6209" in proved(house, "buy-card-slip", paid_by="card", card_back=True, slip_printed=True)


def test_given_back_to_what_paid(house: House) -> None:
    house.begin("refund", machine="rail")
    house.tap("menu.refund")
    identify(house)
    house.tap("ticket.1")
    house.tap("refund.ok")
    lift_ident(house)
    proved(house, "refund", refunded_fen=13_000, fee_fen=700)


def test_id_forgotten(house: House) -> None:
    house.begin("id-forgotten", machine="rail")
    house.tap("menu.buy")
    choose(house, "cqb", 1, "G8605")
    house.tap("people.forgot")
    house.wait_line("forgot.how")
    house.tap("forgot.ok")
    house.tap("people.back")
    proved(house, "id-forgotten", told="forgot")


def test_a_worn_card_then_somebody_elses_then_ones_own_and_no_paper_left(house: House) -> None:
    house.begin("buy-tomorrow", machine="rail")
    house.twins.must("paper", state="out")
    house.tap("menu.buy")
    choose(house, "cqb", 1, "G8605")
    house.wait_step("people")
    lay(house, NOBODY)
    house.wait_line("people.unreadable")
    lift(house)
    lay(house, HER)
    house.tap("people.ok")
    house.wait_line("notice.person.how")
    lift(house)
    house.tap("notice.ok")
    identify(house)
    house.tap("confirm.ok")
    house.tap("pay.phone")
    phone(house)
    lift_ident(house)
    assert not proved(house, "buy-tomorrow", bought=1, paid_by="phone", slip_printed=False)
    assert house.twins.state()["payment_host"]["counters"] == {"paid": 1, "over": 0, "unreached": 0}
    house.twins.must("paper", state="full")
