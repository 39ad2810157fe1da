"""The card's PIN, asked for: what a terminal does with each word of its PIN pad.

`heard` says how the dialogue goes on (a `PinEntryState`: still asking) or how it ended (an `Outcome`); what follows an
end is the machine's own business. The digits stay in the pad's driver. Too many wrong ones end it; so does the way out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.effects import NO_EFFECTS, Cancel, Effects, ReadPin
from kiosk_firmware.core.events import AnyEvent, PinEntered, PinKeyPressed, Tapped, TimerExpired

Outcome = Literal["right", "locked", "broken", "left", "closing"]
"""`locked`: too many wrong ones · `broken`: the pad cannot · `left`: the pad's cancel key, or its time · `closing`: the
pad was asked to stop and will answer."""


class PinEntryState(msgspec.Struct, frozen=True):
    """The state of a PIN entry: `tries` left, `digits` in the pad, `wrong` says that the last one was."""

    tries: int
    digits: int = 0
    wrong: bool = False


def ask_pin(number: str) -> ReadPin:
    """Ask the pad for the PIN of this card."""
    return ReadPin("pin_pad", "pin", number)


def after_event(pin: PinEntryState, number: str, event: AnyEvent, out: str) -> tuple[PinEntryState | Outcome, Effects]:
    """Return the dialogue after `event`; the same object means that nothing was meant by it. `out`: the
    page's way out.
    """
    match event:
        case PinKeyPressed(count=count):
            return PinEntryState(pin.tries, count), NO_EFFECTS
        case PinEntered(verdict="right", completion="success"):
            return "right", NO_EFFECTS
        case PinEntered(verdict="wrong"):
            if pin.tries <= 1:
                return "locked", NO_EFFECTS
            return PinEntryState(pin.tries - 1, 0, True), (ask_pin(number),)
        case PinEntered(verdict="short") | PinEntered(completion="unknown"):
            return PinEntryState(pin.tries, 0, pin.wrong), (ask_pin(number),)
        case PinEntered(completion=completion):
            return ("broken" if completion == "hardwareError" else "left"), NO_EFFECTS
        case Tapped(key=key) if key == out:
            return "closing", (Cancel("pin_pad", "pin"),)
        case TimerExpired():
            return "closing", (Cancel("pin_pad", "pin"),)
        case _:
            return pin, NO_EFFECTS
