"""The railway's office, pure: what it answers and books, and whose tickets it keeps.

One machine holds one order at a time; a new hold lets the old one go. Answering and booking are apart, as at the bank
(`kits.bank`), so that an answer can be lost after the booking. An order is issued once and a ticket refunded once,
however often it is asked for.
"""

from __future__ import annotations

import datetime
from zlib import crc32

import msgspec

from kiosk_firmware.core.hosts.rail import (
    HoldAsked,
    InvoiceAsked,
    IssueAsked,
    Offer,
    RailAsk,
    RefundAsked,
    ReleaseAsked,
    Ticket,
    TicketsAsked,
    TrainRow,
    TrainsAsked,
    TravelCodeAsked,
)
from kiosk_firmware.core.persona import IdCard
from kiosk_firmware.machines.rail.fares import WHOLE_BP, FeeRules, floor_after_change
from kiosk_firmware.machines.rail.timetable import Timetable

LIMITED_TRAINS = {"D": ("second", "standing"), "C": ("second", "standing")}
"""What a person with a court's spending limit may still have on multiple units; nothing on G, all but soft sleepers on
slow trains. Source: the court's rule on limiting high consumption, corrections of the reference."""
LIMITED_SLOW = ("hard", "hard_sleeper", "standing")


class Office(msgspec.Struct, frozen=True, cache_hash=True):
    """All tickets of the people here, the order that is held, tickets taken back, and the last changed ticket with its
    order, in case that order is let go; when codes that stand for an ID card were made.
    """

    people: tuple[IdCard, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    hold: HoldAsked | None = None
    gone: tuple[int, ...] = ()
    swapped: tuple[int, Ticket] | None = None
    codes: tuple[int, ...] = ()

    def ticket(self, number: int) -> Ticket | None:
        """Return the ticket of that number."""
        return next((ticket for ticket in self.tickets if ticket.id == number), None)

    def of_order(self, order: int) -> tuple[Ticket, ...]:
        """Return the tickets that were issued for an order."""
        return tuple(ticket for ticket in self.tickets if ticket.order == order)


class OfficeRules(FeeRules, frozen=True, forbid_unknown_fields=True):
    """Besides fees: how long a code that stands for an ID card is valid, and how many are made in a month;
    between which minutes of the night nothing is sold.
    """

    code_hours: int
    codes_a_month: int
    closed_min: tuple[int, int]


class Moment(msgspec.Struct, frozen=True):
    """The practised moment: day since 1970 and minute (UTC+8); what the rules of the date say of sale."""

    today: int
    minute: int
    presale_days: int
    closes_min: int


class Railway:
    """The office's rules; only read."""

    def __init__(self, table: Timetable, rules: OfficeRules, presale_days: int, closes_min: int) -> None:
        """Set up with nothing sold yet."""
        self.table, self.rules = table, rules
        self._presale, self._closes = presale_days, closes_min

    def moment(self, today: int, minute: int) -> Moment:
        """Return the practised moment."""
        return Moment(today, minute, self._presale, self._closes)

    def judge(self, office: Office, now: Moment, ask: RailAsk) -> tuple[str, RailAsk]:
        """Return the office's verdict, and the ask with its answer; nothing is booked yet."""
        if self.sleeps(now) and not isinstance(ask, ReleaseAsked):
            return "night", ask
        match ask:
            case TravelCodeAsked():
                return self._code(office, now, ask)
            case TrainsAsked():
                return self._trains(office, now, ask)
            case HoldAsked():
                return self._hold(office, now, ask)
            case IssueAsked():
                return self._issue(office, now, ask)
            case TicketsAsked(person=person):
                return _tickets(office, now, ask, person)
            case RefundAsked(ticket=number):
                return _refund(office, now, number), ask
            case InvoiceAsked(ticket=number):
                code = f"{crc32(f'invoice {number}'.encode()) % 10**8:08d}"
                return ("ok" if office.ticket(number) else "nothing"), msgspec.structs.replace(ask, code=code)
            case ReleaseAsked():
                return "ok", ask

    def sleeps(self, now: Moment) -> bool:
        """Return whether nothing is sold at that hour of the night."""
        first, until = self.rules.closed_min
        return first <= now.minute < until

    def _code(self, office: Office, now: Moment, ask: TravelCodeAsked) -> tuple[str, RailAsk]:
        if not office.people:
            return "person", ask
        at, life = now.today * 1440 + now.minute, self.rules.code_hours * 60
        made = [one for one in office.codes if _month(one) == _month(at)]
        valid = next((one for one in office.codes if 0 <= at - one < life), None)
        if valid is not None:
            return "ok", msgspec.structs.replace(ask, until=valid + life, count=len(made))
        if len(made) >= self.rules.codes_a_month:
            return "code_cap", ask
        return "ok", msgspec.structs.replace(ask, until=at + life, count=len(made) + 1)

    # -- trains and holds ---------------------------------------------------------------------------------------------

    def _trains(self, office: Office, now: Moment, ask: TrainsAsked) -> tuple[str, RailAsk]:
        if ask.day >= now.today + now.presale_days or ask.day < now.today:
            return "too_far", ask
        rows = tuple(
            msgspec.structs.replace(row, offers=tuple(self._left(office, row.no, ask.day, o) for o in row.offers))
            for row in self.table.rows(ask.origin, ask.target, ask.day)
            if not _departed(row, ask.day, now)
        )
        return ("ok" if rows else "no_trains"), msgspec.structs.replace(ask, rows=rows)

    def _left(self, office: Office, no: str, day: int, offer: Offer) -> Offer:
        taken = _taken(office, no, day, offer.kind)
        return msgspec.structs.replace(offer, left=max(0, offer.left - taken)) if taken else offer

    def _hold(self, office: Office, now: Moment, ask: HoldAsked) -> tuple[str, RailAsk]:
        rows = self.table.rows(ask.origin, ask.target, ask.day)
        row = next((row for row in rows if row.no == ask.train and not _departed(row, ask.day, now)), None)
        offer = next((offer for offer in row.offers if offer.kind == ask.kind), None) if row else None
        if row is None or offer is None:
            return "closed", ask
        verdict = self.unchangeable(office, now, ask) or self._personal(office, ask, row)
        if verdict:
            return verdict, ask
        if self._left(office, ask.train, ask.day, offer).left < len(ask.people):
            return "no_seats", ask
        first = _taken(office, ask.train, ask.day, ask.kind)
        seats = tuple(self.table.seat(ask.train, ask.day, ask.kind, first + n) for n in range(len(ask.people)))
        number = 1 + max((*(ticket.id for ticket in office.tickets), *office.gone), default=0)
        fen = offer.fen * len(ask.people)
        return "ok", msgspec.structs.replace(ask, order=number, seats=seats, fen=fen)

    def unchangeable(self, office: Office, now: Moment, ask: HoldAsked) -> str:
        """Return why the ticket cannot be changed for that train; "" where it can, or none is changed."""
        if not ask.swap:
            return ""
        old = office.ticket(ask.swap)
        if old is None or old.changed:
            return "changed_once"
        hours = ((old.day - now.today) * 1440 + old.leaves - now.minute) / 60
        if hours <= 0 and not old.day == ask.day == now.today:
            return "change_late"
        if hours < self.rules.change_near_hours and ask.day > old.day:
            return "change_near"
        elsewhere = (ask.origin, ask.target) != (old.origin, old.target)
        return "target_near" if elsewhere and hours < self.rules.target_hours else ""

    def _personal(self, office: Office, ask: HoldAsked, row: TrainRow) -> str:
        """Return why one of the people cannot have the seat."""
        known = {card.number: card for card in office.people}
        if any(person not in known for person in ask.people):
            return "person"
        if any(known[person].limited for person in ask.people) and not seat_allowed(row.no, ask.kind):
            return "limited"
        theirs = [t for t in office.tickets if t.person in ask.people and t.id != ask.swap]
        if any((ticket.train, ticket.day) == (row.no, ask.day) for ticket in theirs):
            return "same_train"
        leaves, arrives = ask.day * 1440 + row.leaves, ask.day * 1440 + row.arrives
        if any(t.day * 1440 + t.leaves < arrives and leaves < t.day * 1440 + t.arrives for t in theirs):
            return "conflict"
        return ""

    # -- tickets ------------------------------------------------------------------------------------------------------

    def _issue(self, office: Office, now: Moment, ask: IssueAsked) -> tuple[str, RailAsk]:
        tickets = office.of_order(ask.order) or self._made(office, now, ask)
        return ("ok" if tickets else "gone"), msgspec.structs.replace(ask, tickets=tickets)

    def _made(self, office: Office, now: Moment, ask: IssueAsked) -> tuple[Ticket, ...]:
        hold = office.hold
        if hold is None or hold.order != ask.order:
            return ()
        row = next(row for row in self.table.rows(hold.origin, hold.target, hold.day) if row.no == hold.train)
        old = office.ticket(hold.swap) if hold.swap else None
        floor = self._floor(now, old, hold.day, row) if old else 0
        return tuple(
            Ticket(
                ask.order + n,
                ask.order,
                person,
                hold.train,
                hold.origin,
                hold.target,
                hold.day,
                row.leaves,
                row.arrives,
                hold.kind,
                seat,
                hold.fen // len(hold.people),
                ask.paid_by,
                old is not None,
                floor,
            )
            for n, (person, seat) in enumerate(zip(hold.people, ask.seats, strict=False))
        )

    def _floor(self, now: Moment, old: Ticket, day: int, row: TrainRow) -> int:
        passed = now.today * 1440 + now.minute
        before, after = old.day * 1440 + old.leaves - passed, day * 1440 + row.leaves - passed
        return max(old.floor_bp, floor_after_change(self.rules, before, after))

    def booked(self, office: Office, ask: RailAsk) -> Office:
        """Return the office after it booked an ask that it answered "ok" (also where the answer was lost)."""
        change = msgspec.structs.replace
        match ask:
            case HoldAsked():
                return change(office, hold=ask)
            case IssueAsked(order=order, tickets=tickets) if not office.of_order(order):
                return _issued(office, tickets)
            case ReleaseAsked(order=order):
                return _released(office, order)
            case TravelCodeAsked(until=until):
                made = until - self.rules.code_hours * 60
                return office if made in office.codes else change(office, codes=(*office.codes, made))
            case RefundAsked(ticket=number) if office.ticket(number):
                kept = tuple(ticket for ticket in office.tickets if ticket.id != number)
                return change(office, tickets=kept, gone=tuple(sorted({*office.gone, number})))
            case InvoiceAsked(ticket=number):
                tickets = tuple(change(t, invoiced=t.invoiced or t.id == number) for t in office.tickets)
                return change(office, tickets=tickets)
            case _:
                return office


def seat_allowed(no: str, kind: str) -> bool:
    """Return whether a seat may be sold to a person with a spending limit."""
    return kind in LIMITED_TRAINS.get(no[0], () if no[0] == "G" else LIMITED_SLOW)


def no_refund(now: Moment, ticket: Ticket) -> str:
    """Return why a machine does not take the ticket back: it has left, was changed after it had left, or was paid in
    cash, which only the window gives back; "" for no reason.
    """
    if ticket.day * 1440 + ticket.leaves <= now.today * 1440 + now.minute:
        return "too_late"
    if ticket.floor_bp >= WHOLE_BP:
        return "changed_late"
    return "" if ticket.paid_by else "cash_window"


def _refund(office: Office, now: Moment, number: int) -> str:
    """Return the verdict on a refund; one that was done is done."""
    if number in office.gone:
        return "ok"
    ticket = office.ticket(number)
    return (no_refund(now, ticket) or "ok") if ticket else "nothing"


def _month(minutes: int) -> tuple[int, int]:
    """Return year and month of a moment."""
    date = datetime.date(1970, 1, 1) + datetime.timedelta(minutes=minutes)
    return date.year, date.month


def _departed(row: TrainRow, day: int, now: Moment) -> bool:
    return day * 1440 + row.leaves < now.today * 1440 + now.minute + now.closes_min


def _taken(office: Office, no: str, day: int, kind: str) -> int:
    """Return the seats sold here since the morning."""
    return sum((ticket.train, ticket.day, ticket.kind) == (no, day, kind) for ticket in office.tickets)


def _tickets(office: Office, now: Moment, ask: TicketsAsked, person: str) -> tuple[str, RailAsk]:
    passed = now.today * 1440 + now.minute
    mine = [t for t in office.tickets if t.person == person and t.day * 1440 + max(t.arrives, 1440) > passed]
    found = tuple(sorted(mine, key=lambda t: (t.day, t.leaves)))
    return ("ok" if found else "nothing"), msgspec.structs.replace(ask, tickets=found)


def _issued(office: Office, tickets: tuple[Ticket, ...]) -> Office:
    swap = office.hold.swap if office.hold else 0
    old = office.ticket(swap) if swap else None
    kept = tuple(ticket for ticket in office.tickets if ticket is not old)
    gone = tuple(sorted({*office.gone, old.id})) if old else office.gone
    swapped = (tickets[0].order, old) if old and tickets else None
    return msgspec.structs.replace(office, tickets=kept + tickets, hold=None, gone=gone, swapped=swapped)


def _released(office: Office, order: int) -> Office:
    """Release an order as if there had never been one; a ticket that was changed for it is valid again."""
    kept = tuple(ticket for ticket in office.tickets if ticket.order != order)
    hold = None if office.hold and office.hold.order == order else office.hold
    gone, back = office.gone, office.swapped
    if back and back[0] == order and len(kept) < len(office.tickets):
        kept, gone = (*kept, back[1]), tuple(number for number in gone if number != back[1].id)
    return msgspec.structs.replace(office, tickets=kept, hold=hold, gone=gone)
