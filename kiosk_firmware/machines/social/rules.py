"""The messenger's rules, joined: one event in, the next state and the effects out.

The phone's shell hears the glass while it stands in front; the service's answers go to `rules_answer`, registering and
finding friends to `rules_join`, talks to `rules_chat`, money to `rules_money`, the rest to `rules_more`.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Returned, Tapped, TimerExpired, Typed
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.frauds import SCENES
from kiosk_firmware.machines.social.rules_chat import on_chat
from kiosk_firmware.machines.social.rules_groups_and_feed import after_wallet, called_off, on_more
from kiosk_firmware.machines.social.rules_red_packets import on_money, on_pin
from kiosk_firmware.machines.social.rules_registration import on_join
from kiosk_firmware.machines.social.rules_service_answers import after_answer
from kiosk_firmware.machines.social.state import State, Step, Terms, enter_phase, front, home, tiles

Heard = Tapped | Typed | TimerExpired
MOMENTS: dict[type[p.SocialPhase], str] = {
    p.Main: "main",
    p.Chat: "chat",
    p.Groups: "groups",
    p.Moments: "moments",
    p.Call: "call",
}
"""Where a fraud may wait."""
MENU: dict[str, p.Phase] = {
    "menu.chats": p.Chats(),
    "menu.add": p.Add(),
    "menu.moments": p.Moments(),
    "menu.groups": p.Groups(),
    "menu.minis": p.Minis(),
}


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    if isinstance(event, HostAnswered):
        return _let_fraud_in(*after_answer(terms, state, event))
    if isinstance(event, Returned):
        return after_wallet(state, event)
    if isinstance(state.phase, p.Password | p.PinClosing):
        return on_pin(state, state.phase, event)
    if not isinstance(event, Heard):
        return state, NO_EFFECTS
    if state.shell.front or (isinstance(event, Tapped) and event.key == "nav.sms"):
        return _let_fraud_in(*_shell(state, event))
    return _let_fraud_in(*_phase(terms, state, event))


def _shell(state: State, event: Heard) -> Step:
    now = shell.after_event(state.shell, event)
    if now is state.shell:
        return state, NO_EFFECTS
    after = msgspec.structs.replace(state, shell=now)
    return front(after) if now.where == "app" and isinstance(state.phase, p.Home) else (after, NO_EFFECTS)


def _phase(terms: Terms, state: State, event: Heard) -> Step:
    phase = state.phase
    match phase:
        case p.Home() | p.Waiting() | p.Password() | p.PinClosing():
            return state, NO_EFFECTS
        case p.Paying():
            return called_off(state, phase, event)
        case p.Met():
            return fraud_scenes.on_event(state, event, home)
    if isinstance(event, TimerExpired):
        return home(state)
    match phase:
        case p.Main():
            return _main(state, event)
        case p.Notice():
            return _told(state, phase, event)
        case p.Welcome() | p.Number() | p.Code() | p.Vouch() | p.Add() | p.Scan() | p.Found() | p.Request():
            return on_join(terms, state, phase, event)
        case p.Money() | p.Amount() | p.Hours() | p.Confirm() | p.Sent() | p.Came():
            return on_money(terms, state, phase, event)
        case p.Groups() | p.Group() | p.Moments() | p.Who() | p.Minis() | p.Mini():
            return on_more(terms, state, phase, event)
        case _:
            return on_chat(state, phase, event)


def _main(state: State, event: Heard) -> Step:
    name = event.key if isinstance(event, Tapped) else ""
    if name == "nav.back":
        return tiles(state)
    return enter_phase(state, MENU[name]) if name in MENU else (state, NO_EFFECTS)


def _told(state: State, phase: p.Notice, event: Heard) -> Step:
    if not isinstance(event, Tapped) or event.key not in ("notice.ok", "nav.back"):
        return state, NO_EFFECTS
    return enter_phase(state, p.Chat(phase.friend)) if phase.friend else front(state)


# -- what is met beside the errand -------------------------------------------------------------------------------------


def _let_fraud_in(state: State, effects: Effects) -> Step:
    """Let a fraud step in that waits on one of the pages."""
    moment = "" if state.shell.front else MOMENTS.get(type(state.phase), "")
    return fraud_scenes.stepped_in(state, SCENES, moment, p.Met), effects
