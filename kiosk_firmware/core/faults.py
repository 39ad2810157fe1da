"""The armed faults: one list for lessons, supervisor, office, walk and cabinet, and how each one changes what
happens.

A fault strikes at a *moment*: when a device is about to say an event. `moment` tells whether this is one, `struck`
what is said instead. The cabinet calls the same two functions in life (and does the real act that belongs to it),
so that what is walked is what happens. "Left" faults stand for the person who was too slow: the thing is presented,
and cannot be taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from kiosk_firmware.core.events import (
    AnyEvent,
    Device,
    DocumentPrinted,
    DoorOpened,
    Fault,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRefused,
    MediaDetected,
    MediaDispensed,
    MediaInserted,
    MediaInvalid,
    MediaPresented,
    MediaWritten,
    Struck,
)
from kiosk_firmware.core.hosts.airline import CheckInAsked, another_gate

FAULTS: tuple[Fault, ...] = get_args(Fault)

WHERE: Mapping[Fault, tuple[Device, ...]] = {
    "card_unreadable": ("card_reader", "tap_reader", "id_reader"),
    "card_turned": (),
    "card_expired": ("card_reader",),
    "card_left": ("card_reader",),
    "note_rejected": ("note_acceptor",),
    "note_suspect": (),
    "notes_left": ("cash_dispenser",),
    "notes_gone": ("cash_dispenser",),
    "paper_out": ("receipt_printer", "ticket_printer"),
    "printer_jam": ("receipt_printer", "ticket_printer"),
    "host_offline": ("payment_host", "network_host"),
    "answer_lost": ("payment_host", "network_host"),
    "power_cut": ("cash_dispenser", "note_acceptor", "coin_dispenser"),
    "change_gone": ("coin_dispenser",),
    "tickets_out": ("ticket_dispenser",),
    "ticket_jam": ("ticket_dispenser",),
    "write_torn": ("ticket_dispenser", "gate"),
    "gate_changed": (),
    "locker_jammed": ("parcel_locker",),
}
"""The devices at which a fault can strike: a machine that uses one of them knows the fault. What happens elsewhere in
the world is no device's, and what only some machines have words for is no other one's; a machine names it itself
(`catalogue.Entry.faults`).
"""


def moment(fault: Fault, event: AnyEvent) -> bool:
    """Return whether `fault` may strike as `event` is about to be said."""
    match fault:
        case "card_unreadable":
            return isinstance(event, MediaInserted) or (isinstance(event, MediaDetected) and event.media is not None)
        case "card_expired":
            return isinstance(event, MediaInserted)
        case "card_turned":
            return isinstance(event, MediaInserted) and event.at == "card_reader"
        case "card_left":
            return isinstance(event, MediaPresented) and event.completion == "success"
        case "note_rejected" | "note_suspect":
            return isinstance(event, ItemsInserted) and event.at == "note_acceptor"
        case "notes_left" | "notes_gone":  # tokens fall into an open cup and cannot be held back
            return isinstance(event, ItemsPresented) and bool(event.items) and event.at != "coin_dispenser"
        case "paper_out" | "printer_jam":
            return isinstance(event, DocumentPrinted) and event.completion == "success"
        case "host_offline":
            return isinstance(event, HostAnswered) and event.completion == "success"
        case "answer_lost":  # only what books has something to lose
            return isinstance(event, HostAnswered) and event.verdict == "ok" and event.ask.id != 0
        case "change_gone":
            return isinstance(event, ItemsPresented) and bool(event.items) and event.at == "coin_dispenser"
        case "tickets_out" | "ticket_jam":
            return isinstance(event, MediaDispensed) and event.completion == "success"
        case "write_torn":
            return isinstance(event, MediaWritten) and event.completion == "success"
        case "gate_changed":
            asked = event.ask if isinstance(event, HostAnswered) and event.verdict == "ok" else None
            return isinstance(asked, CheckInAsked)
        case "locker_jammed":
            return isinstance(event, DoorOpened) and event.completion == "success"
        case "power_cut":
            return False


def struck(fault: Fault, event: AnyEvent) -> tuple[AnyEvent, ...]:
    """Return what is said instead of `event`: the strike first, then the changed event. Call only where `moment`
    holds.
    """
    ref = getattr(event, "ref", "")
    match event:
        case MediaInserted(at=at, media=media):
            said: AnyEvent = MediaInvalid(at, "upside_down" if fault == "card_turned" else "unreadable")
            if fault == "card_expired":
                said = MediaInserted(at, msgspec.structs.replace(media, expires="0001"))
            return Struck(fault), said
        case MediaDetected(at=at):
            return Struck(fault), MediaDetected(at, None, "unreadable")
        case ItemsInserted() if fault == "note_suspect":
            return Struck(fault), msgspec.structs.replace(event, suspect=True)
        case ItemsInserted(at=at):
            return Struck(fault), ItemsRefused(at)
        case ItemsPresented(at=at) if fault in ("notes_gone", "change_gone"):
            return Struck(fault, ref), ItemsPresented(at, ref, (), "hardwareError", "cashUnitError")
        case MediaDispensed(at=at):
            reason: Literal["empty", "jammed"] = "empty" if fault == "tickets_out" else "jammed"
            return Struck(fault, ref), MediaDispensed(at, ref, None, "hardwareError", reason)
        case MediaWritten(at=at, fen=fen, trip=trip):
            return Struck(fault, ref, written=(fen, trip)), MediaWritten(at, ref, 0, "unknown")
        case DoorOpened(at=at):
            return Struck(fault, ref), DoorOpened(at, ref, "hardwareError")
        case DocumentPrinted(at=at):
            if fault == "paper_out":
                return Struck(fault, ref), DocumentPrinted(at, ref, "hardwareError", "paperOut")
            return Struck(fault, ref), DocumentPrinted(at, ref, "hardwareError", "paperJam")
        case HostAnswered(ask=CheckInAsked(gate=gate) as ask) if fault == "gate_changed":
            moved = msgspec.structs.replace(ask, moved_to=another_gate(gate))
            return Struck(fault, ref), msgspec.structs.replace(event, ask=moved)
        case HostAnswered(at=at, ask=ask):
            booked = ask if fault == "answer_lost" else None
            return Struck(fault, ref, booked), HostAnswered(at, ref, "offline", ask, "timeOut")
        case _:
            return Struck(fault, ref), event
