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
    MediaInserted,
    MediaRetained,
    MediaWritten,
    Started,
    Struck,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.bank import BankQuestion, PayAsked
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, PhonePaymentWorlds
from kiosk_firmware.kits.metro.carried_tickets import passes, with_passes
from kiosk_firmware.kits.metro.ticket_record import Trip, parse_trip
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.metro_ticket.state import Terms

METRO = "metro"
NUMBER = "9900770000000000"
"""The number of a dispenser's first ticket here; the next ones count up."""


class TicketWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: `wrong`: a ticket carries what it should not; `late`: a note was taken too late;
    `cannot`: what belongs to the person cannot be made of the pieces that are there, as a slip says.
    """

    wrong: str = ""
    late: bool = False
    cannot: bool = False

    @property
    def goods(self) -> str:
        """Return what was pressed first: "token", "card", or another errand."""
        menu = self.known.choice("menu")
        return "token" if menu == "ticket" else menu

    @property
    def count(self) -> int:
        """Return how many, as pressed."""
        pressed = self.known.choice("count")
        return int(pressed) if pressed.isdigit() else 1

    @property
    def load_fen(self) -> int:
        """Return what a new card shall carry, as pressed."""
        pressed = self.known.choice("first")
        return int(pressed) if pressed.isdigit() else 0


class TicketWorlds(PhonePaymentWorlds[TicketWorld]):
    """The rules of that world."""

    payees = (METRO,)
    choices = frozenset(("menu", "station", "count", "first"))

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms
        self.stock, self.home = terms.profile.stock, terms.profile.home

    def start(self, started: Started) -> TicketWorld:
        """Return what everybody holds before the run."""
        stack = tuple(Media(str(int(NUMBER) + n), chip=False) for n in range(self.terms.profile.tickets))
        bench = with_passes(started.persona, self.stock, stack)
        return TicketWorld(bench, k.open_bank(started.persona, local_day(started)), started.persona, bench)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: TicketWorld, event: AnyEvent) -> TicketWorld:
        """Return the world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered() | Struck(ask=BankQuestion()) if (
                bank := k.after_answer(world.bank, event)
            ) is not world.bank:
                return msgspec.structs.replace(world, bank=bank)
            case _:
                return self._moved(world, event)

    def _moved(self, world: TicketWorld, event: AnyEvent) -> TicketWorld:
        bench = b.after_event(world.bench, event)
        slip = isinstance(event, DocumentPrinted) and event.ref == "slip"
        fields: dict[str, object] = {
            "bench": bench,
            "slips": max(0, world.slips + b.slip_owed(event)),
            "cannot": world.cannot or (slip and self._unpayable(world)),
            "late": world.late or (isinstance(event, ItemsStored) and self._too_late(world, bench)),
        }
        if isinstance(event, MediaDispensed) and event.completion == "success" and bench.offered:
            fields["wrong"] = world.wrong or self._other(world, bench.offered)
        kept = isinstance(event, MediaRetained) and event.at == "card_reader" and bench.kept != world.bench.kept
        if kept and world.bench.place != "exit":
            fields["wrong"] = "a card was kept that was never given back"
        changed = {name: value for name, value in fields.items() if value != getattr(world, name)}
        return msgspec.structs.replace(world, **changed) if changed else world

    def price(self, world: TicketWorld, event: AnyEvent) -> int:
        """Return the price of an event: a ticket that comes out costs what was pressed; a card is written for as much
        more as it then carries.
        """
        match event:
            case MediaDispensed(completion="success"):
                load = self.terms.rules.card_price_fen + world.load_fen
                return load if world.goods == "card" else self._fare(world)
            case MediaWritten(completion="success", fen=fen) | Struck(written=(fen, _)) if world.bench.reader:
                return fen - (world.bench.reader.fen or 0)
            case MediaInserted(media=media):  # after a cut, what it carries tells whether it was written
                known = next((mine for mine in world.bench.hand if mine.number == media.number), media)
                return (media.fen or 0) - (known.fen or 0)
            case _:
                return 0

    def _other(self, world: TicketWorld, media: Media) -> str:
        """Return how a ticket that came out is not what was ordered; "" where it is."""
        trip, fen, card = parse_trip(media.trip) or Trip(False, "?"), media.fen or 0, world.goods == "card"
        right = (trip.token, trip.sold, bool(trip.minute)) == ((False, "", False) if card else (True, self.home, True))
        right = right and fen == (world.load_fen if card else self._fare(world))
        return (
            "" if right else f"a {world.goods} to {world.known.choice('station')!r} carries {fen} fen, {media.trip!r}"
        )

    def _unpayable(self, world: TicketWorld) -> bool:
        """Return whether what belongs to the person cannot be made of the pieces that are there."""
        return money.make(self.taken(world) - world.known.worth_fen, world.bench.stock) is None

    def _fare(self, world: TicketWorld) -> int:
        target = world.known.choice("station")
        return self.terms.fare(target) if target in self.terms.network.stations else 0

    def _too_late(self, world: TicketWorld, bench: b.CabinetModel) -> bool:
        """Return whether a note was kept that reaches beyond what tickets cost, and the change for it cannot be made.
        Where something is in doubt, what is inside no longer tells what was put in for this order.
        """
        if bench.escrow_fen or world.known.excused or world.goods not in ("token", "card") or bench.reader:
            return False
        price = self._fare(world) * world.count
        if world.goods == "card":
            price = self.terms.rules.card_price_fen + world.load_fen
        over = self.taken(msgspec.structs.replace(world, bench=bench)) - world.known.worth_fen - price
        return over > 0 and money.make(over, bench.stock) is None

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: TicketWorld, effect: AskHost) -> HostAnswered:
        """Return the bank's answer."""
        return k.answer(world.bank, k.Limits(), effect)

    def books(self, ask: Ask) -> bool:
        """Return whether an ask books: only payments do."""
        return isinstance(ask, PayAsked)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: TicketWorld, at_rest: bool) -> tuple[str, ...]:
        """Return broken promises: a wrong ticket, a note without change."""
        found = [world.wrong] if world.wrong else []
        return (*found, *["a note was taken though there is no change for it"] * world.late)

    def excused(self, world: TicketWorld) -> bool:
        """Return whether it is excused as everywhere; and where the pieces for it are not there."""
        return super().excused(world) or world.cannot

    def persona(self, world: TicketWorld) -> Persona:
        """Return what outlives the run: as everywhere, and the metro's tickets."""
        return msgspec.structs.replace(super().persona(world), passes=passes(world.bench))
