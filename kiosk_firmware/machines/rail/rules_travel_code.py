"""Travel without the ID card: the phone makes a code that stands for it, for a day, and only so often in a month.

The code itself lasts as long as the railway says; its picture is made anew each minute, so that nobody uses a copy.
"""

from __future__ import annotations

from typing import assert_never

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, HostAnswered, Tapped, TimerExpired
from kiosk_firmware.core.hosts.rail import TravelCodeAsked
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.state import State, Step, Terms, ask, enter_phase, leave


def on_no_card(terms: Terms, state: State, phase: p.NoCard, event: AnyEvent) -> Step:
    """Take one event in a phase of this file."""
    match phase:
        case p.Forgot():
            return _forgot(state, phase, event)
        case p.CodeAsking():
            return _answered(state, phase.renewed, event) if isinstance(event, HostAnswered) else (state, NO_EFFECTS)
        case p.CodeShown():
            return _shown(terms, state, phase, event)
        case _:
            assert_never(phase)


def _forgot(state: State, phase: p.Forgot, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="forgot.code"):
            return ask(state, p.CodeAsking(), TravelCodeAsked())
        case Tapped(key="forgot.ok") | TimerExpired():
            return enter_phase(state, phase.back)  # type: ignore[arg-type]
        case _:
            return state, NO_EFFECTS


def _answered(state: State, renewed: int, event: HostAnswered) -> Step:
    if event.completion != "success":
        return enter_phase(state, p.Notice("host_offline"))
    if event.verdict != "ok" or not isinstance(event.ask, TravelCodeAsked):
        return enter_phase(state, p.Notice(event.verdict))
    return enter_phase(state, p.CodeShown(event.ask.until, event.ask.count, renewed))


def _shown(terms: Terms, state: State, phase: p.CodeShown, event: AnyEvent) -> Step:
    match event:
        case Tapped(key="code.renew") | TimerExpired() if phase.renewed < terms.rules.code_renewals:
            return ask(state, p.CodeAsking(phase.renewed + 1), TravelCodeAsked())
        case Tapped(key="code.ok") | TimerExpired():
            return leave(terms, state)
        case _:
            return state, NO_EFFECTS
