"""The desk as the core sees it, with its facts and marks.

Marks are set when it is complete: a ticket is mended when its write is proven, a token given back when it was taken in.
Lessons know nothing else of the machine.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core import money
from kiosk_firmware.core.events import (
    AnyEvent,
    DocumentPrinted,
    ItemsPresented,
    ItemsRetracted,
    ItemsTaken,
    MediaRetained,
    MediaWritten,
    Started,
    Tapped,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.metro.ticket_record import minute_of
from kiosk_firmware.kits.practice_clock import local_yymm
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.metro_desk import phases as p
from kiosk_firmware.machines.metro_desk.rules import REFUND, update
from kiosk_firmware.machines.metro_desk.state import State, Terms
from kiosk_firmware.machines.metro_desk.view import view
from kiosk_firmware.machines.metro_desk.world import DeskWorld


class MetroDesk(Faces[State, Terms]):
    """One desk: its rules of the date, its skin's profile, the network."""

    id = "metro-desk"
    FACTS: ClassVar[Facts] = {
        "at_home": True,
        "card_back": True,
        "mended": "",
        "cost_fen": 0,
        "paid_by": "",
        "let_out": False,
        "refunded_fen": 0,
        "handed_fen": 0,
        "told": "",
        "card_kept": False,
        "cash_retracted": False,
        "said_station": "",
    }

    def __init__(self, terms: Terms) -> None:
        """Join rules, profile and network."""
        super().__init__(terms, update, view)

    def start(self, started: Started) -> State:
        """Start at a desk that nobody stands at, at the practised moment."""
        return State(language=started.language, minute=minute_of(started), yymm=local_yymm(started))

    def facts(self, state: State, world: DeskWorld) -> Facts:
        """Return what is."""
        bench = world.bench
        return {
            "at_home": isinstance(state.phase, p.Home),
            "card_back": bench.place == "none" and bench.kept == world.taken,
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        phase = before.phase
        match event:
            case MediaWritten(completion="success") if isinstance(phase, p.Writing):
                by = "" if not phase.mend.cost_fen else "cash" if phase.in_cash else "card"
                fen = phase.mend.cost_fen if phase.in_cash else phase.mend.card_fen
                return {"mended": phase.mend.why, "cost_fen": fen, "paid_by": by}
            case DocumentPrinted() if isinstance(phase, p.Slipping):
                return {"let_out": True, "cost_fen": phase.mend.cost_fen, "paid_by": "cash"}
            case MediaRetained(completion="success", ref=ref) if isinstance(phase, p.Refunding) and ref == REFUND:
                return {"refunded_fen": phase.mend.cost_fen}
            case MediaRetained(completion="success"):
                return {"card_kept": True}
            case ItemsRetracted(items=items) if items:
                return {"cash_retracted": True}
            case ItemsTaken(at="cash_dispenser") if isinstance(phase, LeavePhase):
                return {"handed_fen": phase.leave.handed_fen}
            case ItemsPresented(at="coin_dispenser", items=items) if items and isinstance(phase, LeavePhase):
                return {"handed_fen": phase.leave.handed_fen + money.total(items)}
            case Tapped(key=key, value=station) if key.startswith("station.") and after.phase is not phase:
                return {"said_station": station}
            case _ if isinstance(after.phase, p.Notice) and after.phase is not phase:
                return {"told": after.phase.why}
            case _ if isinstance(phase, p.Asked) and isinstance(after.phase, LeavePhase):  # written after all
                done, _, what = after.phase.leave.why.partition("_")
                return {"mended": what} if done == "mended" else {}
            case _:
                return {}
