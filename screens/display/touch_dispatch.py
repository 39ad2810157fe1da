"""Fingers on the glass: from Kivy's touches to taps on what was drawn, by the rules of `tap_rules.py`.

A base of the stage, which knows what a press means; here is only which key it was. With the setting "hold", a key fills
up under the finger and counts when it is full; keys of their own beside the glass need not be held, as a hand feels
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.uix.widget import Widget

from kiosk_firmware.core.events import AnyEvent, DoubleTapped
from kiosk_firmware.core.pages import Page
from screens.display.supervisor_gesture import SupervisorGesture, corner
from screens.input.tap_rules import HOLD_MS, Taps
from screens.parts.strip import PREFIX
from screens.stage.page_canvas import GlassFrame, TouchTarget
from screens.stage.painter import Painter, Rect
from screens.text.text_textures import TextTextures

GROWS_S = 1 / 30
FILL, RIM = "#F0B400", "#3A2E05"


class TouchDispatch(Widget):
    """See the file's head."""

    frame: GlassFrame
    page: Page | None
    letters: TextTextures
    taps: Taps
    hots: list[TouchTarget]
    _overlay_hots: list[TouchTarget]
    _ring_hot: TouchTarget | None
    _live: Any
    _knock: SupervisorGesture
    _on_knock: Callable[[], None]
    _now_ms: Callable[[], int]
    _post: Callable[[AnyEvent], None]

    def _begin_touch(self) -> None:
        self._lift = Clock.create_trigger(lambda _: self._show_pressed(""), 0)
        self._grow = Clock.create_trigger(self._grown, GROWS_S)
        self._spot = (0.0, 0.0)

    def _tapped(self, hot: TouchTarget) -> None:
        """Handle a tap on a key."""
        raise NotImplementedError

    def _touched(self, x: float, y: float) -> None:
        """Handle a finger that came down where no key is."""
        raise NotImplementedError

    def _felt(self) -> None:
        """Handle a finger that came down anywhere; nothing here."""

    def _painter(self, group: Any) -> Painter:
        raise NotImplementedError

    def on_touch_down(self, touch: Any) -> bool:
        """Pass on a finger that came down; return whether it is ours."""
        self._felt()
        x, y = self._logical(touch)
        button = getattr(touch, "button", None)  # a mouse has one, a touch panel's finger None
        if not (0 <= x < self.frame.wide and 0 <= y < self.frame.high) or button not in (None, "left"):
            return False
        touch.grab(self)
        hot = self._hot_at(x, y)
        self._spot = (x, y)
        self._knock.down(touch.uid, "" if hot else corner(x, y, self.frame.wide), self._now_ms())
        self._down(touch.uid, hot)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Pass on a finger that slid; return whether it is ours."""
        if touch.grab_current is not self:
            return False
        hot = self._find(self.taps.key_of(touch.uid))
        if hot is not None:
            x, y = self._logical(touch)
            self._show_pressed(self.taps.moved(touch.uid, hot.rect.holds(x, y)))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Pass on a finger that went up; return whether it is ours."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        x, y = self._logical(touch)
        self._up(touch.uid, x, y)
        if self._knock.up(touch.uid, corner(x, y, self.frame.wide), self._now_ms()):
            self._on_knock()
        return True

    def side_key(self, index: int) -> None:
        """Press a physical key beside the glass (0-3 left from the top, 4-7 right)."""
        hot = next((hot for hot in self.hots if hot.side == index), None)
        self._down(f"side-{index}", hot, felt=True)
        self._up(f"side-{index}", *(hot.rect.centre if hot else (-1, -1)))

    def tap(self, name: str) -> bool:
        """Press and release a key by name, by the same rules; False when the glass has no such key now."""
        hot = self._find(name)
        if hot is None:
            return False
        self._down("tap", hot, felt=True)
        self._up("tap", *hot.rect.centre)
        return True

    def _logical(self, touch: Any) -> tuple[float, float]:
        scale = self.letters.scale
        return (touch.x - self.x) / scale, self.frame.high - (touch.y - self.y) / scale

    def _live_hots(self) -> list[TouchTarget]:
        return [*self._overlay_hots, *([self._ring_hot] if self._ring_hot else []), *self.hots]

    def _hot_at(self, x: float, y: float) -> TouchTarget | None:
        return next((hot for hot in self._live_hots() if hot.rect.holds(x, y)), None)

    def _find(self, name: str) -> TouchTarget | None:
        return next((hot for hot in self._live_hots() if name and hot.key.name == name), None)

    def _down(self, finger: object, hot: TouchTarget | None, felt: bool = False) -> None:
        """Take a finger that came down; `felt`: a key of its own, which a hand feels; it need not be held."""
        name, now = hot.key.name if hot else "", self._now_ms()
        landed = self.taps.landed(finger, name, now - HOLD_MS * felt, ageless=name.startswith(PREFIX), seen_ms=now)
        if landed.doubled and self.page is not None:
            self._post(DoubleTapped(self.page.step))
        elif hot is None and not felt:
            self._touched(*self._spot)
        self._show_pressed(landed.pressed)

    def _up(self, finger: object, x: float, y: float) -> None:
        name = self.taps.key_of(finger)
        hot = self._find(name)
        inside = hot is not None and hot.rect.holds(x, y)
        tapped = self.taps.lifted(finger, inside, self._now_ms(), ageless=name.startswith(PREFIX))
        if tapped and hot is not None:
            self._lift()  # within this turn, unless the page that follows lets the key stay pressed
            self._tapped(hot)
        else:
            self._show_pressed("")

    def _show_pressed(self, name: str) -> None:
        """Draw the key under a finger: pressed, or filling up until it has been held long enough."""
        self._lift.cancel()
        self._grow.cancel()
        self._live.clear()
        hot = self._find(name)
        if hot is None:
            return
        share = self.taps.share(self._now_ms())
        if share < 1:
            draw_hold_bar(self._painter(self._live), hot.rect, share)
            self._grow()
        else:
            hot.draw(self._painter(self._live), True)

    def _grown(self, _: float) -> None:
        self._show_pressed(self.taps.under)


def draw_hold_bar(painter: Painter, rect: Rect, share: float) -> None:
    """Draw a bar along the key's lower edge: how much of the time it has been held, 0..1."""
    bar = Rect(rect.x + 14, rect.bottom - 26, rect.w - 28, 16)
    painter.box(bar, 8, "#FFFFFF", RIM, 2)
    painter.box(Rect(bar.x, bar.y, max(16.0, bar.w * share), bar.h), 8, FILL, RIM, 2)
