"""The desk's world: pocket and cabinet (`core.cabinet_model`), and what its person came for.

Promises checked in every walked situation: no piece, card or token appears or vanishes; a ticket is written only as it
was offered for this errand, and only once for one payment; a token is taken in only where it may be given back. When
the desk is home again: the cash that stayed inside is what the rules say of what was mended, less what was paid back;
where nobody knows whether a card was written, nothing was charged for it in cash.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    DocumentPrinted,
    HostAnswered,
    Media,
    MediaRetained,
    MediaWritten,
    Started,
    Struck,
    Tapped,
)
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds, cash_undelivered
from kiosk_firmware.kits.metro import carried_tickets
from kiosk_firmware.kits.metro.ticket_record import minute_of
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.metro_desk import phases as p
from kiosk_firmware.machines.metro_desk.rules import ERRANDS, REFUND
from kiosk_firmware.machines.metro_desk.state import Terms
from kiosk_firmware.machines.metro_desk.ticket_judgement import judge_ticket


class DeskWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the `errand`, the station that was named for it, the practised minute.
    `cash_fen`: what must have stayed inside by the rules; `owed`: cash could not be handed out; `taken`: tokens given
    back; `wrong`: a promise that was broken on the way.
    """

    minute: int
    errand: str = ""
    named: str = ""
    cash_fen: int = 0
    owed: bool = False
    taken: tuple[str, ...] = ()
    wrong: str = ""


def change(world: DeskWorld, **fields: object) -> DeskWorld:
    """Return the world with these fields changed."""
    return msgspec.structs.replace(world, **fields)


class DeskWorlds(CabinetWorlds[DeskWorld]):
    """The rules of that world. `stock`: what the cash box holds until the cabinet says otherwise."""

    stock: Items

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms, self.stock = terms, terms.profile.stock

    def start(self, started: Started) -> DeskWorld:
        """Return what everybody holds before the run."""
        bench = carried_tickets.with_passes(started.persona, self.stock)
        bank = k.open_bank(started.persona, local_day(started))
        return DeskWorld(bench, bank, started.persona, bench, minute=minute_of(started))

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: DeskWorld, event: AnyEvent) -> DeskWorld:
        """Return the world after `event`."""
        before = world.bench
        bench = b.after_event(before, event)
        slips = max(0, world.slips + (0 if _refunded(event) else b.slip_owed(event)))
        owed = world.owed or cash_undelivered(event)
        if bench is not before or (slips, owed) != (world.slips, world.owed):
            world = change(world, bench=bench, slips=slips, owed=owed)
        match event:
            case MediaWritten(completion="success", fen=fen, trip=trip):
                return self._written(world, before.reader, (fen, trip), heard=True)
            case Struck(written=(fen, trip)):
                return self._written(world, before.reader, (fen, trip), heard=False)
            case MediaRetained(completion="success", ref=ref) if ref == REFUND:
                return self._taken(world, before.reader)
            case MediaRetained(completion="success") if before.place != "exit":
                return change(world, wrong="a card was kept from its person")
            case DocumentPrinted(ref="let_out"):
                return change(world, cash_fen=world.cash_fen + self.terms.rules.most_fen)
            case Tapped(key=name, value=value):
                return _meant(world, name, value)
            case CabinetFound():
                return self.woken(world, event)
            case _:
                return world

    def _offer(self, world: DeskWorld, media: Media | None) -> p.Mend | None:
        """Return what this ticket may be made for this errand, by the rules."""
        if media is None or world.errand not in ERRANDS.values():
            return None
        what = judge_ticket(self.terms, world.errand, media, world.minute, world.named)  # type: ignore[arg-type]
        return what if isinstance(what, p.Mend) else None

    def _written(self, world: DeskWorld, old: Media | None, new: tuple[int, str], heard: bool) -> DeskWorld:
        """Charge nothing in cash for what was written unheard."""
        offer = self._offer(world, old)
        if offer is None or old is None or new not in (offer.cash, offer.card) or new == (old.fen, old.trip):
            return change(world, wrong=f"{new} was written after {old}, offered was {offer}")
        in_cash = new == offer.cash and heard
        return change(world, cash_fen=world.cash_fen + (offer.cost_fen if in_cash else 0))

    def _taken(self, world: DeskWorld, media: Media | None) -> DeskWorld:
        offer = self._offer(world, media)
        if media is None or offer is None or offer.why != "refund":
            return change(world, wrong=f"{media} was taken in, offered was {offer}")
        return change(world, taken=(*world.taken, media.number), cash_fen=world.cash_fen - offer.cost_fen)

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: DeskWorld, effect: AskHost) -> HostAnswered:
        """Return the bank's answer, though a desk asks nobody."""
        return k.answer(world.bank, k.Limits(), effect)

    def answer(self, world: DeskWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer."""
        return b.answer(world.bench, effect, canceled)

    def acts(self, world: DeskWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now."""
        return b.acts(world.bench, page, open_, values)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: DeskWorld, at_rest: bool) -> tuple[str, ...]:
        """Return what the file's head says."""
        found_ = [world.wrong] if world.wrong else []
        inside = money.total(world.bench.inside()) - money.total(world.first.inside())
        inside -= money.total(world.bench.unsure)
        if at_rest and (inside < world.cash_fen or (inside != world.cash_fen and not world.owed)):
            found_.append(f"{inside} fen stayed inside, by the rules it is {world.cash_fen}")
        return tuple(found_)

    def persona(self, world: DeskWorld) -> Persona:
        """Return what outlives the run: cards and tokens as they are."""
        return msgspec.structs.replace(super().persona(world), passes=carried_tickets.passes(world.bench))


def _meant(world: DeskWorld, name: str, value: str) -> DeskWorld:
    if name.startswith("menu."):
        return change(world, errand=ERRANDS.get(name, name.removeprefix("menu.")), named="")
    return change(world, named=value) if name.startswith("station.") else world


def _refunded(event: AnyEvent) -> bool:
    return isinstance(event, MediaRetained) and event.ref == REFUND
