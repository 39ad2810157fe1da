"""Put together what a unit's devices hold and have counted, from what each driver says of itself.

A driver says what it knows: `found()` (a reader: number and place; an ID reader: the number of the card that lies on
it; a note acceptor: what is in escrow), `stock` and `tray` (pieces), `paper`, `counters` (names and running counts;
what money or cards have moved must be counted, or a resume cannot tell what it has heard). Nothing here names a
driver, and a role that is not there says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardware.cabinet.simulated_capabilities import CompletedReader
from kiosk_firmware.core import money
from kiosk_firmware.core.events import CabinetFound, Device, Place
from kiosk_firmware.core.money import NONE

MONEY_FROM: tuple[Device, ...] = ("cash_dispenser", "coin_dispenser", "note_acceptor")
"""What may hold pieces that can be handed out."""


def take_inventory(
    drivers: Mapping[Device, Any], completed: CompletedReader | None, missing: tuple[Device, ...], captured: int
) -> CabinetFound:
    """Return what the devices hold now. `missing`: what cannot be asked; `captured`: cards ever kept."""
    number, place = _card(drivers, completed)
    notes, tray = drivers.get("note_acceptor"), drivers.get("cash_dispenser")
    printer, ident = drivers.get("receipt_printer"), drivers.get("id_reader")
    stocks = (getattr(drivers.get(at), "stock", NONE) for at in MONEY_FROM)
    return CabinetFound(
        number=number,
        place=place,
        escrow_fen=notes.found().escrow_fen if notes else 0,
        tray=tray.tray if tray else NONE,
        stock=money.items(*(piece for stock in stocks for piece in stock)),
        paper=printer.paper if printer else "out",
        lost=missing,
        counters=_counters(drivers, captured),
        ident=ident.found()[0] if ident else "",
    )


def _card(drivers: Mapping[Device, Any], completed: CompletedReader | None) -> tuple[str, Place]:
    if completed is not None:
        return completed.number, completed.place
    reader = drivers.get("card_reader")
    return reader.found() if reader is not None else ("", "none")


def _counters(drivers: Mapping[Device, Any], captured: int) -> tuple[tuple[str, int], ...]:
    counts = {"card_reader.captured": captured}
    for at, driver in drivers.items():
        counts.update({f"{at}.{name}": count for name, count in getattr(driver, "counters", {}).items()})
        if (tokens := getattr(driver, "counter", None)) is not None:
            counts[f"{at}.tokens"] = tokens
    if (notes := drivers.get("note_acceptor")) is not None:
        holds = notes.found()
        counts["note_acceptor.stacked"] = holds.stacked
        counts["note_acceptor.unclaimed_fen"] = holds.unclaimed_fen
    return tuple(sorted(counts.items()))
