"""Handle what the service says, and what is done when it says nothing: asked once more under the same number, then
told.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import HostAnswered
from kiosk_firmware.core.hosts.social import (
    DayAsked,
    EntryCodeAsked,
    FriendAsked,
    GiveAsked,
    GroupAsked,
    GuardAsked,
    JoinAsked,
    LikeAsked,
    MoneyAsk,
    PostAsked,
    SayAsked,
    TakeAsked,
)
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits.ask_numbers import held_after
from kiosk_firmware.kits.phone import shell
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import State, Step, Terms, ask, enter_phase

TRIES = 2
CHANGE = msgspec.structs.replace


def after_answer(terms: Terms, state: State, event: HostAnswered) -> Step:
    """Return the state after the answer."""
    phase = state.phase
    if not isinstance(phase, p.Waiting):
        return state, NO_EFFECTS
    state = CHANGE(state, held=held_after(state.held, event))
    if event.completion != "success":
        return _unanswered(state, phase)
    if event.verdict == "funds":
        return enter_phase(state, p.Notice("funds", state.deal.friend))
    if event.verdict != "ok":
        return enter_phase(state, p.Notice("offline"))
    if isinstance(event.ask, MoneyAsk):
        return _moved(state, event.ask)
    return _done(state, event)


def _unanswered(state: State, phase: p.Waiting) -> Step:
    if phase.ask.id and phase.tries < TRIES:
        return ask(state, phase.ask, phase.tries + 1)
    return enter_phase(state, p.Notice("look_again" if isinstance(phase.ask, MoneyAsk) else "offline"))


def _done(state: State, event: HostAnswered) -> Step:
    match event.ask:
        case EntryCodeAsked(number=number, code=code):
            return enter_phase(state, p.Code(number, code), shell=shell.receive_message(state.shell, Sms("code", code)))
        case JoinAsked(friend=friend):
            return enter_phase(state, p.Notice("joined"), registered=True, friends=_with(state.friends, friend))
        case FriendAsked(friend=friend):
            return enter_phase(state, p.Notice("added"), friends=_with(state.friends, friend))
        case SayAsked(friend=friend, how=how, what=what):
            return enter_phase(state, p.Chat(friend, how, what))
        case GuardAsked(friend=friend, what="block"):
            return enter_phase(state, p.Notice("blocked"), friends=_without(state.friends, friend))
        case GuardAsked(friend=friend):
            return enter_phase(state, p.Notice("reported", friend))
        case GroupAsked():
            return _grouped(state, event.ask)
        case LikeAsked(friend=friend):
            return enter_phase(state, p.Moments(), liked=_with(state.liked, friend))
        case PostAsked():
            return enter_phase(state, p.Notice("posted"))
        case _:
            return state, NO_EFFECTS


def _grouped(state: State, done: GroupAsked) -> Step:
    group = done.group
    match done.what:
        case "join":
            state = CHANGE(state, groups=_with(state.groups, group))
        case "leave":
            state = CHANGE(state, groups=_without(state.groups, group), muted=_without(state.muted, group))
        case _:
            state = CHANGE(state, muted=_with(state.muted, group))
    return enter_phase(state, p.Notice(f"group_{done.what}"))


def _moved(state: State, done: MoneyAsk) -> Step:
    """Note that money was moved; what still lies with the service is known anew."""
    before = state.gifts
    state = CHANGE(state, gifts=done.gifts)
    match done:
        case GiveAsked(taken=taken):
            return enter_phase(state, p.Sent(taken))
        case TakeAsked(gift=id_):
            gift = next(one for one in before if one.id == id_)
            return enter_phase(state, p.Notice("opened", gift.giver, gift.fen))
        case DayAsked(back=back):
            return enter_phase(state, p.Notice("gone_back" if back else "arrived"))


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)
