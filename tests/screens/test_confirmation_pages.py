"""Pages on which one says yes: a ticket says what its rows say, and who gets the money is the largest text."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.core.pages import Page
from tests.screens.test_machines import loaded, pages

pytestmark = pytest.mark.glass


def drawn(glass: Any, machine: str, skin: str, name: str) -> tuple[Page, dict[str, Any]]:
    """The page by its name, and its texts as they were drawn."""
    it, page = loaded(machine, skin), pages(machine, skin)[name]
    glass.lay(page, it.words, "zh", it.look)
    return page, {note.text: note for note in glass.stage.notes if note.kind == "text"}


def test_the_ticket_says_what_its_rows_say_and_hides_the_middle_of_a_number(glass: Any) -> None:
    page, texts = drawn(glass, "rail", "chengdudong", "confirm")
    it, journey = loaded("rail", "chengdudong"), page.body.journey
    assert journey is not None
    said = {it.words.write(row.value, "zh") for row in page.body.rows if row.value}
    price = it.words.write(page.body.rows[-1].value, "zh")
    assert price == f"{journey.fen // 100} 元"
    assert f"¥{journey.fen // 100}" in texts
    assert said - {price} <= set(texts)
    assert journey.leaves in texts
    assert journey.arrives in texts
    assert journey.leaves < journey.arrives
    (who, _), *_ = journey.seats
    assert who in texts
    assert who[4:-4] == "*" * 10
    assert not [text for text in texts if text.isdigit() and len(text) == 18]


@pytest.mark.parametrize(
    ("machine", "skin", "name"), [("atm", "rongjiang", "transfer-confirm"), ("payment", "rongfu", "confirm-2")]
)
def test_who_gets_the_money_is_read_before_all_else(glass: Any, machine: str, skin: str, name: str) -> None:
    page, texts = drawn(glass, machine, skin, name)
    assert page.body.whom is not None
    whom = loaded(machine, skin).words.write(page.body.whom, "zh")
    rest = [note.size for text, note in texts.items() if text != whom and note.within.y > texts[whom].within.y]
    assert texts[whom].bold
    assert texts[whom].size > max(rest)
    assert whom in {loaded(machine, skin).words.write(row.value, "zh") for row in page.body.rows if row.value}
