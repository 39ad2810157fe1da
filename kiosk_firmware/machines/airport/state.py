"""Check-in's state and terms, and the few moves that every errand makes.

`Terms` is what never changes in a run: the dated rules, the skin's profile, the flights. `State` is one phase, the
books, and the trip that is being put together. `today` and `minute` are when the run began (UTC+8); practised time does
not move under a person's hands.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.hosts.airline import AirlineAsk, Flyer, FoundBooking
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits import home_phase
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.flights import Flight, Flights

Stage = Literal["people", "bags", "danger", "seats", "phone"]
Place = Literal["hand", "hold", "never"]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules. Times in minutes before departure, or in ms; weights in kg. Sources stand in rulepack.toml.

    `things`: what security asks about, and where it may go: in the bag at hand, in the hold, or nowhere.
    """

    opens_min: int
    closes_min: int
    phone_closes_min: int
    counter_closes_min: int
    gate_closes_min: int
    boards_min: int
    people_most: int
    bags_most: int
    bag_kg: int
    cabin_kg: int
    cancels_most: int
    cancel_min: int
    things: tuple[tuple[str, Place], ...]
    page_ms: int
    take_ms: int
    note_ms: int

    def may_go(self, thing: str) -> Place:
        """Return where the thing may go; what no rule names may go into the hold."""
        return dict(self.things).get(thing, "hold")


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read. `phone`: no cabinet, the person's own telephone, whose owner is known and
    whose pass is shown; `order`: the order of questions; `stock`: what the cabinet holds (no money).
    """

    phone: bool
    order: tuple[Stage, ...]
    stock: Items = ()


class Terms(msgspec.Struct, frozen=True):
    """Rules, profile, and the airline's flights."""

    rules: Rules
    profile: Profile
    flights: Flights

    @property
    def closes_min(self) -> int:
        """Return when this machine closes, minutes before departure."""
        return self.rules.phone_closes_min if self.profile.phone else self.rules.closes_min


class Trip(msgspec.Struct, frozen=True, cache_hash=True):
    """The check-in that is put together: the booking as found, who is here, a seat for each, bags, telephone; `tried`:
    what kept one from the last seat that could not be had; `moved`: the gate that was announced while one checked in.
    """

    found: FoundBooking | None = None
    people: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    bags: int = 0
    phone: str = ""
    tried: str = ""
    moved: str = ""


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything check-in knows. `owner`: whose telephone it is; `things`: what lies in the bags and may not lie there;
    `yymm`: the practised month, to tell an expired card; `scene`: the fraud that is still to be met.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    trip: Trip = Trip()
    things: tuple[str, ...] = ()
    owner: str = ""
    today: int = 0
    minute: int = 0
    yymm: str = "0000"
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.AirPhase | Leaving, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def with_trip(state: State, **fields: Any) -> State:
    """Return the state with these fields of its trip changed."""
    return msgspec.structs.replace(state, trip=msgspec.structs.replace(state.trip, **fields))


def ask(state: State, phase: p.AirPhase, question: AirlineAsk) -> Step:
    """Ask the airline, and wait for its answer."""
    return enter_phase(state, phase, AskHost("network_host", "airline", question))


def found_of(state: State) -> FoundBooking:
    """Return the booking that the trip is about."""
    assert state.trip.found is not None, "only a trip with a booking has got so far"
    return state.trip.found


def flight_of(terms: Terms, found: FoundBooking) -> Flight:
    """Return the booking's flight."""
    return terms.flights.by_no[found.booking.flight]


def minutes_left(terms: Terms, state: State, found: FoundBooking) -> int:
    """Return the minutes from the run's moment to the departure; negative when it has left."""
    return (found.booking.day - state.today) * 1440 + flight_of(terms, found).leaves - state.minute


def counter(terms: Terms, state: State, found: FoundBooking) -> str:
    """Return whether the counter for bags still takes some for that flight: open or closed."""
    return "open" if minutes_left(terms, state, found) >= terms.rules.counter_closes_min else "closed"


def open_flyers(found: FoundBooking) -> tuple[Flyer, ...]:
    """Return who of the booking is not checked in yet."""
    return tuple(flyer for flyer in found.booking.flyers if not flyer.number)


def flyer_of(state: State, person: str) -> Flyer:
    """Return the booking's flyer with that ID number."""
    return next(flyer for flyer in found_of(state).booking.flyers if flyer.person == person)


def leave(terms: Terms, state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what somebody put in though nothing was asked for is given back, then the ID card is taken up."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, card_first=False, why=why, hopper=True)
    return continue_leaving(terms, msgspec.structs.replace(state, books=books), msgspec.structs.replace(what, **fields))


def continue_leaving(terms: Terms, state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(terms, state, *proceed(state.books, what))


def after_leaving(terms: Terms, state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; home where all duties are done."""
    there = partial(leave, terms, wait_ident=False)
    return home_phase.after_leaving(state, (books, phase, effects), there, phase=p.Home(), trip=Trip())
