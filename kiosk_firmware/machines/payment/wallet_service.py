"""The service behind the wallet, pure: what it says to an ask (`judged`), and its books after it did it (`booked`).

Answering and booking are apart, so that the two can be torn. Money moves in the person's double-entry ledger: from the
wallet or the card's account to whom it was paid; a transfer that waits lies in "way" until it goes on or is taken back.
The newest spending remembers how to undo itself under its id.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.bank import Pending, post
from kiosk_firmware.core.hosts.wallet import (
    BillsAsked,
    FreshCodeAsked,
    GiveBackAsked,
    RecallAsked,
    SpendAsked,
    StandingAsked,
    UndoAsked,
    WalletAsk,
)
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.machines.payment.state import Rules

ON_ITS_WAY = "way"
LISTED = 3


class Spent(msgspec.Struct, frozen=True, cache_hash=True):
    """The newest spending: its id, from where and where to, how much, and whether it was to a printed code or free."""

    id: int = 0
    source: str = ""
    target: str = ""
    fen: int = 0
    printed: bool = False
    free: bool = False


def account(persona: Persona, source: str) -> str:
    """Return the account behind a source; "" where the person has none."""
    if source == "wallet":
        return persona.wallet
    return persona.cards[0].account if persona.cards else ""


def own(persona: Persona) -> tuple[str, ...]:
    """Return the person's accounts."""
    return tuple(name for source in ("wallet", "card") if (name := account(persona, source)))


def judge_request(rules: Rules, persona: Persona, last: Spent, ask: WalletAsk, digits: str) -> tuple[str, WalletAsk]:
    """Return the service's verdict, and the ask with its answer. `digits`: of a new code or receipt."""
    change = msgspec.structs.replace
    match ask:
        case FreshCodeAsked():
            return "ok", change(ask, code=digits)
        case SpendAsked():
            verdict = _judged(rules, persona, last, ask)
            return verdict, change(ask, receipt=digits) if verdict == "ok" else ask
        case StandingAsked(of=of):
            return "ok", change(ask, stands=last.id == of)
        case BillsAsked():
            rows = tuple(entry for entry in persona.ledger.entries if entry.account in own(persona))[:LISTED]
            return "ok", change(ask, rows=rows, waiting=persona.ledger.pending[:2])
        case _:
            return "ok", ask


def _judged(rules: Rules, persona: Persona, last: Spent, ask: SpendAsked) -> str:
    phone, source = persona.phone, account(persona, ask.source)
    if last.id == ask.id:
        return "ok"  # asked again: it is booked
    if ask.way == "static" and phone.printed_fen + ask.fen > rules.printed_day_fen:
        return "static_limit"
    if not source or persona.ledger.balance(source) < ask.fen:
        return "funds"
    return "password" if needs_password(rules, persona, ask) and not ask.entered else "ok"


def needs_password(rules: Rules, persona: Persona, ask: SpendAsked) -> bool:
    """Return whether it needs the password: large sums, more than so many a day, and whatever goes to a person."""
    return ask.fen > rules.free_fen or persona.phone.free_paid >= rules.free_times or ask.way == "send"


def book_request(persona: Persona, last: Spent, ask: WalletAsk) -> tuple[Persona, Spent]:
    """Return person and newest spending after the service did it; what was done already is not done again."""
    match ask:
        case SpendAsked(id=id_) if id_ != last.id:
            return _spent(persona, ask)
        case UndoAsked(of=of) | GiveBackAsked(of=of) if of == last.id:
            return _undone(persona, last), Spent()
        case RecallAsked(transfer=transfer):
            return _recalled(persona, transfer), Spent()
        case _:
            return persona, last


def _spent(persona: Persona, ask: SpendAsked) -> tuple[Persona, Spent]:
    source, target = account(persona, ask.source), ON_ITS_WAY if ask.hours else ask.to
    printed, free = ask.way == "static", not ask.entered
    ledger = post(persona.ledger, source, target, ask.fen, "pay")
    if ask.hours:
        waits = Pending(max((one.id for one in ledger.pending), default=0) + 1, source, ask.to, ask.fen)
        ledger = msgspec.structs.replace(ledger, pending=(*ledger.pending, waits))
    spent = Spent(ask.id, source, target, ask.fen, printed, free)
    return _counted(msgspec.structs.replace(persona, ledger=ledger), spent, 1), spent


def _undone(persona: Persona, last: Spent) -> Persona:
    ledger = post(persona.ledger, last.target, last.source, last.fen, "back")
    return _counted(msgspec.structs.replace(persona, ledger=ledger), last, -1)


def _recalled(persona: Persona, transfer: int) -> Persona:
    found = next((one for one in persona.ledger.pending if one.id == transfer), None)
    if found is None:
        return persona
    ledger = post(persona.ledger, ON_ITS_WAY, found.account, found.fen, "back")
    left = tuple(one for one in ledger.pending if one.id != transfer)
    return msgspec.structs.replace(persona, ledger=msgspec.structs.replace(ledger, pending=left))


def _counted(persona: Persona, spent: Spent, by: int) -> Persona:
    phone = persona.phone
    free, printed = phone.free_paid + by * spent.free, phone.printed_fen + by * spent.fen * spent.printed
    phone = msgspec.structs.replace(phone, free_paid=free, printed_fen=printed)
    return msgspec.structs.replace(persona, phone=phone)
