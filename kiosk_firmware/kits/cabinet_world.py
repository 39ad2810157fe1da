"""Share what the worlds of machines with a cabinet and a bank have in common.

Person and cabinet are a `core.cabinet_model`, the bank a `kits.bank`; the machine's own world adds who else answers and
what it promises. Where an armed fault strikes, what a power cut leaves behind, what a waking cabinet reports, and the
promises that hold everywhere (pieces and cards conserved, the ledger's sum, slips owed; `kits.cabinet_invariants`: the
money, the papers) are said here once. A machine that sells says its `price`, `payees` and `choices`, and nothing else
of these.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, TypeVar

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost, Dispense
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    HostAnswered,
    ItemsPresented,
    ItemsRetracted,
    Lent,
    Media,
    Struck,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import PAID
from kiosk_firmware.core.machine import Open, Values, World
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page, text
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.power_cut_outcomes import power_cut
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits import cabinet_invariants
from kiosk_firmware.kits.phone_payment import by_phone

_SLOTS = Page("Insert", "any", text(""), at=("card_reader", "note_acceptor", "id_reader"))


class CabinetState(msgspec.Struct, frozen=True, cache_hash=True):
    """Pocket and cabinet, bank; what there was at the start, to compare with; `slips` owed for what was kept."""

    bench: b.CabinetModel
    bank: k.Bank
    persona: Persona
    first: b.CabinetModel
    slips: int = 0
    known: cabinet_invariants.HeardRun = cabinet_invariants.NOTHING


W = TypeVar("W", bound=CabinetState)


def bench_before_run(persona: Persona, stock: Items) -> b.CabinetModel:
    """Return the bench before a run: cards, ID cards and purse with the person, `stock` in the cabinet."""
    hand = tuple(Media(card.number, card.expires, card.chip) for card in persona.cards)
    own = (Media(card.number, card.expires) for card in persona.ids if not card.lost)
    ids = tuple(sorted(own, key=lambda media: media.number))
    return b.CabinetModel(hand=hand, purse=persona.purse, stock=stock, ids=ids)


class CabinetWorlds(World[W]):
    """The rules of such a world. `stock`: what the cassettes hold until the cabinet says otherwise."""

    stock: Items
    payees: ClassVar[tuple[str, ...]] = ()
    """The accounts that what is sold here goes to; with none, no money is promised."""
    choices: ClassVar[frozenset[str]] = frozenset()
    """The areas of keys that choose what is sold: "station" of `station.b`."""
    prints: ClassVar[frozenset[str]] = frozenset()
    """The areas of keys that ask for a paper once more; those of the first page and of a menu always do."""
    owes: ClassVar[bool] = True
    """Cash that could not be handed out stays owed by slip; where not, an account is made whole at once."""

    @abstractmethod
    def folded(self, world: W, event: AnyEvent) -> W:
        """Return the world after `event`, as the machine's own rules of the world have it."""

    def price(self, world: W, event: AnyEvent) -> int:
        """Return what the thing that `event` hands over or books costs by the rules, for what the keys chose, fen; less
        than nothing where a thing is given back. `world`: before it; a booking that is heard again books nothing.
        """
        return 0

    def owing(self, world: W) -> bool:
        """Return whether cash that cannot be handed out now stays owed by slip."""
        return self.owes

    def heard(self, world: W, event: AnyEvent) -> W:
        """Return the world after `event`, with what the promises need to know of it."""
        after = self.folded(world, event)
        known = cabinet_invariants.after(world.known, event, self.choices, self.prints, self.owing(world))
        if after is not world and (fen := self.price(world, event)):
            known = cabinet_invariants.with_fields(known, worth_fen=known.worth_fen + fen)
        if known.excused and cabinet_invariants.ends(event) and not self._over(world):
            known = cabinet_invariants.without_doubt(known)
        return after if known is world.known else msgspec.structs.replace(after, known=known)

    @abstractmethod
    def said(self, world: W, effect: AskHost) -> HostAnswered:
        """Return what the host that is asked would say."""

    def by_hand(self, effect: AnyEffect) -> AskHost | None:
        """Return the effect as an ask that only a person's act ends; None for every other."""
        return None

    def books(self, ask: Ask) -> bool:
        """Return whether a host's "ok" to this ask changes its books."""
        return True

    # -- bad luck -----------------------------------------------------------------------------------------------------

    def faults(self, world: W, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Return where the armed fault can strike: as an open effect ends, as a piece goes in, or as the power
        fails.
        """
        if armed == "power_cut":
            return self._cuts(world, open_) if open_ or not self.at_rest(world) else ()
        ends = [self.answer(world, effect, canceled) for effect, canceled in open_]
        ends += [self.said(world, ask) for effect, _ in open_ if (ask := self.by_hand(effect))]
        busy = {effect.at for effect, _ in open_}
        entering = [event for event in b.acts(world.bench, _SLOTS, (), {}) if getattr(event, "at", "") not in busy]
        ways = [struck(armed, event) for event in (*ends, *entering) if event and moment(armed, event)]
        return (*ways, *(short for way in ways for short in _short(way, open_)))

    def _cuts(self, world: W, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Hold what a host was asked as unknown: booked unheard, or never arrived."""
        ways = power_cut(world.bench, open_)
        asked = next((effect for effect, _ in open_ if isinstance(effect, AskHost)), None)
        if asked is None:
            return ways
        said = self.said(world, asked)
        if said.verdict != "ok" or not self.books(said.ask):
            return ways
        return (*ways, *((Struck("power_cut", asked.ref, said.ask), *way[1:]) for way in ways))

    # -- what a cabinet reports ---------------------------------------------------------------------------------------

    def found(self, world: W) -> CabinetFound:
        """Return what a cabinet that woke up would report."""
        return b.wake_report(world.bench)

    def woken(self, world: W, event: CabinetFound) -> W:
        """Take the stock of a real cabinet as the start's stock, too, as long as nothing has happened."""
        if world.bench != world.first:
            return world
        bench = b.with_fields(world.bench, stock=event.stock, tray=event.tray, escrow_fen=event.escrow_fen)
        return msgspec.structs.replace(world, bench=bench, first=bench)

    # -- promises -----------------------------------------------------------------------------------------------------

    def at_rest(self, world: W) -> bool:
        """Return whether nothing of the person is inside."""
        return b.at_rest(world.bench)

    def essence(self, world: W) -> W:
        """Return the world without what was heard for the promises' sake."""
        if world.known is cabinet_invariants.NOTHING:
            return world
        return msgspec.structs.replace(world, known=cabinet_invariants.NOTHING)

    def breaches(self, world: W, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises, in words: those of every machine, then the machine's own."""
        found = list(b.breaches(world.first, world.bench))
        balances = world.bank.ledger.balances
        if sum(fen for _, fen in balances) != 0:
            found.append(f"ledger does not sum to zero: {balances}")
        if at_rest and world.slips:
            found.append(f"{world.slips} slips owed for a card or cash that was kept")
        if world.known.doubled:
            found.append(f"the paper {world.known.doubled} came out twice")
        if at_rest and self.payees:
            found += self._money(world)
        return (*found, *self.broken(world, at_rest))

    def taken(self, world: W) -> int:
        """Return the cash inside and what was booked for the seller, beyond the start, in fen."""
        cash = money.total(world.bench.inside()) - money.total(world.first.inside())
        now, first = world.bank.ledger, world.persona.ledger
        return cash + sum(now.balance(one) - first.balance(one) for one in self.payees)

    def _over(self, world: W) -> int:
        """Return how much more is held than was sold, fen."""
        return self.taken(world) - money.total(world.bench.unsure) - world.known.worth_fen

    def _money(self, world: W) -> Iterator[str]:
        """Hold to what was sold; more may be held only where something is in doubt, and a slip says so."""
        known = world.known
        over = self._over(world)
        if over < 0 or (over and not self.excused(world)):
            yield f"{over} fen more were taken than what was handed over costs ({known.worth_fen})"
        elif over and known.silent:
            yield f"{over} fen are in doubt, and no slip says so"

    def excused(self, world: W) -> bool:
        """Return whether more may be held than was sold, and a slip says so."""
        return world.known.excused

    def broken(self, world: W, at_rest: bool) -> tuple[str, ...]:
        """Return the machine's own broken promises, in words."""
        return ()

    def lent(self, world: W) -> Lent:
        """Return whatever the person has that carries a journey, and all other cards."""
        near = (*world.bench.hand, *((world.bench.reader,) if world.bench.reader else ()))
        own = frozenset(media.number for media in near if not media.trip)
        return Lent(tuple(media for media in near if media.trip), own)

    def persona(self, world: W) -> Persona:
        """Return what outlives the run: the ledger, the purse, the cards in the pocket and those that were kept."""
        person, inside = world.persona, set(world.bench.kept)
        cards = tuple(card for card in person.cards if card.number not in inside)
        kept = (*person.kept, *(card for card in person.cards if card.number in inside))
        return msgspec.structs.replace(
            person, cards=cards, kept=kept, ledger=world.bank.ledger, purse=world.bench.purse
        )


class PhonePaymentWorlds(CabinetWorlds[W]):
    """A world in which a phone may pay a code on the glass, too: a person's act, or the machine calls it off."""

    def answer(self, world: W, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer or the host's; none while a code waits for the phone."""
        if not isinstance(effect, AskHost):
            return b.answer(world.bench, effect, canceled)
        if by_phone(effect) and effect.ref != PAID:
            return HostAnswered(effect.at, effect.ref, "refused", effect.ask, "canceled") if canceled else None
        return self.said(world, effect)

    def acts(self, world: W, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now: as everywhere, and pay the code with the phone."""
        paying = [self.said(world, ask) for effect, off in open_ if (ask := by_phone(effect)) and not off]
        return (*b.acts(world.bench, page, open_, values), *paying)

    def by_hand(self, effect: AnyEffect) -> AskHost | None:
        """Return the ask of a code that waits for the phone; None for every other effect."""
        return by_phone(effect)


def _short(way: tuple[AnyEvent, ...], open_: Open) -> Iterator[tuple[AnyEvent, ...]]:
    """Yield the ways of a payout that failed after it began: one piece came out before it."""
    *before, last = way
    for effect, _ in open_:
        if isinstance(effect, Dispense) and isinstance(last, ItemsPresented) and money.pieces(effect.items) > 1:
            first = ((effect.items[-1][0], 1),)
            yield (*before, msgspec.structs.replace(last, items=first))


def cash_undelivered(event: AnyEvent) -> bool:
    """Return whether cash that was to be handed out did not come out at the last slot that there is (an empty hopper is
    followed by the tray), or was pulled in again.
    """
    return isinstance(event, ItemsRetracted | ItemsPresented) and cabinet_invariants.doubtful(event)
