"""Leaving with a hopper and an ID reader: notes through the tray, tokens into the cup, the ID card last of all."""

from __future__ import annotations

import re

import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import Dispense
from kiosk_firmware.core.events import (
    DeviceLost,
    ItemsPresented,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaTaken,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.money import NONE
from kiosk_firmware.kits import common_pages
from kiosk_firmware.kits import return_items as lv
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, absorb

DUE = ((1000, 1), (100, 3))
FULL = CabinetLedger(stock=((1000, 2), (100, 5)))


def after(books: CabinetLedger, phase, event):
    """One event, absorbed and heard."""
    return lv.on_event(absorb(books, event), phase, event)


def test_notes_come_first_then_tokens_then_good_bye():
    books, phase, effects = lv.proceed(FULL, lv.Leave(due=DUE, hopper=True))
    assert effects == (Dispense("cash_dispenser", "cash", ((1000, 1),)),)
    books, phase, _ = after(books, phase, ItemsPresented("cash_dispenser", "cash", ((1000, 1),)))
    assert isinstance(phase, lv.TakingCash)
    books, phase, effects = after(books, phase, ItemsTaken("cash_dispenser"))
    assert effects == (Dispense("coin_dispenser", "cash", ((100, 3),)),)
    books, phase, _ = after(books, phase, ItemsPresented("coin_dispenser", "cash", ((100, 3),)))
    assert (phase, books.tray) == (lv.TakingTokens(phase.leave, 300), NONE)
    books, phase, _ = after(books, phase, Tapped("tokens.ok", "take-tokens"))
    assert isinstance(phase, lv.Goodbye)


def test_what_the_hopper_cannot_pay_comes_through_the_tray():
    books, phase, _ = lv.proceed(FULL, lv.Leave(due=((100, 3),), hopper=True))
    jammed = ItemsPresented("coin_dispenser", "cash", ((100, 1),), "hardwareError", "cashUnitError")
    books, phase, _ = after(books, phase, jammed)
    assert phase == lv.TakingTokens(phase.leave, 100)
    _, phase, effects = after(books, phase, ItemsTaken("coin_dispenser"))
    assert isinstance(phase, lv.Presenting)
    assert effects == (Dispense("cash_dispenser", "cash", ((100, 2),)),)


def test_a_unit_without_a_hopper_pays_all_of_it_through_the_tray():
    books = absorb(FULL, DeviceLost("coin_dispenser"))
    assert lv.proceed(books, lv.Leave(due=DUE, hopper=True))[2] == (Dispense("cash_dispenser", "cash", DUE),)
    assert lv.proceed(FULL, lv.Leave(due=DUE))[2] == (Dispense("cash_dispenser", "cash", DUE),)


def test_the_id_card_is_waited_for_and_then_left_in_sight():
    books = absorb(CabinetLedger(), MediaInserted("id_reader", Media("519901198802140030")))
    books, phase, _ = lv.proceed(books, lv.Leave())
    assert isinstance(phase, lv.TakingIdent)
    assert isinstance(after(books, phase, MediaTaken("id_reader"))[1], lv.Goodbye)
    _, forgotten, _ = after(books, phase, TimerExpired("take_ident"))
    assert isinstance(forgotten, lv.Goodbye)


MACHINES = [
    one.id for one in machine_loader.describe() if "goodbye.title" in machine_loader.machine_texts(one.id).keys("zh")
]
UNDONE = re.compile("没(?!有收钱)|不|错|坏|断了|过期|停用|挂失|请到|请去窗口")


@pytest.mark.parametrize("machine", MACHINES)
def test_a_goodbye_has_a_tick_only_for_what_was_done(machine):
    """Not for a card that was kept, a refusal, or where nothing was done at all."""
    words = machine_loader.machine_texts(machine)
    whys = [key.removeprefix("why.") for key in words.keys("zh") if key.startswith("why.")]
    pages = {
        why: common_pages.leaving_page(CabinetLedger(), lv.Goodbye(lv.Leave(why=why)), 1, 1) for why in ("", *whys)
    }
    ticked = {why for why, page in pages.items() if page.body.icon == "ok"}
    assert {why for why in ticked if not why or UNDONE.search(words.entry(f"why.{why}", "zh").text)} == set()
    assert ticked or not whys or machine == "atm", "at a cash machine the page before says what was done"
