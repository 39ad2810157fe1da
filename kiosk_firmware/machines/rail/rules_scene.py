"""A fraud that is met at its moment in an errand, until it is over; the errand goes on as if nobody was there."""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.kits import scene
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.scenes import SCENES
from kiosk_firmware.machines.rail.state import State, Step, to


def meet(state: State, moment: str) -> Step | None:
    """The scene that is met at this moment, or None."""
    found = SCENES.get(state.scene)
    if found is None or found.moment != moment:
        return None
    return to(state, p.Met(scene.met(found)))


def on_meeting(state: State, phase: p.Met, event: AnyEvent) -> Step | None:
    """One event while something is met; None when it is over and the errand goes on."""
    now = scene.heard(phase.meeting, event)
    if now is None:
        return None
    if now is phase.meeting:
        return state, NO_EFFECTS
    return to(state, msgspec.structs.replace(phase, meeting=now))
