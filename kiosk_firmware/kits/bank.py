"""The bank behind an ATM, pure: answers asks from the persona's double-entry ledger, and books what it answered "ok".

Answering and booking are apart, so that the two can be torn: an armed "answer lost" books without the machine
hearing it. The newest booking remembers how to undo itself under the ask's id; a reversal of an id that was never
booked is "ok" and changes nothing (idempotent, as card networks' reversals are).
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Struck
from kiosk_firmware.core.hosts.bank import (
    CARDLESS,
    AccountAsked,
    BankAsk,
    BankQuestion,
    Card,
    DepositAsked,
    Ledger,
    PayAsked,
    PayeeAsked,
    Pending,
    PendingAsked,
    ReversalAsked,
    StatementAsked,
    TransferAsked,
    TransferCancelAsked,
    WithdrawAsked,
    post,
)
from kiosk_firmware.core.persona import Persona


class Limits(msgspec.Struct, frozen=True):
    """The bank's limits: withdrawals a day and card, deposits of cash a day and account, fen."""

    day_fen: int = 2_000_000
    deposit_day_fen: int = 5_000_000


class Bank(msgspec.Struct, frozen=True, cache_hash=True):
    """The ledger, and the newest booking with how to undo it: (id, moves as (source, target, fen))."""

    cards: tuple[Card, ...]
    contacts: tuple[tuple[str, str], ...]
    ledger: Ledger
    last: tuple[int, tuple[tuple[str, str, int], ...]] = (0, ())
    day: int = 0


def undoable(asked: tuple[int, ...], event: AnyEvent) -> tuple[int, ...]:
    """Return the numbers of asks that the bank may hold, and could undo: the last one that it booked; what was not
    answered it may have booked, or not.
    """
    match event:
        case HostAnswered(completion="success", ask=ReversalAsked()):
            return ()
        case HostAnswered(completion="success", verdict=verdict, ask=BankQuestion(id=number)) if number:
            return (number,) if verdict == "ok" else ()
        case HostAnswered(completion=completion, ask=BankQuestion(id=number)) if number and completion != "canceled":
            return tuple(sorted({*asked, number}))
        case _:
            return asked


PHONE = "phone"
"""The card number under which the practice phone pays from the persona's wallet."""


def open_bank(persona: Persona, day: int) -> Bank:
    """Open the bank on the persona's practised day (days since 1970)."""
    phone = (Card(PHONE, persona.wallet),) if persona.wallet else ()
    return Bank(persona.cards + phone, persona.contacts, persona.ledger, day=day)


def _card(bank: Bank, number: str) -> Card | None:
    if number == CARDLESS:
        return Card(CARDLESS, "")
    return next((card for card in bank.cards if card.number == number), None)


def answer(bank: Bank, limits: Limits, effect: AskHost) -> HostAnswered:
    """Return what the bank says to the ask; nothing is booked yet."""
    verdict, ask = "refused", effect.ask
    if isinstance(ask, BankQuestion):
        verdict, ask = _judge(bank, limits, ask)
    return HostAnswered(effect.at, effect.ref, verdict, ask)


def _judge(bank: Bank, limits: Limits, ask: BankAsk) -> tuple[str, BankAsk]:
    card = _card(bank, ask.card)
    if card is None:
        return "refused", ask
    if card.status != "active" and not isinstance(ask, ReversalAsked):
        return card.status, ask
    match ask:
        case AccountAsked():
            return "ok", _account(bank, limits, card, ask)
        case WithdrawAsked():
            return _withdraw(bank, limits, card, ask)
        case DepositAsked():
            return _deposit(bank, limits, card, ask)
        case PayeeAsked():
            return _payee(bank, limits, card, ask)
        case PayAsked(fen=fen):
            left = bank.ledger.balance(card.account) - fen
            return ("funds", ask) if left < 0 else ("ok", msgspec.structs.replace(ask, balance_fen=left))
        case TransferAsked():
            return _transfer(bank, card, ask)
        case _:
            return _look_up(bank, card, ask)


def _account(bank: Bank, limits: Limits, card: Card, ask: AccountAsked) -> AccountAsked:
    ledger = bank.ledger
    own = tuple(sorted({c.account for c in bank.cards} - {card.account}))
    left = max(0, limits.day_fen - ledger.drawn(card.account))
    return msgspec.structs.replace(
        ask,
        balance_fen=ledger.balance(card.account),
        left_today_fen=left,
        deposit_left_fen=_deposit_left(bank, limits, card.account),
        own_accounts=own,
    )


def _deposit_left(bank: Bank, limits: Limits, account: str) -> int:
    return max(0, limits.deposit_day_fen - bank.ledger.paid_in(account))


def _deposit(bank: Bank, limits: Limits, card: Card, ask: DepositAsked) -> tuple[str, BankAsk]:
    account = ask.account or card.account
    if ask.fen > _deposit_left(bank, limits, account) and not ask.kept:
        return "deposit_limit", ask
    after = bank.ledger.balance(account) + ask.fen
    return "ok", msgspec.structs.replace(ask, balance_fen=after if account == card.account else 0)


def _withdraw(bank: Bank, limits: Limits, card: Card, ask: WithdrawAsked) -> tuple[str, BankAsk]:
    ledger = bank.ledger
    if ledger.drawn(card.account) + ask.fen > limits.day_fen:
        return "day_limit", ask
    after = ledger.balance(card.account) - ask.fen - ask.fee_fen
    return ("funds", ask) if after < 0 else ("ok", msgspec.structs.replace(ask, balance_fen=after))


def _payee(bank: Bank, limits: Limits, card: Card, ask: PayeeAsked) -> tuple[str, BankAsk]:
    own = ask.account in {c.account for c in bank.cards}
    name = dict(bank.contacts).get(ask.account, "")
    if ask.account == card.account or not (own or name):
        return "unknown_account", ask
    left = _deposit_left(bank, limits, ask.account)
    return "ok", msgspec.structs.replace(ask, payee=mask_name(name), own=own, deposit_left_fen=left)


def mask_name(name: str) -> str:
    """Return a name as banks show it: all but the last character hidden (full-width stars: plain ones mark
    bold text).
    """
    return "＊" * (len(name) - 1) + name[-1:] if name else ""


def _transfer(bank: Bank, card: Card, ask: TransferAsked) -> tuple[str, BankAsk]:
    after = bank.ledger.balance(card.account) - ask.fen
    if after < 0:
        return "funds", ask
    own = ask.account in {c.account for c in bank.cards}
    number = 0 if own else 1 + max((p.id for p in bank.ledger.pending), default=0)
    return "ok", msgspec.structs.replace(ask, balance_fen=after, pending=number)


def _look_up(bank: Bank, card: Card, ask: BankAsk) -> tuple[str, BankAsk]:
    ledger = bank.ledger
    match ask:
        case PendingAsked():
            mine = tuple(p for p in ledger.pending if p.account == card.account)
            return "ok", msgspec.structs.replace(ask, transfers=mine)
        case TransferCancelAsked():
            found = next((p for p in ledger.pending if p.id == ask.transfer and p.account == card.account), None)
            return ("ok", msgspec.structs.replace(ask, fen=found.fen)) if found else ("nothing", ask)
        case StatementAsked():
            rows = tuple(e for e in ledger.entries if e.account == card.account)
            return "ok", msgspec.structs.replace(ask, rows=rows, balance_fen=ledger.balance(card.account))
        case _:
            return "ok", ask


def book(bank: Bank, ask: BankAsk) -> Bank:
    """Return the bank after it booked an ask that it answered "ok" (also where the answer was lost)."""
    card = _card(bank, ask.card)
    if card is None:
        return bank
    match ask:
        case WithdrawAsked(fen=fen, fee_fen=fee_fen):
            moves = ((card.account, "vault", fen), (card.account, "fees", fee_fen))
            return _drawn(_move(bank, ask.id, moves, "withdrawal"), card.account, fen)
        case DepositAsked(fen=fen, account=account):
            into = account or card.account
            return _paid_in(_move(bank, ask.id, (("vault", into, fen),), "deposit"), into, fen)
        case PayAsked(fen=fen, payee=payee):
            return _move(bank, ask.id, ((card.account, payee, fen),), "payment")
        case TransferAsked(account=account, fen=fen, pending=0):
            return _move(bank, ask.id, ((card.account, account, fen),), "transfer")
        case TransferAsked(account=account, fen=fen, pending=number):
            moved = _move(bank, ask.id, ((card.account, "transit", fen),), "transfer")
            waiting = (*moved.ledger.pending, Pending(number, card.account, account, fen))
            return _with_ledger(moved, pending=waiting)
        case TransferCancelAsked(transfer=number, fen=fen):
            moved = _move(bank, ask.id, (("transit", card.account, fen),), "transfer_canceled")
            return _with_ledger(moved, pending=tuple(p for p in moved.ledger.pending if p.id != number))
        case ReversalAsked():
            return _reversed(bank, ask, card)
        case _:
            return bank


def account_of(bank: Bank, number: str) -> str:
    """Return the account behind a card; "world" (everybody else) for a card that nobody knows any more."""
    card = _card(bank, number)
    return card.account if card else "world"


def move_money(bank: Bank, source: str, target: str, fen: int, kind: str) -> Bank:
    """Return the bank after a merchant's own order to move money, which nobody reverses."""
    return msgspec.structs.replace(bank, ledger=post(bank.ledger, source, target, fen, kind, bank.day))


def after_answer(bank: Bank, event: AnyEvent) -> Bank:
    """Return the bank after what it said, or booked unheard; the same object where it books nothing."""
    match event:
        case (
            HostAnswered(completion="success", verdict="ok", ask=BankQuestion() as ask)
            | Struck(ask=BankQuestion() as ask)
        ):
            return book(bank, ask)
        case HostAnswered(completion="success", ask=BankQuestion(id=number)) if number:
            return settle_former(bank)
        case _:
            return bank


def settle_former(bank: Bank) -> Bank:
    """Return the bank after a later money ask: the booking before it can no longer be undone, whatever its id."""
    return msgspec.structs.replace(bank, last=(0, ()))


def _with_ledger(bank: Bank, **fields: object) -> Bank:
    return msgspec.structs.replace(bank, ledger=msgspec.structs.replace(bank.ledger, **fields))


def _drawn(bank: Bank, account: str, fen: int) -> Bank:
    return _with_ledger(bank, drawn_fen=_counted(bank.ledger.drawn_fen, account, fen))


def _paid_in(bank: Bank, account: str, fen: int) -> Bank:
    return _with_ledger(bank, paid_in_fen=_counted(bank.ledger.paid_in_fen, account, fen))


def _counted(today: tuple[tuple[str, int], ...], account: str, fen: int) -> tuple[tuple[str, int], ...]:
    """Return a day's sums by account with so much more for one; an account without any is left out."""
    sums = dict(today)
    sums[account] = sums.get(account, 0) + fen
    return tuple(sorted((name, fen) for name, fen in sums.items() if fen))


def _move(bank: Bank, number: int, moves: tuple[tuple[str, str, int], ...], kind: str) -> Bank:
    ledger = bank.ledger
    for source, target, fen in moves:
        ledger = post(ledger, source, target, fen, "fee" if target == "fees" else kind, bank.day)
    return msgspec.structs.replace(bank, ledger=ledger, last=(number, moves) if number else bank.last)


def _reversed(bank: Bank, ask: ReversalAsked, card: Card) -> Bank:
    number, moves = bank.last
    if not number or number != ask.of:
        return settle_former(bank)
    if ask.fen:  # the rest of the cash is with the person: fee and booking stand
        moves = tuple((source, target, ask.fen) for source, target, _ in moves if target == "vault")
    back = tuple((target, source, fen) for source, target, fen in moves)
    undone = msgspec.structs.replace(_move(bank, 0, back, "reversal"), last=(0, ()))
    for source, target, fen in moves:
        if source == "vault":
            undone = _paid_in(undone, target, -fen)
    if any(target == "vault" for _, target, _ in moves):
        return _drawn(undone, card.account, -sum(fen for _, target, fen in moves if target == "vault"))
    if any(target == "transit" for _, target, _ in moves):
        return _with_ledger(undone, pending=undone.ledger.pending[:-1])
    return undone
