"""Define an airline's bookings, and what a check-in machine asks.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing
(a look-up); what books has one, and may be asked again: who is checked in keeps the sequence number, a check-in that
was taken back is so once, a paper that is owed is owed once.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Flyer(msgspec.Struct, frozen=True, cache_hash=True):
    """One person of a booking: ID number, name (in Latin letters SURNAME/GIVEN, as codes have it), the 13 digits of the
    e-ticket. `number`: the sequence number of a check-in, 0 where not checked in, with `seat` and `bags`; `need`: what
    only the counter may do.
    """

    person: str
    name: str
    latin: str
    ticket: str
    seat: str = ""
    number: int = 0
    bags: int = 0
    need: Literal["", "infant", "wheelchair"] = ""


class Booking(msgspec.Struct, frozen=True, cache_hash=True):
    """A flight that was booked, kept by the airline. `day` counts from 1970 (UTC+8) and is that of departure. `phone`:
    where to call if something changes. `cancels`: how often check-in was taken back; `moved_to`: the gate that is
    announced once somebody has checked in; `owed`: papers that the counter still has to print.
    """

    reference: str
    flight: str
    day: int
    flyers: tuple[Flyer, ...]
    phone: str = ""
    cancels: int = 0
    moved_to: str = ""
    owed: tuple[str, ...] = ()


AirlineVerdict = Literal["ok", "nothing", "limited", "gone", "offline"]


class FoundBooking(msgspec.Struct, frozen=True, cache_hash=True):
    """A booking with what the airline says of its flight now: the gate, and the seats that it would give, one for each
    flyer.
    """

    booking: Booking
    gate: str
    seats: tuple[str, ...] = ()


class AirlineQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the airline's asks. People are named by their ID numbers."""

    id: int = 0


class FindAsked(AirlineQuestion, frozen=True):
    """The question: Which bookings are this person's, have this reference (6 characters), or this e-ticket (13 digits)?
    One of the three is given. Answer: those that have not left yet, earliest first.
    """

    person: str = ""
    reference: str = ""
    ticket: str = ""
    found: tuple[FoundBooking, ...] = ()


class SeatsAsked(AirlineQuestion, frozen=True):
    """The question: Which seats of the flight can nobody have any more? Answer: their names."""

    flight: str = ""
    day: int = 0
    taken: tuple[str, ...] = ()


class CheckInAsked(AirlineQuestion, frozen=True):
    """Check these people in, on these seats, with so many bags for the hold. `mobile`: the passes are shown by a phone
    and nothing is printed. Answer: sequence numbers, the gate as it was planned, and the one that has just been
    announced in its place (`moved_to`; "" none).
    """

    reference: str = ""
    people: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    bags: int = 0
    phone: str = ""
    mobile: bool = False
    numbers: tuple[int, ...] = ()
    gate: str = ""
    moved_to: str = ""


class CancelAsked(AirlineQuestion, frozen=True):
    """Take the check-in of everybody in the booking back."""

    reference: str = ""


class ReprintAsked(AirlineQuestion, frozen=True):
    """A new boarding pass for this person takes the place of the one that was lost."""

    reference: str = ""
    person: str = ""


class OwedAsked(AirlineQuestion, frozen=True):
    """These papers ("pass-1", "tag-1") did not come out: the counter prints them."""

    reference: str = ""
    papers: tuple[str, ...] = ()


GATES = 60
"""Gates are numbered from 101 in one hall."""


def another_gate(gate: str) -> str:
    """Return a gate far from that one."""
    return str(101 + (int(gate) - 101 + GATES // 2) % GATES)


AirlineAsk = FindAsked | SeatsAsked | CheckInAsked | CancelAsked | ReprintAsked | OwedAsked
