"""The gate as the core sees it, with its facts and marks.

Facts say what is; marks what happened, set when it is complete: somebody is in or out when the barrier saw them pass,
a fare is paid when its write is proven. Lessons know nothing else of the machine.
"""

from __future__ import annotations

from typing import ClassVar

from kiosk_firmware.core.events import AnyEvent, GateAlarmed, GatePassed, MediaRetained, Started, TimerExpired
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.metro.ticket_record import minute_of
from kiosk_firmware.kits.practice_clock import local_yymm
from kiosk_firmware.machines.metro_gate import phases as p
from kiosk_firmware.machines.metro_gate.frauds import SCENES
from kiosk_firmware.machines.metro_gate.rules import CAPTURE, update
from kiosk_firmware.machines.metro_gate.state import State, Terms
from kiosk_firmware.machines.metro_gate.view import view
from kiosk_firmware.machines.metro_gate.world import GateWorld


class MetroGate(Faces[State, Terms]):
    """One gate: its rules of the date, its skin's profile, the network."""

    id = "metro-gate"
    SCENES = tuple(SCENES)
    FACTS: ClassVar[Facts] = {
        **fraud_scenes.FACTS,
        "at_home": True,
        "card_back": True,
        "entered": "",
        "left": "",
        "fare_fen": 0,
        "over_fen": 0,
        "holder": "",
        "told": "",
        "token_kept": False,
        "card_kept": False,
        "alarm": "",
        "timed_out": False,
    }

    def __init__(self, terms: Terms) -> None:
        """Join rules, profile and network."""
        super().__init__(terms, update, view)

    def start(self, started: Started) -> State:
        """Start in a lane that nobody stands in, at the practised moment."""
        return State(
            _first(started),
            language=started.language,
            station=self.terms.profile.station,
            side=self.terms.first,
            minute=minute_of(started),
            yymm=local_yymm(started),
        )

    def facts(self, state: State, world: GateWorld) -> Facts:
        """Return what is."""
        bench = world.bench
        return {
            "at_home": isinstance(state.phase, p.Standing) and state.side == self.terms.first,
            "card_back": bench.place == "none" and bench.kept == world.used,
            "token_kept": bool(world.used),
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case GatePassed(completion="success") if isinstance(before.phase, p.Passing):
                return _passed(before, before.phase.ride)
            case MediaRetained(completion="success", ref=ref) if ref != CAPTURE:
                return {"card_kept": True}
            case GateAlarmed(alarm=alarm):
                return {"alarm": alarm}
            case TimerExpired(name="side" | "ride"):
                return {"timed_out": True}
            case _ if isinstance(before.phase, p.Met) and isinstance(after.phase, p.Met):
                return fraud_scenes.marks(before.phase.meeting, after.phase.meeting)
            case _ if isinstance(after.phase, p.Told) and after.phase is not before.phase:
                return {"told": after.phase.why}
            case _:
                return {}


def _first(started: Started) -> p.Phase:
    """Return the lane, or a fraud that is met before it."""
    found = SCENES.get(started.scene)
    return p.Met(fraud_scenes.begin_scene(found)) if found else p.Standing()


def _passed(before: State, ride: p.Ride) -> Facts:
    if before.side == "entry":
        return {"entered": before.station, "holder": ride.holder}
    return {"left": before.station, "fare_fen": ride.fare_fen, "over_fen": ride.over_fen, "holder": ride.holder}
