"""The mobile shop's rules, joined: one event in, the next state and the effects out.

The phone's shell hears the glass while it stands in front; the carrier's answers and everything else go to the phase.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import face_check, shell
from kiosk_firmware.machines.mobile_shop import phases as p
from kiosk_firmware.machines.mobile_shop.rules_new_number import (
    after_answer,
    continue_after_face,
    on_new,
    on_told,
    proceed,
)
from kiosk_firmware.machines.mobile_shop.rules_own_numbers import on_list
from kiosk_firmware.machines.mobile_shop.state import State, Step, Terms, enter_phase, home, menu, tiles, with_draft

ERRANDS: dict[str, p.Errand] = {"menu.new": "new", "menu.old": "old", "menu.list": "list"}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    if state.shell is not None and state.shell.front and isinstance(event, Tapped | TimerExpired):
        now = shell.after_event(state.shell, event)
        if now is state.shell:
            return state, NO_EFFECTS
        opened = p.Menu() if now.where == "app" and isinstance(state.phase, p.Home) else state.phase
        return enter_phase(state, opened, shell=now)
    if isinstance(event, HostAnswered):
        return after_answer(terms, state, event)
    if isinstance(event, Tapped | TimerExpired):
        return _phase(terms, state, event)
    return state, NO_EFFECTS


def _phase(terms: Terms, state: State, event: Tapped | TimerExpired) -> Step:
    phase = state.phase
    if isinstance(event, TimerExpired) and not isinstance(phase, p.Checked | p.Met | p.Waiting):
        return home(state)
    match phase:
        case p.Home() | p.Menu():
            return _menu(terms, state, event)
        case p.Checked():
            return _checked(terms, state, phase, event)
        case p.Met():
            return fraud_scenes.on_event(state, event, home)
        case p.Notice():
            return menu(state) if _pressed(event) in ("notice.ok", "nav.back") else (state, NO_EFFECTS)
        case p.Listing() | p.SimShown() | p.Olds():
            return on_list(terms, state, phase, event)
        case p.Done() | p.FirstSms() | p.Refused():
            return on_told(terms, state, phase, event)
        case p.Waiting():
            return state, NO_EFFECTS
        case _:
            return on_new(terms, state, phase, event)


def _pressed(event: AnyEvent) -> str:
    return event.key if isinstance(event, Tapped) else ""


def _menu(terms: Terms, state: State, event: AnyEvent) -> Step:
    name = _pressed(event)
    if name == "nav.back" and isinstance(state.phase, p.Menu):
        return tiles(state)
    errand = ERRANDS.get(name)
    if errand is None:
        return state, NO_EFFECTS
    return proceed(terms, state) if errand == "new" else enter_phase(state, p.Ident(errand))


def _checked(terms: Terms, state: State, phase: p.Checked, event: AnyEvent) -> Step:
    now = face_check.after_event(phase.face, event)
    if now is None:
        return menu(state)
    if now is phase.face:
        return state, NO_EFFECTS
    match now.verdict:
        case "passed":
            return continue_after_face(terms, with_draft(state, faced=True), phase.errand)
        case "failed":
            return enter_phase(state, p.Notice("face"))
        case _:
            return enter_phase(state, msgspec.structs.replace(phase, face=now))
