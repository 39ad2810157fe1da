"""A hand that shows how a key is pressed: it comes, presses, lifts, rests, and begins again, until a finger touches the
glass; after a while without one it comes back.

It is drawn once and only moved; where nothing moves, nothing is drawn. With `still` it stands on the key and does not
move.
"""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.graphics import InstructionGroup, PopMatrix, PushMatrix, Rotate, Scale, Translate

from screens.stage.painter import Painter, Rect
from screens.text.text_textures import TextTextures

COMES_MS, PRESSES_MS, LIFTS_MS, RESTS_MS = 600, 500, 400, 1000
AROUND_MS = COMES_MS + PRESSES_MS + LIFTS_MS + RESTS_MS
BACK_S = 6.0
"""So long after the last touch it comes again."""
FRAME_S = 1 / 30
AWAY = 300.0
"""Logical pixels from the key, to the right and a little down, from where it comes: never over the strip."""
SIZE = 0.6
"""Of the drawing."""
SKIN, CREASE, NAIL, SLEEVE, CUFF = "#E5B088", "#B87F55", "#F6DCC8", "#4A5F78", "#41526A"
RINGS = ("#AB8F45", "#CFC09A")


def hand_distance(at_ms: int) -> float:
    """Return how far the hand is from the key at that moment of its round, in logical pixels; 0: it presses."""
    at = at_ms % AROUND_MS
    if at < COMES_MS:
        return AWAY * (1 - at / COMES_MS) ** 2
    lifted = at - COMES_MS - PRESSES_MS
    return 0.0 if lifted < 0 else AWAY * 0.35 * min(1.0, lifted / LIFTS_MS)


class Hand:
    """The hand above the page. `frame_high` is the glass's height, `asked` draws a frame."""

    def __init__(self, letters: TextTextures, high: float, asked: Any, still: bool = False) -> None:
        """Set up the hand, not shown yet."""
        self.group, self._rings = InstructionGroup(), InstructionGroup()
        self._letters, self._high, self._asked, self._still = letters, high, asked, still
        self._key: Rect | None = None
        self._move: Translate | None = None
        self._at_ms = 0.0
        self._beats: Any = None
        self._comes: Any = None

    @property
    def moves(self) -> bool:
        """Return whether it is on its way now."""
        return self._beats is not None

    def show(self, key: Rect | None) -> None:
        """Point at this key; the same again goes on, another begins anew, None takes the hand away."""
        if key == self._key:
            return
        self._key = key
        self._stop()
        if key is not None:
            self._begin()

    def touched(self) -> None:
        """Hide the hand while a finger is on the glass; it comes again later."""
        if self._key is not None:
            self._stop()
            self._comes = Clock.schedule_once(lambda _: self._begin(), BACK_S)

    def missed(self) -> None:
        """Show the key once more, at once: the finger was beside it."""
        if self._key is not None:
            self._stop()
            self._begin()

    def _stop(self) -> None:
        for event in (self._beats, self._comes):
            if event is not None:
                event.cancel()
        self._beats = self._comes = self._move = None
        self.group.clear()
        self._asked()

    def _begin(self) -> None:
        assert self._key is not None  # `show` has named one
        self._stop()
        x, y = self._key.centre
        scale = self._letters.scale
        self._move = Translate(0, 0)
        for part in (
            self._rings,
            PushMatrix(),
            self._move,
            Translate(x * scale, (self._high - y) * scale),
            Rotate(angle=14, axis=(0, 0, 1)),
            Scale(SIZE, SIZE, 1),
            self._drawn(),
            PopMatrix(),
        ):
            self.group.add(part)
        self._at_ms = float(COMES_MS if self._still else 0)
        self._place()
        if not self._still:
            self._beats = Clock.schedule_interval(self._beat, FRAME_S)

    def _beat(self, passed_s: float) -> None:
        self._at_ms += passed_s * 1000
        self._place()

    def _place(self) -> None:
        if self._move is None or self._key is None:
            return
        far = hand_distance(int(self._at_ms))
        self._move.x, self._move.y = far * self._letters.scale, -0.2 * far * self._letters.scale
        self._rings.clear()
        if far == 0:
            painter, (x, y) = Painter(self._rings, self._letters, self._high), self._key.centre
            for at, colour in enumerate(RINGS, 1):
                painter.arc(x, y, self._key.w / 2 + 24 * at, (0, 360), colour, 9)
        self._asked()

    def _drawn(self) -> InstructionGroup:
        """Draw the hand itself, its fingertip at the origin, which lies at the glass's lower left corner here."""
        group = InstructionGroup()
        pen, low = Painter(group, self._letters, self._high), self._high
        pen.box(Rect(-52, low + 282, 140, 160), 10, SLEEVE)
        pen.fill(Rect(-52, low + 282, 140, 18), CUFF)
        pen.box(Rect(-60, low + 126, 152, 176), 58, SKIN)
        pen.box(Rect(-96, low + 150, 92, 54), 27, SKIN)
        for at in range(3):
            pen.box(Rect(20 + at * 34, low + 112 + at * 10, 42, 90), 21, SKIN)
            pen.box(Rect(20 + at * 34, low + 132 + at * 10, 4, 44), 2, CREASE)
        pen.box(Rect(-23, low - 22, 46, 200), 23, SKIN)
        pen.box(Rect(-15, low - 16, 30, 36), 13, NAIL)
        return group
