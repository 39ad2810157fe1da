"""The metro's ticket machine as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a ticket counts as bought when it was taken, money as
loaded when the card carries it. Lessons know nothing else of the machine.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    HostAnswered,
    ItemsPresented,
    ItemsRetracted,
    ItemsTaken,
    MediaRetained,
    Started,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.bank import ReversalAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.metro.ticket_record import parse_trip
from kiosk_firmware.kits.practice_clock import local_day, local_minute
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.metro_ticket import phases as p
from kiosk_firmware.machines.metro_ticket.frauds import SCENES
from kiosk_firmware.machines.metro_ticket.rules import update
from kiosk_firmware.machines.metro_ticket.state import State, Terms
from kiosk_firmware.machines.metro_ticket.view import view
from kiosk_firmware.machines.metro_ticket.world import TicketWorld


class MetroTicket(Faces[State, Terms]):
    """One ticket machine: its rules of the date, its skin's profile, the network."""

    id = "metro-ticket"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "card_back": True,
        "balance_fen": 0,
        "bought": 0,
        "bought_to": "",
        "paid_fen": 0,
        "paid_by": "",
        "change_fen": 0,
        "returned_fen": 0,
        "card_bought": False,
        "loaded_fen": 0,
        "balance_seen": False,
        "asked_letters": False,
        "told": "",
        "timed_out": False,
        "card_kept": False,
        "ticket_kept": False,
        "cash_retracted": False,
        "reversed": False,
        "written_again": False,
    }

    def __init__(self, terms: Terms) -> None:
        """Join rules, profile and network."""
        super().__init__(terms, update, view)

    def start(self, started: Started) -> State:
        """Start with nothing in the machine, at the practised moment."""
        today, minute = local_day(started), local_minute(started)
        return State(language=started.language, today=today, minute=minute, scene=started.scene)

    def facts(self, state: State, world: TicketWorld) -> Facts:
        """Return what is."""
        bench = world.bench
        near = (*bench.hand, *((bench.reader,) if bench.reader else ()))
        cards = [media for media in near if (trip := parse_trip(media.trip)) and not trip.token]
        return {
            "at_home": isinstance(state.phase, p.Home),
            "card_back": bench.place == "none" and not bench.kept,
            "balance_fen": sum(media.fen or 0 for media in cards),
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case ItemsTaken(at="cash_dispenser"):
                return _handed(before, 0)
            case ItemsPresented(at="coin_dispenser", items=items) if items:
                return _handed(before, money.total(items))
            case ItemsRetracted(items=items) if items:
                return {"cash_retracted": True}
            case MediaRetained(at="ticket_dispenser", completion="success"):
                return {"ticket_kept": True}
            case MediaRetained(completion="success"):
                return {"card_kept": True}
            case HostAnswered(completion="success", ask=ReversalAsked()):
                return {"reversed": True, **_seen(before, after)}
            case _:
                return _taken(before, after) or _seen(before, after)


def _handed(before: State, fen: int) -> Facts:
    """Change for what was bought, or what came back because nothing was: all of it, with what falls now."""
    if not isinstance(before.phase, LeavePhase):
        return {}
    leave = before.phase.leave
    whole = leave.why in ("bought", "card_bought")
    return {"change_fen" if whole else "returned_fen": leave.handed_fen + fen}


def _taken(before: State, after: State) -> Facts:
    """Return the facts of a ticket that was taken out of the slot: what it cost is spent."""
    order, was = after.order, before.order
    if order.given <= was.given or not isinstance(before.phase, p.TicketTaking | p.TicketKeeping):
        return {}
    paid: Facts = {"paid_fen": order.each_fen * order.given, "paid_by": order.paid_by}
    if order.goods == "card":
        return {"card_bought": True, **paid, **_ended(before, after)}
    return {"bought": order.given, "bought_to": order.target, **paid, **_ended(before, after)}


def _ended(before: State, after: State) -> Facts:
    """Return the message that the person is left with, where the errand ended with it."""
    if isinstance(after.phase, LeavePhase) and not isinstance(before.phase, LeavePhase):
        return {"told": after.phase.leave.why} if after.phase.leave.why in TOLD else {}
    return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match before.phase, after.phase:
        case was, p.Met(meeting=now):
            return fraud_scenes.marks(was.meeting if isinstance(was, p.Met) else None, now)
        case _, p.Notice(why=why):
            return {"told": why}
        case p.TornAsked(), p.Loaded(fen=fen):
            return {"loaded_fen": fen, "written_again": True}
        case _, p.Loaded(fen=fen):
            return {"loaded_fen": fen}
        case _, p.BalanceShown():
            return {"balance_seen": True}
        case _, p.Named():
            return {"asked_letters": True}
        case p.TornAsked(), p.Writing() | p.Dispensing():
            return {"written_again": True}
        case _, p.CashPaying(refused=why) | p.Loading(refused=why) if why:
            return {"told": why}
        case _, LeavePhase(leave=leave) if leave.why == "timed_out":
            return {"timed_out": True}
        case _:
            return _ended(before, after)


TOLD = ("no_change", "funds", "unreadable", "foreign", "token", "none_came", "some_came", "not_written", "not_paid")
"""Endings that say why there is no ticket, or not all of them, or nothing on the card."""
