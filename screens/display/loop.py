"""The screen's loop: it answers a finger at once and sleeps when nothing happens.

Kivy's own loop sleeps until the next frame is due, then ticks, then polls SDL, and hands a touch on one frame later:
24-32 ms from finger to glass. This loop turns that around: it waits in short steps on a flag that other threads can
set, polls SDL after each step, hands input on at once, and draws right then. A frame is drawn only when the canvas
asks for one, so an idle glass costs the polls alone.

Kivy's clock must not sleep inside its tick: `boot.prepare` sets `maxfps` to 0, and frames are paced here. The loop
uses Kivy's own pieces (`Window.mainloop` polls SDL and hands events on, `EventLoop.dispatch_input` reads the
providers, `Clock.tick` runs what is due) and replaces only the order they are called in and the sleep between.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import perf_counter
from typing import Any

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.lang import Builder

QUICK_S, CALM_S = 0.001, 0.012
"""Between polls: while somebody is using the glass, and otherwise."""
BUSY_S = 2.0
"""How long after an input the quick step lasts: between press and release, and between two keys."""
FRAME_S = 1 / 60
CLOCK_S = 0.05
"""Kivy's clock is ticked at least so often, for its timers."""


class Loop:
    """Runs a window until it is closed or `stop` is called."""

    def __init__(
        self, window: Any, work: Callable[[], object] = lambda: None, framed: Callable[[], object] = lambda: None
    ) -> None:
        """Take `work`, called whenever `wake` was, and after input (it drains the inbox); `framed` after each frame."""
        self._window, self._work, self._framed = window, work, framed
        self.each: Callable[[], object] = lambda: None
        """Called in every turn: what shall show as soon as it is there, and costs next to nothing when it is not."""
        self._wake = Event()
        self._stopped = False
        self._input_at = -BUSY_S
        self._ticked_at = 0.0
        self._drawn_at = 0.0

    def wake(self) -> None:
        """Wake the loop: something waits to be worked on; from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """End the loop; from any thread."""
        self._stopped = True
        self._wake.set()

    def run(self) -> None:
        """Run until stopped; the caller has started nothing yet. Errors in handlers are raised here."""
        runTouchApp(embedded=True)  # makes the input providers and starts the event loop, without running it
        self._input_wanted()
        while not self._done():
            self.turn(self._pause())
        stopTouchApp()

    def turn(self, pause_s: float) -> bool:
        """Wait at most `pause_s`, take what came, draw if something changed; True when a frame was drawn."""
        woken = self._wake.wait(pause_s) if pause_s > 0 else self._wake.is_set()
        if woken:
            self._wake.clear()
        touched = self._take_input()
        self.each()
        now = perf_counter()
        if woken or touched:
            self._work()
        if woken or touched or now - self._ticked_at >= CLOCK_S:
            self._tick(now)
        return self._draw(now, at_once=touched or woken)

    def _done(self) -> bool:
        return bool(self._stopped or EventLoop.quit or EventLoop.status != "started")

    def _pause(self) -> float:
        now = perf_counter()
        step = QUICK_S if now - self._input_at < BUSY_S else CALM_S
        return min(step, max(0.0, self._drawn_at + FRAME_S - now)) if self._window.canvas.needs_redraw else step

    def _input_wanted(self) -> None:
        """Note when the window hears a finger or a key, so that polling quickens."""
        for name in ("on_touch_down", "on_touch_up", "on_key_down"):
            self._window.bind(**{name: self._heard})

    def _heard(self, *_: Any) -> bool:
        self._input_at = perf_counter()
        return False

    def _take_input(self) -> bool:
        before = self._input_at
        self._window.mainloop()
        EventLoop.dispatch_input()
        return self._input_at != before

    def _tick(self, now: float) -> None:
        self._ticked_at = now
        Clock.tick()
        Builder.sync()
        Clock.tick_draw()

    def _draw(self, now: float, at_once: bool) -> bool:
        """Draw when asked to; what neither finger nor event asked for keeps to 60 frames a second."""
        if not self._window.canvas.needs_redraw or not (at_once or now - self._drawn_at >= FRAME_S):
            return False
        self.draw()
        return True

    def draw(self) -> None:
        """Draw a frame now; also before `run`, for a first page that stands while the rest is being loaded."""
        self._drawn_at = perf_counter()
        Builder.sync()
        Clock.tick_draw()
        self._window.dispatch("on_draw")
        self._window.dispatch("on_flip")
        self._framed()
