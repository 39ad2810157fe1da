"""Show that an account is one's own without its number: the question, friends who vouch, the face.

Whoever has shown it waits a day: in that time a message goes to all devices, so that a thief can be stopped. Nobody can
shorten it. In practice the day passes at a key.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.kits.phone import face_check
from kiosk_firmware.machines.account import phases as p
from kiosk_firmware.machines.account.state import State, Step, Terms, enter_phase


def on_proof(terms: Terms, state: State, phase: p.Ways | p.Question | p.Friends | p.Delay, event: AnyEvent) -> Step:
    """Take a key or typing on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Question):
        return enter_phase(state, msgspec.structs.replace(phase, typed=event.text))
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Ways(), key if key.startswith("way."):
            return _way(state, key)
        case p.Question(), "question.ok":
            return _answered(terms, state, phase)
        case p.Friends(), key if key.startswith("friend."):
            return _chosen(state, phase, event.value)
        case p.Friends(), "friends.ok":
            return _vouched(terms, state, phase)
        case p.Delay(), "delay.over":
            return enter_phase(state, p.Number(), waited=True)
        case p.Ways(), "nav.back":
            return enter_phase(state, p.Login())
        case p.Delay(), "nav.back":
            return enter_phase(state, p.Login(), proof="", waited=False)
        case _, "nav.back":
            return enter_phase(state, p.Ways())
        case _:
            return state, NO_EFFECTS


def _way(state: State, key: str) -> Step:
    match key:
        case "way.question":
            return enter_phase(state, p.Question())
        case "way.friends":
            return enter_phase(state, p.Friends())
        case _:
            return enter_phase(state, p.Checked(face_check.begin_check(state.hindered)))


def _answered(terms: Terms, state: State, phase: p.Question) -> Step:
    if phase.typed and phase.typed == state.account.born:
        return enter_phase(state, p.Delay(), proof="question")
    wrong = phase.wrong + 1
    return enter_phase(state, p.Notice("question") if wrong >= terms.rules.tries else p.Question("", wrong))


def _chosen(state: State, phase: p.Friends, name: str) -> Step:
    without = tuple(one for one in phase.chosen if one != name)
    return enter_phase(state, p.Friends(without if name in phase.chosen else tuple(sorted((*phase.chosen, name)))))


def _vouched(terms: Terms, state: State, phase: p.Friends) -> Step:
    """Check the friends who vouch: they know one; a stranger who was asked vouches for nobody, and might be a thief."""
    if set(phase.chosen) & set(state.strangers):
        return enter_phase(state, p.Notice("friend_stranger"))
    if len(phase.chosen) < terms.rules.vouch:
        return enter_phase(state, p.Notice("friends_few"))
    return enter_phase(state, p.Delay(), proof="friends")
