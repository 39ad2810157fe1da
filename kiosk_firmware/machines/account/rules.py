"""The account's rules: how one comes in, how one shows that it is one's own, and the new number and password.

The code goes to the number that the account hangs on. Where that number is somebody else's now, the code would go to a
stranger: the app says so and shows the other ways. Every way but a code ends in a waiting time.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired, Typed
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked, RecoverAsked
from kiosk_firmware.core.persona import Sms
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.phone import face_check, shell
from kiosk_firmware.machines.account import phases as p
from kiosk_firmware.machines.account.frauds import SCENES
from kiosk_firmware.machines.account.rules_ownership_proof import on_proof
from kiosk_firmware.machines.account.state import APP, State, Step, Terms, ask, enter_phase, home, tiles

TRIES = 2


def update(terms: Terms, state: State, event: AnyEvent) -> Step:
    """Return the next state and the effects. The same state object means that the event changed nothing."""
    if isinstance(event, HostAnswered):
        return _let_fraud_in(*_answered(terms, state, event))
    if not isinstance(event, Tapped | Typed | TimerExpired):
        return state, NO_EFFECTS
    if state.shell.front or (isinstance(event, Tapped) and event.key == "nav.sms"):
        now = shell.after_event(state.shell, event)
        opened = p.Login() if now.where == "app" and isinstance(state.phase, p.Home) else state.phase
        return (state, NO_EFFECTS) if now is state.shell else enter_phase(state, opened, shell=now)
    return _let_fraud_in(*_phase(terms, state, event))


def _phase(terms: Terms, state: State, event: Tapped | Typed | TimerExpired) -> Step:
    phase = state.phase
    if isinstance(event, TimerExpired) and not isinstance(phase, p.Checked | p.Met | p.Waiting):
        return home(state)
    match phase:
        case p.Login():
            return _login(state, event)
        case p.Ways() | p.Question() | p.Friends() | p.Delay():
            return on_proof(terms, state, phase, event)
        case p.Checked():
            return _checked(state, phase, event)
        case p.Number() | p.Code():
            return _typing(terms, state, phase, event)
        case p.Passwords() | p.PasswordTold():
            return _password(terms, state, phase, event)
        case p.Done():
            return home(state) if _pressed(event) == "done.ok" else (state, NO_EFFECTS)
        case p.Notice():
            return (
                enter_phase(state, p.Login()) if _pressed(event) in ("notice.ok", "nav.back") else (state, NO_EFFECTS)
            )
        case p.Met():
            return fraud_scenes.on_event(state, event, home)
        case _:
            return state, NO_EFFECTS


def _pressed(event: AnyEvent) -> str:
    return event.key if isinstance(event, Tapped) else ""


def _login(state: State, event: AnyEvent) -> Step:
    match _pressed(event):
        case "login.code":
            if state.account.recovered:
                return enter_phase(state, p.Notice("in_order"))
            if state.account.number not in state.own:
                return enter_phase(state, p.Notice("stranger"))
            return ask(state, CodeAsked(0, state.account.number))
        case "login.lost":
            return enter_phase(state, p.Notice("in_order") if state.account.recovered else p.Ways())
        case "nav.back":
            return tiles(state)
        case _:
            return state, NO_EFFECTS


def _checked(state: State, phase: p.Checked, event: AnyEvent) -> Step:
    now = face_check.after_event(phase.face, event)
    if now is None:
        return enter_phase(state, p.Ways())
    if now is phase.face:
        return state, NO_EFFECTS
    match now.verdict:
        case "passed":
            return enter_phase(state, p.Delay(), proof="face")
        case "failed":
            return enter_phase(state, p.Notice("face"))
        case _:
            return enter_phase(state, p.Checked(now))


# -- number, code, password --------------------------------------------------------------------------------------------


def _typing(terms: Terms, state: State, phase: p.Number | p.Code, event: AnyEvent) -> Step:
    if isinstance(event, Typed):
        return enter_phase(state, msgspec.structs.replace(phase, typed=event.text))
    match phase, _pressed(event):
        case p.Number(typed=typed), "number.ok":
            return _numbered(state, typed)
        case p.Code(), "code.ok":
            return _coded(terms, state, phase)
        case _, "nav.back":
            return enter_phase(state, p.Login(), proof="", waited=False)
        case _:
            return state, NO_EFFECTS


def _numbered(state: State, typed: str) -> Step:
    if len(typed) != 11 or not typed.isdigit():
        return enter_phase(state, p.Number("", "digits"))
    if typed not in state.own:
        return enter_phase(state, p.Number("", "not_yours"))
    return ask(state, CodeAsked(0, typed))


def _coded(terms: Terms, state: State, phase: p.Code) -> Step:
    if phase.typed == phase.sent:
        proof = state.proof or "code"
        return enter_phase(state, p.Passwords(phase.number), proof=proof)
    wrong = phase.wrong + 1
    if wrong >= terms.rules.tries:
        return enter_phase(state, p.Notice("code_wrong"), proof="", waited=False)
    return enter_phase(state, msgspec.structs.replace(phase, typed="", wrong=wrong))


def _password(terms: Terms, state: State, phase: p.Passwords | p.PasswordTold, event: AnyEvent) -> Step:
    match phase, _pressed(event):
        case p.Passwords(number=number), key if key.startswith("pass."):
            chosen = event.value if isinstance(event, Tapped) else ""
            if chosen != terms.rules.good:
                return enter_phase(state, p.PasswordTold(number, chosen))
            return ask(state, RecoverAsked(1, APP, number, state.proof, state.waited))
        case p.PasswordTold(number=number), "told.ok":
            return enter_phase(state, p.Passwords(number))
        case _, "nav.back":
            return enter_phase(state, p.Login(), proof="", waited=False)
        case _:
            return state, NO_EFFECTS


# -- the service's answers ---------------------------------------------------------------------------------------------


def _answered(terms: Terms, state: State, event: HostAnswered) -> Step:
    """Return what the service says. An answer that was lost is asked for once more."""
    phase = state.phase
    if not isinstance(phase, p.Waiting):
        return state, NO_EFFECTS
    if event.completion != "success" or event.verdict != "ok":
        if phase.ask.id and phase.tries < TRIES:
            return ask(state, phase.ask, phase.tries + 1)
        return enter_phase(state, p.Notice("offline"), proof="", waited=False)
    match event.ask:
        case CodeAsked(number=number, code=code):
            came = shell.receive_message(state.shell, Sms("code", code))
            return enter_phase(state, p.Code(number, code), shell=came)
        case RecoverAsked(number=number):
            account = msgspec.structs.replace(state.account, number=number, recovered=True)
            return enter_phase(state, p.Done(), account=account)
        case _:
            return state, NO_EFFECTS


# -- what is met beside the errand -------------------------------------------------------------------------------------


def _let_fraud_in(state: State, effects: Effects) -> Step:
    """Let a fraud step in where one waits, or where a code came."""
    moment = "delay" if isinstance(state.phase, p.Delay) else "code" if isinstance(state.phase, p.Code) else ""
    return fraud_scenes.stepped_in(state, SCENES, moment, p.Met), effects
