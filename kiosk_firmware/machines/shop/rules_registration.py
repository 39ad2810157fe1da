"""An account: the number, the code that came there, the real name, the address.

The code says whose number it is, so nobody else may ever have it. A new one is sent only after a minute.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.core.hosts.mobile_carrier import CodeAsked
from kiosk_firmware.core.hosts.shop import JoinAsked
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.state import State, Step, Terms, ask, enter_phase, tiles

DIGITS = 11


def on_join(terms: Terms, state: State, phase: p.Joining, event: AnyEvent) -> Step:
    """Take a key or typing on one of these pages."""
    if isinstance(event, Typed) and isinstance(phase, p.Number | p.Code | p.Address):
        return enter_phase(state, msgspec.structs.replace(phase, typed=event.text))
    match phase, event.key if isinstance(event, Tapped) else "":
        case p.Number(typed=typed), "number.ok":
            return _numbered(state, typed)
        case p.Number(), "nav.back":
            return tiles(state)
        case p.Code(), "code.ok":
            return _coded(terms, state, phase)
        case p.Code(), "code.again":
            return enter_phase(state, p.Resend(phase))
        case p.Resend(), "resend.on":
            return ask(state, CodeAsked(0, state.joining))
        case p.Resend(code=code), "nav.back":
            return enter_phase(state, code)
        case p.RealName(), "name.own":
            return enter_phase(state, p.Address() if state.person else p.Notice("no_id"))
        case p.RealName(), "name.other":
            return enter_phase(state, p.Notice("not_yours", phase))
        case p.Address(typed=typed), "address.ok":
            if len(typed) < terms.rules.least_address:
                return enter_phase(state, p.Address("", True))
            return ask(state, JoinAsked(1, state.joining, state.person, typed))
        case _, "nav.back":
            return enter_phase(state, p.Number(), joining="")
        case _:
            return state, NO_EFFECTS


def _numbered(state: State, typed: str) -> Step:
    if len(typed) != DIGITS or not typed.isdigit():
        return enter_phase(state, p.Number("", "digits"))
    if typed not in state.own:
        return enter_phase(state, p.Number("", "not_yours"))
    return ask(msgspec.structs.replace(state, joining=typed), CodeAsked(0, typed))


def _coded(terms: Terms, state: State, phase: p.Code) -> Step:
    if phase.typed == phase.sent:
        return enter_phase(state, p.RealName())
    wrong = phase.wrong + 1
    if wrong >= terms.rules.tries:
        return enter_phase(state, p.Notice("code_wrong"), joining="")
    return enter_phase(state, msgspec.structs.replace(phase, typed="", wrong=wrong))
