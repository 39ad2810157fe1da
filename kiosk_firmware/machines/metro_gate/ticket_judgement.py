"""Judge a ticket that is held to the gate: let in, let out, or why not.

Source: the city metro's riding rules, section b3 of the shared reference. A card enters with the least fare on it and
no entry open; it leaves at the fare by distance, less its discount or its holder's (student, seventy and more), and who
stayed too long pays the dearest fare of the network besides. A token enters on its day at the station where it was
sold, leaves where it was paid for, and stays in the gate. What a gate cannot settle, the service desk does.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import Media
from kiosk_firmware.core.pages import text
from kiosk_firmware.kits.metro import ticket_record
from kiosk_firmware.kits.metro.fares import DAY_MIN
from kiosk_firmware.kits.metro.ticket_record import Trip
from kiosk_firmware.machines.metro_gate.phases import Ride, Told
from kiosk_firmware.machines.metro_gate.state import State, Terms

TWICE_MIN = 1
"""A second tap so soon after the first is a slip of the hand."""


def no(terms: Terms, why: str, station: str = "", **figures: int | str) -> Told:
    """Return the refusal, with its figures and its station."""
    names = {}
    if station in terms.network.stations:
        where = terms.network.stations[station]
        names = {"name": where.name, "latin": where.latin}
    return Told(why, text(f"told.{why}", **figures, **names))


def judge_tap(terms: Terms, state: State, media: Media) -> Ride | Told:
    """Return what is to be written, or why nothing is."""
    trip = ticket_record.parse_trip(media.trip)
    if trip is None or media.fen is None:
        return no(terms, "foreign")
    if media.expires < state.yymm:
        return no(terms, "card_old")
    return (_in if state.side == "entry" else _out)(terms, state, media, trip)


def _in(terms: Terms, state: State, media: Media, trip: Trip) -> Ride | Told:
    if trip.entry:
        soon = trip.entry == state.station and 0 <= state.minute - trip.minute <= TWICE_MIN
        return no(terms, "twice" if soon else "still_in", trip.entry)
    if trip.token and trip.sold != state.station:
        return no(terms, "elsewhere", trip.sold)
    if trip.token and trip.minute // DAY_MIN != state.minute // DAY_MIN:
        return no(terms, "too_late")
    fen = media.fen or 0
    if not trip.token and fen < (least := terms.rules.least(trip.holder, state.minute)):
        return no(terms, "times" if trip.holder == "times" else "low", has_fen=fen, least_fen=least)
    inside = msgspec.structs.replace(trip, entry=state.station, minute=state.minute)
    return Ride(media.number, fen, inside.text(), holder=_holder(terms, inside))


def _holder(terms: Terms, trip: Trip) -> str:
    peak = trip.holder == "senior" and terms.rules.is_peak(trip.minute)
    return "senior_peak" if peak else trip.holder


def _out(terms: Terms, state: State, media: Media, trip: Trip) -> Ride | Told:
    stay = state.minute - trip.minute
    if not trip.entry or trip.entry not in terms.network.stations or stay < 0:
        return no(terms, "no_entry")
    metres, fen = terms.network.metres(trip.entry, state.station), media.fen or 0
    late = stay > terms.rules.stay_min
    if trip.token:
        fare = terms.rules.fare(metres)
        if late:
            return no(terms, "over_time", over_fen=terms.rules.most_fen)
        if fen < fare:
            return no(terms, "pay_more", missing_fen=fare - fen)
        return Ride(media.number, fen, media.trip, fen, token=True)
    over = terms.rules.most_fen if late else 0
    due = terms.rules.card_fare(metres, trip.holder, trip.minute) + over
    if fen < due:
        return no(terms, "too_little", has_fen=fen, due_fen=due)
    return Ride(media.number, fen - due, trip.outside().text(), due, over, holder=_holder(terms, trip))
