"""The ticket machine's world: the person's pocket and the cabinet (`core.cabinet_model`), the bank (`kits.bank`), and
the railway's office.

Promises checked in every walked situation: no piece or card appears or vanishes; the ledger sums to zero; no seat is
sold twice; only what is held and was pressed is issued; no refund is asked for that the rules exclude; no note is
taken for which there is no change. When the machine is home again: the cash that stayed inside, and what went to the
railway's account, are exactly what the timetable and the rules say of the tickets that were sold, changed and given
back.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    HostAnswered,
    ItemsStored,
    Started,
    Struck,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion
from kiosk_firmware.core.hosts.rail import HoldAsked, IssueAsked, RailQuestion, RefundAsked, ReleaseAsked, Ticket
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits import cabinet_invariants
from kiosk_firmware.kits.cabinet_world import CabinetState, PhonePaymentWorlds, bench_before_run
from kiosk_firmware.kits.practice_clock import local_day, local_minute
from kiosk_firmware.machines.rail.booking_office import Moment, Office, Railway, no_refund
from kiosk_firmware.machines.rail.fares import fee, rate_bp, refund_fee

RAILWAY = "railway"


class Sale(msgspec.Struct, frozen=True, cache_hash=True):
    """The newest order that was issued: what it costs by the rules, beyond a ticket that was changed; what paid; what
    went back to that.
    """

    order: int = 0
    fen: int = 0
    paid_by: str = ""
    back_fen: int = 0


class RailWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere, the office. By the rules, cash that must stay inside (`cash_fen`) and what must
    have gone to the railway (`sold_fen`). `late`: a note was taken too late; `wrong`: what was asked for that the rules
    exclude, or is not what was pressed.
    """

    office: Office
    now: Moment
    cash_fen: int = 0
    sold_fen: int = 0
    sale: Sale = Sale()
    late: bool = False
    wrong: str = ""


class RailWorlds(PhonePaymentWorlds[RailWorld]):
    """The rules of that world. `stock`: what tray and hopper hold until the cabinet says otherwise."""

    payees = (RAILWAY,)
    choices = frozenset(("station", "day", "train", "noseats"))

    def __init__(self, railway: Railway, stock: Items) -> None:
        """Set up with nothing started yet."""
        self.railway = railway
        self.stock = stock

    def start(self, started: Started) -> RailWorld:
        """Return what everybody holds before the run."""
        persona = started.persona
        bench = bench_before_run(persona, self.stock)
        now = self.railway.moment(local_day(started), local_minute(started))
        bank, office = k.open_bank(persona, now.today), Office(persona.ids, persona.tickets, codes=persona.travel_codes)
        return RailWorld(bench, bank, persona, bench, office=office, now=now)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: RailWorld, event: AnyEvent) -> RailWorld:
        """Return the world after `event`."""
        if isinstance(event, HostAnswered) and (wrong := self._excluded(world, event.ask)):
            world = msgspec.structs.replace(world, wrong=wrong)
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered(completion="success", verdict="ok", ask=ask):
                return self._booked(world, ask)
            case HostAnswered(completion="success", ask=BankQuestion(id=number)) if number:
                return msgspec.structs.replace(world, bank=k.settle_former(world.bank))
            case Struck(ask=ask) if ask is not None:
                return self._booked(world, ask)
            case _:
                return self._moved(world, event)

    def _booked(self, world: RailWorld, ask: Ask) -> RailWorld:
        change = msgspec.structs.replace
        if isinstance(ask, BankQuestion):
            return change(world, bank=k.book(world.bank, ask))
        if not isinstance(ask, RailQuestion):
            return world
        office = self.railway.booked(world.office, ask)
        if office is world.office:
            return world
        sale = self._sale(world, ask)
        if sale is None:
            return change(world, office=office)
        wrong = world.wrong or self._flaw(world, ask)
        bank = _given_back(world.bank, sale)
        sums = {"sold_fen": world.sold_fen + sale.fen} if sale.paid_by else {"cash_fen": world.cash_fen + sale.fen}
        return change(world, office=office, bank=bank, sale=sale, wrong=wrong, **sums)

    def price(self, world: RailWorld, event: AnyEvent) -> int:
        """Return the price by timetable and rules: what an order costs beyond a ticket that was changed; a refund, less
        its fee; an order that is let go costs nothing.
        """
        sale = self._sale(world, cabinet_invariants.booked_by_host(event))
        return sale.fen if sale else 0

    def _sale(self, world: RailWorld, ask: Ask | None) -> Sale | None:
        """Return the sale by the rules; None for what moves no money."""
        match ask:
            case IssueAsked(order=order, paid_by=paid_by, back_fen=back) if not world.office.of_order(order):
                return self._sold(world, order, paid_by, back)
            case RefundAsked(ticket=number, fen=fen) if ticket := world.office.ticket(number):
                kept = refund_fee(
                    self.railway.rules,
                    ticket.fen,
                    _left(world.now, ticket),
                    ticket.day,
                    ticket.changed,
                    ticket.floor_bp,
                )
                return Sale(0, kept - ticket.fen, ticket.paid_by, fen)
            case ReleaseAsked(order=order) if order and order == world.sale.order:
                return Sale(0, -world.sale.fen, world.sale.paid_by, -world.sale.back_fen)
            case _:
                return None

    def _sold(self, world: RailWorld, order: int, paid_by: str, back: int) -> Sale | None:
        """Return the sale by the timetable, what the new tickets cost beyond the old one; by the rules, what comes back
        for it.
        """
        hold = world.office.hold
        if hold is None:
            return Sale(order, 0, paid_by)
        old = world.office.ticket(hold.swap) if hold.swap else None
        due = self._due(world, hold)
        if old is None or due >= 0:
            return Sale(order, due, paid_by)
        rate = rate_bp(self.railway.rules, _left(world.now, old), old.floor_bp)
        return Sale(order, due + fee(self.railway.rules, -due, rate), old.paid_by, back)

    def _due(self, world: RailWorld, hold: HoldAsked) -> int:
        """Return by the timetable what the new tickets cost beyond the old one, in fen; less than nothing where it was
        dearer.
        """
        old = world.office.ticket(hold.swap) if hold.swap else None
        fare = self.railway.table.fare(hold.train, hold.origin, hold.target, hold.kind)
        return fare * len(hold.people) - (old.fen if old else 0)

    def _flaw(self, world: RailWorld, ask: RailQuestion) -> str:
        """Return the flaw of an order that is issued and is not the one that is held, and that was pressed; "" for
        none.
        """
        if isinstance(ask, RefundAsked):
            return self._fee_flaw(world, ask)
        if not isinstance(ask, IssueAsked):
            return ""
        hold, known = world.office.hold, world.known
        if hold is None or (hold.order, hold.seats) != (ask.order, ask.seats):
            return f"order {ask.order} was issued, held was {hold.order if hold else 'nothing'}"
        if ask.fen != (due := max(0, self._due(world, hold))):
            return f"{ask.fen} fen were told as paid, by the timetable {due}"
        no, _, kind = known.choice("train").partition(".")
        pressed = (no, int(known.choice("day") or 0) + world.now.today, known.choice("station") or hold.target)
        kinds = {kind, *(["standing"] if known.choice("noseats") == "standing" else [])}
        held = (hold.train, hold.day, hold.target)
        return "" if held == pressed and hold.kind in kinds else f"{held} {hold.kind} was issued, pressed was {pressed}"

    def _fee_flaw(self, world: RailWorld, ask: RefundAsked) -> str:
        """Return what is wrong with a refund's fee; what stays of the ticket must be the rules'."""
        ticket = world.office.ticket(ask.ticket)
        due = ticket.fen - ask.fen if ticket else ask.fee_fen
        return "" if ask.fee_fen == due else f"a fee of {ask.fee_fen} fen was told, kept were {due}"

    def _excluded(self, world: RailWorld, ask: Ask) -> str:
        """Return why the machine should not even have asked."""
        if isinstance(ask, RailQuestion) and self.railway.sleeps(world.now):
            return f"the railway was asked at night: {ask}"
        if isinstance(ask, HoldAsked) and (why := self.railway.unchangeable(world.office, world.now, ask)):
            return f"a change was asked for: {why}"
        ticket = world.office.ticket(ask.ticket) if isinstance(ask, RefundAsked) else None
        return f"a refund was asked for: {why}" if ticket and (why := no_refund(world.now, ticket)) else ""

    def _moved(self, world: RailWorld, event: AnyEvent) -> RailWorld:
        bench = b.after_event(world.bench, event)
        slips = max(0, world.slips + b.slip_owed(event))
        late = world.late or (isinstance(event, ItemsStored) and self._too_late(world, bench))
        if bench is world.bench and (slips, late) == (world.slips, world.late):
            return world
        return msgspec.structs.replace(world, bench=bench, slips=slips, late=late)

    def _too_late(self, world: RailWorld, bench: b.CabinetModel) -> bool:
        """Return whether a note was kept that reaches beyond what is due, and the change for it cannot be made. Where
        something is owed, what is inside no longer tells what was put in for this order.
        """
        hold = world.office.hold
        if hold is None or bench.escrow_fen or world.known.excused:
            return False
        old = world.office.ticket(hold.swap) if hold.swap else None
        over = self._inside(world, bench) - world.cash_fen - hold.fen + (old.fen if old else 0)
        return over > 0 and money.make(over, bench.stock) is None

    def _inside(self, world: RailWorld, bench: b.CabinetModel) -> int:
        """Return the cash that the machine holds more than at the start, in fen."""
        return money.total(bench.inside()) - money.total(world.first.inside())

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: RailWorld, effect: AskHost) -> HostAnswered:
        """Return the railway's answer, or the bank's."""
        if isinstance(effect.ask, RailQuestion):
            verdict, ask = self.railway.judge(world.office, world.now, effect.ask)
            return HostAnswered(effect.at, effect.ref, verdict, ask)
        return k.answer(world.bank, k.Limits(), effect)

    def books(self, ask: Ask) -> bool:
        """Return whether an ask books: only asks with a number do; the others look something up."""
        return bool(ask.id)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: RailWorld, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises: no seat sold twice, no note without change, nothing that was not pressed; at home,
        the money where it is.
        """
        found = [world.wrong] if world.wrong else []
        places = [(t.train, t.day, t.seat) for t in world.office.tickets]
        if len(set(places)) < len(places):
            found.append(f"a seat was sold twice: {sorted(places)}")
        if world.late:
            found.append("a note was taken though there is no change for it")
        return (*found, *self._where(world)) if at_rest else tuple(found)

    def _where(self, world: RailWorld) -> tuple[str, ...]:
        """Hold that what was paid in cash lies inside: everything else is on the railway's account."""
        inside = self._inside(world, world.bench) - money.total(world.bench.unsure)
        if inside == world.cash_fen or world.known.excused:
            return ()
        return (f"{inside} fen stayed inside, tickets for {world.cash_fen} were sold in cash",)

    def persona(self, world: RailWorld) -> Persona:
        """Return what outlives the run: as everywhere, and the tickets."""
        return msgspec.structs.replace(
            super().persona(world), tickets=world.office.tickets, travel_codes=world.office.codes
        )


def _given_back(bank: k.Bank, sale: Sale) -> k.Bank:
    """Return the bank after the railway gave back to what paid; or took it back, where the order is let go."""
    payer = k.account_of(bank, sale.paid_by)
    if sale.back_fen < 0:
        return k.move_money(bank, payer, RAILWAY, -sale.back_fen, "refund")
    return k.move_money(bank, RAILWAY, payer, sale.back_fen, "refund")


def _left(now: Moment, ticket: Ticket) -> int:
    return (ticket.day - now.today) * 1440 + ticket.leaves - now.minute
