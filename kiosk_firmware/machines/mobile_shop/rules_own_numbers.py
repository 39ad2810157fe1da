"""List what is in one's name, and the numbers of before: one that is only switched off can be had again, one that was
given to somebody else cannot; a number in one's name that one does not know is closed.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped
from kiosk_firmware.core.hosts.mobile_carrier import DropAsked
from kiosk_firmware.kits.phone import face_check
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.state import State, Step, Terms, ask, enter_phase, menu, with_draft


def on_list(terms: Terms, state: State, phase: p.Listing | p.SimShown | p.Olds, event: AnyEvent) -> Step:
    """Take a key on one of these pages."""
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Listing(sims=sims), key if key.startswith("sim."):
            return enter_phase(state, p.SimShown(next(sim for sim in sims if sim.number == event.value), sims))
        case p.SimShown(sim=sim), "drop.yes":
            return ask(state, "list", DropAsked(1, state.person, sim.number), shown=sim)
        case p.SimShown(sims=sims), "nav.back":
            return enter_phase(state, p.Listing(sims))
        case p.Olds(gone=gone), key if key.startswith("old."):
            if event.value in gone:
                return enter_phase(state, p.Notice("gone"))
            return enter_phase(
                with_draft(state, old=event.value), p.Checked("old", face_check.begin_check(state.hindered))
            )
        case _, "nav.back":
            return menu(state)
        case _:
            return state, NO_EFFECTS
