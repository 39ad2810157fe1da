"""The ATM's state and terms, and the few moves that every errand makes.

`Terms` is what never changes in a run: the dated rules (limits, fees) and the skin's profile (order of steps).
`State` is one phase plus the books; errands are functions from (terms, state, phase, event) to (state, effects).
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Document, Effects
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.kits.ask_numbers import free_number
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed
from kiosk_firmware.machines.atm import phases as p


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules. Amounts in fen, times in ms. Sources stand in rulepack.toml."""

    pin_tries: int
    pin_digits: int
    per_time_fen: int
    day_fen: int
    multiple_fen: int
    notes_fen: tuple[int, ...]
    fee_other_bank_fen: int
    fee_other_city_bp: int
    fee_most_fen: int
    deposit_notes: int
    deposit_day_fen: int
    deposit_accepts_fen: tuple[int, ...]
    transfer_per_time_fen: int
    transfer_delay_hours: int
    page_ms: int
    take_ms: int
    note_ms: int
    retain_expired: bool


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: the bank, which cards are its own and which were opened in another city,
    order of card and cash, when the receipt is offered.
    """

    bank: str
    own_prefix: str
    far_prefix: str
    card_first: bool
    receipt_before: bool
    presets_fen: tuple[int, ...]
    stock: Items


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the ATM knows. `number`: the card of this sitting; `ask_id`: the newest money ask's id; `asked`:
    those that the bank could still undo. `yymm`: the practised month, to tell an expired card. `scene`: the fraud that
    is still to be met. `account`: the one that cash is paid into without a card; `deposit_left_fen`: what may still be
    paid in today.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    number: str = ""
    ask_id: int = 0
    asked: tuple[int, ...] = ()
    own_accounts: tuple[str, ...] = ()
    yymm: str = "0000"
    scene: str = ""
    account: str = ""
    deposit_left_fen: int = 0


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def ask(state: State, phase: p.Phase, question: Ask) -> Step:
    """Ask the bank, and wait for its answer."""
    return enter_phase(state, phase, AskHost("payment_host", "bank", question), ask_id=question.id or state.ask_id)


def next_id(state: State) -> int:
    """Return an id that no ask has which the bank could still undo, so that a reversal can only mean its own."""
    return free_number(state.asked)


def leave(terms: Terms, state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what was accepted and not booked is handed out again, then the card."""
    due = state.books.tally
    books = with_fields(state.books, tally=money.NONE)
    first = Leave(due=due, card_first=False, why=why)
    if not due:
        first = msgspec.structs.replace(first, card_first=terms.profile.card_first)
    return continue_leaving(
        terms, msgspec.structs.replace(state, books=books), msgspec.structs.replace(first, **fields)
    )


def continue_leaving(terms: Terms, state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(terms, state, *proceed(state.books, what))


def after_leaving(terms: Terms, state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; where all duties are done, home or "another"."""
    if isinstance(phase, Done):
        return _arrived(terms, msgspec.structs.replace(state, books=books), phase.leave)
    if phase is state.phase and books is state.books:
        return state, NO_EFFECTS
    return msgspec.structs.replace(state, books=books, phase=phase), effects


def _arrived(terms: Terms, state: State, what: Leave) -> Step:
    if what.why == "suspect" and (state.account or state.books.place == "inside"):
        return enter_phase(state, p.Counting())
    if what.then == "another" and state.books.place == "inside":
        if what.offer is not None and state.books.paper != "out":
            return enter_phase(state, p.ReceiptOffered(what.offer))
        return enter_phase(state, p.Another())
    if state.books.tally or state.books.tray or state.books.escrow_fen or state.books.place != "none":
        return leave(terms, state)
    after = p.Fetching(what.why) if what.kept else p.Home()
    return enter_phase(state, after, number="", own_accounts=(), ask_id=0, account="", deposit_left_fen=0)


def receipt(title: str, number: str, **rows: int) -> Document:
    """Lay out a receipt: what, card tail, and amounts by label key."""
    head: tuple[tuple[Text, Text], ...] = ((text("receipt.card"), text("receipt.tail", tail=number[-4:])),)
    lines = tuple((text(f"receipt.{name}"), text("amount", x_fen=fen)) for name, fen in rows.items())
    return Document("receipt", text(title), head + lines, (text("receipt.keep"), text("slip.practice")))
