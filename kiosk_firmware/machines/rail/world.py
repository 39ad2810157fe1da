"""The ticket machine's world: the person's pocket and the cabinet (`core.bench`), the bank (`kits.bank`), and the
railway's office.

Promises checked in every walked situation: no piece or card appears or vanishes; the ledger sums to zero; no seat is
sold twice; an order's slip is printed once; no note is taken for which there is no change. When the machine is home
again: the cash that stayed inside, and what went to the railway's account, are exactly what the timetable and the
rules say of the tickets that were sold, changed and given back.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import bench as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    Fault,
    HostAnswered,
    ItemsPresented,
    ItemsRetracted,
    ItemsStored,
    Media,
    Started,
    Struck,
)
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.asks import Ask
from kiosk_firmware.core.hosts.bank import PAID, BankQuestion, PayAsked
from kiosk_firmware.core.hosts.rail import IssueAsked, RailQuestion, RefundAsked
from kiosk_firmware.core.machine import Open, Values, World
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page, text
from kiosk_firmware.core.persona import Persona, Ticket
from kiosk_firmware.kits import bank as k
from kiosk_firmware.machines.rail.fares import fee, rate_bp, refund_fee
from kiosk_firmware.machines.rail.office import Moment, Office, Railway

DAY_MS = 86_400_000
UTC8_MS = 8 * 3_600_000
RAILWAY = "railway"


class RailWorld(msgspec.Struct, frozen=True, cache_hash=True):
    """Pocket, cabinet, bank and office; what there was at the start. By the rules, cash that must stay inside
    (`cash_fen`) and what must have gone to the railway (`sold_fen`). `owed`: cash could not be handed out; `slips`
    owed for it or for a card; `printed`: itinerary slips since the last sale; `late`: a note was taken too late.
    """

    bench: b.Bench
    bank: k.Bank
    office: Office
    persona: Persona
    first: b.Bench
    now: Moment
    cash_fen: int = 0
    sold_fen: int = 0
    owed: bool = False
    slips: int = 0
    printed: int = 0
    late: bool = False


class RailWorlds(World[RailWorld]):
    """The rules of that world. `stock`: what tray and hopper hold until the cabinet says otherwise."""

    def __init__(self, railway: Railway, stock: Items) -> None:
        """Nothing is started yet."""
        self.railway = railway
        self.stock = stock

    def start(self, started: Started) -> RailWorld:
        """What everybody holds before the run."""
        persona = started.persona
        hand = tuple(Media(card.number, card.expires, card.chip) for card in persona.cards)
        ids = tuple(sorted((Media(card.number, card.expires) for card in persona.ids), key=lambda m: m.number))
        bench = b.Bench(hand=hand, purse=persona.purse, stock=self.stock, ids=ids)
        local = started.now + UTC8_MS
        now = self.railway.moment(local // DAY_MS, local % DAY_MS // 60_000)
        bank = k.opened(persona, now.today)
        return RailWorld(bench, bank, Office(persona.ids, persona.tickets), persona, bench, now)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: RailWorld, event: AnyEvent) -> RailWorld:
        """The world after `event`."""
        match event:
            case CabinetFound():
                return self._found(world, event)
            case HostAnswered(completion="success", verdict="ok", ask=ask):
                return self._booked(world, ask)
            case HostAnswered(completion="success", ask=BankQuestion(id=number)) if number:
                return msgspec.structs.replace(world, bank=k.settled(world.bank))
            case Struck(ask=ask) if ask is not None:
                return self._booked(world, ask)
            case _:
                return self._moved(world, event)

    def _booked(self, world: RailWorld, ask: Ask) -> RailWorld:
        change = msgspec.structs.replace
        if isinstance(ask, BankQuestion):
            return change(world, bank=k.booked(world.bank, ask))
        before, office = world.office, self.railway.booked(world.office, ask)
        if office is before:
            return world
        world = change(world, office=office)
        match ask:
            case IssueAsked(paid_by=paid_by, back_fen=back):
                return change(self._sold(world, before, ask, paid_by, back), printed=0)
            case RefundAsked(ticket=number, fen=fen):
                return self._refunded(world, before.ticket(number), fen)
            case _:
                return world

    def _sold(self, world: RailWorld, before: Office, ask: IssueAsked, paid_by: str, back: int) -> RailWorld:
        """By the timetable, what the new tickets cost beyond the old one; by the rules, what comes back for it."""
        hold = before.hold
        assert hold is not None, "only what is held is issued"
        old = before.ticket(hold.swap) if hold.swap else None
        fare = self.railway.table.fare(hold.train, hold.origin, hold.target, hold.kind)
        due = fare * len(hold.people) - (old.fen if old else 0)
        if old and due < 0:
            rate = rate_bp(self.railway.rules, _left(world.now, old), old.floor_bp)
            over = -due - fee(self.railway.rules, -due, rate)
            bank = k.moved(world.bank, RAILWAY, k.account_of(world.bank, old.paid_by), back, "refund")
            return msgspec.structs.replace(world, bank=bank, sold_fen=world.sold_fen - over)
        if paid_by:
            return msgspec.structs.replace(world, sold_fen=world.sold_fen + due)
        return msgspec.structs.replace(world, cash_fen=world.cash_fen + due)

    def _refunded(self, world: RailWorld, ticket: Ticket | None, fen: int) -> RailWorld:
        if ticket is None:
            return world
        left = _left(world.now, ticket)
        kept = refund_fee(self.railway.rules, ticket.fen, left, ticket.day, ticket.changed, ticket.floor_bp)
        bank = k.moved(world.bank, RAILWAY, k.account_of(world.bank, ticket.paid_by), fen, "refund")
        return msgspec.structs.replace(world, bank=bank, sold_fen=world.sold_fen - ticket.fen + kept)

    def _moved(self, world: RailWorld, event: AnyEvent) -> RailWorld:
        bench = b.heard(world.bench, event)
        slips = max(0, world.slips + b.slip_owed(event))
        owed = world.owed or _undelivered(event)
        again = isinstance(event, DocumentPrinted) and event.ref == "receipt" and event.completion == "success"
        late = world.late or (isinstance(event, ItemsStored) and self._too_late(world, bench))
        if bench is world.bench and (slips, owed, again, late) == (world.slips, world.owed, False, world.late):
            return world
        printed = world.printed + again
        return msgspec.structs.replace(world, bench=bench, slips=slips, owed=owed, printed=printed, late=late)

    def _too_late(self, world: RailWorld, bench: b.Bench) -> bool:
        """A note was kept that reaches beyond what is due, and the change for it cannot be made."""
        hold = world.office.hold
        if hold is None or bench.escrow_fen:
            return False
        old = world.office.ticket(hold.swap) if hold.swap else None
        over = self._inside(world, bench) - world.cash_fen - hold.fen + (old.fen if old else 0)
        return over > 0 and money.make(over, bench.stock) is None

    def _inside(self, world: RailWorld, bench: b.Bench) -> int:
        """Cash that the machine holds more than at the start, fen."""
        return money.total(bench.inside()) - money.total(world.first.inside())

    def _found(self, world: RailWorld, event: CabinetFound) -> RailWorld:
        """A real cabinet holds what it holds: its stock is the start's stock, too, as long as nothing has happened."""
        if world.bench != world.first:
            return world
        bench = b.changed(world.bench, stock=event.stock, tray=event.tray, escrow_fen=event.escrow_fen)
        return msgspec.structs.replace(world, bench=bench, first=bench)

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: RailWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """The cabinet's answer, the bank's, or the railway's; a phone's payment is a person's act."""
        if not isinstance(effect, AskHost):
            return b.answer(world.bench, effect, canceled)
        if by_phone(effect) and effect.ref != PAID:
            return HostAnswered(effect.at, effect.ref, "refused", effect.ask, "canceled") if canceled else None
        return self._said(world, effect)

    def _said(self, world: RailWorld, effect: AskHost) -> HostAnswered:
        if isinstance(effect.ask, RailQuestion):
            verdict, ask = self.railway.judge(world.office, world.now, effect.ask)
            return HostAnswered(effect.at, effect.ref, verdict, ask)
        return k.answer(world.bank, k.Limits(), effect)

    def acts(self, world: RailWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """What this person can do now: as everywhere, and pay the code with the phone."""
        paying = [self._said(world, ask) for effect, off in open_ if (ask := by_phone(effect)) and not off]
        return (*b.acts(world.bench, page, open_, values), *paying)

    def faults(self, world: RailWorld, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """Where the armed fault can strike: as an open effect ends, as a piece goes in, or as the power fails."""
        if armed == "power_cut":
            return self._cuts(world, open_) if open_ or not self.at_rest(world) else ()
        ends = [self.answer(world, effect, canceled) for effect, canceled in open_]
        ends += [self._said(world, ask) for effect, _ in open_ if (ask := by_phone(effect))]
        busy = {effect.at for effect, _ in open_}
        entering = [event for event in b.acts(world.bench, _SLOTS, (), {}) if getattr(event, "at", "") not in busy]
        return tuple(struck(armed, event) for event in (*ends, *entering) if event and moment(armed, event))

    def _cuts(self, world: RailWorld, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        """What a host was asked is unknown either way: booked unheard, or never arrived."""
        ways = b.power_cut(world.bench, open_)
        asked = next((effect for effect, _ in open_ if isinstance(effect, AskHost)), None)
        if asked is None:
            return ways
        said = self._said(world, asked)
        if said.verdict != "ok" or not said.ask.id:
            return ways
        return (*ways, *((Struck("power_cut", asked.ref, said.ask), *way[1:]) for way in ways))

    # -- promises -----------------------------------------------------------------------------------------------------

    def found(self, world: RailWorld) -> CabinetFound:
        """What a cabinet that woke up would report."""
        return b.found(world.bench)

    def at_rest(self, world: RailWorld) -> bool:
        """Nothing of the person is inside."""
        return b.at_rest(world.bench)

    def breaches(self, world: RailWorld, at_rest: bool) -> tuple[str, ...]:
        """Broken promises, in words."""
        found = list(b.breaches(world.first, world.bench))
        ledger = world.bank.ledger
        if sum(fen for _, fen in ledger.balances) != 0:
            found.append(f"ledger does not sum to zero: {ledger.balances}")
        places = [(t.train, t.day, t.seat) for t in world.office.tickets]
        if len(set(places)) < len(places):
            found.append(f"a seat was sold twice: {sorted(places)}")
        if world.printed > 1:
            found.append("the slip of one order was printed twice")
        if world.late:
            found.append("a note was taken though there is no change for it")
        return (*found, *self._money(world)) if at_rest else tuple(found)

    def _money(self, world: RailWorld) -> tuple[str, ...]:
        """The machine is home: cash inside, the railway's account, slips owed."""
        found: list[str] = []
        inside = self._inside(world, world.bench)
        if inside < world.cash_fen or (inside != world.cash_fen and not world.owed):
            found.append(f"{inside} fen stayed inside, tickets for {world.cash_fen} were sold in cash")
        before = world.persona.ledger.balance(RAILWAY)
        moved = world.bank.ledger.balance(RAILWAY) - before
        if moved != world.sold_fen:
            found.append(f"{moved} fen went to the railway, the rules say {world.sold_fen}")
        if world.slips:
            found.append(f"{world.slips} slips owed for a card or cash that was kept")
        return tuple(found)

    def persona(self, world: RailWorld) -> Persona:
        """What outlives the run: ledger, tickets, purse, the cards that were not kept."""
        kept = set(world.bench.kept)
        cards = tuple(card for card in world.persona.cards if card.number not in kept)
        fields: dict[str, Any] = {"cards": cards, "ledger": world.bank.ledger, "purse": world.bench.purse}
        return msgspec.structs.replace(world.persona, tickets=world.office.tickets, **fields)


def _left(now: Moment, ticket: Ticket) -> int:
    return (ticket.day - now.today) * 1440 + ticket.leaves - now.minute


def by_phone(effect: AnyEffect) -> AskHost | None:
    """The effect as the bank's ask that a phone's payment answers; None for every other."""
    if isinstance(effect, AskHost) and isinstance(effect.ask, PayAsked) and effect.ask.card == k.PHONE:
        return effect
    return None


def _undelivered(event: AnyEvent) -> bool:
    """Cash that was to be handed out did not come out, or was pulled in again."""
    match event:
        case ItemsRetracted(items=items):
            return bool(items)
        case ItemsPresented(at=at, items=items, completion=completion):  # an empty hopper is followed by the tray
            return not items and (at == "cash_dispenser" or completion == "unknown")
        case _:
            return False


_SLOTS = Page("Insert", "any", text(""), at=("card_reader", "note_acceptor", "id_reader"))
