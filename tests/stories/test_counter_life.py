"""A visit to the bank's counter on the whole unit: number, ID card, paper, signature, slip; a form and a PIN; and a
printer without paper.

Played by page keys over twins; judged by what hangs out of the printer's twin and what the facts say.
"""

from __future__ import annotations

import pytest

from tests.stories.judging import judge
from tests.stories.queueing import fill, press, sign, to_desk
from tests.stories.riding import ME, lay, lift_ident
from tests.stories.rig import House

pytestmark = [pytest.mark.glass, pytest.mark.long]


def to_window(house: House, queue: str, errand: str) -> None:
    """Number, call, what one wants, ID card."""
    to_desk(house, queue, errand)
    house.wait_step("ident")
    lay(house, ME)


def proved(house: House, lesson: str, **facts: object) -> list[str]:
    """The run's fact says all this, the judges agree; the slips that came out."""
    lift_ident(house)
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == ("bank-counter", lesson, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    judge(house)
    assert ME not in house.told()
    return house.slips()


def kept(house: House) -> None:
    """The errand of a card that a machine kept, to the slip."""
    to_window(house, "personal", "kept")
    press(house, "paper.retain_slip", "whose.ours", "since.days")
    sign(house, "sign-kept")
    press(house, "slip.ok", "papers.take")


def test_a_number_a_paper_a_signature_and_a_slip(house: House) -> None:
    house.begin("kept", machine="bank-counter")
    kept(house)
    number, slip = proved(house, "kept", filed="kept", slip_by_hand=False, papers_left=False)
    assert "A014" in number
    for words in ("受理回执", "20781001", "12345", "练习"):
        assert words in slip


def test_a_form_and_a_pin_that_nobody_sees(house: House) -> None:
    house.begin("open", machine="bank-counter")
    to_window(house, "personal", "open")
    press(house, "purpose.wages", "tell.ok", "lend.never", "class.one", "name.1")
    fill(house, "number", ME)
    fill(house, "phone", "12000005528")
    house.tap("form.ok")
    house.wait_step("pin-new")
    house.pin("730519")
    house.wait_step("pin-again")
    house.pin("730519")
    sign(house, "sign-account")
    house.tap("slip.ok")
    proved(house, "open", filed="open", pin_set=True, answer_class="one")
    assert "730519" not in house.told()


def test_a_slip_that_is_written_by_hand(house: House) -> None:
    house.begin("no-paper", machine="bank-counter")
    kept(house)
    proved(house, "no-paper", filed="kept")
