"""The cabinet's front panel for the demo, right of the glass: what a real cabinet has and a desk has not.

Every part speaks to the twins' process through their socket, never to the application: a card put in here reaches the
application as bytes on a serial line, like a real one. Acts are sent by a thread of their own, since a twin may take
its time and the glass must not wait; the state comes back by subscription and only then shows.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from kivy.clock import Clock
from kivy.graphics import (
    ClearBuffers,
    ClearColor,
    Color,
    Fbo,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Translate,
)
from kivy.uix.widget import Widget

from hardware.twins.control_client import Subscription, TwinControlClient, TwinsError
from screens.panel.panel_base import PHOTO, PanelCard, PanelId, PersonView, Press, seen_state
from screens.panel.panel_drawing import draw
from screens.panel.practice_phone import CodeScan, look
from screens.stage.kivy_boot import HIGH, PANEL_WIDE, WIDE
from screens.stage.painter import Painter
from screens.text.text_textures import TextTextures

REST_S = 20
"""How long the phone shows what it did."""


class Wire:
    """The twins' socket for a widget: acts go out by a thread, states come in by another."""

    def __init__(self, path: Path, changed: Callable[[dict[str, Any]], None]) -> None:
        """Take `changed(state)`, which is called in a thread of the subscription."""
        self._path = path
        self._acts: queue.Queue[tuple[Callable[[TwinControlClient], None], Callable[[], None]] | None] = queue.Queue()
        self._subscription = Subscription(path, changed)
        self._thread = threading.Thread(target=self._run, name="panel acts", daemon=True)
        self._thread.start()

    def act(self, name: str, arguments: dict[str, Any]) -> None:
        """Send an act; returns at once."""
        self._acts.put((partial(_do, name=name, arguments=arguments), _nothing))

    def pay(self, picture: tuple[bytes, int, int], told: Callable[[CodeScan], None]) -> None:
        """Let the phone look at a picture (RGB, width, height) and pay what it sees; `told` is called in a thread."""
        self._acts.put((partial(_pay, picture=picture, told=told), lambda: told(CodeScan("unreached"))))

    def close(self) -> None:
        """Hang up; twice is fine."""
        self._acts.put(None)
        self._subscription.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        client: TwinControlClient | None = None
        while (item := self._acts.get()) is not None:
            act, failed = item
            try:
                client = client or TwinControlClient(self._path, wait_s=1.0)
                act(client)
            except TwinsError:  # their process is gone or new: the next press connects again
                failed()
                if client is not None:
                    client.close()
                client = None
        if client is not None:
            client.close()


def _do(client: TwinControlClient, name: str, arguments: dict[str, Any]) -> None:
    client.do(name, **arguments)


def _nothing() -> None:
    pass


def _pay(client: TwinControlClient, picture: tuple[bytes, int, int], told: Callable[[CodeScan], None]) -> None:
    shot = look(*picture)
    if shot.word == "order":
        said = client.do("phone_pay", order=shot.order, fen=shot.fen)
        shot = msgspec.structs.replace(shot, word="paid" if said["ok"] else said["error"])
    told(shot)


class Panel(Widget):
    """The widget; 640x800 logical, scaled like the glass beside it."""

    def __init__(
        self,
        socket: Path,
        cards: Sequence[PanelCard],
        language: str = "zh",
        scale: float = 1.0,
        *,
        idents: Sequence[PanelId] = (),
        photo: Callable[[int, int], bytes] | None = None,
        **kwargs: Any,
    ) -> None:
        """Take `socket`, the twins' control socket; `cards`: up to six that can be put in; `idents`: up to three that
        can be laid on the reader; `photo(width, height)`: the glass as the phone's camera sees it, RGB.
        """
        super().__init__(size_hint=(None, None), size=(round(PANEL_WIDE * scale), round(HIGH * scale)), **kwargs)
        self.letters = TextTextures(scale)
        self.cards, self.idents, self.language = tuple(cards), tuple(idents), language
        self.now, self.shot = PersonView(), CodeScan()
        self._photo = photo
        self._rest = Clock.create_trigger(lambda _: self._shown(CodeScan()), REST_S)
        self.presses: list[Press] = []
        self._held: Press | None = None
        self._fbo = Fbo(size=self.size)
        self._live = InstructionGroup()
        self._shift = Translate(*self.pos)
        self.surface = InstructionGroup()
        for part in (Color(1, 1, 1, 1), Rectangle(texture=self._fbo.texture, size=self.size), self._live):
            self.surface.add(part)
        for part in (self._fbo, PushMatrix(), self._shift, self.surface, PopMatrix()):
            self.canvas.add(part)
        self.bind(pos=self._moved)
        self.show(PersonView())
        self._wire = Wire(socket, self._changed)

    def close(self) -> None:
        """Hang up; twice is fine."""
        self._rest.cancel()
        self._wire.close()

    def show(self, now: PersonView) -> None:
        """Draw what is seen now."""
        self.now = now
        self._fbo.clear()
        self._fbo.add(ClearColor(0, 0, 0, 1))
        self._fbo.add(ClearBuffers())
        painter = Painter(self._fbo, self.letters, HIGH)
        self.presses = draw(painter, now, self.cards, self.language, self.idents, self.shot)

    def snap(self) -> None:
        """Let the phone look at the glass and pay; what came of it is drawn when it is known."""
        if self._photo is None:
            return
        self._shown(CodeScan("looking"))
        picture = (self._photo(WIDE, HIGH), WIDE, HIGH)
        self._wire.pay(picture, lambda shot: Clock.schedule_once(lambda _: self._shown(shot)))

    def _shown(self, shot: CodeScan) -> None:
        """Say it for a while; what was paid long ago says nothing of what stands on the glass now."""
        self.shot = shot
        self.show(self.now)
        self._rest.cancel()
        if shot.word not in ("", "looking"):
            self._rest()

    def press_at(self, x: float, y: float) -> Press | None:
        """Return what would be pressed at a logical point of the panel."""
        return next((press for press in self.presses if press.rect.holds(x, y)), None)

    def _changed(self, state: dict[str, Any]) -> None:
        """Draw anew where what is seen has changed, and only in Kivy's thread; called in the subscription's."""
        now = seen_state(state)
        if now != self.now:
            Clock.schedule_once(lambda _: self.show(now))

    def _moved(self, *_: Any) -> None:
        self._shift.x, self._shift.y = self.pos

    def _logical(self, touch: Any) -> tuple[float, float]:
        scale = self.letters.scale
        return (touch.x - self.x) / scale, HIGH - (touch.y - self.y) / scale

    def on_touch_down(self, touch: Any) -> bool:
        """Hold a part."""
        if not self.collide_point(touch.x, touch.y):
            return False
        self._held = self.press_at(*self._logical(touch))
        if self._held is not None:
            touch.grab(self)
            painter = Painter(self._live, self.letters, HIGH)
            painter.box(self._held.rect, 10, "#FFFFFF50", "#FFFFFF", 2)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Let go: the act goes to the twins when the finger is still on the part."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._live.clear()
        held, self._held = self._held, None
        if held is not None and held.rect.holds(*self._logical(touch), margin=6):
            self.do(held)
        return True

    def do(self, press: Press) -> None:
        """Do what a press stands for: acts for the twins, or a look of the phone."""
        if press.act == PHOTO:
            self.snap()
            return
        for act in filter(None, (press.act, press.also)):
            self._wire.act(act, press.args)
