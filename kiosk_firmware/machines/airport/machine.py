"""Check-in as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: somebody counts as checked in when the airline
answered, a pass as printed when it came out. Lessons know nothing else of the machine; no ID number is among them.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Started, Tapped
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.airline import CancelAsked, CheckInAsked, FindAsked, OwedAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.practice_clock import local_day, local_minute, local_yymm
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.flights import Flights
from kiosk_firmware.machines.airport.frauds import SCENES
from kiosk_firmware.machines.airport.rules import update
from kiosk_firmware.machines.airport.rules_dangerous_goods import misplaced_things
from kiosk_firmware.machines.airport.state import Profile, Rules, State, Terms, counter, found_of
from kiosk_firmware.machines.airport.view import view
from kiosk_firmware.machines.airport.world import AirWorld


class Airport(Faces[State, Terms]):
    """One check-in machine: its rules of the date, its skin's profile, the flights it knows."""

    id = "airport"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "id_back": True,
        "checked_in": 0,
        "flight": "",
        "seat": "",
        "seat_side": "",
        "bags": -1,
        "passes": 0,
        "tags": 0,
        "pass_shown": False,
        "found_by": "",
        "gate": "",
        "gate_moved": False,
        "told": "",
        "gate_told": False,
        "counter": "",
        "thing_told": "",
        "thing_missed": False,
        "seat_tried": "",
        "canceled": False,
        "owed": False,
        "timed_out": False,
    }

    def __init__(self, rules: Rules, profile: Profile, flights: Flights) -> None:
        """Join rules, profile and flights."""
        super().__init__(Terms(rules, profile, flights), update, view)

    def start(self, started: Started) -> State:
        """Start with nothing in the machine, at the practised moment."""
        persona = started.persona
        return State(
            language=started.language,
            today=local_day(started),
            minute=local_minute(started),
            yymm=local_yymm(started),
            scene=started.scene,
            owner=persona.ids[0].number if persona.ids else "",
            things=misplaced_things(self.terms.rules, persona.things),
        )

    def facts(self, state: State, world: AirWorld) -> Facts:
        """Return what is."""
        return {"at_home": isinstance(state.phase, p.Home), "id_back": world.bench.laid is None}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case HostAnswered(completion="success", verdict="ok"):
                return {**self._booked(before, event), **_seen(self.terms, before, after)}
            case Tapped(key="moved.ok") if isinstance(before.phase, p.GateTold):
                return {"gate_told": True}
            case DocumentPrinted(completion="success") if isinstance(before.phase, p.Printing):
                return _printed(before, before.phase.papers[0])
            case _:
                return _seen(self.terms, before, after)

    def _booked(self, before: State, event: HostAnswered) -> Facts:
        match event.ask:
            case FindAsked() if isinstance(before.phase, p.Finding):
                return {"found_by": before.phase.how}
            case CheckInAsked(people=people, seats=seats, bags=bags, gate=gate):
                return {
                    "checked_in": len(people),
                    "flight": found_of(before).booking.flight,
                    "seat": seats[0],
                    "seat_side": self.terms.flights.cabin.side(seats[0]),
                    "bags": bags,
                    "gate": gate,
                    "seat_tried": before.trip.tried or "nothing",
                }
            case CancelAsked():
                return {"canceled": True}
            case OwedAsked():
                return {"owed": True}
            case _:
                return {}


def _printed(before: State, paper: str) -> Facts:
    kind, _, number = paper.partition("-")
    name = {"pass": "passes", "tag": "tags"}.get(kind)
    return {name: int(number)} if name else {}


def _seen(terms: Terms, before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    met = before.phase.meeting if isinstance(before.phase, p.Met) else None
    match after.phase:
        case p.Met(meeting=now):
            return fraud_scenes.marks(met, now)
        case p.Notice(why=why):
            return {"told": why}
        case p.ThingTold(thing=thing, missed=missed):
            return {"thing_told": thing, **({"thing_missed": True} if missed else {})}
        case p.PassShown():
            return {"pass_shown": True}
        case p.Looked():
            found = found_of(after)
            moved = any(flyer.number for flyer in found.booking.flyers) and bool(found.booking.moved_to)
            told: Facts = {"gate_told": True} if moved else {}  # whoever missed the page looks it up
            return {"gate": found.gate, "gate_moved": moved, "counter": counter(terms, after, found), **told}
        case LeavePhase(leave=leave) if leave.why == "not_done":
            return {"timed_out": True}
        case _:
            return {}
