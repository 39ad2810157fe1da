"""From "yes, all of it is right" to the pass in the hand.

The airline is asked up to three times (who is checked in is so once). Then pass and tags come out one by one; from the
first that does not, all that are left are told to the airline, whose counter owes them. A telephone shows its passes on
the glass and prints nothing. A gate that was changed meanwhile is told last, on the glass and on a slip of its own: the
pass in the hand says the old one.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS, PrintDocument
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.airline import Booking, CheckInAsked, Flyer, FoundBooking, OwedAsked, ReprintAsked
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.documents import document
from kiosk_firmware.machines.airport.state import State, Step, Terms, ask, enter_phase, found_of, leave, with_trip

TRIES = 3


def check_in(terms: Terms, state: State, tries: int = 1) -> Step:
    """Ask the airline to check in; asked again, it answers alike."""
    trip, reference = state.trip, found_of(state).booking.reference
    question = CheckInAsked(1, reference, trip.people, trip.seats, trip.bags, trip.phone, terms.profile.phone)
    return ask(state, p.CheckingIn(tries), question)


def reprint(state: State, tries: int = 1) -> Step:
    """Ask for a new pass in place of the lost one."""
    found, person = found_of(state), state.trip.people[0]
    return ask(state, p.Reprinting(tries), ReprintAsked(2, found.booking.reference, person))


def on_issue(terms: Terms, state: State, phase: object, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.CheckingIn() | p.Reprinting() | p.OwedTelling():
            return _answered(terms, state, phase, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.Printing():
            return _printed(terms, state, phase, event) if isinstance(event, DocumentPrinted) else (state, NO_EFFECTS)
        case p.PassShown(at=at):
            return _shown(terms, state, at, event)
        case p.GateTold():
            read = isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "moved.ok")
            return _to_bags(terms, state) if read else (state, NO_EFFECTS)
        case p.Tagged():
            read = isinstance(event, TimerExpired) or (isinstance(event, Tapped) and event.key == "tagged.ok")
            return leave(terms, state, "checked_in") if read else (state, NO_EFFECTS)
        case _:
            return state, NO_EFFECTS


Asking = p.CheckingIn | p.Reprinting | p.OwedTelling


def _answered(terms: Terms, state: State, phase: Asking, event: HostAnswered) -> Step:
    if event.completion != "success" and phase.tries < TRIES:
        return _again(terms, state, phase)
    if isinstance(phase, p.OwedTelling):  # whether or not it was told: the person must know
        return enter_phase(state, p.Notice("owed"))
    if event.completion != "success":
        return enter_phase(state, p.Notice("host_offline"))
    match event.verdict, event.ask:
        case "ok", CheckInAsked():
            return _checked_in(terms, state, event.ask)
        case "ok", ReprintAsked():
            return print_next(terms, state, ("pass-1",))
        case verdict, _:
            return enter_phase(state, p.Notice(verdict))


def _again(terms: Terms, state: State, phase: Asking) -> Step:
    match phase:
        case p.CheckingIn(tries=tries):
            return check_in(terms, state, tries + 1)
        case p.Reprinting(tries=tries):
            return reprint(state, tries + 1)
        case p.OwedTelling(papers=papers, tries=tries):
            return report_missing_passes(state, papers, tries + 1)


def _checked_in(terms: Terms, state: State, told: CheckInAsked) -> Step:
    """Take the trip's booking as the airline has it now, and go on to the passes."""
    found = found_of(state)
    booking = with_checked_in(found.booking, told)
    state = with_trip(state, found=FoundBooking(booking, told.gate, found.seats), moved=told.moved_to)
    if told.mobile:
        return enter_phase(state, p.PassShown())
    return print_next(terms, state, papers_of(told))


def papers_of(told: CheckInAsked) -> tuple[str, ...]:
    """Return what comes out after checking in: a pass each, a tag for each bag, a slip where the gate was changed."""
    if told.mobile:
        return ()
    papers = [f"pass-{n + 1}" for n in range(len(told.people))] + [f"tag-{n + 1}" for n in range(told.bags)]
    return (*papers, *("gate-1",) * bool(told.moved_to))


def with_checked_in(booking: Booking, told: CheckInAsked) -> Booking:
    """Return the booking with these people checked in; the bags are the first one's."""
    rows = dict(zip(told.people, zip(told.seats, told.numbers, strict=True), strict=True))

    def flyer(one: Flyer) -> Flyer:
        if one.person not in rows:
            return one
        seat, number = rows[one.person]
        bags = told.bags if one.person == told.people[0] else 0
        return Flyer(one.person, one.name, one.latin, one.ticket, seat, number, bags, one.need)

    flyers = tuple(map(flyer, booking.flyers))
    phone = told.phone or booking.phone
    return Booking(
        booking.reference,
        booking.flight,
        booking.day,
        flyers,
        phone,
        booking.cancels,
        told.moved_to or booking.moved_to,
        booking.owed,
    )


def print_next(terms: Terms, state: State, papers: tuple[str, ...]) -> Step:
    """Print the first of these; none left: where to go now."""
    if not papers:
        return _issued(terms, state)
    printing = PrintDocument("receipt_printer", papers[0], document(terms, state, papers[0]))
    return enter_phase(state, p.Printing(papers), printing)


def _issued(terms: Terms, state: State) -> Step:
    """Go on when all that there is has been handed out; what has changed meanwhile is told, then where to go."""
    return enter_phase(state, p.GateTold()) if state.trip.moved else _to_bags(terms, state)


def _to_bags(terms: Terms, state: State) -> Step:
    return enter_phase(state, p.Tagged()) if state.trip.bags else leave(terms, state, "checked_in")


def _printed(terms: Terms, state: State, phase: p.Printing, event: DocumentPrinted) -> Step:
    if event.completion == "success":
        return print_next(terms, state, phase.papers[1:])
    return report_missing_passes(state, phase.papers)


def report_missing_passes(state: State, papers: tuple[str, ...], tries: int = 1) -> Step:
    """Tell the airline what did not come out."""
    return ask(state, p.OwedTelling(papers, tries), OwedAsked(3, found_of(state).booking.reference, papers))


def _shown(terms: Terms, state: State, at: int, event: AnyEvent) -> Step:
    match event:
        case TimerExpired() | Tapped(key="pass.ok"):
            return _issued(terms, state)
        case Tapped(key="pass.next") if at + 1 < len(state.trip.people):
            return enter_phase(state, p.PassShown(at + 1))
        case _:
            return state, NO_EFFECTS
