"""One glass for all tests of the screens: Kivy runs once, offscreen, in a private folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from screens.stage import kivy_boot
from tests.screens.png import save

PICTURES = Path(__file__).resolve().parents[2] / "build" / "pictures"


class Glass:
    """A stage in an offscreen window, with the clock in the test's hand and everything posted kept."""

    def __init__(self, frame: Any = None) -> None:
        from kivy.base import EventLoop
        from kivy.core.window import Window

        from screens.display.stage import Stage
        from screens.stage.page_canvas import LYING

        self.shape = frame or LYING
        self.now_ms = 10_000
        self.posted: list[Any] = []
        self.strips: list[str] = []
        self.explained: list[Any] = []
        self.digits: list[str] = []
        self.stage = Stage(
            self.posted.append,
            self.strips.append,
            self.explained.append,
            self.digits.append,
            now_ms=lambda: self.now_ms,
            patience_s=0,
            frame=self.shape,
        )
        self.visit = 0
        self._drawn = True
        self._loop, self._window = EventLoop, Window
        Window.add_widget(self.stage)
        EventLoop.start()

    def show(self, page: Any, words: Any, language: str, look: Any, calm: bool = True) -> None:
        """Show a page as a new visit; `calm` waits until it may be touched."""
        self.lay(page, words, language, look)
        self.frame()
        self.now_ms += 1000 if calm else 0

    def lay(self, page: Any, words: Any, language: str, look: Any) -> None:
        """Lay a page out and draw no frame, which is most of the work: for rules that need no pixel."""
        self.visit += 1
        self._drawn = False
        self.stage.show(page, words, language, look, self.visit)

    def frame(self) -> None:
        """Draw one frame."""
        self._drawn = True
        self._loop.idle()
        self.stage.framed()

    @property
    def wants_frame(self) -> bool:
        """Whether the loop would draw a frame now."""
        return bool(self._window.canvas.needs_redraw)

    def picture(self, name: str = "") -> bytes:
        """The glass in full size, kept as an artifact under a name; what moves stands still."""
        self._drawn = self._drawn and not self.stage.motion.moves
        self.stage.motion.settle()
        if not self._drawn or self.wants_frame:
            self.frame()
        rgb = self.stage.pixels(self.shape.wide, self.shape.high)
        if name:
            save(PICTURES / f"{name}.png", rgb, self.shape.wide, self.shape.high)
        return rgb

    def clean(self) -> None:
        """Forget what a test left."""
        from kiosk_firmware.core.strip import Strip

        for kept in (self.posted, self.strips, self.explained, self.digits):
            kept.clear()
        self.stage.strip(Strip())
        self.stage.ring(None)
        self.stage.steady(False)
        self.stage.taps.forget()
        self.now_ms += 10_000


@pytest.fixture(scope="session")
def _glass() -> Glass:
    if "kivy.config" not in sys.modules:
        kivy_boot.prepare(offscreen=True)
    return Glass()


@pytest.fixture(scope="session")
def _upright(_glass: Glass) -> Glass:
    """A second glass in the same window, of a panel that stands upright."""
    from screens.stage.page_canvas import GlassFrame

    return Glass(GlassFrame(*kivy_boot.logical(720, 1280)))


@pytest.fixture
def upright(_upright: Glass) -> Glass:
    """The upright glass, clean."""
    _upright.clean()
    return _upright


@pytest.fixture
def glass(_glass: Glass) -> Glass:
    """The glass, clean."""
    _glass.clean()
    return _glass
