"""What an event changes is drawn in the turn that takes the event up, however short ago the last frame was."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_firmware.core.strip import Strip
from tests.screens import samples

pytestmark = pytest.mark.glass


def test_an_event_is_on_the_glass_in_its_own_turn(glass: Any) -> None:
    from screens.display.loop import Loop

    look, waiting = samples.looks()["rongjiang"], ["list_short", "pay"]
    glass.show(samples.MACHINE_PAGES["menu"], samples.words(), "zh", look)

    def work() -> None:
        glass.lay(samples.MACHINE_PAGES[waiting.pop()], samples.words(), "zh", look)

    loop = Loop(glass._window, work=work)
    for left in (1, 0):  # the second within a frame's time of the first
        loop.wake()
        assert loop.turn(0.0)
        assert len(waiting) == left
    assert not glass._window.canvas.needs_redraw


def test_what_nobody_asked_for_waits_for_its_frame_and_no_longer(glass: Any) -> None:
    from screens.display.loop import FRAME_S, Loop

    glass.show(samples.MACHINE_PAGES["menu"], samples.words(), "zh", samples.looks()["rongjiang"])
    loop = Loop(glass._window)
    loop.draw()
    glass.stage.strip(Strip("按**取款**。"))
    assert loop._pause() <= FRAME_S
    while glass._window.canvas.needs_redraw:
        loop.turn(loop._pause())
    assert not glass.stage.canvas.needs_redraw
