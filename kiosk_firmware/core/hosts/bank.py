"""Define a bank's records of a person, and what an ATM asks. Each ask comes back in `HostAnswered`
with its answer fields filled in.

Cards carry an unassigned prefix (9900…). Money in accounts is a double-entry ledger: each posting takes from one
account what it gives to another, so the sum over all accounts is always zero; outside the learner's accounts stand the
bank's own ("vault": cash in machines, "fees", "world": everybody else).

`id` numbers the asks of a run: a reversal names the id it undoes and is idempotent, so that "the host booked, the
answer was lost" can be cleared without knowing which happened.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Card(msgspec.Struct, frozen=True):
    """A practice card: number, its account, `expires` YYMM, chip or stripe only, and its standing at the bank."""

    number: str
    account: str
    bank: str = "rongjiang"
    expires: str = "3012"
    chip: bool = True
    status: Literal["active", "dormant", "lost"] = "active"


class StatementEntry(msgspec.Struct, frozen=True):
    """A line of a statement: what kind, how much (negative = out), and the day (days since 1970, UTC+8)."""

    account: str
    kind: str
    fen: int
    day: int = 0


class Pending(msgspec.Struct, frozen=True):
    """A transfer to another person that is booked after 24 hours and cancellable until then."""

    id: int
    account: str
    payee: str
    fen: int


class Ledger(msgspec.Struct, frozen=True):
    """Balances by account (fen, sum zero), newest entries first (bounded by `keep`), transfers pending, day's
    withdrawals and deposits of cash.
    """

    balances: tuple[tuple[str, int], ...] = ()
    entries: tuple[StatementEntry, ...] = ()
    pending: tuple[Pending, ...] = ()
    drawn_fen: tuple[tuple[str, int], ...] = ()
    keep: int = 8
    paid_in_fen: tuple[tuple[str, int], ...] = ()

    def balance(self, account: str) -> int:
        """Return the account's balance in fen; 0 for an unknown one."""
        return dict(self.balances).get(account, 0)

    def drawn(self, account: str) -> int:
        """Return what was withdrawn from the account on this practised day, in fen."""
        return dict(self.drawn_fen).get(account, 0)

    def paid_in(self, account: str) -> int:
        """Return what was paid in as cash on this practised day, in fen."""
        return dict(self.paid_in_fen).get(account, 0)

    def has(self, account: str) -> bool:
        """Return whether the account exists."""
        return any(name == account for name, _ in self.balances)


def post(ledger: Ledger, source: str, target: str, fen: int, kind: str, day: int = 0) -> Ledger:
    """Return the ledger after `fen` moved from `source` to `target`; both get a line. Negative amounts are refused
    (ValueError).
    """
    if fen < 0:
        raise ValueError(f"posting of {fen} fen: move it the other way instead")
    if fen == 0:
        return ledger
    moved = dict(ledger.balances)
    moved[source] = moved.get(source, 0) - fen
    moved[target] = moved.get(target, 0) + fen
    lines = (StatementEntry(source, kind, -fen, day), StatementEntry(target, kind, fen, day))
    return msgspec.structs.replace(
        ledger, balances=tuple(sorted(moved.items())), entries=(lines + ledger.entries)[: ledger.keep]
    )


CARDLESS = "cardless"
"""The card of whoever asks without one: what is asked names its account."""
PAID = "paid"
"""The word under which the bank is asked again when a phone has paid the code of an open `PayAsked`."""
Verdict = Literal[
    "ok", "funds", "day_limit", "deposit_limit", "dormant", "lost", "unknown_account", "refused", "nothing", "offline"
]


class BankQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the bank's asks: which card stands behind it."""

    card: str
    id: int = 0


class AccountAsked(BankQuestion, frozen=True):
    """May this card be used, and what is there? Answer: balance and what may still be withdrawn and paid in today,
    fen.
    """

    balance_fen: int = 0
    left_today_fen: int = 0
    deposit_left_fen: int = 0
    own_accounts: tuple[str, ...] = ()


class WithdrawAsked(BankQuestion, frozen=True):
    """Book a withdrawal of `fen` plus `fee_fen`. Answer: the balance after."""

    fen: int = 0
    fee_fen: int = 0
    balance_fen: int = 0


class DepositAsked(BankQuestion, frozen=True):
    """Book a counted deposit: on `account`, or on the card's where it is empty. `kept`: cash of the person that could
    not be given back, so that no limit holds. Answer: the balance after, but to nobody without a card.
    """

    fen: int = 0
    balance_fen: int = 0
    account: str = ""
    kept: bool = False


class PayeeAsked(BankQuestion, frozen=True):
    """The question: Who has this account? Answer: the masked name, whether it is one's own, and what may still be paid
    in today, fen.
    """

    account: str = ""
    payee: str = ""
    own: bool = False
    deposit_left_fen: int = 0


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

    rows: tuple[StatementEntry, ...] = ()
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
