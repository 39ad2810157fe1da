"""The shop beside its walks: in its place the wallet really pays, and what goes back goes where it came from; a lost
answer makes no second order; a station's scanner takes only one's own parcel; the figures are the reference's.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import OpenDoor
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    CabinetFound,
    Device,
    DoorClosed,
    Fault,
    HostAnswered,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.hosts.shop import Order
from kiosk_firmware.core.linked_machines import Frame
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.rules_order import return_barred
from kiosk_firmware.machines.shop.state import PARCEL, Rules, Terms
from kiosk_firmware.machines.shop.world import MOVES
from kiosk_firmware.unit.coach.search import Search, Ways

NOW = "2026-11-24T14:05:00+08:00"
BUY = ("lock.open", "app.open", "menu.search", "杯子", "search.ok", "good.cup", "product.buy", "spec.small")


def begun(person: str = "shop_own", fault: Fault | None = None, skin: str = "bazaar") -> tuple[Play, Situation]:
    """The shop in its place, with the wallet beside it."""
    loaded = machine_loader.with_linked_machines(machine_loader.load("shop", skin), "shop")
    play = Play(loaded.machine, loaded.world)
    return play, play.begin(machine_loader.start_event(loaded.personas[person], NOW, fault))


def done(play: Play, now: Situation, *names: str) -> Situation:
    """Keys pressed one after the other; what is no key of the page is typed into its field."""
    for name in names:
        page = play.page(now)
        key = page.key(name)
        assert key or page.body.field_key, f"{name} is not on {page.step}"
        event = Tapped(name, page.step, key.value) if key else Typed(page.body.field_key, name, page.step)
        now = play.settle(play.act(now, event))
    return now


def persona(play: Play, now: Situation) -> Persona:
    return play.world.persona(now.world)  # type: ignore[no-any-return]


def orders(play: Play, now: Situation) -> tuple[Order, ...]:
    return persona(play, now).phone.shopper.orders


@cache
def terms() -> Terms:
    return machine_loader.load("shop", "bazaar").machine.terms  # type: ignore[attr-defined, no-any-return]


def test_the_wallet_pays_and_a_refund_goes_back_where_it_came_from() -> None:
    """Ordered with the coupon, paid in the wallet, not wanted: to the fen as before."""
    play, now = begun()
    before = persona(play, now).ledger
    now = done(play, now, *BUY, "checkout.coupon", "checkout.yes")
    assert isinstance(now.state, Frame)
    assert now.state.name == "payment"
    now = done(play, now, "confirm.yes", "paid.ok")
    (order,) = orders(play, now)
    assert (order.state, order.fen) == ("paid", 3_400)
    assert persona(play, now).ledger.balance("1001") == before.balance("1001") - 3_400
    now = done(play, now, "move.cancel")
    assert orders(play, now)[0].state == "refunded"
    assert persona(play, now).ledger.balance("1001") == before.balance("1001")
    assert not play.world.breaches(now.world, False)


@pytest.mark.parametrize("skin", ["bazaar", "neighbours"])
def test_the_coach_leads_through_the_wallet_and_back(skin: str) -> None:
    """In its place, as on a unit: each lesson in which something is paid, within the search's budget."""
    loaded = machine_loader.with_linked_machines(machine_loader.load("shop", skin), "shop")
    bought = [one for one in loaded.lessons if any(row.fact == "paid_fen" for row in one.goal)]
    for lesson in (one for one in bought if one.setting.skin in ("", skin)):
        play, setting = Play(loaded.machine, loaded.world, lesson.facts()), lesson.setting
        person = loaded.personas[setting.persona]
        now = play.settle(
            play.begin(machine_loader.start_event(person, setting.now, setting.armed, scene=setting.scene))
        )
        ways = Ways(play, lesson)
        steps: set[str] = set()
        while not ways.reached(now):
            search = Search(ways, now)
            while not search.work(1000):
                pass
            assert search.first_act is not None, f"{lesson.id}: no way at {play.page(now).step}"
            steps.add(play.page(now).step)
            now = play.settle(play.act(now, search.first_act))
        assert "payment-confirm" in steps


def test_whoever_leaves_the_wallet_has_an_order_that_waits() -> None:
    """Nothing is paid, nothing is lost; it is paid from the order's page, once, and then cannot be paid again."""
    play, now = begun()
    now = done(play, now, *BUY, "checkout.yes", "nav.back")
    assert play.page(now).step == "order-unpaid"
    assert persona(play, now).ledger.balance("1001") == 30_000
    now = done(play, now, "move.pay", "confirm.yes", "paid.ok")
    assert play.page(now).step == "order-paid"
    assert play.page(now).key("move.pay") is None
    assert persona(play, now).ledger.balance("1001") == 30_000 - 3_900


@pytest.mark.parametrize("fault", ["answer_lost", "host_offline"])
def test_a_lost_answer_makes_no_second_order(fault: Fault) -> None:
    play, now = begun(fault=fault)
    now = done(play, now, *BUY, "checkout.yes", "confirm.yes", "paid.ok")
    assert now.armed is None
    assert [one.state for one in orders(play, now)] == ["paid"]
    assert persona(play, now).ledger.balance("1001") == 30_000 - 3_900


def test_where_nothing_answers_the_page_says_so_and_the_next_try_is_the_same_order() -> None:
    """Two answers in a row are lost, both were booked: once."""
    loaded = machine_loader.load("shop", "bazaar")
    play = Play(loaded.machine, loaded.world)
    now = done(play, play.begin(machine_loader.start_event(loaded.personas["shop_own"], NOW)), *BUY)
    key = play.page(now).key("checkout.yes")
    assert key
    for _ in range(2):
        now = play.step(now, Tapped(key.name, "checkout", key.value)).after
        for _ in range(2):
            said = next(play.answers(now))
            assert isinstance(said, HostAnswered)
            world = play.world.booked(now.world, said.ask)  # type: ignore[attr-defined]
            now = play.step(now, HostAnswered(said.at, said.ref, "offline", said.ask, "timeOut")).after
            now = Situation(now.state, world, now.open, now.armed, now.marks)
        assert isinstance(now.state.phase, p.Notice)
        now = done(play, now, "notice.ok", *BUY[2:])
    assert len(orders(play, now)) == 1


def test_a_station_gives_out_only_ones_own_parcel() -> None:
    """Its scanner reads what the phone shows; other codes, and none of ours, change nothing."""
    play, now = begun("shop_ready", skin="neighbours")
    now = done(play, now, "lock.open", "app.open", "menu.orders", "order.1", "move.fetch")
    assert play.page(now).body.code == PARCEL + "308152"
    for text in ("", PARCEL, PARCEL + "308153", "308152"):
        assert play.settle(play.act(now, BarcodeRead("barcode_scanner", text))).state is now.state
    now = play.settle(play.act(now, BarcodeRead("barcode_scanner", PARCEL + "308152")))
    assert orders(play, now)[0].state == "taken"
    assert not play.world.breaches(now.world, False)


def test_a_return_stops_the_clock() -> None:
    """What was asked back is never confirmed by time alone."""
    assert not {target for (state, act), target in MOVES.items() if state in ("asked", "back") and act == "later"} & {
        "done",
        "taken",
    }


@given(st.sampled_from([good.id for good in terms().rules.goods]), st.integers(0, 20))
@settings(max_examples=60)
def test_what_may_go_back_is_the_laws(good: str, days: int) -> None:
    """Broken always within the days; without a reason only what is not made to order, does not spoil and is marked."""
    order = Order(1, good, 1_000, state="taken", fetched=True, days=days)
    plain = good in ("cup", "shoes")
    assert (return_barred(terms(), order, "broken") == "") == (days <= 7)
    assert (return_barred(terms(), order, "mind") == "") == (plain and days <= 7)


def test_the_figures_are_those_of_the_reference() -> None:
    """No walk can see a wrong figure that rules and world both read."""
    rules: Rules = terms().rules
    assert (rules.resend_s, rules.code_digits, rules.close_min) == (60, 6, 30)
    assert (rules.confirm_days, rules.return_days) == (10, 7)
    assert rules.confirm_days > rules.return_days


def test_unpaid_it_closes_by_the_clock_and_the_app_is_put_away() -> None:
    """Half an hour at a key; walking away closes the app and loses nothing."""
    play, now = begun()
    now = done(play, now, *BUY, "checkout.yes", "nav.back", "move.later")
    assert orders(play, now)[0].state == "closed"
    now = play.settle(play.act(now, TimerExpired("page")))
    assert play.at_home(now)


# -- the locker's door -------------------------------------------------------------------------------------------------


def at_the_locker(lost: tuple[Device, ...] = (), fault: Fault | None = None) -> tuple[Play, Situation]:
    """A parcel lies there, and its code is about to be typed."""
    play, now = begun("shop_ready", fault)
    now = play.step(now, CabinetFound(lost=lost)).after
    now = done(play, now, "lock.open", "app.open", "menu.orders", "order.1", "move.fetch")
    return play, now


def typed(play: Play, now: Situation, code: str = "") -> Situation:
    return done(play, now, code or orders(play, now)[0].code, "pickup.ok")


@pytest.mark.parametrize("shuts", [DoorClosed("parcel_locker"), "door.shut", "nobody"])
def test_the_parcel_is_fetched_when_the_door_was_open(shuts: AnyEvent | str) -> None:
    """Felt, said, or left open by somebody who has gone: then it is asked for once more."""
    play, now = at_the_locker()
    now = typed(play, now)
    assert play.page(now).at == ("parcel_locker",)
    assert orders(play, now)[0].state == "ready"
    if shuts == "nobody":
        for step in ("door", "door-left"):
            assert play.page(now).step == step
            expiry = play.expiry(now)
            assert expiry is not None
            now = play.settle(play.act(now, expiry))
    else:
        now = done(play, now, shuts) if isinstance(shuts, str) else play.settle(play.act(now, shuts))
    assert (orders(play, now)[0].state, orders(play, now)[0].fetched) == ("taken", True)
    assert not play.world.breaches(now.world, False)


def test_a_door_that_is_stuck_keeps_the_parcel_and_is_tried_again() -> None:
    play, now = at_the_locker(fault="locker_jammed")
    now = typed(play, now)
    assert play.page(now).step == "notice"
    assert orders(play, now)[0].state == "ready"
    now = typed(play, done(play, now, "notice.ok", "move.fetch"))
    now = play.settle(play.act(now, DoorClosed("parcel_locker")))
    assert orders(play, now)[0].state == "taken"


@given(code=st.text("0123456789", max_size=8))
@settings(deadline=None, max_examples=30)
def test_no_other_code_opens_the_door(code: str) -> None:
    play, now = at_the_locker()
    right = orders(play, now)[0].code
    opened: list[object] = []
    for name in (code or "0", "pickup.ok"):
        page = play.page(now)
        key = page.key(name)
        event = Tapped(name, page.step, key.value) if key else Typed(page.body.field_key, name, page.step)
        step = play.step(now, event)
        opened += [effect for effect in step.effects if isinstance(effect, OpenDoor)]
        now = step.after
    assert bool(opened) == (code == right)


def test_a_unit_without_a_locker_gives_the_parcel_out_for_the_code_alone() -> None:
    play, now = at_the_locker(("parcel_locker",))
    now = typed(play, now)
    assert orders(play, now)[0].state == "taken"
    assert not now.open
