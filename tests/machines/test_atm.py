"""The cash machine's rules, held to their source: its fee (nothing, ¥4 in the same city, ¥4 and 0.5 %, at most ¥50,
from another), what is paid in on a day, without a card, or may be false, and a card that goes in the wrong way round.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.effects import AskHost, EjectMedia, PrintDocument, Retract, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Device,
    ItemsInserted,
    ItemsRetracted,
    ItemsStored,
    MediaInvalid,
    MediaPresented,
    Started,
    Tapped,
    Typed,
)
from kiosk_firmware.core.hosts.bank import CARDLESS, Card, DepositAsked, Ledger, PayeeAsked, ReversalAsked
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.rules_withdraw import fee

OWN, OTHER, FAR = "9900550000005528", "9900660000001234", "9900440000003366"
CASES = [(OWN, 2000, 0), (OTHER, 2000, 400), (FAR, 100, 450), (FAR, 600, 700), (FAR, 9100, 4950), (FAR, 9200, 5000)]


@pytest.mark.parametrize(("card", "yuan", "fen"), [*CASES, (FAR, 9300, 5000)])
def test_a_withdrawal_costs_what_the_source_says(card: str, yuan: int, fen: int) -> None:
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    assert fee(machine.terms, card, yuan * 100) == fen


NOTE, NOW = 10_000, 1_780_000_000_000
AT: Device = "note_acceptor"


def counting(left_fen: int, account: str = "") -> tuple[Any, Any]:
    """The machine, and its state as it counts cash for the card, or for *account* without one."""
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    state = machine.start(Started(NOW, Persona()))
    books = state.books if account else msgspec.structs.replace(state.books, place="inside")
    counted = msgspec.structs.replace(
        state,
        phase=p.Counting(),
        books=books,
        account=account,
        deposit_left_fen=left_fen,
        number="" if account else OWN,
    )
    return machine, counted


def after(machine: Any, state: Any, *events: AnyEvent) -> tuple[Any, Any]:
    effects: Any = ()
    for event in events:
        state, effects = machine.update(state, event)
    return state, effects


def test_a_note_beyond_the_day_s_limit_comes_back_and_the_page_says_how_much_may_go_in() -> None:
    machine, state = counting(left_fen=15_000)
    state, effects = after(machine, state, ItemsInserted(AT, NOTE))
    assert isinstance(effects[0], StoreItems)
    state, effects = after(machine, state, ItemsStored(AT, "store", NOTE), ItemsInserted(AT, NOTE))
    assert isinstance(effects[0], ReturnItems)
    assert machine.marks(state, ItemsInserted(AT, NOTE), state) == {}
    assert state.phase == p.Storing("day")


def test_a_note_that_may_be_false_is_kept_with_a_slip_and_counting_goes_on() -> None:
    machine, state = counting(left_fen=50_000)
    state, effects = after(machine, state, ItemsInserted(AT, NOTE, suspect=True))
    assert effects == (Retract(AT, "suspect"),)
    before, kept = state, ItemsRetracted(AT, "suspect", ((NOTE, 1),))
    state, effects = after(machine, state, kept)
    assert machine.marks(before, kept, state) == {"note_kept": True}
    assert [effect.document.kind for effect in effects if isinstance(effect, PrintDocument)] == ["suspect"]
    assert state.books.tally == ()


@pytest.mark.parametrize(("escrow_fen", "slip"), [(NOTE, False), (0, True)])
def test_a_note_of_which_nobody_knows_whether_it_was_kept_has_a_slip_only_if_it_is_gone(
    escrow_fen: int, slip: bool
) -> None:
    machine, state = counting(left_fen=50_000)
    lost = ItemsRetracted(AT, "suspect", (), "unknown")
    found = CabinetFound(number=OWN, place="inside", escrow_fen=escrow_fen)
    state, effects = after(machine, state, ItemsInserted(AT, NOTE, suspect=True), lost, found)
    assert any(isinstance(effect, PrintDocument) for effect in effects) == slip
    assert isinstance(state.phase, p.Counting) != slip


@pytest.mark.parametrize(("reason", "why"), [("upside_down", "turned"), ("unreadable", "unreadable")])
def test_a_card_that_went_in_the_wrong_way_is_told_in_its_own_words(reason: Any, why: str) -> None:
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    state, effects = after(machine, machine.start(Started(NOW, Persona())), MediaInvalid("card_reader", reason))
    assert isinstance(effects[0], EjectMedia)
    state, _ = after(machine, state, MediaPresented("card_reader", "eject"))
    assert machine.view(state).body.lines[0].key == f"why.{why}"


def typed(text: str, field: str = "cardless.field") -> tuple[AnyEvent, AnyEvent]:
    return Typed(field, text, ""), Tapped("cardless.next", "")


def test_the_account_is_typed_twice_and_must_be_the_same() -> None:
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    state, _ = after(machine, machine.start(Started(NOW, Persona())), Tapped("menu.cardless", "home"))
    differ, effects = after(machine, state, *typed("66010002"), *typed("66010003"))
    assert (differ.phase, effects) == (p.AccountTyped(problem="differ"), ())
    _, effects = after(machine, differ, *typed("66010002"), *typed("66010002"))
    assert [effect.ask for effect in effects if isinstance(effect, AskHost)] == [PayeeAsked(CARDLESS, 0, "66010002")]


def test_a_telephone_number_that_is_none_is_asked_for_again() -> None:
    machine: Any = machine_loader.load("atm", "rongjiang").machine
    start = msgspec.structs.replace(machine.start(Started(NOW, Persona())), phase=p.PhoneTyped("66010002", 50_000))
    for wrong in ("1999021116", "29990211160"):
        state, _ = after(machine, start, *typed(wrong, "phone.field"))
        assert state.phase.problem == "phone"
    state, _ = after(machine, start, *typed("19990211160", "phone.field"))
    assert (state.phase, state.account) == (p.Counting(), "66010002")


def test_the_bank_counts_what_is_paid_in_on_a_day_and_a_reversal_frees_it() -> None:
    person = Persona(cards=(Card(OWN, "a"),), ledger=Ledger((("a", 0), ("vault", 0))))
    limits, there = bank.Limits(deposit_day_fen=30_000), bank.open_bank(person, 0)

    def verdict(fen: int, **more: Any) -> str:
        return bank.answer(there, limits, AskHost("payment_host", "bank", DepositAsked(OWN, 1, fen, **more))).verdict

    there = bank.book(there, DepositAsked(OWN, 1, 20_000))
    assert (verdict(10_000), verdict(10_100), verdict(10_100, kept=True)) == ("ok", "deposit_limit", "ok")
    assert verdict(30_000, account="b") == "ok", "somebody else's account has a limit of its own"
    there = bank.book(there, ReversalAsked(OWN, 0, 1))
    assert (there.ledger.paid_in("a"), verdict(30_000)) == (0, "ok")


def test_cash_without_a_card_is_booked_on_the_account_that_was_named_and_tells_no_balance() -> None:
    there = bank.open_bank(Persona(ledger=Ledger((("b", 700), ("vault", -700)))), 0)
    ask = DepositAsked(CARDLESS, 1, 10_000, account="b")
    answer: Any = bank.answer(there, bank.Limits(), AskHost("payment_host", "bank", ask))
    assert (answer.verdict, answer.ask.balance_fen) == ("ok", 0)
    assert bank.book(there, ask).ledger.balance("b") == 10_700
