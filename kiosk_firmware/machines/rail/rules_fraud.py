"""A fraud that is met at its moment in an errand, until it is over; the errand goes on as if nobody was there."""

from __future__ import annotations

from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.frauds import SCENES
from kiosk_firmware.machines.rail.state import State, Step, enter_phase


def meet(state: State, moment: str) -> Step | None:
    """Return the scene that is met at this moment, or None."""
    found = SCENES.get(state.scene)
    if found is None or found.moment != moment:
        return None
    return enter_phase(state, p.Met(fraud_scenes.begin_scene(found)))
