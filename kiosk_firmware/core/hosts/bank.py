"""Define what an ATM asks its bank. Each ask comes back in `HostAnswered` with its answer fields filled in.

`id` numbers the asks of a run: a reversal names the id it undoes and is idempotent, so that "the host booked, the
answer was lost" can be cleared without knowing which happened.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.persona import Entry, Pending

PAID = "paid"
"""The word under which the bank is asked again when a phone has paid the code of an open `PayAsked`."""
Verdict = Literal["ok", "funds", "day_limit", "dormant", "lost", "unknown_account", "refused", "nothing", "offline"]


class BankQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the bank's asks: which card stands behind it."""

    card: str
    id: int = 0


class AccountAsked(BankQuestion, frozen=True):
    """May this card be used, and what is there? Answer: balance and what may still be withdrawn today, fen."""

    balance_fen: int = 0
    left_today_fen: int = 0
    own_accounts: tuple[str, ...] = ()


class WithdrawAsked(BankQuestion, frozen=True):
    """Book a withdrawal of `fen` plus `fee_fen`. Answer: the balance after."""

    fen: int = 0
    fee_fen: int = 0
    balance_fen: int = 0


class DepositAsked(BankQuestion, frozen=True):
    """Book a counted deposit. Answer: the balance after."""

    fen: int = 0
    balance_fen: int = 0


class PayeeAsked(BankQuestion, frozen=True):
    """The question: Who has this account? Answer: the masked name and whether it is one's own."""

    account: str = ""
    payee: str = ""
    own: bool = False


class TransferAsked(BankQuestion, frozen=True):
    """Transfer to `account`: at once to one's own, else booked after 24 h (`pending` is set)."""

    account: str = ""
    fen: int = 0
    balance_fen: int = 0
    pending: int = 0


class PendingAsked(BankQuestion, frozen=True):
    """The question: Which transfers are still cancellable?"""

    transfers: tuple[Pending, ...] = ()


class TransferCancelAsked(BankQuestion, frozen=True):
    """Take a pending transfer back."""

    transfer: int = 0
    fen: int = 0


class StatementAsked(BankQuestion, frozen=True):
    """The newest lines of the account."""

    rows: tuple[Entry, ...] = ()
    balance_fen: int = 0


class PayAsked(BankQuestion, frozen=True):
    """Pay `fen` to the merchant `payee` (an account of its own). With the card "phone" the answer comes when a phone
    has paid the code that the page shows; until then the ask stays open, and may be canceled: nothing is charged.
    """

    fen: int = 0
    payee: str = ""
    balance_fen: int = 0


class ReversalAsked(BankQuestion, frozen=True):
    """Undo the ask with id `of`, if it was booked; booked or not, the answer is "ok". `fen`: only so much of its cash,
    as the rest was handed out (ISO 8583's partial reversal); a fee stays then. 0: all of it.
    """

    of: int = 0
    fen: int = 0


BankAsk = (
    AccountAsked
    | WithdrawAsked
    | DepositAsked
    | PayeeAsked
    | TransferAsked
    | PendingAsked
    | TransferCancelAsked
    | StatementAsked
    | PayAsked
    | ReversalAsked
)
