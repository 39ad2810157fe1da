"""The phone on the whole unit: a code is read in the messages and typed; something is bought; a number is signed for;
a fare is paid at the pad.

Played by page keys. What is judged: the run's facts, and that neither code nor number ever reaches the office.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.stories.judging import judge
from tests.stories.rig import House
from tests.wire.rig import wait

pytestmark = [pytest.mark.glass, pytest.mark.long]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One unit, with a pad that a phone is held to."""
    made = House(tmp_path_factory.mktemp("house"), pad=True)
    try:
        yield made.start()
    finally:
        made.close()


def proved(house: House, machine: str, lesson: str, **facts: object) -> None:
    ended = house.end()
    assert (ended["machine"], ended["lesson"], ended["outcome"]) == (machine, lesson, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    if (house.state / "tray.json").exists():  # a phone has no money that could be missing
        judge(house)


def words_of(page: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the page's first sentence."""
    return dict(page["body"]["lines"][0]["args"])


def test_a_code_is_read_and_typed(house: House) -> None:
    house.begin("by-code", machine="account")
    for key in ("lock.open", "app.open", "login.code", "nav.sms", "sms.0"):
        house.tap(key)
    code = words_of(house.wait_step("message"))["code"]
    house.tap("nav.app")
    house.wait_step("code")
    house.type(code)
    for key in ("code.ok", "pass.long", "done.ok"):
        house.tap(key)
    proved(house, "account", "by-code", regained=True, proof="code", sms_read=True)
    assert code not in house.told()
    assert "19990211160" not in house.told()


def test_a_first_order(house: House) -> None:
    """The shop opens the wallet and hears that it paid; the order's page says so."""
    house.begin("first-order", machine="shop", skin="bazaar")
    for key in ("lock.open", "app.open", "menu.search"):
        house.tap(key)
    house.wait_step("search")
    house.type("杯子")
    for key in ("search.ok", "good.cup", "product.buy", "spec.small", "checkout.yes", "confirm.yes", "paid.ok"):
        house.tap(key)
    house.wait_step("order-paid")
    for key in ("nav.back", "nav.back", "nav.back", "nav.lock"):
        house.tap(key)
    proved(house, "shop", "first-order", ordered="cup", paid_fen=3_900)


def test_a_first_number(house: House) -> None:
    house.begin("first-number", machine="mobile-shop", skin="app")
    for key in ("lock.open", "app.open", "menu.new", "ident.own", "face.frame", "face.blink", "face.turn"):
        house.tap(key)
    for key in ("plan.small", "plan.take", "number.0", "confirm.yes", "done.ok"):
        house.tap(key)
    proved(house, "mobile-shop", "first-number", opened=True, plan="small", months=0, number_kind="plain")
    assert "19990217453" not in house.told()


def hold(house: House, **thing: str) -> None:
    """Something is held to the pad, and taken away again."""
    house.twins.must("tap_tag", at="tap_reader", **thing)


def let_go(house: House) -> None:
    house.twins.must("remove_tag", at="tap_reader")


def told(house: House, line: str) -> None:
    wait(lambda: house.look()["page"]["body"]["lines"][0]["key"] == line, line)


def test_a_fare_is_paid_at_the_pad(house: House) -> None:
    """A metro card first; then a cable comes out, and is mended; then the phone."""
    house.begin("tap", machine="payment")
    for key in ("lock.open", "app.open", "menu.tap", "shop.0"):
        house.tap(key)
    house.wait_step("tap")
    hold(house, uid="04a1b2c3d4e5f6")
    told(house, "tap.card")
    let_go(house)
    house.twins.must("unplug", device="tap_reader")
    told(house, "tap.no_reader")
    house.twins.must("replug", device="tap_reader")
    told(house, "tap.card")
    hold(house, number="phone")
    house.wait_step("paid")
    let_go(house)
    house.tap("paid.ok")
    proved(house, "payment", "tap", paid_way="tap", paid_fen=200, times_paid=1, tapped="reader")
    assert not [fact for fact in house.facts("media.moved") if fact["at"] == "tap_reader"]


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A unit that is a phone: its panel stands upright, and it has a locker."""
    made = House(tmp_path_factory.mktemp("phone"), phone=True, seen=True)
    try:
        yield made.start()
    finally:
        made.close()


def test_a_parcel_is_fetched_from_a_real_locker(phone: House) -> None:
    """The bolt USB drives for good first, and the parcel stays; then the door opens and is shut."""
    phone.twins.must("fault", device="parcel_locker", kind="jammed")
    phone.begin("locker-code", machine="shop", skin="bazaar")
    for key in ("lock.open", "app.sms", "sms.0", "nav.app", "app.open", "menu.orders", "order.1", "move.fetch"):
        phone.tap(key)
    code = "308152"
    phone.wait_step("pickup")
    phone.type(code)
    phone.tap("pickup.ok")
    phone.tap("notice.ok")
    phone.twins.must("fault", device="parcel_locker", kind="jammed", on=False)
    phone.tap("move.fetch")
    phone.wait_step("pickup")
    phone.type(code)
    phone.tap("pickup.ok")
    phone.wait_step("door")
    assert phone.twins.state()["parcel_locker"]["open"]
    phone.twins.must("shut_door", at="parcel_locker")
    phone.wait_step("order-taken")
    for key in ("nav.back", "nav.back", "nav.back", "nav.lock"):
        phone.tap(key)
    proved(phone, "shop", "locker-code", fetched=True, door_opened=True, sms_read=True)
    assert Image.open(phone.state / "glass.jpg").size == (360, 640)


def test_a_tap_on_the_upright_phone(phone: House) -> None:
    phone.begin("tap", machine="payment")
    for key in ("lock.open", "app.open", "menu.tap", "shop.0"):
        phone.tap(key)
    phone.wait_step("tap")
    hold(phone, number="phone")
    phone.tap("paid.ok")
    let_go(phone)
    proved(phone, "payment", "tap", paid_way="tap", tapped="reader")
