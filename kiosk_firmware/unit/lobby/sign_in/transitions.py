"""Coming in, step by step: from a typed number to pictures, through the first touches, to home."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.pages import Key
from kiosk_firmware.unit.lobby.phases.sign_in import (
    CODE,
    ROUNDS,
    AnyComingPhase,
    AnyComingRequest,
    ForgetPictures,
    KeepOwn,
    Own,
    Picked,
    PickPicture,
    Pictures,
    Skilled,
    Speaking,
    Suiting,
    Touching,
    Unlike,
    Unproved,
)

Turned = tuple[Any, tuple[AnyComingRequest, ...]]
"""The phase that follows, or the name of one of the lobby's own ("sign-in", "home", "attract", "without", "touched"),
and what is asked.
"""


def take_event(phase: Any, event: Any) -> Any:
    """Return the phase after the app told something about the pictures; the same where it is not about this page."""
    if not isinstance(phase, Pictures):
        return phase
    match event:
        case Picked(count=count):
            return msgspec.structs.replace(phase, picked=count)
        case Unlike(ask=ask):
            return Pictures(phase.learner, ask, wrong=True)
        case _:
            return Pictures(phase.learner, "repeat")


def take_tap(phase: AnyComingPhase, key: Key, own: Own) -> Turned:
    """Return what a key does."""
    match phase:
        case Pictures():
            return _picture(phase, key)
        case Unproved():
            return "sign-in", ()
        case Touching():
            return _touch(phase, key.name)
        case Suiting():
            return _suit(phase, key.name, own)
        case Skilled():
            return Suiting(), ()
        case Speaking(back=back):
            return (Suiting() if back == "own" else back), ()


def _picture(phase: Pictures, key: Key) -> Turned:
    if key.name == "pictures.back":
        return "sign-in", (ForgetPictures(),)
    if key.name == "pictures.later":
        return "without", (ForgetPictures(),)
    if phase.picked >= CODE:
        return phase, ()  # they are being looked at
    return phase, (PickPicture(phase.learner, phase.ask, key.value),)


def _touch(phase: Touching, name: str) -> Turned:
    """Take a touch; only the key itself leads on."""
    if name == "touch.press" and phase.at + 1 < ROUNDS:
        return msgspec.structs.replace(phase, at=phase.at + 1), ()
    return "touched", ()


def _suit(phase: Suiting, name: str, own: Own) -> Turned:
    if name == "own.back":
        return "home", ()
    if name == "own.touch":
        return Touching(again=True), ()
    if name == "own.skills":
        return Skilled(), ()
    setting = name.removeprefix("own.")
    if setting not in ("steady", "hold", "voice"):
        return phase, ()
    return phase, (KeepOwn(msgspec.structs.replace(own, **{setting: not getattr(own, setting)})),)
