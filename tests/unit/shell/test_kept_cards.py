"""A bank card through the town: kept by the cash machine, given back or made again at the bank's counter, taken by the
cash machine. Whatever is done in whatever order, each card is in one place, no money comes or goes, and the cash
machine takes what the bank last gave.
"""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import MediaInserted, MediaPresented, MediaTaken, PinEntered, Tapped
from kiosk_firmware.core.hosts.bank import Card, Ledger
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.play import Play, Situation
from kiosk_firmware.kits.counter.back_office import after_card_work
from kiosk_firmware.tools.play import opening_event
from kiosk_firmware.unit.coach.progress import RunRecord
from kiosk_firmware.unit.shell.learner_session import LearnerSession
from tests.unit.shell.test_machine_places import done

YYMM = "2611"
OWN = Card("9900550000005528", "99110001")
NEW = "9900550000008888"
WORDS = ("kept", "again", f"again {NEW}", f"new {NEW}", "again 9900550000009999")


def somebody(*cards: Card) -> Persona:
    """With an ID card and money, and these bank cards."""
    accounts = {card.account: 10_000 for card in cards}
    ledger = Ledger(tuple(sorted({**accounts, "world": -10_000 * len(accounts)}.items())))
    base = machine_loader.personas()["bank_open"]
    return msgspec.structs.replace(base, cards=cards, ledger=ledger)


def at_the_cash_machine(person: Persona, wrong: bool = False) -> tuple[Persona, bool]:
    """The first card is put in, with a right PIN or wrong ones until it is kept; who walks away, and whether the menu
    was seen.
    """
    loaded = machine_loader.load("atm")
    play, menu = Play(loaded.machine, loaded.world), False
    opened = opening_event(machine_loader.lessons("atm")[0].setting, "zh")
    now = play.settle(play.begin(msgspec.structs.replace(opened, persona=person)))
    now = play.settle(play.act(now, next(act for act in play.acts(now, {}) if isinstance(act, MediaInserted))))
    for _ in range(40):
        menu = menu or play.page(now).step == "menu"
        if play.at_home(now):
            break
        now = play.settle(_next(play, now, "wrong" if wrong else "right"))
    assert play.at_home(now)
    after: Persona = play.world.persona(now.world)
    return after, menu


def _next(play: Play, now: Situation, verdict: str) -> Situation:
    """What somebody does who wants nothing but their card back."""
    acts = play.acts(now, {})
    entered = [act for act in acts if isinstance(act, PinEntered) and act.verdict == verdict]
    out = [act for act in acts if isinstance(act, MediaTaken | MediaPresented)]
    ways = [act for act in acts if isinstance(act, Tapped) and act.key in ("menu.eject", "told.ok", "fetch.later")]
    expiry = play.expiry(now)
    return play.act(now, next(iter((*entered, *out, *ways, *([expiry] if expiry else [])))))


def whole(person: Persona, before: Persona) -> None:
    """Each card once, and every fen accounted for."""
    numbers = [card.number for card in (*person.cards, *person.kept)]
    assert len(numbers) == len(set(numbers))
    assert sum(fen for _, fen in person.ledger.balances) == 0
    for account, fen in before.ledger.balances:
        assert person.ledger.balance(account) == fen
    assert all(person.ledger.has(card.account) for card in (*person.cards, *person.kept))


cards = st.lists(st.sampled_from(["active", "lost", "dormant"]), max_size=3).map(
    lambda kinds: tuple(Card(f"99005500000011{n:02d}", f"a{n}", status=kind) for n, kind in enumerate(kinds))  # type: ignore[arg-type]
)


@given(mine=cards, kept=cards, words=st.lists(st.sampled_from(WORDS), max_size=6))
@settings(deadline=None)
def test_whatever_the_bank_does_each_card_is_in_one_place(
    mine: tuple[Card, ...], kept: tuple[Card, ...], words: list[str]
) -> None:
    """And there is one card more for each account that was opened, and none else."""
    kept = tuple(msgspec.structs.replace(card, number=card.number[:-4] + "77" + card.number[-2:]) for card in kept)
    person = msgspec.structs.replace(somebody(*mine, *kept), cards=mine, kept=kept)
    for word in words:
        after = after_card_work(person, word, YYMM)
        whole(after, person)
        new = len(after.ledger.balances) - len(person.ledger.balances)
        assert len(after.cards) + len(after.kept) == len(person.cards) + len(person.kept) + new
        if word == "kept":
            assert not after.kept
            assert {card.number for card in after.cards} == {card.number for card in (*person.cards, *person.kept)}
        person = after


def test_a_card_that_the_cash_machine_kept_is_given_back_at_the_counter_and_taken_again() -> None:
    person = somebody(OWN)
    poor, _ = at_the_cash_machine(person, wrong=True)
    assert (poor.cards, poor.kept) == ((), (OWN,))
    whole(poor, person)
    back, facts = done("bank-counter", "", "kept", poor)
    assert facts["filed"] == "kept"
    assert (back.cards, back.kept) == ((OWN,), ())
    again, menu = at_the_cash_machine(back)
    assert menu
    assert again.cards == (OWN,)
    whole(again, person)


def test_a_card_that_was_made_again_is_the_one_that_counts() -> None:
    person = somebody(msgspec.structs.replace(OWN, status="lost"))
    back, facts = done("bank-counter", "", "loss", person)
    assert facts["filed"] == "loss"
    (card,) = back.cards
    assert (card.number, card.account, card.status) == ("9900550000009999", OWN.account, "active")
    after, menu = at_the_cash_machine(back)
    assert menu
    assert after.cards == back.cards


def test_a_new_card_opens_its_own_account() -> None:
    back, _ = done("bank-counter", "", "open", somebody())
    (card,) = back.cards
    assert back.ledger.balance(card.account) == 0
    _, menu = at_the_cash_machine(back)
    assert menu


def test_the_pocket_goes_between_cash_machine_and_counters_and_nowhere_else() -> None:
    session = LearnerSession(b"site", 0, lambda: 0)
    session.begin("l-000001")
    person = somebody(OWN)
    session.ended(RunRecord("1-1", "atm", "", "", session.learner, "practice", "", "done", 0, 0), person)
    assert session.carried("bank-counter") == session.carried("legal-desk") == person
    assert session.carried("metro-desk") is None
    assert session.carried("atm") is None, "after itself it begins afresh: a card that it kept is nobody's to give back"
    session.ended(RunRecord("1-2", "bank-counter", "", "", session.learner, "practice", "", "done", 0, 0), person)
    assert session.carried("atm") == person
