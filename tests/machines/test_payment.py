"""The wallet beside its walks: what another app hears that wanted to be paid, the figures of the rule pack, the till's
clocks on its pages, and another unit's code on this one's scanner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import ReadPin
from kiosk_firmware.core.events import (
    PHONE,
    BarcodeRead,
    CabinetFound,
    Device,
    DeviceBack,
    DeviceLost,
    Fault,
    Media,
    MediaDetected,
    Tapped,
    Typed,
)
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.kits.phone_payment import pay_code
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.state import Deal
from kiosk_firmware.tools.authoring.lesson_check import open_lesson
from kiosk_firmware.unit.coach.search import Hint, Search, Ways

NOW = "2026-11-24T14:05:00+08:00"
SHOP, FEN = "云朵小店", 3_650
MOST = 20_000


def playing(skin: str = "rongfu") -> Play:
    loaded = machine_loader.load("payment", skin)
    return Play(loaded.machine, loaded.world)


def reached(play: Play, start: Situation, values: dict[str, tuple[str, ...]], menu: str = "") -> Iterator[Situation]:
    """Every situation from here to where something is paid or the part has closed; of the menu one key only."""
    seen, queue = {start}, deque([start])
    while queue:
        now = queue.popleft()
        yield now
        assert len(seen) < MOST
        if play.machine.result(now.state) is not None or (menu and isinstance(now.state.phase, p.Paid)):
            continue
        expiry = play.expiry(now)
        events = [(event,) for event in (*play.answers(now), *play.acts(now, values), *([expiry] if expiry else []))]
        if now.armed:
            events += play.world.faults(now.world, now.armed, now.open)
        for run in events:
            if isinstance(run[0], Tapped) and run[0].key.startswith("menu.") and run[0].key != menu:
                continue
            after = now
            for event in run:
                after = play.step(after, event).after
            if after not in seen:
                seen.add(after)
                queue.append(after)


def asked(play: Play, fault: Fault | None, person: str) -> Situation:
    opening = machine_loader.start_event(machine_loader.personas()[person], NOW, fault)
    return play.begin(msgspec.structs.replace(opening, request=LinkedMachineRequest("pay", FEN, SHOP, "order-7")))


@pytest.mark.parametrize("person", ["pay_own", "pay_poor"])
@pytest.mark.parametrize("fault", ["answer_lost", "host_offline"])
def test_whoever_asks_to_be_paid_hears_the_truth(fault: Fault, person: str) -> None:
    """Paid means that the money is there, to the fen; refused that nothing was moved; also if an answer is lost."""
    play, ends = playing(), set()
    values = {"unsure": ("none",)}  # nobody pays again without looking
    for now in reached(play, asked(play, fault, person), values):
        result = play.machine.result(now.state)
        if result is None:
            continue
        got = dict(now.world.persona.ledger.balances).get(SHOP, 0)
        assert got == result.fen == (FEN if result.verdict == "done" else 0)
        assert (result.about == "order-7") == (result.verdict == "done")
        ends.add(result.verdict)
    assert ends == {"done", "refused"}


def test_the_figures_are_those_of_the_reference() -> None:
    """No walk can see a wrong figure that rules and world both read."""
    rules = machine_loader.load("payment", "rongfu").machine.terms.rules  # type: ignore[attr-defined]
    assert (rules.free_fen, rules.free_times, rules.printed_day_fen) == (100_000, 10, 50_000)
    assert (rules.poll_ms, rules.give_up_ms, rules.least_ms, rules.code_ms) == (5_000, 30_000, 15_000, 60_000)
    assert (rules.pin_tries, rules.pin_digits, rules.hours) == (5, 6, (0, 2, 24))


def test_the_tills_clocks_stand_on_its_pages() -> None:
    """The world counts what the rules say; the pages must really wait as long."""
    play = playing()
    rules = play.machine.terms.rules  # type: ignore[attr-defined]
    start = play.begin(machine_loader.start_event(machine_loader.personas()["pay_rich"], NOW, "answer_lost"))
    found: dict[str, set[int]] = {}
    for now in reached(play, start, {"shop": ("phones",)}, "menu.code"):
        page: Page = play.page(now)
        assert all(effect.on == "glass" for effect, _ in now.open if isinstance(effect, ReadPin))
        if page.timer:
            found.setdefault(page.timer.name, set()).add(page.timer.ms)
    assert found["password"] == {rules.give_up_ms}
    assert found["till"] == {rules.least_ms}
    assert found["poll"] == {rules.poll_ms}
    assert found["code"] == {rules.code_ms}


def test_another_units_code_is_paid_and_proved() -> None:
    """Read by the scanner, paid, and then a receipt that names its order and sum."""
    play = playing()
    start = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    values = {"shop": (), "contact": (), "scan": (pay_code(41, 1_200),)}
    receipts = {
        play.page(now).body.code
        for now in reached(play, start, values, "menu.scan")
        if isinstance(now.state.phase, p.Paid)
    }
    assert receipts
    assert all(code.startswith("kiosk-practice:paid?order=41&fen=1200&n=1") for code in receipts)


def test_a_strangers_code_is_not_paid() -> None:
    """What is none of ours, or no code to be paid, says so and changes nothing."""
    play = playing()
    now = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    now = msgspec.structs.replace(
        now,
        state=msgspec.structs.replace(
            now.state, phase=p.Shops(("static", "dynamic")), shell=msgspec.structs.replace(now.state.shell, where="app")
        ),
    )
    for text in ("", "kiosk-practice:x", "https://pay.example/1", pay_code(1, 2) + "0x"):
        after = play.step(now, BarcodeRead("barcode_scanner", text)).after
        assert after.state.phase == p.Notice("not_ours")
        assert not after.open


@pytest.mark.parametrize("lost", [(), ("barcode_scanner",)])
def test_only_a_unit_with_a_scanner_says_that_it_reads_codes(lost: tuple[Device, ...]) -> None:
    play = playing()
    now = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    now = play.step(now, CabinetFound(lost=lost)).after
    pages = [play.page(one) for one in reached(play, now, {"shop": ()}, "menu.scan")]
    (page,) = {page.step: page for page in pages if page.step == "shops-static"}.values()
    said = any(line.key == "shops.unit" for line in page.body.lines)
    assert said == ("barcode_scanner" in page.at) == (not lost)


def pressed(play: Play, now: Situation, *names: str) -> Situation:
    """After keys by their name or value, and what is typed."""
    for name in names:
        page = play.page(now)
        key = next((key for key in page.keys if name in (key.name, key.value) and key.role != "field"), None)
        act = Tapped(key.name, page.step, key.value) if key else Typed(page.body.field_key, name, page.step)
        now = play.settle(play.act(now, act))
    return now


@pytest.mark.parametrize("between", [("5", "amount.ok", "hours.0", "confirm.yes", "nav.back"), ()])
def test_what_is_paid_again_after_another_was_called_off_is_paid(between: tuple[str, ...]) -> None:
    """A number that is given twice would be taken for the first payment asked again: "paid", and nothing moved."""
    play = playing()
    start = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    now = pressed(play, start, "lock.open", "app.open", "menu.tap", "bus", "till.other", "paid.ok", "lock.open")
    now = pressed(play, now, "app.open", "menu.send", "1007", *between, *["notice.ok" if between else "nav.back"])
    now = pressed(play, now, "menu.tap", "bus", "till.other")
    assert isinstance(now.state.phase, p.Paid)
    assert dict(now.world.persona.ledger.balances)["bus"] == 2 * 200
    assert not play.world.breaches(now.world, False)


@pytest.mark.parametrize(("hours", "said"), [(0, "now"), (24, "later")])
def test_a_transfer_ends_with_no_word_of_a_shop(hours: int, said: str) -> None:
    """Nobody stands there to say that it came, or to give it back."""
    play = playing()
    now = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    state = pressed(play, now, "lock.open", "app.open").state
    deal = Deal("1007", 5_000, "send", hours=hours)
    page = play.machine.view(msgspec.structs.replace(state, phase=p.Paid("0001"), deal=deal))
    assert (page.title.key, [line.key for line in page.body.lines]) == (f"paid.title_{said}", [f"paid.how_{said}"])


def test_a_list_with_a_transfer_on_its_way_is_not_called_empty() -> None:
    play = playing()
    now = play.begin(machine_loader.start_event(machine_loader.personas()["pay_sent"], NOW))
    page = play.page(pressed(play, now, "lock.open", "app.open", "menu.bills"))
    assert any(key.name.startswith("waiting.") for key in page.keys)
    assert not page.body.rows
    assert [line.key for line in page.body.lines] == ["bills.how"]


# -- a tap -------------------------------------------------------------------------------------------------------------


def at_the_pad(lost: tuple[Device, ...] = ()) -> tuple[Play, Situation]:
    """On the bus, the phone is ready to be held there."""
    loaded = machine_loader.load("payment", "shutong")
    play = Play(loaded.machine, loaded.world, frozenset(loaded.machine.FACTS))
    now = play.begin(machine_loader.start_event(machine_loader.personas()["pay_own"], NOW))
    now = play.step(now, CabinetFound(lost=lost)).after
    for key in ("lock.open", "app.open", "menu.tap", "shop.0"):
        page = play.page(now)
        pressed = page.key(key)
        assert pressed is not None, (page.step, key)
        now = play.step(now, Tapped(key, page.step, pressed.value)).after
    assert isinstance(now.state.phase, p.TapReady)
    return play, now


HELD = MediaDetected("tap_reader", Media(PHONE))
WRONG = {
    "short": MediaDetected("tap_reader", None, "unreadable"),
    "foreign": MediaDetected("tap_reader", None, "foreign"),
    "card": MediaDetected("tap_reader", Media("9900000000000001")),
}


@pytest.mark.parametrize("tries", [(), ("short",), ("card", "foreign", "short"), ("short", "short", "card")])
def test_only_the_phone_pays_at_the_pad_however_often_something_else_is_held_there(tries: tuple[str, ...]) -> None:
    play, now = at_the_pad()
    before = now.world.persona
    for wrong in tries:
        now = play.step(now, WRONG[wrong]).after
        assert now.state.phase == p.TapReady(wrong)  # type: ignore[arg-type]
        assert play.page(now).body.lines[0].key == f"tap.{wrong}"
        assert now.world.persona == before
    now = play.settle(play.step(now, HELD).after)
    assert isinstance(now.state.phase, p.Paid)
    told = play.facts(now)
    assert (told["times_paid"], told["paid_way"], told["tapped"]) == (1, "tap", "reader")
    assert not play.world.breaches(now.world, False)


@pytest.mark.parametrize("at_first", [True, False])
def test_without_a_reader_a_key_pays_and_the_page_says_why(at_first: bool) -> None:
    """Also where it is lost while the page stands, and not any more when it is back."""
    play, now = at_the_pad(("tap_reader",) if at_first else ())
    if not at_first:
        now = play.step(now, DeviceLost("tap_reader")).after
    page = play.page(now)
    assert "tap_reader" not in page.at
    assert page.body.lines[0].key == "tap.no_reader"
    pressed = page.key("till.tap")
    assert pressed is not None
    assert pressed.role == "primary"
    paid = play.settle(play.step(now, Tapped("till.tap", page.step, pressed.value)).after)
    assert isinstance(paid.state.phase, p.Paid)
    assert play.facts(paid)["tapped"] == "key"
    again = play.page(play.step(now, DeviceBack("tap_reader")).after)
    assert again.at == ("tap_reader",)
    assert again.key("till.tap") is None


def test_the_coach_points_at_the_pad() -> None:
    lesson = next(one for one in machine_loader.lessons("payment") if one.id == "tap")
    play, now = open_lesson("payment", "shutong", lesson)
    ways, hints = Ways(play, lesson), []
    while not hints or hints[-1].kind != "reached":
        search = Search(ways, now)
        while not search.work():
            pass
        assert search.hint is not None
        hints.append(search.hint)
        assert len(hints) < 12
        if search.first_act is not None:
            now = play.settle(play.act(now, search.first_act))
    assert Hint("hold", slot="tap_reader") in hints
