"""Check-in's world: the person's pocket and the cabinet (`core.cabinet_model`), and the airline's office.

Promises checked in every walked situation: nobody shares a seat, nor sits at an emergency exit; nobody is checked in
before it opens or after it closes; a check-in is taken back at most so often and not too late; no pass or tag comes out
twice. When the machine is home again: each paper of a check-in came out, or the airline knows that its counter owes it;
and there is a tag, or one that is owed, for each bag.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    CabinetFound,
    DocumentPrinted,
    HostAnswered,
    Started,
    Struck,
)
from kiosk_firmware.core.hosts.airline import (
    AirlineAsk,
    AirlineQuestion,
    Booking,
    CancelAsked,
    CheckInAsked,
    OwedAsked,
    ReprintAsked,
)
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds, bench_before_run
from kiosk_firmware.kits.practice_clock import local_day, local_minute
from kiosk_firmware.machines.airport.airline import Airline, Office
from kiosk_firmware.machines.airport.rules_find_booking import OURS
from kiosk_firmware.machines.airport.state import Rules


class AirWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere, the office. `due`: papers that must still come out; `wrong`: promises that were
    broken at some moment. `codes`: references that stand on itineraries in the pocket. `unheard`: the airline has not
    said yet that it did what these papers are for; who comes again, or goes to the counter, gets them then.
    """

    office: Office
    now: int
    due: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unheard: bool = False


class AirWorlds(CabinetWorlds[AirWorld]):
    """The rules of that world."""

    def __init__(self, airline: Airline, rules: Rules, closes_min: int, stock: Items) -> None:
        """Set up with nothing started yet. `closes_min`: when this machine closes."""
        self.airline, self.rules, self.closes_min, self.stock = airline, rules, closes_min, stock

    def start(self, started: Started) -> AirWorld:
        """Return what everybody holds before the run."""
        persona = started.persona
        bench = bench_before_run(persona, self.stock)
        bank = k.open_bank(persona, local_day(started))
        now = local_day(started) * 1440 + local_minute(started)
        return AirWorld(bench, bank, persona, bench, office=Office(persona.ids, persona.bookings), now=now)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: AirWorld, event: AnyEvent) -> AirWorld:
        """Return the world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered(completion="success", verdict="ok", ask=ask):
                return self._booked(
                    _heard(world, world.unheard and not isinstance(ask, CheckInAsked | ReprintAsked)), ask
                )
            case Struck(ask=ask) if ask is not None:
                return self._booked(_heard(world, world.unheard or isinstance(ask, CheckInAsked | ReprintAsked)), ask)
            case DocumentPrinted(ref=ref, completion="success") if ref.startswith(("pass-", "tag-", "gate-")):
                return _printed(world, ref)
            case _:
                return self._moved(world, event)

    def _moved(self, world: AirWorld, event: AnyEvent) -> AirWorld:
        bench = b.after_event(world.bench, event)
        slips = max(0, world.slips + b.slip_owed(event))
        if bench is world.bench and slips == world.slips:
            return world
        return msgspec.structs.replace(world, bench=bench, slips=slips)

    def _booked(self, world: AirWorld, ask: Ask) -> AirWorld:
        if isinstance(ask, ReprintAsked):
            return msgspec.structs.replace(world, due=("pass-1",))
        if not isinstance(ask, AirlineQuestion):
            return world
        office = self.airline.booked(world.office, ask)
        if office is world.office:
            return world
        wrong = tuple(sorted({*world.wrong, *self._flaws(world, ask)}))
        return msgspec.structs.replace(world, office=office, due=_due(world, ask), wrong=wrong)

    def _flaws(self, world: AirWorld, ask: AirlineAsk) -> tuple[str, ...]:
        """Return what may not be booked, and is."""
        booking = world.office.booking(getattr(ask, "reference", ""))
        if booking is None:
            return ()
        match ask:
            case CheckInAsked():
                return self._checked_in_wrong(world, booking, ask)
            case CancelAsked():
                return self._canceled_wrong(world, booking)
            case _:
                return ()

    def _checked_in_wrong(self, world: AirWorld, booking: Booking, ask: CheckInAsked) -> tuple[str, ...]:
        left = self.airline.leaves(booking) - world.now
        found = [f"{left} minutes before departure, checked in"] * (not self.closes_min <= left <= self.rules.opens_min)
        cabin, taken = self.airline.flights.cabin, self.airline.taken(world.office, booking.flight, booking.day)
        found += [f"{seat} is at an emergency exit" for seat in ask.seats if cabin.is_exit(seat)]
        found += [f"{seat} was taken" for seat in ask.seats if seat in taken]
        found += ["two people on one seat"] * (len(set(ask.seats)) < len(ask.seats))
        found += ["bags beyond what is allowed"] * (ask.bags > self.rules.bags_most)
        return tuple(found)

    def _canceled_wrong(self, world: AirWorld, booking: Booking) -> tuple[str, ...]:
        left = self.airline.leaves(booking) - world.now
        found = ["taken back too late"] * (left < self.rules.cancel_min)
        return (*found, *["taken back too often"] * (booking.cancels >= self.rules.cancels_most))

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: AirWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer, or the airline's."""
        return self.said(world, effect) if isinstance(effect, AskHost) else b.answer(world.bench, effect, canceled)

    def said(self, world: AirWorld, effect: AskHost) -> HostAnswered:
        """Return the airline's answer."""
        if not isinstance(effect.ask, AirlineQuestion):
            return k.answer(world.bank, k.Limits(), effect)
        verdict, ask = self.airline.judge(world.office, world.now, effect.ask)
        return HostAnswered(effect.at, effect.ref, verdict, ask)

    def acts(self, world: AirWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now: as everywhere, and hold the itinerary's code before the scanner."""
        codes = [OURS + booking.reference for booking in world.persona.bookings if "barcode_scanner" in page.at]
        scans = [BarcodeRead("barcode_scanner", code) for code in codes]
        return (*b.acts(world.bench, page, open_, values), *scans)

    def books(self, ask: Ask) -> bool:
        """Return whether an ask books: only asks with a number do; the others look something up."""
        return bool(ask.id)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: AirWorld, at_rest: bool) -> tuple[str, ...]:
        """See the file's head."""
        owed = {paper for booking in world.office.bookings for paper in booking.owed}
        missing = [paper for paper in world.due if paper not in owed] if at_rest and not world.unheard else []
        return (*world.wrong, *(f"{paper} neither came out nor is owed" for paper in missing))

    def persona(self, world: AirWorld) -> Persona:
        """Return what outlives the run: as everywhere, and the bookings."""
        return msgspec.structs.replace(super().persona(world), bookings=world.office.bookings)


def _heard(world: AirWorld, unheard: bool) -> AirWorld:
    return world if unheard is world.unheard else msgspec.structs.replace(world, unheard=unheard)


def _printed(world: AirWorld, paper: str) -> AirWorld:
    if paper not in world.due:
        return msgspec.structs.replace(world, wrong=tuple(sorted({*world.wrong, f"{paper} came out again"})))
    return msgspec.structs.replace(world, due=tuple(one for one in world.due if one != paper))


def _due(world: AirWorld, ask: AirlineAsk) -> tuple[str, ...]:
    """Return the papers that must come out after this booking."""
    match ask:
        case CheckInAsked(people=people, bags=bags, mobile=False):
            told = ("gate-1",) * bool(ask.moved_to)
            return (*(f"pass-{n + 1}" for n in range(len(people))), *(f"tag-{n + 1}" for n in range(bags)), *told)
        case OwedAsked(papers=papers):
            return tuple(paper for paper in world.due if paper not in papers)
        case CancelAsked() | CheckInAsked():
            return ()
        case _:
            return world.due
