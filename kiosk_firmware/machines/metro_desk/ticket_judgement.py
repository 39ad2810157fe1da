"""Judge a ticket at the service desk: nothing to mend, one thing to know, a question, or an offer with its price.

Source: the city metro's riding rules, section b3 of the shared reference: who has no entry record, stayed too long, or
paid for less pays at the desk; the dearest fare of the network for too long a stay and for a lost token; an unused
token is taken back on its day at its station. An entry through which nobody went is taken back for nothing within a
while.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import Media
from kiosk_firmware.core.pages import text
from kiosk_firmware.kits.metro import ticket_record
from kiosk_firmware.kits.metro.fares import DAY_MIN
from kiosk_firmware.kits.metro.ticket_record import Trip
from kiosk_firmware.machines.metro_desk.phases import Errand, Mend, Notice
from kiosk_firmware.machines.metro_desk.state import Terms

YUAN_FEN = 100
Found = Mend | Notice | None
"""None: the desk has to ask where."""


def note(terms: Terms, why: str, station: str = "", **fen: int) -> Notice:
    """Return one thing to know, with its figures and its station."""
    names = {}
    if station in terms.network.stations:
        where = terms.network.stations[station]
        names = {"name": where.name, "latin": where.latin}
    return Notice(why, text(f"notice.{why}", **fen, **names))


def judge_ticket(terms: Terms, errand: Errand, media: Media, minute: int, station: str = "") -> Found:
    """Return what is the matter with the ticket; `station`: where its person says they got in (or out)."""
    trip = ticket_record.parse_trip(media.trip)
    if trip is None or media.fen is None:
        return note(terms, "foreign")
    match errand:
        case "refund":
            return _refund(terms, media, trip, minute)
        case "in":
            return (_token_in if trip.token else _card_in)(terms, media, trip, minute, station)
        case _:
            return (_token_out if trip.token else _card_out)(terms, media, trip, minute, station)


def lost_ticket_price(terms: Terms) -> Mend:
    """Return the price of a lost ticket, that of the dearest ride; nothing is written."""
    return Mend("lost", terms.rules.most_fen)


def _card_out(terms: Terms, media: Media, trip: Trip, minute: int, station: str) -> Found:
    entry, fen = trip.entry or station, media.fen or 0
    if not entry:
        return None
    late = bool(trip.entry) and minute - trip.minute > terms.rules.stay_min
    due = terms.card_fare(entry, terms.profile.station, trip, minute) + (terms.rules.most_fen if late else 0)
    if trip.entry and not late and fen >= due:
        return note(terms, "fine_out")
    if not trip.entry and not due:  # who rides for nothing has to be let out by the gate all the same
        inside = msgspec.structs.replace(trip, entry=entry, minute=minute)
        return Mend("no_entry", 0, media.number, (fen, inside.text()))
    return _from_card("no_entry" if not trip.entry else "over_time" if late else "too_little", media, trip, due)


def _from_card(why: str, media: Media, trip: Trip, due: int) -> Mend:
    """Return the offer to pay from the card where it has enough, or in cash; a card that has too little gives what it
    has. Cash is counted in whole yuan, and what is over stays on the card, as no machine gives change for a part of
    one.
    """
    fen, free = media.fen or 0, trip.outside().text()
    if not due:
        return Mend(why, 0, media.number, (fen, free))
    missing = due if fen >= due else due - fen
    cash = -(-missing // YUAN_FEN) * YUAN_FEN
    after = (fen + cash - due, free)
    if fen < due:
        return Mend(why, cash, media.number, after)
    return Mend(why, cash, media.number, after, (fen - due, free), due)


def _token_out(terms: Terms, media: Media, trip: Trip, minute: int, _: str) -> Found:
    """Bring a token to where the gate will take it: paid for this ride, with an entry that is not too old."""
    entry, fen = trip.entry or trip.sold, media.fen or 0
    if entry not in terms.network.stations:
        return note(terms, "foreign")
    fare = terms.fare(entry, terms.profile.station)
    late = bool(trip.entry) and minute - trip.minute > terms.rules.stay_min
    more = max(0, fare - fen)
    right = msgspec.structs.replace(trip, entry=entry, minute=minute if late or not trip.entry else trip.minute)
    if trip.entry and not late and not more:
        return note(terms, "fine_out")
    why = "over_time" if late else "pay_more" if trip.entry else "no_entry"
    cost = more + (terms.rules.most_fen if late else 0)
    return Mend(why, cost, media.number, (fen + more, right.text()))


def _card_in(terms: Terms, media: Media, trip: Trip, minute: int, station: str) -> Found:
    fen = media.fen or 0
    if not trip.entry:
        least = terms.rules.least(trip.holder, minute)
        return note(terms, "low", has_fen=fen, least_fen=least) if fen < least else note(terms, "fine_in")
    if _undone(terms, trip, minute):
        return Mend("not_passed", 0, media.number, (fen, trip.outside().text()))
    if not station:
        return None
    return _from_card("still_in", media, trip, terms.card_fare(trip.entry, station, trip, minute))


def _token_in(terms: Terms, media: Media, trip: Trip, minute: int, _: str) -> Found:
    if trip.entry and not _undone(terms, trip, minute):
        return note(terms, "used")
    if trip.entry:
        return Mend("not_passed", 0, media.number, (media.fen or 0, Trip(True, trip.sold, "", minute).text()))
    if trip.sold != terms.profile.station:
        return note(terms, "elsewhere", trip.sold)
    return note(terms, "fine_in" if _today(trip, minute) else "too_late")


def _refund(terms: Terms, media: Media, trip: Trip, minute: int) -> Found:
    if not trip.token:
        return note(terms, "no_refund")
    if trip.entry:
        return note(terms, "used")
    if trip.sold != terms.profile.station:
        return note(terms, "elsewhere", trip.sold)
    if not _today(trip, minute):
        return note(terms, "too_late")
    return Mend("refund", media.fen or 0, media.number)


def _undone(terms: Terms, trip: Trip, minute: int) -> bool:
    """Return whether it was tapped here a short while ago: nobody went through, as a person who did stands inside."""
    return trip.entry == terms.profile.station and 0 <= minute - trip.minute <= terms.rules.undo_min


def _today(trip: Trip, minute: int) -> bool:
    return trip.minute // DAY_MIN == minute // DAY_MIN
