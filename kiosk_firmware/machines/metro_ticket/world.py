"""The metro ticket machine's world: the person's pocket and the cabinet (`core.cabinet_model`) and the bank behind a
phone.

Promises checked in every walked situation: no piece or card appears or vanishes; the ledger sums to zero; every ticket
that comes out carries the fare that the rules give for what was pressed, and where and when it was sold; no note is
taken for which there is no change. When the machine is home again: what it took (cash inside, the bank's account of the
metro) is exactly what it gave (tickets, balances on cards, the price of cards). It may have taken more only where
something could not be handed out or nobody knows whether it was, and then a slip says so.
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
    Media,
    MediaDispensed,
    MediaRetained,
    MediaWritten,
    Started,
    Struck,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion, PayAsked
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import PhoneWorlds, Standing, undelivered
from kiosk_firmware.kits.metro.carried_tickets import passes, with_passes
from kiosk_firmware.kits.metro.ticket_record import Trip, read
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.metro_ticket.state import Terms

METRO = "metro"
NUMBER = "9900770000000000"
"""The number of a dispenser's first ticket here; the next ones count up."""


class TicketWorld(Standing, frozen=True, cache_hash=True, kw_only=True):
    """The world beyond the cabinet: the choice (`goods`, `target`, `count`, `load_fen`), how many `cards` were sold,
    what tickets in the box carry (`boxed_fen`). `wrong`: one carries what it should not; `late`: a note was taken too
    late; `doubt`: something was not handed out, or nobody knows; `told`: a slip was tried since.
    """

    goods: str = ""
    target: str = ""
    count: int = 1
    load_fen: int = 0
    cards: int = 0
    boxed_fen: int = 0
    wrong: str = ""
    late: bool = False
    doubt: bool = False
    told: bool = False


class TicketWorlds(PhoneWorlds[TicketWorld]):
    """The rules of that world."""

    def __init__(self, terms: Terms) -> None:
        """Nothing is started yet."""
        self.terms = terms
        self.stock, self.home = terms.profile.stock, terms.profile.home

    def start(self, started: Started) -> TicketWorld:
        """Return what everybody holds before the run."""
        stack = tuple(Media(str(int(NUMBER) + n), chip=False) for n in range(self.terms.profile.tickets))
        bench = with_passes(started.persona, self.stock, stack)
        return TicketWorld(bench, k.opened(started.persona, local_day(started)), started.persona, bench)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def heard(self, world: TicketWorld, event: AnyEvent) -> TicketWorld:
        """The world after `event`."""
        change = msgspec.structs.replace
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case Tapped():
                return _pressed(world, event)
            case TimerExpired(name="goodbye"):
                return change(world, goods="", target="", count=1, load_fen=0)
            case HostAnswered(completion="success", verdict="ok", ask=BankQuestion() as ask):
                return change(world, bank=k.booked(world.bank, ask))
            case HostAnswered(completion="success", ask=BankQuestion(id=number)) if number:
                return change(world, bank=k.settled(world.bank))
            case Struck(ask=BankQuestion() as ask):
                return change(world, bank=k.booked(world.bank, ask))
            case _:
                return self._moved(world, event)

    def _moved(self, world: TicketWorld, event: AnyEvent) -> TicketWorld:
        bench = b.heard(world.bench, event)
        slip = isinstance(event, DocumentPrinted) and event.ref == "slip"
        fields: dict[str, object] = {
            "bench": bench,
            "slips": max(0, world.slips + b.slip_owed(event)),
            "doubt": world.doubt or _undelivered(event) or (slip and self._unpayable(world)),
            "told": world.told or slip,
            "late": world.late or (isinstance(event, ItemsStored) and self._too_late(world, bench)),
        }
        if isinstance(event, MediaDispensed) and event.completion == "success" and bench.offered:
            fields |= self._sold(world, bench.offered)
        if isinstance(event, MediaRetained) and bench.kept != world.bench.kept:
            gone = world.bench.offered if event.at == "ticket_dispenser" else world.bench.reader
            fields["boxed_fen"] = world.boxed_fen + ((gone.fen or 0) if gone else 0)
            if event.at == "card_reader" and world.bench.place != "exit":
                fields["wrong"] = "a card was kept that was never given back"
        changed = {name: value for name, value in fields.items() if value != getattr(world, name)}
        return msgspec.structs.replace(world, **changed) if changed else world

    def _sold(self, world: TicketWorld, media: Media) -> dict[str, object]:
        """A ticket came out: does it carry what was ordered?"""
        trip, fen, card = read(media.trip) or Trip(False, "?"), media.fen or 0, world.goods == "card"
        right = (trip.token, trip.sold, bool(trip.minute)) == ((False, "", False) if card else (True, self.home, True))
        right = right and fen == (world.load_fen if card else self._fare(world))
        wrong = world.wrong if right else f"a {world.goods} to {world.target!r} carries {fen} fen, {media.trip!r}"
        return {"cards": world.cards + card, "wrong": wrong}

    def _unpayable(self, world: TicketWorld) -> bool:
        """Return whether what belongs to the person cannot be made of the pieces that are there."""
        over = self._taken(world, world.bench) - self._given(world, world.bench)
        return money.make(over, world.bench.stock) is None

    def _fare(self, world: TicketWorld) -> int:
        return self.terms.fare(world.target) if world.target in self.terms.network.stations else 0

    def _too_late(self, world: TicketWorld, bench: b.CabinetModel) -> bool:
        """A note was kept that reaches beyond what tickets cost, and the change for it cannot be made. Where something
        is in doubt, what is inside no longer tells what was put in for this order.
        """
        if bench.escrow_fen or world.doubt or world.goods not in ("token", "card") or bench.reader:
            return False
        price = self._fare(world) * world.count
        if world.goods == "card":
            price = self.terms.rules.card_price_fen + world.load_fen
        over = self._taken(world, bench) - self._given(world, bench) - price
        return over > 0 and money.make(over, bench.stock) is None

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: TicketWorld, effect: AskHost) -> HostAnswered:
        """The bank's answer."""
        return k.answer(world.bank, k.Limits(), effect)

    def books(self, ask: Ask) -> bool:
        """Only payments do."""
        return isinstance(ask, PayAsked)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: TicketWorld, at_rest: bool) -> tuple[str, ...]:
        """No wrong ticket, no note without change; at home, what was taken is what was given."""
        found = [world.wrong] if world.wrong else []
        if world.late:
            found.append("a note was taken though there is no change for it")
        if not at_rest:
            return tuple(found)
        over = self._taken(world, world.bench) - self._given(world, world.bench) - money.total(world.bench.unsure)
        if over < 0 or (over and not world.doubt):
            found.append(f"the machine took {over} fen more than it gave")
        if over and not world.told:
            found.append(f"{over} fen are in doubt and no slip says so")
        return tuple(found)

    def _taken(self, world: TicketWorld, bench: b.CabinetModel) -> int:
        """Cash inside and what the bank booked for the metro, beyond the start."""
        cash = money.total(bench.inside()) - money.total(world.first.inside())
        return cash + world.bank.ledger.balance(METRO) - world.persona.ledger.balance(METRO)

    def _given(self, world: TicketWorld, bench: b.CabinetModel) -> int:
        """Return what all tickets carry beyond the start, wherever they lie, and the price of the cards that were
        sold.
        """
        more = _carried(bench) - _carried(world.first)
        return more + world.boxed_fen + world.cards * self.terms.rules.card_price_fen

    def persona(self, world: TicketWorld) -> Persona:
        """Return what outlives the run: as everywhere, and the metro's tickets."""
        return msgspec.structs.replace(super().persona(world), passes=passes(world.bench))


def _carried(bench: b.CabinetModel) -> int:
    return sum(media.fen or 0 for media in (*bench.hand, bench.reader, bench.offered) if media)


def _pressed(world: TicketWorld, event: Tapped) -> TicketWorld:
    """Compare the tickets with what somebody pressed."""
    area, _, what = event.key.partition(".")
    change = msgspec.structs.replace
    match area:
        case "menu" if what in ("ticket", "card"):
            return change(world, goods="token" if what == "ticket" else "card", target="", count=1, load_fen=0)
        case "menu":
            return change(world, goods=what, target="", count=1, load_fen=0)
        case "station":
            return change(world, target=event.value)
        case "count" if what.isdigit():
            return change(world, count=int(what))
        case "first" if what.isdigit():
            return change(world, load_fen=int(what))
        case _:
            return world


def _undelivered(event: AnyEvent) -> bool:
    """Cash did not come out or was pulled in again; nobody knows whether a ticket came or a card was written."""
    match event:
        case MediaDispensed(completion="unknown"):
            return True
        case MediaWritten(completion=completion):
            return completion != "success"
        case _:
            return undelivered(event)
