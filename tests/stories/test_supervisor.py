"""A supervisor at a unit in life: in by code and by card, looks, tests, sets a fault that strikes, counts, shuts it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.identity import status_file
from kiosk_firmware.unit.shell.supervisor_lock import SupervisorLock
from tests.stories.judging import judge
from tests.stories.rig import OTHERS, GoneError, House
from tests.wire.rig import wait

pytestmark = pytest.mark.glass
CODE, CARD = "246813", "9900990000000017"


@pytest.fixture(autouse=True)
def _lock(house: House) -> None:
    """What commissioning sets."""
    if not (house.state / "staff.json").exists():
        lock = SupervisorLock(house.state, utc_ms)
        lock.set("code", 1, bytearray(CODE.encode()))
        lock.set("card", 2, bytearray(CARD.encode()))
        house.kill("screen")  # it reads them when it starts
        house.start_screen()


def knock(house: House) -> dict:
    house.wait_idle()
    house.look(knock="")
    return house.wait_step("staff-door", "staff-barred")


def type_code(house: House, code: str = CODE) -> None:
    for count, digit in enumerate(code, 1):
        wait(lambda d=digit, n=count: _typed(house.look(tap=f"digit.{d}")) in (n, n % 6, None), "the digit to be taken")


def _typed(seen: dict) -> int | None:
    page = seen["page"]
    return page["body"].get("digits", 0) if page["step"].startswith("staff-door") and len(page["keys"]) > 5 else None


def enter(house: House) -> None:
    knock(house)
    type_code(house)
    house.wait_step("staff-desk")


def leave(house: House) -> None:
    before = len(house.facts("supervisor.left"))
    house.tap("staff.end")
    house.wait_step("attract")
    wait(lambda: len(house.facts("supervisor.left")) > before, "it to be told")


def more(house: House, key: str) -> None:
    """Press a key that stands on this page or a later one."""
    house._press_until("staff.more", lambda: key in [shown["name"] for shown in house.look()["page"]["keys"]])
    house.tap(key)


def rows(house: House) -> list[tuple[str, str]]:
    """The page's rows: (label's or value's key, mark)."""
    page = house.look()["page"]
    return [((row.get("value") or row["label"])["key"], row.get("mark", "")) for row in page["body"].get("rows", [])]


def test_in_by_code_and_by_card_and_the_office_knows_the_number_only(house: House) -> None:
    page = knock(house)
    digits = [key["value"] for key in page["keys"] if key["role"] == "digit"]
    assert sorted(digits) == sorted("0123456789<")
    type_code(house)
    house.wait_step("staff-desk")
    leave(house)
    knock(house)
    house.card(CARD)
    house.take_card()
    house.wait_step("staff-desk")
    leave(house)
    assert [(fact["who"], fact["by"]) for fact in house.facts("supervisor.entered")][-2:] == [(1, "code"), (2, "card")]
    wait(lambda: house.facts("supervisor.left")[-1] == {"who": 2, "reason": "key"}, "it to be told")
    assert CODE not in house.told() + house.log()
    assert CARD not in house.told() + house.log()


@pytest.mark.long
def test_a_wrong_code_and_a_learners_card_stay_outside(house: House) -> None:
    knock(house)
    type_code(house, "975310")
    house.wait_line("staff.door.wrong")
    house.card()
    house.take_card()
    wait(lambda: len(house.facts("supervisor.refused")) == 2, "both to be told")
    assert [(fact["by"], fact["left"]) for fact in house.facts("supervisor.refused")] == [("code", 4), ("card", 3)]
    type_code(house)
    house.wait_step("staff-desk")
    leave(house)


@pytest.mark.long
def test_health_in_words_and_a_test_that_sees(house: House) -> None:
    enter(house)
    house.twins.must("unplug", device="receipt_printer")
    house.tap("staff.health")
    house._until(lambda seen: _again(house, "staff.look-again", ("staff.seen.lost", "bad")), "the loss to be seen")
    assert ("staff.seen.ok", "ok") in rows(house)
    house.twins.must("replug", device="receipt_printer")
    house._until(lambda seen: not _again(house, "staff.look-again", ("staff.seen.lost", "bad")), "it to be back")
    house.tap("staff.tests")
    more(house, "test.receipt-printer")
    house._until(lambda seen: ("staff.seen.printed", "ok") in rows(house), "the slip")
    assert len(house.slips()) == 1
    house.tap("staff.back")
    more(house, "test.note-acceptor")
    house.note(10_000)
    house.take_note()
    house._until(lambda seen: ("staff.seen.returned", "ok") in rows(house), "the note's way")
    house.tap("staff.back")
    more(house, "test.pin-pad")
    house.twins.must("pin_key", key="4")
    house._until(lambda seen: ("staff.seen.keys", "ok") in rows(house), "a key")
    for key in ("staff.back", "staff.back", "staff.back"):
        house.tap(key)
    leave(house)
    assert [fact["detail"] for fact in house.facts("supervisor.acted") if fact["act"] == "test"] == [
        "receipt_printer",
        "note_acceptor",
        "pin_pad",
    ]


def _again(house: House, key: str, row: tuple[str, str]) -> bool:
    house.look(tap=key)
    time.sleep(0.05)
    return row in rows(house)


def test_an_armed_fault_strikes_in_the_next_run(house: House) -> None:
    enter(house)
    house.tap("staff.faults")
    more(house, "fault.notes-gone")
    house.tap("staff.arm")
    house.wait_line("staff.hub.armed")
    leave(house)
    house.begin("")
    house.enter()
    house.tap("menu.withdraw")
    house.tap("amount.100")
    house.tap("receipt.no")
    house.take_card()
    house.end()
    assert house.facts("fault.struck")[-1]["fault"] == "notes_gone"
    assert {"who": 1, "act": "arm", "detail": "notes_gone"} in house.facts("supervisor.acted")
    judge(house)


def count(house: House, when: str, change: str = "") -> dict:
    """Count everything as it should be, but for a change of the first item; the fact."""
    house.tap("staff.count")
    house.tap(f"staff.{when}")
    page = house.wait_step("staff-count-0")
    if change:
        before = page["body"]["lines"]
        house._press_until(change, lambda: house.look()["page"]["body"]["lines"] != before)
    while house.step() != "staff-counted":
        house.tap("staff.count-next")
    before = len(house.facts("custody.counted"))
    house.tap("staff.count-keep")
    house.wait_step("staff-desk")
    wait(lambda: len(house.facts("custody.counted")) > before, "the count to be told")
    return house.facts("custody.counted")[-1]


def test_the_count_knows_what_the_machine_took_and_gave(house: House) -> None:
    enter(house)
    before = count(house, "before", "staff.more-ten")
    assert (before["counted"]["card"], before["counted"]["fen.100"]) == (10, 0)
    leave(house)
    house.begin("")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    house.wait_amount("deposit", 10_000)
    house.token(100)
    house.wait_amount("deposit", 10_100)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    house.end()
    enter(house)
    after = count(house, "after", "staff.less")
    moved = {what: after["expected"][what] - before["counted"][what] for what in before["counted"]}
    assert moved == {**dict.fromkeys(before["counted"], 0), "fen.10000": -1, "fen.100": -1}
    assert (after["complete"], after["counted"]["card"], after["expected"]["card"]) == (False, 9, 10)
    house.tap("staff.refill")
    house.tap("refill.note-acceptor")
    house.tap("staff.refilled")
    house.tap("staff.back")
    house.tap("staff.count")
    house.tap("staff.after")
    while (page := house.wait_step(*(f"staff-count-{n}" for n in range(9))))["title"]["args"] != [["fen_fen", 10_000]]:
        house.tap("staff.count-next")
    assert dict(page["body"]["lines"][0]["args"])["n"] == after["counted"]["fen.10000"] + 1
    while house.step() != "staff-desk":
        house.tap("staff.back")
    leave(house)


@pytest.mark.long
def test_out_of_service_stands_for_learners_until_it_is_lifted(house: House) -> None:
    enter(house)
    house.tap("staff.service")
    house.tap("shut.cleaning")
    house.wait_line("staff.hub.shut")
    house.tap("staff.end")
    house.wait_step("shut")
    house.kill("screen")
    house.start_screen()
    house.wait_line("staff.shut.cleaning")
    enter(house)
    house.tap("staff.service")
    house.tap("staff.open")
    leave(house)
    assert house.order("out.of.service", reason="repair")["ok"]
    house.wait_step("shut")
    assert not house.order("out.of.service", reason="because")["ok"]
    assert house.order("out.of.service", reason="")["ok"]
    house.wait_step("attract")


@pytest.mark.long
def test_a_supervisor_takes_a_card_of_their_own(house: House) -> None:
    enter(house)
    house.tap("staff.setup")
    house.tap("staff.new-card")
    house.card(OTHERS)
    house.take_card()
    house.wait_line("staff.card.done")
    house.tap("staff.back")
    house.tap("staff.back")
    leave(house)
    knock(house)
    house.card(OTHERS)
    house.take_card()
    house.wait_step("staff-desk")
    leave(house)
    wait(lambda: house.facts("supervisor.entered")[-1] == {"who": 1, "by": "card"}, "it to be told")


@pytest.mark.long
def test_a_unit_is_set_up_anew_from_the_desk(house: House) -> None:
    enter(house)
    house.tap("staff.setup")
    house.tap("staff.set-up")
    wait(lambda: _pressed_to_the_end(house, "staff.restart-now"), "the process to end")
    house.start_screen()
    house.wait_step("unit-kinds")
    house.wait_line("unit.kinds.now")
    (house.state / "commission").unlink()  # as if somebody had finished it
    house.kill("screen")
    house.start_screen()
    house.wait_step("attract")
    assert house.facts("supervisor.acted")[-1]["act"] == "commission"


@pytest.mark.long
def test_a_unit_is_wiped_from_the_desk_after_two_questions_and_a_fact(house: House) -> None:
    """Up to the order, which is the system's; a unit of nobody has no office to wait for and nothing to sign with."""
    enter(house)
    house.tap("staff.setup")
    house.tap("staff.wipe")
    house.wait_line("staff.wipe.unsent")
    assert "staff.to-stick" not in [key["name"] for key in house.look()["page"]["keys"]]
    house.tap("staff.wipe-on")
    house.wait_step("staff-wipe-sure")
    house.tap("staff.back")
    house.tap("staff.wipe-on")
    assert not (house.state / status_file.WIPE).exists()
    house.tap("staff.wipe-now")
    wait(lambda: (house.state / status_file.WIPE).exists(), "the order")
    assert house.facts("supervisor.acted")[-1] == {"who": 1, "act": "wipe", "detail": ""}
    (house.state / status_file.WIPE).unlink()  # nobody here ends the system
    house.tap("staff.wipe-stop")
    house.tap("staff.back")
    leave(house)


def _pressed_to_the_end(house: House, key: str) -> bool:
    with suppress(GoneError):
        house.look(tap=key)
    return house.died("screen")


@pytest.fixture
def dedicated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"), machines=("atm",))
    SupervisorLock(made.state, lambda: 0).set("code", 1, bytearray(CODE.encode()))
    try:
        yield made.start()
    finally:
        made.close()


@pytest.mark.long
def test_a_unit_of_one_machine_opens_from_its_first_page_only(dedicated: House) -> None:
    house = dedicated
    house.wait_step("home")
    house.enter()
    house.look(knock="")
    assert house.step() == "menu"  # somebody is at work
    house.tap("menu.eject")
    house.take_card()
    house.wait_step("home")
    wait(lambda: house.look(knock="")["page"]["step"].startswith("staff-door"), "the door")
    type_code(house)
    house.wait_step("staff-desk")
    house.tap("staff.end")
    house.wait_step("home")
    judge(house)


def test_the_desk_closes_by_itself_after_two_minutes(house: House) -> None:
    enter(house)
    house.minute()
    house.tap("staff.faults")
    house.pass_time("staff-faults")
    house.wait_step("attract")
    wait(lambda: house.facts("supervisor.left")[-1:] == [{"who": 1, "reason": "idle"}], "it to be told")


def test_five_failures_bar_the_door_and_a_restart_does_not_open_it(house: House) -> None:
    knock(house)
    for code in ("975310", "864202", "753197", "642086", "531975"):
        before = len(house.facts("supervisor.refused"))
        type_code(house, code)
        wait(lambda n=before: len(house.facts("supervisor.refused")) > n, "the refusal")
    house.wait_step("staff-barred")
    house.kill("screen")
    house.start_screen()
    assert knock(house)["step"].startswith("staff-barred")
    wait(lambda: house.facts("supervisor.barred") == [{"minutes": 10}], "the bar to be told")
    house.tap("staff.back")
    judge(house)
