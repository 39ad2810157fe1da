"""The airline's office, pure: whose bookings it keeps, what it answers, and what it books.

Answering and booking are apart, as at the bank (`kits.bank`), so that an answer can be lost after the booking. Whoever
is checked in keeps seat and number, however often it is asked; a check-in is taken back once. The machine that asks
keeps the hours and the cabin's rules; that it does is promised by the world.
"""

from __future__ import annotations

from zlib import crc32

import msgspec

from kiosk_firmware.core.hosts.airline import (
    AirlineAsk,
    Booking,
    CancelAsked,
    CheckInAsked,
    FindAsked,
    Flyer,
    FoundBooking,
    OwedAsked,
    ReprintAsked,
    SeatsAsked,
)
from kiosk_firmware.core.persona import IdCard
from kiosk_firmware.machines.airport.flights import Flights
from kiosk_firmware.machines.airport.rules_boarding_pass import with_checked_in

change = msgspec.structs.replace


class Office(msgspec.Struct, frozen=True, cache_hash=True):
    """The people who are known to a court or a travel office, and all bookings here."""

    people: tuple[IdCard, ...] = ()
    bookings: tuple[Booking, ...] = ()

    def booking(self, reference: str) -> Booking | None:
        """Return the booking with that reference."""
        return next((booking for booking in self.bookings if booking.reference == reference), None)


class Airline:
    """The office's rules; only read. `now` is the practised minute since 1970 (UTC+8)."""

    def __init__(self, flights: Flights) -> None:
        """Begin with nobody checked in."""
        self.flights = flights

    def leaves(self, booking: Booking) -> int:
        """Return when it departs, in minutes since 1970."""
        return booking.day * 1440 + self.flights.by_no[booking.flight].leaves

    def judge(self, office: Office, now: int, ask: AirlineAsk) -> tuple[str, AirlineAsk]:
        """Return the office's verdict, and the ask with its answer; nothing is booked yet."""
        match ask:
            case FindAsked():
                return self._find(office, now, ask)
            case SeatsAsked(flight=flight, day=day):
                return "ok", change(ask, taken=self.taken(office, flight, day))
            case CheckInAsked(reference=reference):
                return self._check_in(office, office.booking(reference), ask)
            case CancelAsked(reference=reference) | OwedAsked(reference=reference):
                return ("ok" if office.booking(reference) else "nothing"), ask
            case ReprintAsked(reference=reference, person=person):
                booking = office.booking(reference)
                flyer = _flyer(booking, person) if booking else None
                return ("ok" if flyer and flyer.number else "gone"), ask

    def _find(self, office: Office, now: int, ask: FindAsked) -> tuple[str, AirlineAsk]:
        mine = [booking for booking in office.bookings if _is_of(booking, ask) and self.leaves(booking) > now]
        if not mine:
            return "nothing", ask
        if ask.person and _limited(office, (ask.person,)):
            return "limited", ask
        found = tuple(self.found(office, booking) for booking in sorted(mine, key=self.leaves))
        return "ok", change(ask, found=found)

    def found(self, office: Office, booking: Booking) -> FoundBooking:
        """Return the booking with gate and seats as they are now."""
        return FoundBooking(booking, self.gate(booking), self._seats(office, booking))

    def gate(self, booking: Booking) -> str:
        """Return the gate that is announced; it moves when somebody has been told the old one."""
        told = any(flyer.number for flyer in booking.flyers)
        return booking.moved_to if told and booking.moved_to else self.flights.gate(booking.flight, booking.day)

    def _seats(self, office: Office, booking: Booking) -> tuple[str, ...]:
        """Return a seat for each: the one that is theirs, else free ones side by side; "" where no more are free."""
        cabin = self.flights.cabin
        taken = set(self.taken(office, booking.flight, booking.day))
        free = [seat for seat in cabin.seats if seat not in taken and not cabin.is_exit(seat)]
        start = crc32(booking.reference.encode()) % max(1, len(free))
        queue = iter([*free[start:], *free[:start]])
        return tuple(flyer.seat if flyer.number else next(queue, "") for flyer in booking.flyers)

    def taken(self, office: Office, flight: str, day: int) -> tuple[str, ...]:
        """Return the seats that nobody can have any more: others', and those of who is checked in here."""
        here = (
            flyer.seat
            for booking in office.bookings
            if (booking.flight, booking.day) == (flight, day)
            for flyer in booking.flyers
            if flyer.number
        )
        return (*self.flights.taken(flight, day), *here)

    def _check_in(self, office: Office, booking: Booking | None, ask: CheckInAsked) -> tuple[str, AirlineAsk]:
        if booking is None or any(_flyer(booking, person) is None for person in ask.people):
            return "nothing", ask
        if _limited(office, ask.people):
            return "limited", ask
        first = self._next_number(office, booking)
        known = [flyer for person in ask.people if (flyer := _flyer(booking, person))]
        numbers = tuple(flyer.number or first + n for n, flyer in enumerate(known))
        seats = tuple(flyer.seat if flyer.number else seat for flyer, seat in zip(known, ask.seats, strict=True))
        gate = self.flights.gate(booking.flight, booking.day)
        return "ok", change(ask, numbers=numbers, seats=seats, gate=gate)

    def _next_number(self, office: Office, booking: Booking) -> int:
        flight = (booking.flight, booking.day)
        used = [f.number for b in office.bookings if (b.flight, b.day) == flight for f in b.flyers]
        return 1 + max(crc32(f"{flight} number".encode()) % 90, *used)

    def booked(self, office: Office, ask: AirlineAsk) -> Office:
        """Return the office after it booked an ask that it answered "ok" (also where the answer was lost)."""
        booking = office.booking(getattr(ask, "reference", ""))
        if booking is None:
            return office
        match ask:
            case CheckInAsked(people=people):
                new = any((flyer := _flyer(booking, person)) and not flyer.number for person in people)
                return _with(office, with_checked_in(booking, ask)) if new else office
            case CancelAsked() if any(flyer.number for flyer in booking.flyers):
                flyers = tuple(change(flyer, seat="", number=0, bags=0) for flyer in booking.flyers)
                return _with(office, change(booking, flyers=flyers, cancels=booking.cancels + 1, owed=()))
            case OwedAsked(papers=papers):
                return _with(office, change(booking, owed=tuple(sorted({*booking.owed, *papers}))))
            case _:
                return office


def _with(office: Office, booking: Booking) -> Office:
    """Return the office with the booking in place of the one with its reference; the same object where
    nothing changed.
    """
    if office.booking(booking.reference) == booking:
        return office
    rest = tuple(booking if one.reference == booking.reference else one for one in office.bookings)
    return change(office, bookings=rest)


def _flyer(booking: Booking, person: str) -> Flyer | None:
    return next((flyer for flyer in booking.flyers if flyer.person == person), None)


def _is_of(booking: Booking, ask: FindAsked) -> bool:
    if ask.reference:
        return booking.reference == ask.reference
    if ask.ticket:
        return any(ask.ticket == flyer.ticket for flyer in booking.flyers)
    return any(ask.person == flyer.person for flyer in booking.flyers)


def _limited(office: Office, people: tuple[str, ...]) -> bool:
    """Return whether a court's limit on spending stands against one of them: no flight may be taken."""
    return any(card.limited for card in office.people if card.number in people)
