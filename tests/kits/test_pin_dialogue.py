"""The PIN dialogue: every word of the pad, at every number of tries."""

from __future__ import annotations

import pytest

from kiosk_firmware.core.effects import Cancel, ReadPin
from kiosk_firmware.core.events import Idled, PinEntered, PinKeyPressed, Tapped, TimerExpired
from kiosk_firmware.kits import pin_dialogue

AGAIN = (ReadPin("pin_pad", "pin", "1"),)
STOP = (Cancel("pin_pad", "pin"),)


def entered(verdict: str, completion: str = "success") -> PinEntered:
    return PinEntered("pin_pad", "pin", verdict, completion)


@pytest.mark.parametrize(
    ("tries", "event", "now", "effects"),
    [
        (3, PinKeyPressed("pin_pad", 4), pin_dialogue.PinEntryState(3, 4), ()),
        (3, entered("right"), "right", ()),
        (3, entered("wrong"), pin_dialogue.PinEntryState(2, 0, True), AGAIN),
        (2, entered("wrong"), pin_dialogue.PinEntryState(1, 0, True), AGAIN),
        (1, entered("wrong"), "locked", ()),
        (1, entered("short"), pin_dialogue.PinEntryState(1), AGAIN),
        (2, entered("none", "unknown"), pin_dialogue.PinEntryState(2), AGAIN),
        (2, entered("none", "canceled"), "left", ()),
        (2, entered("none", "timeOut"), "left", ()),
        (2, entered("none", "hardwareError"), "broken", ()),
        (2, Tapped("pin.out", "pin"), "closing", STOP),
        (2, TimerExpired("pin"), "closing", STOP),
    ],
)
def test_each_word_of_the_pad(tries, event, now, effects):
    assert pin_dialogue.after_event(pin_dialogue.PinEntryState(tries), "1", event, "pin.out") == (now, effects)


@pytest.mark.parametrize("event", [Tapped("other", "pin"), Idled()])
def test_what_means_nothing_changes_nothing(event):
    before = pin_dialogue.PinEntryState(2, 3, True)
    now, effects = pin_dialogue.after_event(before, "1", event, "pin.out")
    assert now is before
    assert effects == ()


def test_a_wrong_word_stays_told_while_a_short_one_is_typed():
    assert pin_dialogue.after_event(pin_dialogue.PinEntryState(2, 3, True), "1", entered("short"), "x")[
        0
    ] == pin_dialogue.PinEntryState(2, 0, True)
