"""The visit's terminal as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: a request counts when the office took it, a visit when
the office knows that it ended. No name, no number and no word of a conversation is among them, only which of the
practised answers was chosen.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Started, Tapped
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.hosts.visit import VisitConnected, VisitEnded, VisitRequested, VisitTakenBack
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.practice_clock import local_day, local_minute, local_yymm
from kiosk_firmware.kits.return_items import LeavePhase
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.frauds import SCENES
from kiosk_firmware.machines.visit.rules import update
from kiosk_firmware.machines.visit.state import Profile, Rules, State, Terms
from kiosk_firmware.machines.visit.view import view
from kiosk_firmware.machines.visit.world import VisitWorld

SLIPS = {"accepted": "accepted_slip", "appointment": "appointment_slip"}


class Visit(Faces[State, Terms]):
    """One terminal: its rules of the date, its skin's profile."""

    id = "visit"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        "at_home": True,
        "id_back": True,
        "people": 0,
        "who": "",
        "slot": 0,
        "proof": "",
        "asked": False,
        "accepted_slip": False,
        "standing": "",
        "reason": "",
        "appointment_slip": False,
        "taken_back": False,
        "told": "",
        "signed": False,
        "checked": "",
        "connected": False,
        "said": "",
        "warned": 0,
        "unwise": False,
        "ended": "",
        "early": False,
        "timed_out": False,
        **fraud_scenes.FACTS,
    }

    def __init__(self, rules: Rules, profile: Profile) -> None:
        """Join rules and profile."""
        super().__init__(Terms(rules, profile), update, view)

    def start(self, started: Started) -> State:
        """Start at a terminal that nobody stands at, at the practised moment."""
        return State(
            language=started.language,
            today=local_day(started),
            minute=local_minute(started),
            yymm=local_yymm(started),
            papers=started.persona.papers,
            scene=started.scene,
        )

    def facts(self, state: State, world: VisitWorld) -> Facts:
        """Return what is."""
        return {"at_home": isinstance(state.phase, p.Home), "id_back": world.bench.laid is None}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case HostAnswered(completion="success", verdict="ok"):
                return {**_booked(before, event), **_seen(before, after)}
            case DocumentPrinted(ref=ref, completion="success") if ref in SLIPS:
                return {SLIPS[ref]: True, **_seen(before, after)}
            case Tapped(key=key) if isinstance(before.phase, p.Talk) and key.startswith("say."):
                return {"said": key.removeprefix("say."), **_seen(before, after)}
            case Tapped(key=key) if key.startswith("slot.") and before.phase is not after.phase:
                return {"slot": int(key.removeprefix("slot.")), **_seen(before, after)}
            case _:
                return _seen(before, after)


def _booked(before: State, event: HostAnswered) -> Facts:
    match event.ask:
        case VisitRequested(request=request):
            return {
                "asked": True,
                "people": len(request.people),
                "who": ".".join(request.people),
                "proof": request.proof,
            }
        case VisitTakenBack():
            return {"taken_back": True}
        case VisitConnected():
            return {"connected": True}
        case VisitEnded(breach=breach):
            early = isinstance(before.phase, p.Closing) and before.phase.early
            return {"ended": breach or "in_time", "early": early}
        case _:
            return {}


def _seen(before: State, after: State) -> Facts:
    if before.phase is after.phase:
        return {}
    match after.phase:
        case p.Met(meeting=now):
            return fraud_scenes.marks(before.phase.meeting if isinstance(before.phase, p.Met) else None, now)
        case p.Looked() if after.visits.case:
            return {"standing": after.visits.case.state, "reason": after.visits.case.reason}
        case p.Notice(why=why):
            return {"told": why}
        case p.Who(problem=problem) | p.When(problem=problem) if problem:
            return {"told": problem}
        case p.Camera(bad=False) if isinstance(before.phase, p.Pledge):
            return {"signed": True}
        case p.Camera(bad=True) | p.Sound(bad=True):
            return {"checked": "camera" if isinstance(after.phase, p.Camera) else "sound"}
        case p.Spoken(warned=warned, what=what):
            fresh = isinstance(before.phase, p.Talk) and warned > before.phase.warned
            return {"warned": warned} if fresh else {"unwise": True} if what else {}
        case LeavePhase(leave=leave) if leave.why == "not_done":
            return {"timed_out": True}
        case _:
            return {}
