"""Handle what is met beside the errand: a fraud, and the way to a card that was kept.

A fraud is met at its moment until it is over (at the first page, and where a card was kept: once), and the errand goes
on as if nobody had been there. A kept card is followed to the end: what to do now, the bank's number that stands on the
machine, the counter with the ID card, and the card (or a new one) in the hand. The counter is shown as a page of this
machine, since it belongs to this errand and to no other.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.machines.atm import phases as p
from kiosk_firmware.machines.atm.frauds import SCENES
from kiosk_firmware.machines.atm.state import State, Step, enter_phase


def meet(state: State, moment: str) -> Step | None:
    """Return the scene that is met at this moment, or None."""
    found = SCENES.get(state.scene)
    if found is None or found.moment != moment:
        return None
    why = state.phase.why if isinstance(state.phase, p.Fetching) else ""
    kind = p.MetInside if state.books.place == "inside" else p.Met
    return enter_phase(
        state, kind(fraud_scenes.begin_scene(found), why), scene=state.scene if kind is p.MetInside else ""
    )


def on_fetching(state: State, phase: p.Fetching, event: AnyEvent) -> Step:
    """Take one event on the way to a kept card."""
    match phase.stand, event:
        case _, TimerExpired() | Tapped(key="fetch.later" | "fetch.take"):
            return enter_phase(state, p.Home())
        case "kept", Tapped(key="fetch.call"):
            return enter_phase(state, p.Fetching(phase.why, "called"))
        case (("kept" | "called"), Tapped(key="fetch.counter")):
            return enter_phase(state, p.Fetching(phase.why, "counter"))
        case "counter", Tapped(key="fetch.ident"):
            return enter_phase(state, p.Fetching(phase.why, "given"))
        case _:
            return state, NO_EFFECTS
