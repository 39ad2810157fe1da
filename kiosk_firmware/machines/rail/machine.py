"""The ticket machine as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a ticket counts as bought when the railway answered,
an ID card as back when it is off the reader. Lessons know nothing else of the machine.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    HostAnswered,
    ItemsPresented,
    ItemsRetracted,
    ItemsTaken,
    MediaRetained,
    Started,
    Tapped,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import ReversalAsked
from kiosk_firmware.core.hosts.rail import IssueAsked, RefundAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.practice_clock import local_day, local_minute, local_yymm
from kiosk_firmware.kits.return_items import KeptNotice, LeavePhase, ReceiptPrinting
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.frauds import SCENES
from kiosk_firmware.machines.rail.rules import update
from kiosk_firmware.machines.rail.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.rail.timetable import Data, Timetable
from kiosk_firmware.machines.rail.view import view
from kiosk_firmware.machines.rail.world import RailWorld


class Rail(Faces[State, Terms]):
    """One ticket machine: its rules of the date, its skin's profile, the stations it knows."""

    id = "rail"
    FACTS: ClassVar[Facts] = {
        "at_home": True,
        "card_back": True,
        "id_back": True,
        "tickets": 0,
        "bought": 0,
        "bought_train": "",
        "bought_kind": "",
        "bought_in_days": -1,
        "bought_to": "",
        "paid_fen": 0,
        "paid_by": "",
        "change_fen": 0,
        "returned_fen": 0,
        "refunded_fen": 0,
        "fee_fen": 0,
        "changed_train": "",
        "changed_in_days": -1,
        "changed_to": "",
        "slip_printed": False,
        "invoice_printed": False,
        "invoice_seen": False,
        "looked_up": False,
        "travel_code": False,
        "code_renewed": 0,
        "told": "",
        "timed_out": False,
        "card_kept": False,
        "cash_retracted": False,
        "reversed": False,
        "told_read": False,
        **fraud_scenes.FACTS,
    }
    SCENES = tuple(SCENES)

    def __init__(self, rules: Rules, profile: Profile, data: Data, table: Timetable) -> None:
        """Join rules, profile and stations."""
        super().__init__(Terms(rules, profile, table.stations, data.stations.hot), update, view)

    def start(self, started: Started) -> State:
        """Start with nothing in the machine, at the practised moment."""
        return State(
            language=started.language,
            today=local_day(started),
            minute=local_minute(started),
            yymm=local_yymm(started),
            scene=started.scene,
        )

    def facts(self, state: State, world: RailWorld) -> Facts:
        """Return what is."""
        bench = world.bench
        return {
            "at_home": isinstance(state.phase, p.Home),
            "card_back": bench.place == "none" and not bench.kept,
            "id_back": bench.laid is None,
            "tickets": len(world.office.tickets),
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case HostAnswered(completion="success", verdict="ok"):
                return _booked(before, event) or _seen(before, after)
            case ItemsTaken(at="cash_dispenser"):
                return _handed(before, 0)
            case ItemsPresented(at="coin_dispenser", items=items) if items:
                return _handed(before, money.total(items))
            case ItemsRetracted(items=items) if items:
                return {"cash_retracted": True}
            case MediaRetained(completion="success"):
                return {"card_kept": True}
            case DocumentPrinted(completion="success") if isinstance(before.phase, ReceiptPrinting):
                return {"slip_printed": True}
            case DocumentPrinted(completion="success") if isinstance(before.phase, p.InvoicePrinting):
                return {"invoice_printed": True}
            case Tapped(key="notice.ok" | "told.ok") if isinstance(before.phase, p.Notice | KeptNotice):
                return {"told_read": True, **_seen(before, after)}
            case _:
                return _seen(before, after)


def _handed(before: State, fen: int) -> Facts:
    """Change for what was bought, or what came back because nothing was: all of it, with what falls now."""
    if not isinstance(before.phase, LeavePhase):
        return {}
    leave = before.phase.leave
    return {"change_fen" if leave.why in ("bought", "changed") else "returned_fen": leave.handed_fen + fen}


def _booked(before: State, event: HostAnswered) -> Facts:
    match event.ask:
        case IssueAsked(tickets=tickets) if tickets and tickets[0].changed:
            new = tickets[0]
            days = new.day - before.today
            return {"changed_train": new.train, "changed_in_days": days, "changed_to": new.target}
        case IssueAsked(tickets=tickets, paid_by=paid_by, fen=fen) if tickets:
            first = tickets[0]
            how = paid_by if paid_by in ("", "phone") else "card"
            return {
                "bought": len(tickets),
                "bought_train": first.train,
                "bought_kind": first.kind,
                "paid_fen": fen,
                "bought_in_days": first.day - before.today,
                "bought_to": first.target,
                "paid_by": how or "cash",
            }
        case RefundAsked(fen=fen, fee_fen=fee_fen):
            return {"refunded_fen": fen, "fee_fen": fee_fen}
        case ReversalAsked():
            return {"reversed": True}
        case _:
            return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match before.phase, after.phase:
        case p.Met(meeting=was), p.Met(meeting=now):
            return fraud_scenes.marks(was, now)
        case _, p.Met(meeting=now):
            return fraud_scenes.marks(None, now)
        case _, p.Notice(why=why):
            return {"told": why}
        case _, p.Forgot():
            return {"told": "forgot"}
        case _, p.People(problem="passport") | p.IdAsked(problem="passport"):
            return {"told": "passport"}
        case _, p.CodeShown(renewed=renewed):
            return {"travel_code": True, "code_renewed": renewed}
        case _, p.Limited():
            return {"told": "limited"}
        case _, p.NoSeats():
            return {"told": "no_seats"}
        case p.TicketList(errand="lookup"), _:
            return {"looked_up": True}
        case _, p.InvoiceShown():
            return {"invoice_seen": True}
        case _, LeavePhase(leave=leave) if leave.why == "timed_out":
            return {"timed_out": True}
        case _, LeavePhase(leave=leave) if leave.why in TOLD and not isinstance(before.phase, LeavePhase):
            return {"told": leave.why}
        case _:
            return {}


TOLD = ("no_change", "cash_window", "funds", "dormant", "lost", "unreadable", "no_chip", "card_expired", "not_issued")
"""Endings that say why there is no ticket."""
