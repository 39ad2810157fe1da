"""Where a fraud steps in: while the answer is waited for, when it is there, and as one takes the slip."""

from __future__ import annotations

from typing import cast

import msgspec

from kiosk_firmware.core.events import AnyEvent
from kiosk_firmware.kits import scene
from kiosk_firmware.kits.visit.states import UNDECIDED
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.scenes import SCENES
from kiosk_firmware.machines.visit.state import NOTHING, State, Step, case_of, leave, to


def meeting(state: State) -> State:
    """The fraud steps in where its moment is."""
    found = SCENES.get(state.scene)
    if found is None or found.moment != _moment(state):
        return state
    met = p.Met(scene.met(found), cast(p.VisitPhase, state.phase))
    return msgspec.structs.replace(state, phase=met, scene="")


def _moment(state: State) -> str:
    match state.phase:
        case p.Looked():
            standing = case_of(state).state
            return "undecided" if standing in UNDECIDED else "told" if standing in ("approved", "waiting") else ""
        case p.Notice(why="slip"):
            return "slip"
        case _:
            return ""


def on_scene(state: State, phase: p.Met, event: AnyEvent) -> Step:
    """One event while it is met; whoever walks away in the middle meets it again."""
    now = scene.heard(phase.meeting, event)
    if now is None and phase.meeting.stand in ("refused", "skipped"):
        return to(state, phase.then)
    if now is None:
        return leave(msgspec.structs.replace(state, scene=phase.meeting.scene.id), "not_done")
    return (state, NOTHING) if now is phase.meeting else to(state, msgspec.structs.replace(phase, meeting=now))
