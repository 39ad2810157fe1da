"""The office behind the window, pure: answers what a clerk asks, and books what it answered "ok".

An application is known by its errand: entered twice, it is filed once and has one number. So a computer that did not
answer is simply asked again.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.hosts.bank import Card
from kiosk_firmware.core.hosts.counter import CounterAsk, FileAsked
from kiosk_firmware.core.persona import BagDocument, Persona

SLIP = "slip"
"""The acceptance slip, as a paper."""
ID_CARD = "id_card"
"""A new ID card that an office gives, as a paper until one is at home with it."""

ACCOUNT = 8
"""An account that is opened has the last figures of its card."""


class Application(msgspec.Struct, frozen=True, cache_hash=True):
    """An application: errand, number, the day on which it is ready, whether it was fetched, and what was said."""

    errand: str
    number: str
    ready: int
    fetched: bool = False
    answers: tuple[tuple[str, str], ...] = ()


Filings = tuple[Application, ...]


def find_application(filings: Filings, errand: str) -> Application | None:
    """Return the application of that errand; None for none."""
    return next((found for found in filings if found.errand == errand), None)


def judge(filings: Filings, ask: CounterAsk) -> tuple[str, CounterAsk]:
    """Return what the office says to the ask; nothing is booked yet."""
    found = find_application(filings, ask.errand)
    if isinstance(ask, FileAsked):
        number = found.number if found else f"{ask.day}{len(filings) + 1:03d}"
        return "ok", msgspec.structs.replace(ask, number=number)
    if found is None:
        return "nothing", ask
    return ("early", ask) if ask.day < found.ready else ("ok", ask)


def book_answer(filings: Filings, ask: CounterAsk) -> Filings:
    """Return the applications after an ask that was answered "ok", also where nobody heard the answer."""
    found = find_application(filings, ask.errand)
    if isinstance(ask, FileAsked):
        new = Application(ask.errand, ask.number, ask.ready, ask.ready <= ask.day, ask.answers)
        return filings if found else (*filings, new)
    if found is None or found.fetched:
        return filings
    return tuple(msgspec.structs.replace(one, fetched=True) if one is found else one for one in filings)


def hand_out_papers(bag: tuple[BagDocument, ...], ask: FileAsked) -> tuple[BagDocument, ...]:
    """Return the bag with what filing gives; a slip, where there is something to come back for."""
    slip = (SLIP,) if ask.ready > ask.day else ()
    return (*bag, *(BagDocument(name) for name in (*ask.gives, *slip)))


def lost_card(cards: tuple[Card, ...]) -> Card | None:
    """Return the card that is made again: the one that was reported lost, else the first."""
    return next((card for card in cards if card.status == "lost"), cards[0] if cards else None)


def after_card_work(persona: Persona, what: str, yymm: str) -> Persona:
    """Return the person after the bank did this with cards (`errands.File.card`), in the month `yymm`. A card that is
    out of date is given out anew; a lost one counts no more.
    """
    word, _, number = what.partition(" ")
    change = msgspec.structs.replace
    if word == "kept":
        back = tuple(change(card, status="active", expires=_fresh(card, yymm)) for card in persona.kept)
        return change(persona, cards=(*persona.cards, *back), kept=())
    old = lost_card(persona.cards) if word == "again" else None
    known = any(card.number == number for card in (*persona.cards, *persona.kept))
    if old is not None:
        own = old.number if known or not number else number
        new = change(old, number=own, status="active", expires=_fresh(old, yymm))
        return change(persona, cards=tuple(new if card is old else card for card in persona.cards))
    return _opened(persona, number, yymm) if number and not known else persona


def _opened(persona: Persona, number: str, yymm: str) -> Persona:
    ledger, account = persona.ledger, number[-ACCOUNT:]
    while ledger.has(account):  # of an earlier card, that was made again under another number
        account += "0"
    ledger = msgspec.structs.replace(ledger, balances=tuple(sorted((*ledger.balances, (account, 0)))))
    card = Card(number, account, expires=later(yymm))
    return msgspec.structs.replace(persona, cards=(*persona.cards, card), ledger=ledger)


def _fresh(card: Card, yymm: str) -> str:
    return card.expires if card.expires >= yymm else later(yymm)


def later(yymm: str) -> str:
    """Return the month ten years on: so long cards are good for somebody of age."""
    return f"{int(yymm[:2]) + 10:02d}{yymm[2:]}"


def known_after(records: tuple[str, ...], adds: tuple[str, ...], drops: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the computer knows afterwards."""
    return tuple(sorted({*records, *adds} - {*drops}))


def asked_days(day: int, ready: int) -> tuple[int, ...]:
    """Return the right day and two others, of which one is too early and one much too late, in an order of the day's
    own.
    """
    days = (day + 1 if ready > day + 1 else day, ready, ready + 60)
    turn = ready % 3
    return days[turn:] + days[:turn]
