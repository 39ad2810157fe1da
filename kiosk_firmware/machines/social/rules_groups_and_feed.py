"""Groups, what friends show, and mini-programmes, whose paying is the wallet's part of the phone."""

from __future__ import annotations

from typing import Literal, cast

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, OpenPart
from kiosk_firmware.core.events import AnyEvent, Returned, Tapped, TimerExpired
from kiosk_firmware.core.hosts.social import GroupAct, GroupAsked, LikeAsked, PostAsked
from kiosk_firmware.core.linked_machine_requests import LinkedMachineRequest
from kiosk_firmware.machines.social import phases as p
from kiosk_firmware.machines.social.state import HOST, State, Step, Terms, ask, enter_phase, front

MorePhase = p.Groups | p.Group | p.Moments | p.Who | p.Minis | p.Mini
WALLET = "payment"


def on_more(terms: Terms, state: State, phase: MorePhase, event: AnyEvent) -> Step:
    """Take one event on one of these pages."""
    if not isinstance(event, Tapped):
        return state, NO_EFFECTS
    match phase, event.key:
        case p.Groups(), key if key.startswith("group."):
            return enter_phase(state, p.Group(event.value))
        case p.Group(group=group), "act.join" | "act.leave" | "act.mute":
            return ask(state, GroupAsked(1, group, cast(GroupAct, event.key.removeprefix("act."))))
        case p.Group(), "nav.back":
            return enter_phase(state, p.Groups())
        case p.Moments(), "moments.like":
            return ask(state, LikeAsked(1, event.value))
        case p.Moments(), "moments.post":
            return enter_phase(state, p.Pictures())
        case p.Who(what=what), key if key.startswith("who."):
            return ask(state, PostAsked(1, what, cast(Literal["all", "friends", "me"], event.value)))
        case p.Who(), "nav.back":
            return enter_phase(state, p.Pictures())
        case p.Minis(), key if key.startswith("mini."):
            return enter_phase(state, p.Mini(event.value))
        case p.Mini(mini=mini), "pay.open":
            return _open(terms, state, mini)
        case p.Mini(), "nav.back":
            return enter_phase(state, p.Minis())
        case _, "nav.back":
            return front(state)
        case _:
            return state, NO_EFFECTS


def _open(terms: Terms, state: State, mini: str) -> Step:
    """Open the wallet for what a mini-programme costs."""
    request = LinkedMachineRequest("pay", terms.programme(mini).fen, NAMES[mini][state.language == "en"], mini)
    return enter_phase(state, p.Paying(mini), OpenPart(HOST, "pay", WALLET, request))


NAMES = {"power": ("岷江供电", "Minjiang Power"), "top-up": ("岷江电信", "Minjiang Mobile")}
"""Who is paid in a mini-programme, as the wallet shows it."""


def called_off(state: State, phase: p.Paying, event: AnyEvent) -> Step:
    """Call off a wallet that does not close by itself after a while."""
    if not isinstance(event, TimerExpired) or phase.closing:
        return state, NO_EFFECTS
    return enter_phase(state, p.Paying(phase.mini, True), Cancel(HOST, "pay"))


def after_wallet(state: State, event: Returned) -> Step:
    """Go on after the wallet has closed."""
    if not isinstance(state.phase, p.Paying):
        return state, NO_EFFECTS
    match event.result.verdict:
        case "done":
            return enter_phase(state, p.Notice("mini_paid", fen=event.result.fen))
        case "refused":
            return enter_phase(state, p.Notice("mini_not"))
        case _:
            return enter_phase(state, p.Notice("no_wallet"))
