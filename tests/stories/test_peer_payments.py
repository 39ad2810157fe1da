"""Two whole units: a phone's code before a ticket machine's scanner, and the ticket machine's order paid on the phone.

Codes are read off the glass's own picture, as a scanner would. Judged by both units' facts: what was paid, that a code
is good once, and that neither its figures nor a password's ever leave the unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.stories.phoning import figures
from tests.stories.riding import buy, lift_ident
from tests.stories.riding import proved as rode
from tests.stories.rig import PIN, House
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.long]


def _house(folder: Path) -> Iterator[House]:
    made = House(folder, seen=True, scanner=True)
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A unit that is a phone."""
    yield from _house(tmp_path_factory.mktemp("phone"))


@pytest.fixture(scope="module")
def rail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A unit that is a ticket machine."""
    yield from _house(tmp_path_factory.mktemp("rail"))


def shown(house: House, begins: str) -> str:
    """The code on the glass that begins so."""
    import zxingcpp

    found: list[str] = []

    def sees() -> bool:
        path = house.state / "glass.jpg"
        picture = Image.open(path).convert("RGB") if path.exists() else Image.new("RGB", (8, 8))
        texts = [code.text for code in zxingcpp.read_barcodes(picture)]
        found.extend(text for text in texts if text.startswith(begins))
        return bool(found)

    wait(sees, f"a code that begins with {begins}")
    return found[-1]


def show(house: House, text: str) -> None:
    wait(lambda: house.twins.do("show_code", at="barcode_scanner", text=text)["ok"], "the scanner to look")


def opened(house: House, lesson: str, *keys: str) -> None:
    house.begin(lesson, machine="payment")
    for key in ("lock.open", "app.open", *keys):
        house.tap(key)


def proved(house: House, lesson: str, **facts: object) -> None:
    ended: dict[str, Any] = house.end()
    assert (ended["machine"], ended["lesson"]) == ("payment", lesson)
    assert {name: ended["facts"].get(name) for name in facts} == facts


def _leave(house: House) -> None:
    house.tap("slip.no")
    lift_ident(house)


def met(house: House) -> list[tuple[str, str]]:
    return [(fact["kind"], fact["word"]) for fact in house.facts("code.met")]


def test_a_phones_code_pays_a_ticket_once(phone: House, rail: House) -> None:
    opened(phone, "show-code", "menu.code", "shop.0")
    code = shown(phone, "kiosk-practice:code")
    rail.begin("buy-tomorrow", machine="rail")
    buy(rail, "cqb", 1, "G8605", "phone")
    rail.wait_step("phone")
    show(rail, code)
    _leave(rail)
    rode(rail, "buy-tomorrow", bought=1, paid_by="phone")
    rail.begin("buy-tomorrow", machine="rail")
    buy(rail, "cqb", 1, "G8605", "phone")
    rail.wait_step("phone")
    show(rail, code)
    wait(lambda: met(rail)[1:] == [("own", "used")], "the second one to be refused")
    phone.tap("till.show")
    phone.tap("paid.ok")
    proved(phone, "show-code", paid_way="code", times_paid=1)
    assert code[-18:] not in rail.told() + phone.told()

    opened(phone, "", "menu.scan")
    show(phone, shown(rail, "kiosk-practice:pay"))
    phone.tap("confirm.yes")
    phone.wait_step("receipt")
    receipt = shown(phone, "kiosk-practice:paid")
    show(rail, receipt)
    _leave(rail)
    rode(rail, "buy-tomorrow", bought=1, paid_by="phone")
    assert met(rail)[2:] == [("receipt", "taken")]
    assert len({fact["code"] for fact in rail.facts("code.met")}) == 2
    phone.tap("paid.ok")
    proved(phone, "", paid_to="unit")


def test_a_password_is_typed_on_the_phones_glass(phone: House) -> None:
    opened(phone, "password", "menu.code", "shop.1", "till.show")
    phone.wait_step("password")
    figures(phone)
    phone.tap("paid.ok")
    proved(phone, "password", paid_fen=129_900, password_wrong=0)
    assert PIN not in phone.told()
