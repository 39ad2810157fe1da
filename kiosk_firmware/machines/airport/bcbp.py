"""The text of a boarding pass's barcode: IATA's Bar Coded Boarding Pass, one leg, format M1.

Sixty characters that every reader at every gate understands: who, which booking, from where to where, flight, day of
the year, cabin, seat, sequence number; no field after them (size 00). Source: IATA Resolution 792, BCBP implementation
guide, mandatory items of the first leg.
"""

from __future__ import annotations

import datetime

from kiosk_firmware.core.hosts.airline import Booking, Flyer
from kiosk_firmware.machines.airport.flights import Flight

EPOCH = datetime.date(1970, 1, 1)
LENGTH = 60


def encode(booking: Booking, flyer: Flyer, flight: Flight) -> str:
    """Encode the sixty characters of a checked-in flyer's pass."""
    carrier, number = flight.no[:2], flight.no[2:]
    day = (EPOCH + datetime.timedelta(days=booking.day)).timetuple().tm_yday
    seat = f"{int(flyer.seat[:-1]):03d}{flyer.seat[-1]}"
    return (
        f"M1{flyer.latin:<20.20}E{booking.reference:<7.7}{flight.origin}{flight.target}{carrier:<3}"
        f"{int(number):04d} {day:03d}Y{seat}{flyer.number:04d} 100"
    )
