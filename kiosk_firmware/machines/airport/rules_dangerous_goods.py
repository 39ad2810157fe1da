"""Ask about what may not fly, and what may fly only in one of the two bags: asked before seat and pass, as on every
counter.

"Nothing" is a wrong answer where something lies in the wrong bag: then the page says what it is and where it may go,
asks to have it put there, and asks again. Saying that there is something is never wrong.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, TimerExpired
from kiosk_firmware.machines.airport import phases as p
from kiosk_firmware.machines.airport.question_order import onward
from kiosk_firmware.machines.airport.state import Rules, State, Step, Terms, enter_phase, leave

Here = p.Danger | p.Things | p.ThingTold


def misplaced_things(rules: Rules, things: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return those of the things that lie where they may not."""
    return tuple(thing for thing, where in things if rules.may_go(thing) != where)


def on_danger(terms: Terms, state: State, phase: Here, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    if isinstance(event, TimerExpired):
        return leave(terms, state, "not_done")
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case ((p.Danger() | p.Things()), "trip.back"):
            return leave(terms, state, "not_done")
        case p.Danger(), "danger.no":
            if state.things:
                return enter_phase(state, p.ThingTold(state.things[0], missed=True))
            return onward(terms, state, "danger")
        case p.Danger(), "danger.yes":
            return enter_phase(state, p.Things())
        case p.Things(), "things.none":
            return enter_phase(state, p.Danger())
        case p.Things(), key if key.startswith("thing."):
            return enter_phase(state, p.ThingTold(event.value))
        case p.ThingTold(thing=thing), "told.done":
            rest = tuple(one for one in state.things if one != thing)
            return enter_phase(msgspec.structs.replace(state, things=rest), p.Danger())
        case _:
            return state, NO_EFFECTS
