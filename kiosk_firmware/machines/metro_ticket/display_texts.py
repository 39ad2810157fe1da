"""Write stations, lines, and a card's journey: texts with their arguments."""

from __future__ import annotations

from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.kits.metro.network import Network, Station
from kiosk_firmware.kits.metro.ticket_record import Trip


def station_name(station: Station) -> dict[str, str]:
    """Return a station's name for a text's arguments, and in Latin letters for who reads those."""
    return {"name": station.name, "latin": station.latin}


def station_text(network: Network, code: str) -> Text:
    """Return a station by its name; its code where the network has none such."""
    station = network.stations.get(code)
    return text("station.name", **station_name(station)) if station else text("station.name", name=code, latin=code)


def trip_text(network: Network, trip: Trip) -> Text:
    """Return what the card says of its journey."""
    code = trip.entry or trip.sold
    if code not in network.stations:
        return text("trip.none")
    when = {"clock": f"{trip.minute // 60 % 24:02d}:{trip.minute % 60:02d}"} if trip.minute else {}
    said = "inside" if trip.entry else "sold"
    return text(f"trip.{said}_at" if when else f"trip.{said}", **station_name(network.stations[code]), **when)
