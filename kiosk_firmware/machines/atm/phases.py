"""The ATM's phases, errand by errand: one frozen struct each, joined to one closed union.

A phase named …Asking or …Booking waits for the host and is left only by its answer; all others are left by keys, by
their time-out, or because the card is gone.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.hosts.bank import Pending, StatementEntry
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.pin_dialogue import PinEntryState
from kiosk_firmware.kits.return_items import Leave, Leaving


class AtmPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the ATM's phases."""


# -- card, PIN, menu


class Home(AtmPhase, frozen=True):
    """Waiting for a card."""


class PinAsked(AtmPhase, frozen=True):
    """The PIN pad reads."""

    pin: PinEntryState


class PinClosing(AtmPhase, frozen=True):
    """The pad was asked to stop; `then` is "leave" or "menu"."""

    then: str = "leave"


class OpeningAsking(AtmPhase, frozen=True):
    """The bank is asked about the card."""


class Menu(AtmPhase, frozen=True):
    """The question: What would you like to do?"""


class Another(AtmPhase, frozen=True):
    """Something else?"""


class Notice(AtmPhase, frozen=True):
    """One thing to know, then back to "menu", "amounts" or "another"."""

    why: str
    back: str = "menu"
    fen: int = 0


class ReceiptOffered(AtmPhase, frozen=True):
    """The errand is done; a receipt?"""

    document: Document


Card = Home | PinAsked | PinClosing | OpeningAsking | Menu | Another | Notice | ReceiptOffered

# -- withdrawal


class Amounts(AtmPhase, frozen=True):
    """Choose an amount by key."""


class OtherAmount(AtmPhase, frozen=True):
    """Type an amount in whole yuan."""

    typed: str = ""
    problem: str = ""


class FeeAsked(AtmPhase, frozen=True):
    """Another bank's card: the fee is told first."""

    fen: int
    fee_fen: int


class ReceiptAsked(AtmPhase, frozen=True):
    """Receipt or not, before the money (card-first machines)."""

    fen: int
    fee_fen: int


class WithdrawBooking(AtmPhase, frozen=True):
    """The bank books the withdrawal."""

    fen: int
    fee_fen: int
    receipt: bool


Withdraw = Amounts | OtherAmount | FeeAsked | ReceiptAsked | WithdrawBooking

# -- deposit


class Counting(AtmPhase, frozen=True):
    """Notes and tokens go in, one after the other; `refused` counts those given back in a row."""

    refused: str = ""


class Storing(AtmPhase, frozen=True):
    """One note is being stacked or given back."""

    refused: str = ""


class DepositConfirm(AtmPhase, frozen=True):
    """The sum counted, with the question whether it is right."""


class DepositBooking(AtmPhase, frozen=True):
    """The bank books the deposit."""

    fen: int


class Keeping(AtmPhase, frozen=True):
    """A note that may be a counterfeit is being kept; `recount`: nobody knows whether it was."""

    recount: bool = False


Deposit = Counting | Storing | DepositConfirm | DepositBooking | Keeping

# -- deposit without a card


class AccountTyped(AtmPhase, frozen=True):
    """Type the account that the cash is for; `first`: the same for the second time, to compare."""

    typed: str = ""
    problem: str = ""
    first: str = ""


class AccountAsking(AtmPhase, frozen=True):
    """The bank is asked whose account it is."""

    account: str


class AccountNamed(AtmPhase, frozen=True):
    """The payee's masked name: is it the right one?"""

    account: str
    payee: str
    own: bool
    left_fen: int


class PhoneTyped(AtmPhase, frozen=True):
    """Type a telephone number, at which the bank could ask."""

    account: str
    left_fen: int
    typed: str = ""
    problem: str = ""


Cardless = AccountTyped | AccountAsking | AccountNamed | PhoneTyped

# -- transfer


class TransferKind(AtmPhase, frozen=True):
    """To oneself, to somebody else, or take one back."""


class OwnAccounts(AtmPhase, frozen=True):
    """The question: Which of one's own accounts?"""


class PayeeForm(AtmPhase, frozen=True):
    """Type the other person's account number."""

    typed: str = ""
    problem: str = ""


class PayeeAsking(AtmPhase, frozen=True):
    """The bank is asked whose account it is."""

    account: str


class FraudWarning(AtmPhase, frozen=True):
    """Do you know this person? Did somebody on the telephone tell you to do this?"""

    account: str
    payee: str


class TransferAmount(AtmPhase, frozen=True):
    """Type how much."""

    account: str
    payee: str
    own: bool
    typed: str = ""
    problem: str = ""


class TransferConfirm(AtmPhase, frozen=True):
    """All of it once more."""

    account: str
    payee: str
    own: bool
    fen: int


class TransferBooking(AtmPhase, frozen=True):
    """The bank books the transfer."""

    account: str
    payee: str
    own: bool
    fen: int


class PendingAsking(AtmPhase, frozen=True):
    """The bank is asked what is still on its way."""


class PendingList(AtmPhase, frozen=True):
    """Transfers that may still be taken back."""

    transfers: tuple[Pending, ...]


class CancelBooking(AtmPhase, frozen=True):
    """The bank takes one back."""

    transfer: int


Transfer = (
    TransferKind
    | OwnAccounts
    | PayeeForm
    | PayeeAsking
    | FraudWarning
    | TransferAmount
    | TransferConfirm
    | TransferBooking
    | PendingAsking
    | PendingList
    | CancelBooking
)

# -- PIN change, balance, statement


class PinChoosing(AtmPhase, frozen=True):
    """The pad reads a new PIN; `problem` is what was wrong with the last one."""

    digits: int = 0
    problem: str = ""


class PinRepeating(AtmPhase, frozen=True):
    """The pad reads it again."""

    digits: int = 0


class BalanceAsking(AtmPhase, frozen=True):
    """The bank is asked for the balance."""


class BalanceShown(AtmPhase, frozen=True):
    """The balance."""

    fen: int


class StatementAsking(AtmPhase, frozen=True):
    """The bank is asked for the newest lines."""


class StatementShown(AtmPhase, frozen=True):
    """The newest lines."""

    rows: tuple[StatementEntry, ...]
    fen: int


class StatementPrinting(AtmPhase, frozen=True):
    """The statement is being printed."""

    fen: int


Account = (
    PinChoosing | PinRepeating | BalanceAsking | BalanceShown | StatementAsking | StatementShown | StatementPrinting
)

# -- making the account whole


class Reversing(AtmPhase, frozen=True):
    """The bank is told to undo ask `of` (`fen`: only so much of it; 0: all); then the slip of `kind` (empty: none) and
    the rest of the leave. `deposit_fen`: it booked that much of the cash that is still inside.
    """

    of: int
    leave: Leave
    kind: str
    fen: int = 0
    tries: int = 1
    deposit_fen: int = 0


class Crediting(AtmPhase, frozen=True):
    """Money of the person stayed inside: the bank books it as a deposit. `undoing`: an unanswered try is undone
    first.
    """

    fen: int
    leave: Leave
    kind: str
    tries: int = 1
    undoing: bool = False


Settling = Reversing | Crediting

# -- beside the errand


class Met(AtmPhase, frozen=True):
    """A fraud is met while no card is inside. `why` one was kept before, if it was."""

    meeting: SceneProgress
    why: str = ""


class MetInside(Met, frozen=True):
    """The same with the card in the machine."""


class Fetching(AtmPhase, frozen=True):
    """The card was kept because of `why`; how far the way to it has gone."""

    why: str
    stand: Literal["kept", "called", "counter", "given"] = "kept"


Beside = Met | MetInside | Fetching
Phase = Card | Withdraw | Deposit | Cardless | Transfer | Account | Settling | Beside | Leaving
IDLE_WITH_CARD: frozenset[type] = frozenset(
    (
        Menu,
        Another,
        Notice,
        ReceiptOffered,
        Amounts,
        OtherAmount,
        FeeAsked,
        ReceiptAsked,
        Counting,
        DepositConfirm,
        TransferKind,
        OwnAccounts,
        PayeeForm,
        FraudWarning,
        TransferAmount,
        TransferConfirm,
        PendingList,
        BalanceShown,
        StatementShown,
        MetInside,
    )
)
"""Phases that need the card and wait for nobody but the person."""
