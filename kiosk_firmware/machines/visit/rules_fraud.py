"""Let a fraud step in: while the answer is waited for, when it is there, and as one takes the slip."""

from __future__ import annotations

from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.machines.visit.frauds import SCENES
from kiosk_firmware.machines.visit.state import State, case_of
from kiosk_firmware.visit.domain.states import UNDECIDED


def let_fraud_in(state: State) -> State:
    """Let the fraud step in where its moment is."""
    return fraud_scenes.stepped_in(state, SCENES, _moment(state), p.Met)


def _moment(state: State) -> str:
    match state.phase:
        case p.Looked():
            standing = case_of(state).state
            return "undecided" if standing in UNDECIDED else "told" if standing in ("approved", "waiting") else ""
        case p.Notice(why="slip"):
            return "slip"
        case _:
            return ""
