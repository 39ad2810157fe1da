"""The gate's world: pocket and reader (`core.cabinet_model`), where the person stands, and what they travelled.

Promises checked in every walked situation: no card or token appears or vanishes; nobody goes through on a write that is
not proven; what all cards carry is what they carried at first, less what the rules say of the rides that were taken; a
ride is charged once, and only one that was begun; a token is captured only when it has paid for its ride, and nobody
leaves with a used one; a card is kept only where its person let it lie.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.effects import AnyEffect, AskHost, OpenGate
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    GateAlarm,
    GateAlarmed,
    GateCleared,
    GatePassed,
    HostAnswered,
    Media,
    MediaInserted,
    MediaRetained,
    MediaWritten,
    Started,
    Struck,
    Tapped,
    TimerExpired,
)
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import NONE, Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds
from kiosk_firmware.kits.metro import carried_tickets, ticket_record
from kiosk_firmware.kits.metro.station_choice import ride_min
from kiosk_firmware.kits.metro.ticket_record import Trip, minute_of
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.metro_gate.rules import CAPTURE
from kiosk_firmware.machines.metro_gate.state import Terms

ALARMS: tuple[GateAlarm, ...] = ("tailgate", "intrusion", "obstructed", "fire")


class GateWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere: the station and side that the person is at, and when. `proven`: a record was
    written (or a token captured) for which nobody went through yet; `unheard`: one that may be on the card, as (number,
    balance, trip); `charged_fen` by the rules; `used`: tokens captured; `wrong`: a promise that was broken on the way.
    """

    station: str
    inside: bool
    minute: int
    proven: bool = False
    unheard: tuple[str, int, str] | None = None
    charged_fen: int = 0
    used: tuple[str, ...] = ()
    fire: bool = False
    wrong: str = ""


def change(world: GateWorld, **fields: object) -> GateWorld:
    """Return the world with these fields changed."""
    return msgspec.structs.replace(world, **fields)


class GateWorlds(CabinetWorlds[GateWorld]):
    """The rules of that world."""

    stock: ClassVar[Items] = NONE  # type: ignore[misc]

    def __init__(self, terms: Terms) -> None:
        """Set up with nothing started yet."""
        self.terms = terms

    def start(self, started: Started) -> GateWorld:
        """Return what everybody holds before the run."""
        bench = carried_tickets.with_passes(started.persona, NONE)
        bank = k.open_bank(started.persona, local_day(started))
        return GateWorld(
            bench,
            bank,
            started.persona,
            bench,
            station=self.terms.profile.station,
            inside=self.terms.first == "exit",
            minute=minute_of(started),
        )

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: GateWorld, event: AnyEvent) -> GateWorld:
        """Return the world after `event`."""
        before = world.bench
        bench = b.after_event(before, event)
        if bench is not before:
            world = change(world, bench=bench)
        match event:
            case MediaWritten(completion="success", fen=fen, trip=trip):
                return change(self._written(world, before.reader, fen, trip), proven=True, unheard=None)
            case MediaWritten(completion="unknown"):
                return world
            case Struck(written=(fen, trip)) if before.reader:
                unheard = (before.reader.number, fen, trip)
                return change(self._written(world, before.reader, fen, trip), unheard=unheard)
            case MediaInserted(media=media) if (media.number, media.fen, media.trip) == world.unheard:
                return change(world, proven=True, unheard=None)
            case MediaRetained(completion="success", ref=ref):
                return self._kept(world, before, ref)
            case GatePassed() | GateAlarmed() | GateCleared():
                return self._at_gate(world, event)
            case Tapped() | TimerExpired():
                return self._moved(world, event)
            case CabinetFound():
                return self.woken(world, event)
            case _:
                return world

    def _written(self, world: GateWorld, old: Media | None, fen: int, text: str) -> GateWorld:
        """Check a written record by the rules against the one that stood there."""
        was, now = ticket_record.parse_trip(old.trip) if old else None, ticket_record.parse_trip(text)
        if old is None or was is None or now is None:
            return change(world, wrong=f"{text!r} was written where no ticket was")
        if not world.inside:
            right = msgspec.structs.replace(was, entry=world.station, minute=world.minute)
            good = not was.entry and (fen, now) == (old.fen, right)
            return world if good else change(world, wrong=f"let in on {text!r} and {fen} fen, after {old}")
        if not was.entry or was.token or now != Trip(False, was.sold):
            return change(world, wrong=f"let out on {text!r} after {old.trip!r}")
        late = world.minute - was.minute > self.terms.rules.stay_min
        metres = self.terms.network.metres(was.entry, world.station)
        due = self.terms.rules.card_fare(metres, was.holder, was.minute)
        return change(world, charged_fen=world.charged_fen + due + (self.terms.rules.most_fen if late else 0))

    def _kept(self, world: GateWorld, before: b.CabinetModel, ref: str) -> GateWorld:
        media = before.reader or Media("")
        if ref != CAPTURE:
            return world if before.place == "exit" else change(world, wrong=f"{media.number} was kept from its person")
        trip = ticket_record.parse_trip(media.trip)
        good = (
            world.inside
            and trip is not None
            and trip.token
            and trip.entry
            and world.minute - trip.minute <= self.terms.rules.stay_min
            and (media.fen or 0) >= self.terms.rules.fare(self.terms.network.metres(trip.entry, world.station))
        )
        world = change(world, proven=True, used=(*world.used, media.number))
        return world if good else change(world, wrong=f"{media} was captured")

    def _at_gate(self, world: GateWorld, event: AnyEvent) -> GateWorld:
        match event:
            case GatePassed(completion="success"):
                wrong = world.wrong if world.proven else "somebody was let through on a write that is not proven"
                if world.inside and (kept_on := self._used(world)):
                    wrong = f"{kept_on} left on a token that is not captured"
                out = {"station": self.terms.profile.station} if world.inside else {}
                inside = self.terms.first == "exit" if world.inside else True
                return change(world, inside=inside, proven=False, wrong=wrong, **out)
            case GatePassed():
                return change(world, proven=False)
            case GateAlarmed(alarm="fire"):
                return change(world, fire=True)
            case GateCleared(alarm="fire"):
                return change(world, fire=False)
            case _:
                return world

    def _used(self, world: GateWorld) -> str:
        """Return the number of a token in the pocket or reader that has entered, where no card was: its person would be
        out with it.
        """
        there = (*world.bench.hand, *((world.bench.reader,) if world.bench.reader else ()))
        trips = [(media.number, ticket_record.parse_trip(media.trip)) for media in there]
        used = [number for number, trip in trips if trip and trip.token and trip.entry]
        return used[0] if used and len(trips) == len(used) else ""

    def _moved(self, world: GateWorld, event: Tapped | TimerExpired) -> GateWorld:
        """Move the person to the other side, along the ride, or home."""
        own = self.terms.profile.station
        match event:
            case Tapped(key="side.exit"):
                return change(world, inside=True)
            case Tapped(key="side.entry"):
                return change(world, inside=False, station=own)
            case Tapped(key=name, value=code) if name.startswith("station."):
                minute = world.minute + ride_min(self.terms.network, world.station, code)
                return change(world, station=code, minute=minute)
            case Tapped(key="told.ok", step="done") | Tapped(key="ride.stay"):
                return change(world, station=own, inside=self.terms.first == "exit")
            case TimerExpired(name="ride" | "side" | "done"):
                return change(world, station=own, inside=self.terms.first == "exit")
            case _:
                return world

    # -- answering ----------------------------------------------------------------------------------------------------

    def said(self, world: GateWorld, effect: AskHost) -> HostAnswered:
        """Return the bank's answer, though a gate asks nobody."""
        return k.answer(world.bank, k.Limits(), effect)

    def answer(self, world: GateWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer."""
        return b.answer(world.bench, effect, canceled)

    def acts(self, world: GateWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do; where `values` name an `alarm`, what else happens at a gate."""
        found = list(b.acts(world.bench, page, open_, values))
        for alarm in ALARMS:
            if alarm in values.get("alarm", ()):
                found += self._alarms(world, alarm, open_)
        return tuple(found)

    def _alarms(self, world: GateWorld, alarm: GateAlarm, open_: Open) -> tuple[AnyEvent, ...]:
        if alarm == "fire":
            return (GateCleared("gate", "fire") if world.fire else GateAlarmed("gate", "fire"),)
        opened = any(isinstance(effect, OpenGate) for effect, _ in open_)
        return (GateAlarmed("gate", alarm),) if opened != (alarm == "intrusion") else ()

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: GateWorld, at_rest: bool) -> tuple[str, ...]:
        """Return what the file's head says."""
        found = [world.wrong] if world.wrong else []
        start, now = balance(world.first), balance(world.bench)
        if world.used == world.bench.kept and now != start - world.charged_fen:
            found.append(f"cards carried {start} fen and carry {now}, rides cost {world.charged_fen}")
        return tuple(found)

    def persona(self, world: GateWorld) -> Persona:
        """Return what outlives the run: cards and tokens as they are."""
        return msgspec.structs.replace(super().persona(world), passes=carried_tickets.passes(world.bench))


def balance(bench: b.CabinetModel) -> int:
    """Return what all stored-value cards carry, in hand and reader, fen; tokens carry what was paid for them."""
    there = (*bench.hand, *((bench.reader,) if bench.reader else ()))
    return sum(media.fen or 0 for media in there if media.trip.startswith("c"))
