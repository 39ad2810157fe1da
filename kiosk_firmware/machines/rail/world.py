"""The ticket machine's world: the person's pocket and the cabinet (`core.cabinet_model`), the bank (`kits.bank`), and
the railway's office.

Promises checked in every walked situation: no piece or card appears or vanishes; the ledger sums to zero; no seat is
sold twice; an order's slip is printed once; no note is taken for which there is no change. When the machine is home
again: the cash that stayed inside, and what went to the railway's account, are exactly what the timetable and the
rules say of the tickets that were sold, changed and given back.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    HostAnswered,
    ItemsStored,
    Started,
    Struck,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion
from kiosk_firmware.core.hosts.rail import IssueAsked, RailQuestion, RefundAsked
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.persona import Persona, Ticket
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import PhoneWorlds, Standing, pocketed, undelivered
from kiosk_firmware.kits.practice_clock import local_day, local_minute
from kiosk_firmware.machines.rail.booking_office import Moment, Office, Railway
from kiosk_firmware.machines.rail.fares import fee, rate_bp, refund_fee

RAILWAY = "railway"


class RailWorld(Standing, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere, the office. By the rules, cash that must stay inside (`cash_fen`) and what must
    have gone to the railway (`sold_fen`). `owed`: cash could not be handed out; `printed`: itinerary slips since the
    last sale; `late`: a note was taken too late.
    """

    office: Office
    now: Moment
    cash_fen: int = 0
    sold_fen: int = 0
    owed: bool = False
    printed: int = 0
    late: bool = False


class RailWorlds(PhoneWorlds[RailWorld]):
    """The rules of that world. `stock`: what tray and hopper hold until the cabinet says otherwise."""

    def __init__(self, railway: Railway, stock: Items) -> None:
        """Nothing is started yet."""
        self.railway = railway
        self.stock = stock

    def start(self, started: Started) -> RailWorld:
        """Return what everybody holds before the run."""
        persona = started.persona
        bench = pocketed(persona, self.stock)
        now = self.railway.moment(local_day(started), local_minute(started))
        bank, office = k.opened(persona, now.today), Office(persona.ids, persona.tickets)
        return RailWorld(bench, bank, persona, bench, office=office, now=now)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: RailWorld, event: AnyEvent) -> RailWorld:
        """The world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
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
        if not isinstance(ask, RailQuestion):
            return world
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
        owed = world.owed or undelivered(event)
        again = isinstance(event, DocumentPrinted) and event.ref == "receipt" and event.completion == "success"
        late = world.late or (isinstance(event, ItemsStored) and self._too_late(world, bench))
        if bench is world.bench and (slips, owed, again, late) == (world.slips, world.owed, False, world.late):
            return world
        printed = world.printed + again
        return msgspec.structs.replace(world, bench=bench, slips=slips, owed=owed, printed=printed, late=late)

    def _too_late(self, world: RailWorld, bench: b.CabinetModel) -> bool:
        """A note was kept that reaches beyond what is due, and the change for it cannot be made. Where something is
        owed, what is inside no longer tells what was put in for this order.
        """
        hold = world.office.hold
        if hold is None or bench.escrow_fen or world.owed:
            return False
        old = world.office.ticket(hold.swap) if hold.swap else None
        over = self._inside(world, bench) - world.cash_fen - hold.fen + (old.fen if old else 0)
        return over > 0 and money.make(over, bench.stock) is None

    def _inside(self, world: RailWorld, bench: b.CabinetModel) -> int:
        """Cash that the machine holds more than at the start, fen."""
        return money.total(bench.inside()) - money.total(world.first.inside())

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: RailWorld, effect: AskHost) -> HostAnswered:
        """The railway's answer, or the bank's."""
        if isinstance(effect.ask, RailQuestion):
            verdict, ask = self.railway.judge(world.office, world.now, effect.ask)
            return HostAnswered(effect.at, effect.ref, verdict, ask)
        return k.answer(world.bank, k.Limits(), effect)

    def books(self, ask: Ask) -> bool:
        """Only asks with a number do; the others look something up."""
        return bool(ask.id)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: RailWorld, at_rest: bool) -> tuple[str, ...]:
        """No seat sold twice, no slip printed twice, no note without change; at home, the money."""
        found: list[str] = []
        places = [(t.train, t.day, t.seat) for t in world.office.tickets]
        if len(set(places)) < len(places):
            found.append(f"a seat was sold twice: {sorted(places)}")
        if world.printed > 1:
            found.append("the slip of one order was printed twice")
        if world.late:
            found.append("a note was taken though there is no change for it")
        return (*found, *self._money(world)) if at_rest else tuple(found)

    def _money(self, world: RailWorld) -> tuple[str, ...]:
        """The machine is home: cash inside, the railway's account."""
        found: list[str] = []
        inside = self._inside(world, world.bench) - money.total(world.bench.unsure)
        if inside < world.cash_fen or (inside != world.cash_fen and not world.owed):
            found.append(f"{inside} fen stayed inside, tickets for {world.cash_fen} were sold in cash")
        before = world.persona.ledger.balance(RAILWAY)
        moved = world.bank.ledger.balance(RAILWAY) - before
        if moved != world.sold_fen:
            found.append(f"{moved} fen went to the railway, the rules say {world.sold_fen}")
        return tuple(found)

    def persona(self, world: RailWorld) -> Persona:
        """Return what outlives the run: as everywhere, and the tickets."""
        return msgspec.structs.replace(super().persona(world), tickets=world.office.tickets)


def _left(now: Moment, ticket: Ticket) -> int:
    return (ticket.day - now.today) * 1440 + ticket.leaves - now.minute
