"""A talk with a friend: ready words, one's own, a voice message, a picture, a call; and what is done with who is none.

One's own words stand on the page while they are typed; what is asked is only that something was sent. Nothing is
recorded and nobody is called: the friend answers by rules.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.core.hosts.social import GuardAsked, SayAsked
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import State, Step, ask, enter_phase, front

IDENT = "ident"
"""The picture that one sends nobody."""


def on_chat(state: State, phase: p.Phase, event: AnyEvent) -> Step:
    """Take one event on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Typing):
        return enter_phase(state, p.Typing(phase.friend, event.text))
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Chats(), key if key.startswith("with."):
            return enter_phase(state, p.Chat(event.value))
        case p.Chats(), "nav.back":
            return front(state)
        case p.Chat(), _:
            return _chat(state, phase, event)
        case p.More(friend=friend), key if key.startswith("more."):
            return enter_phase(state, _further(friend, key))
        case p.Typing(friend=friend, typed=typed), "type.send":
            return (
                ask(state, SayAsked(1, friend, "typed"))
                if typed.strip()
                else enter_phase(state, p.Typing(friend, "", True))
            )
        case p.Voice(friend=friend, on=False), "voice.begin":
            return enter_phase(state, p.Voice(friend, True))
        case p.Voice(friend=friend, on=True), "voice.send":
            return ask(state, SayAsked(1, friend, "voice"))
        case p.Voice(friend=friend, on=True), "voice.away":
            return enter_phase(state, p.Voice(friend))
        case p.Pictures(friend=friend), key if key.startswith("picture."):
            return _picture(state, friend, event.value)
        case p.Call(friend=friend), "call.wave":
            return enter_phase(state, p.Call(friend, True))
        case p.Call(friend=friend), "call.end":
            return enter_phase(state, p.Chat(friend))
        case p.Guard(friend=friend), "guard.report":
            return ask(state, GuardAsked(1, friend, "report"))
        case p.Guard(friend=friend), "guard.block":
            return ask(state, GuardAsked(1, friend, "block"))
        case _, "nav.back":
            return _back(state, phase)
        case _:
            return state, NO_EFFECTS


def _chat(state: State, phase: p.Chat, event: Tapped) -> Step:
    match event.key:
        case key if key.startswith("say."):
            return ask(state, SayAsked(1, phase.friend, "quick", event.value))
        case key if key.startswith("gift."):
            return enter_phase(state, p.Came(next(gift for gift in state.gifts if str(gift.id) == event.value)))
        case "chat.type":
            return enter_phase(state, p.Typing(phase.friend))
        case "chat.more":
            return enter_phase(state, p.More(phase.friend))
        case "nav.back":
            return enter_phase(state, p.Chats())
        case _:
            return state, NO_EFFECTS


def _further(friend: str, key: str) -> p.Phase:
    match key:
        case "more.voice":
            return p.Voice(friend)
        case "more.picture":
            return p.Pictures(friend)
        case "more.call":
            return p.Call(friend)
        case "more.money":
            return p.Money(friend)
        case _:
            return p.Guard(friend)


def _picture(state: State, friend: str, what: str) -> Step:
    if what == IDENT:
        return enter_phase(state, p.Notice("ident", friend))
    return ask(state, SayAsked(1, friend, "picture", what)) if friend else enter_phase(state, p.Who(what))


def _back(state: State, phase: p.Phase) -> Step:
    """Go back out of what is behind a talk into the talk."""
    friend = getattr(phase, "friend", "")
    if isinstance(phase, p.Pictures) and not friend:
        return enter_phase(state, p.Moments())
    return enter_phase(state, p.Chat(friend)) if friend else front(state)
