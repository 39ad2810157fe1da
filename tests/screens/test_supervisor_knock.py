"""The supervisor's knock: five seconds in one corner, then two touches; nothing else opens the door."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.phases.lobby import Lobby
from kiosk_firmware.unit.lobby.view import view
from screens.display.supervisor_gesture import HOLD_MS, NEXT_MS, SupervisorGesture, corner

STEPS = st.lists(st.tuples(st.sampled_from(["left", "right", ""]), st.integers(0, 7000), st.integers(0, 5000)))


def made(steps):
    """Play (where, held ms, pause ms); at which steps the door was opened."""
    knock, now, opened = SupervisorGesture(), 0, []
    for at, (where, held, pause) in enumerate(steps):
        knock.down(at, where, now)
        now += held
        if knock.up(at, where, now):
            opened.append(at)
        now += pause
    return opened


def test_the_knock_opens():
    assert made([("left", HOLD_MS, 500), ("right", 80, 500), ("left", 80, 0)]) == [2]


@given(STEPS)
def test_nothing_else_opens(steps):
    """Whatever happened before, the door opens exactly behind hold, right, left, each in time."""
    for at in made(steps):
        (first, held, one), (second, short, two), (third, _, _) = steps[at - 2 : at + 1]
        assert (first, second, third) == ("left", "right", "left")
        assert held >= HOLD_MS
        assert one <= NEXT_MS
        assert two <= NEXT_MS
        assert short >= 0


def test_corners():
    assert [corner(*at) for at in ((5, 5), (1275, 5), (640, 5), (5, 400), (-1, 5), (5, 795))] == [
        "left",
        "right",
        "",
        "",
        "",
        "",
    ]


@pytest.mark.glass
def test_a_finger_that_slides_away_is_no_knock(glass: Any) -> None:
    opened = []
    glass.stage._on_knock = lambda: opened.append(1)
    glass.show(view(Lobby()), Words(partial=True), "zh", glass.stage.look)

    def touch(down: tuple[float, float], held: int, up: tuple[float, float] | None = None) -> None:
        finger = SimpleNamespace(uid=1, x=down[0], y=800 - down[1], grab_current=glass.stage, button="left")
        finger.grab = finger.ungrab = lambda _: None
        glass.stage.on_touch_down(finger)
        glass.now_ms += held
        finger.x, finger.y = (up or down)[0], 800 - (up or down)[1]
        glass.stage.on_touch_up(finger)

    for slid in ((300, 5), None):
        touch((5, 5), HOLD_MS, slid)
        touch((1275, 5), 80)
        touch((5, 5), 80)
        assert opened == [] if slid else [1]
