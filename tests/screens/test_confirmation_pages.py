"""Pages on which one says yes: a ticket says what its rows say, and who gets the money is the largest text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.pages import Page
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger
from kiosk_firmware.kits.common_pages import leaving_page
from kiosk_firmware.kits.return_items import Goodbye, Leave
from tests.screens.inspecting import faults
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
    ("machine", "skin", "name"),
    [("atm", "rongjiang", "transfer-confirm"), ("payment", "rongfu", "confirm-2"), ("social", "rongliao", "confirm")],
)
def test_who_gets_the_money_is_read_before_all_else(glass: Any, machine: str, skin: str, name: str) -> None:
    page, texts = drawn(glass, machine, skin, name)
    assert page.body.whom is not None
    whom = loaded(machine, skin).words.write(page.body.whom, "zh")
    rest = [note.size for text, note in texts.items() if text != whom and note.within.y > texts[whom].within.y]
    assert texts[whom].bold
    assert texts[whom].size > max(rest)
    assert whom in {loaded(machine, skin).words.write(row.value, "zh") for row in page.body.rows if row.value}


BYES = [
    (line, skin)
    for line in machine_loader.describe()
    for skin in machine_loader.skins(line.id)
    if line.holds and "goodbye.title" in machine_loader.machine_texts(line.id).keys("zh")
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_goodbye_shows_large_what_is_held(glass: Any, language: str) -> None:
    """At each machine that leaves something in one's hands, in each skin, whatever it says: all of its things."""
    found: list[str] = []
    for line, skin in BYES:
        it, things = loaded(line.id, skin), tuple(dict.fromkeys(one.picture for one in line.holds))
        reasons = sorted(key for key in machine_loader.machine_texts(line.id).keys("zh") if key.startswith("why."))
        for why in (key.removeprefix("why.") for key in reasons):
            page = leaving_page(CabinetLedger(), Goodbye(Leave(why)), 30_000, 30_000)
            fen = 12_300 if any(one.startswith("note_") for one in things) else -1
            body = msgspec.structs.replace(page.body, carried=things, amount_fen=fen)
            glass.lay(msgspec.structs.replace(page, body=body), it.words, language, it.look)
            drawn_things = [note for note in glass.stage.notes if note.kind == "picture" and note.text in things]
            assert {note.text for note in drawn_things} == set(things)
            assert all(note.rect.h >= 60 for note in drawn_things), (line.id, skin, things)
            found += [f"{line.id} {skin} {why}: {fault}" for fault in faults(glass.stage.notes, None)]
    assert len(BYES) > 4
    assert not found, "\n".join(found)
