"""Describe what devices do in a supervisor's words: self-test rows and events become rows with a shape and a text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kiosk_firmware.core.events import (
    CabinetFound,
    DeviceBack,
    DeviceLost,
    DocumentPrinted,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    Media,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
    MediaTaken,
    PinKeyPressed,
)
from kiosk_firmware.core.pages import text
from kiosk_firmware.unit.lobby.phases.supervisor import Mark, Row

_TROUBLE: Mapping[str, Mark] = {"lost": "bad", "absent": "bad", "misplaced": "bad", "starting": "warn"}
_PRINTED = {"paperOut": "paper_out", "paperJam": "jam", "coverOpen": "cover"}
PRINTERS = ("receipt_printer", "ticket_printer")


def row(device: str, mark: Mark, word: str, **args: int | str) -> Row:
    """Make a row in the words `staff.seen.<word>`."""
    return Row(device, mark, text(f"staff.seen.{word}", **args))


def looked_over(
    tested: Iterable[Mapping[str, Any]], devices: Collection[str], found: CabinetFound, trouble: str
) -> tuple[Row, ...]:
    """Return a row for every device that the unit should have, and its memory. `trouble`: why nothing can be stored; ""
    it can.
    """
    rows = [_tested_row(entry, found) for entry in tested if entry["at"] in devices]
    if "lights" in devices:
        rows.append(row("lights", "ok", "ok"))
    return (*rows, row("storage", "bad", "disk") if trouble else row("storage", "ok", "ok"))


def _tested_row(entry: Mapping[str, Any], found: CabinetFound) -> Row:
    at, why = str(entry["at"]), str(entry["text"])
    if not entry["ok"]:
        return row(at, _TROUBLE.get(why, "bad"), why if why in _TROUBLE else "failed")
    if at == "receipt_printer" and found.paper != "full":
        return row(at, "bad" if found.paper == "out" else "warn", f"paper_{found.paper}")
    if at == "cash_dispenser" and not found.stock:
        return row(at, "warn", "empty")
    return row(at, "ok", "ok")


def event_row(event: object, device: str) -> Row | None:
    """Return what a device under test did, in words; None for what is another's, or says nothing."""
    if getattr(event, "at", "") != device:
        return None
    match event:
        case MediaDetected(media=None):
            return row(device, "warn", "card_unknown")
        case MediaInserted(media=media) | MediaDetected(media=Media() as media):
            return row(device, "ok", "card", tail=media.number[-4:])
        case MediaInvalid():
            return row(device, "warn", "card_unknown")
        case MediaTaken():
            return row(device, "ok", "card_taken")
        case ItemsInserted(fen=fen):
            return row(device, "ok", "items", fen_fen=fen)
        case ItemsReturned(fen=fen, completion="success"):
            return row(device, "ok", "returned", fen_fen=fen)
        case ItemsRefused():
            return row(device, "warn", "refused")
        case PinKeyPressed(count=count) if count:
            return row(device, "ok", "keys", n=count)
        case DocumentPrinted(completion=completion, reason=reason):
            return row(device, "ok", "printed") if completion == "success" else _unprinted_row(device, reason)
        case DeviceLost():
            return row(device, "bad", "lost")
        case DeviceBack():
            return row(device, "ok", "ok")
        case _:
            return None


def _unprinted_row(device: str, reason: str) -> Row:
    return row(device, "bad", _PRINTED.get(reason, "silent"))
