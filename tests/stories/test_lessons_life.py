"""Lessons played on the whole unit as a person plays them, judged by what the twins count and the facts say."""

from __future__ import annotations

import pytest

from tests.stories.judging import judge
from tests.stories.rig import OTHERS, OURS, PIN, SKINS, House

pytestmark = pytest.mark.glass
NEW_PIN = "135792"


def proved(house: House, lesson: str, skin: str = SKINS[0], **facts: object) -> str:
    """The run's fact says all this, the judges agree; the slips that came out."""
    ended = house.end()
    assert (ended["lesson"], ended["skin"], ended["outcome"]) == (lesson, skin, "done")
    assert {name: ended["facts"].get(name) for name in facts} == facts
    assert ended["facts"]["card_back"] is True
    judge(house)
    return "\n".join(house.slips())


def test_withdrawal_card_first(fresh: House) -> None:
    """By the very command of a unit; the others by the same process, whose pages can be pressed sooner."""
    house = fresh
    house.start_twins()
    house.start_screen(plain=True)
    house.begin("withdraw-receipt", SKINS[0])
    house.enter(OURS)
    house.tap("menu.withdraw")
    house.tap("amount.200")
    house.tap("receipt.yes")
    house.take_card()
    house.take_cash()
    slips = proved(house, "withdraw-receipt", withdrawn_fen=20_000, receipt_printed=True, balance_fen=662_000)
    for words in ("取款凭条", "尾号 5528", "200 元", "6,620 元", "请收好凭条", "练习"):
        assert words in slips


def test_withdrawal_cash_first(house: House) -> None:
    house.begin("withdraw-other", SKINS[1])
    house.enter(OTHERS)
    house.tap("menu.withdraw")
    house.tap("amount.other")
    house.type("700")
    house.tap("amount.ok")
    house.take_cash()
    house.tap("receipt.yes")
    house.tap("another.no")
    house.take_card()
    slips = proved(house, "withdraw-other", SKINS[1], withdrawn_fen=70_000, receipt_printed=True)
    for words in ("取款凭条", "尾号 1234", "700 元", "800 元"):
        assert words in slips


def test_deposit_of_notes_and_tokens(house: House) -> None:
    house.begin("", SKINS[0])
    house.enter()
    house.tap("menu.deposit")
    house.wait_step("deposit")
    put_in = 0
    for put, fen in ((house.token, 100), (house.note, 10_000), (house.token, 500), (house.note, 5_000)):
        put(fen)
        put_in += fen
        house.wait_amount("deposit", put_in)
    house.tap("deposit.done")
    house.tap("deposit.ok")
    house.tap("receipt.yes")
    house.tap("another.no")
    house.take_card()
    slips = proved(house, "", deposited_fen=15_600, balance_fen=697_600)
    for words in ("存款凭条", "156 元", "6,976 元"):
        assert words in slips


def test_transfer_to_the_own_account(house: House) -> None:
    house.begin("transfer-own")
    house.enter()
    house.tap("menu.transfer")
    house.tap("transfer.own")
    house.tap("account.0")
    house.type("100")
    house.tap("transfer.next")
    house.tap("transfer.ok")
    house.tap("receipt.no")
    house.tap("another.no")
    house.take_card()
    assert not proved(house, "transfer-own", transferred_fen=10_000, balance_fen=672_000)
    told = house.told()
    assert not [number for number in (OURS, OTHERS, "99110001", "99110002") if number in told]


def test_pin_change_on_keys_of_metal(house: House) -> None:
    house.begin("pin-change")
    house.enter()
    house.tap("menu.pin")
    for digits, asked in (("222222", "pin.choose_how"), (NEW_PIN, "pin.weak"), (NEW_PIN, "pin.repeat_how")):
        house.wait_line(asked)
        house.pin(digits)
    house.tap("notice.ok")
    house.tap("another.no")
    house.take_card()
    proved(house, "pin-change", pin_changed=True)
    written = b"".join(path.read_bytes() for path in house.state.glob("*") if path.is_file()) + house.log().encode()
    assert PIN.encode() not in written
    assert NEW_PIN.encode() not in written


def test_statement_on_paper(house: House) -> None:
    house.begin("statement")
    house.enter()
    house.tap("menu.statement")
    house.tap("statement.print")
    house.tap("another.no")
    house.take_card()
    slips = proved(house, "statement", statement_printed=True, statement_seen=True)
    for words in ("账户明细", "劳动报酬", "820 元", "取款", "-200 元", "6,820 元"):
        assert words in slips


def test_a_stranger_is_met_on_the_way_and_the_errand_goes_on(house: House) -> None:
    """The card stays where it is meanwhile; having been taken in once is told, and spoils nothing."""
    house.begin("fraud-stranger", SKINS[0])
    house.card(OURS)
    for key in ("decline", "let", "again", "cover", "on"):
        house.tap(f"scene.{key}")
    house.wait_step("pin")
    house.pin()
    house.tap("menu.withdraw")
    house.tap("amount.100")
    house.tap("receipt.no")
    house.take_card()
    house.take_cash()
    met = {"fraud_met": True, "fraud_fell": True, "fraud_refused": True, "fraud_over": True, "withdrawn_fen": 10_000}
    proved(house, "fraud-stranger", **met)


def test_what_waits_at_the_slot_is_skipped_without_loss(house: House) -> None:
    house.begin("fraud-skimmer", SKINS[1])
    house.tap("scene.skip")
    house.tap("scene.on")
    proved(house, "fraud-skimmer", SKINS[1], fraud_skipped=True, fraud_over=True)
