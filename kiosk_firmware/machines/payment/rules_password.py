"""The password: its figures stay in the pad's driver, and a till waits no longer than it may.

Whoever does not enter it has paid nothing. Where a till waits, it takes its ask back: at once where its time is over
anyway, else not before the time that it must wait.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS
from kiosk_firmware.core.events import AnyEvent, PinEntered, TimerExpired
from kiosk_firmware.core.hosts.wallet import AT_TILL, UndoAsked
from kiosk_firmware.kits.phone import password
from kiosk_firmware.kits.pin_dialogue import PinEntryState
from kiosk_firmware.machines.payment import phases as p
from kiosk_firmware.machines.payment.state import State, Step, Terms, ask, enter_phase, spend


def begin(terms: Terms, state: State) -> Step:
    """Ask for the password."""
    return enter_phase(state, p.Password(PinEntryState(terms.rules.pin_tries)), *password.ask_password(state.number))


def on_pin(terms: Terms, state: State, phase: p.Password | p.PinClosing, event: AnyEvent) -> Step:
    """Take one event while the pad has the word."""
    if isinstance(phase, p.PinClosing):
        return called_off(state, phase.why) if isinstance(event, PinEntered) else (state, NO_EFFECTS)
    now, effects = password.after_event(phase.pin, state.number, event)
    match now:
        case PinEntryState():
            return (state, NO_EFFECTS) if now is phase.pin else enter_phase(state, p.Password(now), *effects)
        case "right":
            return spend(state, entered=True)
        case "locked":
            return called_off(enter_phase(state, phase, locked=True)[0], "locked")
        case "closing":
            why = "too_slow" if isinstance(event, TimerExpired) else "canceled"
            return enter_phase(state, p.PinClosing(why), *effects)
        case "broken":
            return called_off(state, "no_pad")
        case _:
            return called_off(state, "canceled")


def called_off(state: State, why: str) -> Step:
    """Call the payment off: nothing shall be paid."""
    if state.deal.way not in AT_TILL:
        return enter_phase(state, p.Notice(why))
    if why == "too_slow":
        return ask(state, UndoAsked(0, state.turn))
    return enter_phase(state, p.TillWaits(why))
