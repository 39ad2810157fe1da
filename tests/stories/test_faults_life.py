"""Every armed fault strikes once on the whole unit, and the machine's honest way out of it is seen from all sides.

A fault is armed by the lesson, or by the office's command between runs. What the twins count, what the tray's book
says and what the facts tell must agree after each (`judge`), and the bank's balance must be what money really moved.
"""

from __future__ import annotations

import pytest

from kiosk_firmware.core.faults import FAULTS
from tests.stories.judging import judge
from tests.stories.rig import House

pytestmark = pytest.mark.glass
FULL = 682_000
"""On the practised account at the start."""


def armed(house: House, fault: str) -> None:
    """A free run with the fault armed by the office."""
    assert house.order("fault.arm", fault=fault)["ok"]
    house.begin("")


def withdraw(house: House, receipt: str = "receipt.no") -> None:
    house.enter()
    house.tap("menu.withdraw")
    house.tap("amount.100")
    house.tap(receipt)


def struck(house: House, fault: str, balance_fen: int = FULL, **facts: object) -> str:
    """The run ended as it should, its fault struck once, and everybody agrees; the slips that came out."""
    ended = house.end()
    assert [fact["fault"] for fact in house.facts("fault.struck") if fact["run"] == ended["run"]] == [fault]
    wanted = {"balance_fen": balance_fen, **facts}
    assert {name: ended["facts"].get(name) for name in wanted} == wanted
    judge(house)
    return "\n".join(house.slips())


def card_unreadable(house: House) -> None:
    armed(house, "card_unreadable")
    house.card()
    house.take_card()
    assert not struck(house, "card_unreadable", card_back=True)


def card_expired(house: House) -> None:
    house.begin("card-expired")
    house.card()
    for key in ("told.ok", "fetch.call", "fetch.counter", "fetch.ident", "fetch.take"):
        house.tap(key)
    slips = struck(house, "card_expired", card_kept=True, card_back=False)
    assert "过期" in slips
    assert house.ended()[-1]["outcome"] == "done"


def note_rejected(house: House) -> None:
    armed(house, "note_rejected")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    house.wait_line("deposit.invalid")
    house.take_note()
    house.note(10_000)
    house.wait_amount("deposit", 10_000)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    struck(house, "note_rejected", FULL + 10_000, deposited_fen=10_000)


def card_turned(house: House) -> None:
    armed(house, "card_turned")
    house.card()
    house.take_card()
    assert not struck(house, "card_turned", card_back=True, refused="turned")


def note_suspect(house: House) -> None:
    armed(house, "note_suspect")
    house.enter()
    house.tap("menu.deposit")
    house.note(10_000)
    house.tap("told.ok")
    house.wait_step("deposit")
    house.note(10_000)
    house.wait_amount("deposit", 10_000)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    slips = struck(house, "note_suspect", FULL + 10_000, deposited_fen=10_000, note_kept=True)
    assert "假" in slips


def notes_left(house: House) -> None:
    armed(house, "notes_left")
    withdraw(house)
    house.take_card()
    house.wait_step("take-cash")
    assert not house.twins.do("take_cash")["ok"]
    house.pass_time("take-cash")
    slips = struck(house, "notes_left", cash_retracted=True, reversed=True, withdrawn_fen=0)
    assert "收回" in slips


def card_left(house: House) -> None:
    armed(house, "card_left")
    house.enter()
    house.tap("menu.eject")
    house.wait_step("take-card")
    house.pass_time("take-card")
    house.tap("told.ok")
    house.tap("fetch.later")
    slips = struck(house, "card_left", card_kept=True, card_left=True, card_back=False)
    assert "卡" in slips


def notes_gone(house: House) -> None:
    house.begin("notes-gone")
    withdraw(house)
    house.take_card()
    slips = struck(house, "notes_gone", reversed=True, withdrawn_fen=0)
    assert slips
    assert house.ended()[-1]["outcome"] == "done"


def paper_out(house: House) -> None:
    house.begin("paper-out")
    withdraw(house, "receipt.yes")
    house.take_card()
    house.take_cash()
    assert not struck(house, "paper_out", FULL - 10_000, withdrawn_fen=10_000, receipt_printed=False)
    assert house.ended()[-1]["outcome"] == "done"


def printer_jam(house: House) -> None:
    armed(house, "printer_jam")
    withdraw(house, "receipt.yes")
    house.take_card()
    house.take_cash()
    house.wait_step("told")
    assert not struck(house, "printer_jam", FULL - 10_000, withdrawn_fen=10_000, receipt_printed=False)


def host_offline(house: House) -> None:
    armed(house, "host_offline")
    house.card()
    house.wait_step("pin")
    house.pin()
    house.take_card()
    struck(house, "host_offline", card_back=True)


def answer_lost(house: House) -> None:
    house.begin("answer-lost")
    withdraw(house)
    house.take_card()
    struck(house, "answer_lost", reversed=True, withdrawn_fen=0)
    assert house.ended()[-1]["outcome"] == "done"


def power_cut(house: House) -> None:
    armed(house, "power_cut")
    withdraw(house)
    house.take_card()
    house.wait_step("dark")
    house.pass_time("dark")
    house.take_cash()
    struck(house, "power_cut", FULL - 10_000, withdrawn_fen=10_000)


STORIES = {
    story.__name__: story
    for story in (
        card_unreadable,
        card_expired,
        card_turned,
        note_rejected,
        note_suspect,
        notes_left,
        card_left,
        notes_gone,
        paper_out,
        printer_jam,
        host_offline,
        answer_lost,
        power_cut,
    )
}


ALWAYS = ("card_expired", "note_rejected", "notes_left", "answer_lost", "power_cut")
"""Those in which money or a card is at stake in a way of its own; the others only with --long."""


@pytest.mark.parametrize(
    "fault", [*ALWAYS, *(pytest.param(name, marks=pytest.mark.long) for name in STORIES if name not in ALWAYS)]
)
def test_fault_strikes_in_life(house: House, fault: str) -> None:
    STORIES[fault](house)


def test_every_fault_has_a_story() -> None:
    """Those of tickets, change and written cards are the metro's (`test_metro_life`), the gate is no device's."""
    elsewhere = {"change_gone", "tickets_out", "ticket_jam", "write_torn", "gate_changed", "locker_jammed"}
    assert set(FAULTS) - set(STORIES) == elsewhere
