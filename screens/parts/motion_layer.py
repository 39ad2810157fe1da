"""Move the things of a page's picture above the page: a card into its slot, notes out of theirs, a hand that shows how.

A motion is data (`Motion`): which things there are, where each stands at which moment of a round, how many rounds it
goes, and the moment that it stands at when nothing moves. Things are textures that are drawn once and only moved; what
lies beyond a slot's mouth or the picture's rim is cut off. A motion ends by itself at its still moment, at once when a
finger touches the glass, and does not begin at *steady touch*. Then no clock runs, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from kivy.clock import Clock
from kivy.graphics import Color, Fbo, InstructionGroup, Rectangle

from screens.parts.picture_pen import Pen
from screens.pictures import atlas
from screens.stage.painter import Painter, Rect
from screens.stage.skin import SkinLook
from screens.text.text_textures import TextTextures

FRAME_S = 1 / 14
"""Each frame lays the whole page down anew: so many a second keep a moving page below an eighth of a core without a
graphics processor."""
ROUNDS = 2


class Pose(NamedTuple):
    """A thing's place at a moment of the round, from where it rests, and whether it is there at all."""

    at_ms: int
    dx: float = 0
    dy: float = 0
    shown: bool = True


class Sprite(msgspec.Struct, frozen=True):
    """A thing that moves: a picture of the atlas, or a drawing of its own box; `mouth`: above it nothing is seen, as it
    is in the slot; `turned`: its left edge goes first.
    """

    box: tuple[float, float, float, float]
    poses: tuple[Pose, ...]
    name: str = ""
    draw: Callable[[Pen], None] | None = None
    mouth: float = -1
    turned: bool = False

    def pose(self, at_ms: float) -> Pose:
        """Return where it is then: between two poses on the way from one to the other, slower at both ends."""
        first, last = self.poses[0], self.poses[-1]
        if at_ms <= first.at_ms:
            return first
        for one, other in pairwise(self.poses):
            if at_ms < other.at_ms:
                part = (at_ms - one.at_ms) / (other.at_ms - one.at_ms)
                eased = part * part * (3 - 2 * part)
                x, y = one.dx + (other.dx - one.dx) * eased, one.dy + (other.dy - one.dy) * eased
                return Pose(int(at_ms), x, y, one.shown)
        return last


class Motion(msgspec.Struct, frozen=True):
    """A picture that moves, in a box of `wide` by `high`; see the file's head."""

    sprites: tuple[Sprite, ...]
    ms: int
    still_ms: int
    rounds: int = ROUNDS
    wide: float = 320
    high: float = 320


class MovingPicture(msgspec.Struct, frozen=True):
    """A motion on a page: its place, and in which skin's colours."""

    motion: Motion
    rect: Rect
    look: SkinLook
    card: str = ""


class _Laid(NamedTuple):
    """A sprite on the glass: its texture's corners from the lower left against the clock, and the rectangle."""

    sprite: Sprite
    corners: tuple[tuple[float, float], ...]
    shape: Any


class MotionLayer:
    """The things that move above the page. `high` is the glass's height, `asked` draws a frame."""

    def __init__(self, letters: TextTextures, high: float, asked: Callable[[], None]) -> None:
        """Show nothing yet."""
        self.group = InstructionGroup()
        self._letters, self._high, self._asked = letters, high, asked
        self._key: Hashable = None
        self._shown: MovingPicture | None = None
        self._pen: Pen | None = None
        self._laid: list[_Laid] = []
        self._at_ms = 0.0
        self._still = False
        self._beats: Any = None

    @property
    def moves(self) -> bool:
        """Return whether something is on its way now."""
        return self._beats is not None

    @property
    def shown(self) -> MovingPicture | None:
        """Return the picture whose things lie above the page."""
        return self._shown

    def still(self, on: bool) -> None:
        """Let nothing move at all, or again."""
        self._still = on
        if on:
            self.settle()

    def show(self, key: Hashable, moving: MovingPicture | None) -> None:
        """Begin the motion of a page. The same page again goes on where it is; None ends it."""
        if moving == self._shown and key == self._key:
            return
        is_new, self._key, self._shown = key != self._key or self._shown is None, key, moving
        self._lay()
        if moving is None:
            self._stop()
        elif is_new:
            self.again()
        else:
            self._place()

    def again(self) -> None:
        """Begin once more, from the first moment on."""
        if self._shown is None:
            return
        if self._still or not self._shown.motion.rounds:
            self.settle()
            return
        self._at_ms = 0.0
        self._beats = self._beats or Clock.schedule_interval(self._beat, FRAME_S)
        self._place()

    def settle(self) -> None:
        """Stand still, at the moment that shows most."""
        self._stop()
        if self._shown is not None:
            self._at_ms = float(self._shown.motion.still_ms)
            self._place()

    def _stop(self) -> None:
        if self._beats is not None:
            self._beats.cancel()
            self._beats = None

    def _beat(self, passed_s: float) -> None:
        assert self._shown is not None  # it beats for one
        motion = self._shown.motion
        self._at_ms += passed_s * 1000
        if self._at_ms >= motion.ms * motion.rounds:
            self.settle()
        else:
            self._place()

    # -- on the glass --------------------------------------------------------------------------------------------------

    def _lay(self) -> None:
        """Prepare each thing's texture; one that the atlas has not is left out."""
        self.group.clear()
        self._laid, self._pen = [], None
        if (shown := self._shown) is not None:
            painter = Painter(InstructionGroup(), self._letters, self._high)
            self._pen = Pen(painter, shown.rect, shown.look, shown.card, shown.motion.wide, shown.motion.high)
            self.group.add(Color(1, 1, 1, 1))
            for sprite in shown.motion.sprites:
                self._lay_one(sprite, self._pen.unit * self._letters.scale)
        self._asked()

    def _lay_one(self, sprite: Sprite, pixels: float) -> None:
        texture = self._drawn(sprite) if sprite.draw else self._of_atlas(sprite, pixels)
        if texture is None:
            return
        flat = texture.tex_coords
        corners = tuple(zip(flat[::2], flat[1::2], strict=True))
        shape = Rectangle(texture=texture, size=(0, 0))
        self.group.add(shape)
        self._laid.append(_Laid(sprite, corners[1:] + corners[:1] if sprite.turned else corners, shape))

    def _of_atlas(self, sprite: Sprite, pixels: float) -> Any:
        """Return the atlas's texture for a thing; `pixels` to a unit of the picture."""
        high = min(sprite.box[2:]) if sprite.turned else sprite.box[3]
        place = atlas.region(sprite.name, high * pixels)
        return None if place is None else atlas.texture(place)

    def _drawn(self, sprite: Sprite) -> Any:
        """Draw a thing once, lying as it is drawn, into a texture of its own."""
        assert sprite.draw is not None  # `_lay_one` has looked
        assert self._shown is not None  # what is laid belongs to it
        assert self._pen is not None  # `_lay` has made it
        wide, high = sorted(sprite.box[2:], reverse=True) if sprite.turned else sprite.box[2:]
        unit, scale = self._pen.unit, self._letters.scale
        frame = Fbo(size=(max(1, round(wide * unit * scale)), max(1, round(high * unit * scale))))
        painter = Painter(frame, self._letters, high * unit)
        sprite.draw(Pen(painter, Rect(0, 0, wide * unit, high * unit), self._shown.look, self._shown.card, wide, high))
        frame.draw()
        return frame.texture

    def _place(self) -> None:
        """Put each thing where it is now."""
        if self._shown is None or self._pen is None:
            return
        at_ms = self._at_ms
        if self._beats is not None:
            at_ms %= self._shown.motion.ms
        for one in self._laid:
            self._put(one, self._pen, one.sprite.pose(at_ms))
        self._asked()

    def _put(self, one: _Laid, pen: Pen, pose: Pose) -> None:
        """Lay down what of a thing is seen: below its slot's mouth and within the picture."""
        assert self._shown is not None  # it lies on its picture
        motion, (x, y, wide, high) = self._shown.motion, one.sprite.box
        x, y = x + pose.dx, y + pose.dy
        left, right = max(0.0, x), min(motion.wide, x + wide)
        top, low = max(0.0, one.sprite.mouth, y), min(motion.high, y + high)
        if not pose.shown or left >= right or top >= low:
            one.shape.size = (0, 0)
            return
        rect, scale = pen.rect(left, top, right - left, low - top), self._letters.scale
        one.shape.pos = (round(rect.x * scale), round((self._high - rect.bottom) * scale))
        one.shape.size = (round(rect.w * scale), round(rect.h * scale))
        across, down = ((left - x) / wide, (right - x) / wide), ((y + high - low) / high, (y + high - top) / high)
        one.shape.tex_coords = _part(one.corners, across, down)


def _part(
    corners: tuple[tuple[float, float], ...], across: tuple[float, float], up: tuple[float, float]
) -> list[float]:
    """Return the corners of a part of a texture; shares of its width from the left, of its height from below."""
    (u, v), right, _, top = corners
    found = []
    for x, y in ((across[0], up[0]), (across[1], up[0]), (across[1], up[1]), (across[0], up[1])):
        found += [u + (right[0] - u) * x + (top[0] - u) * y, v + (right[1] - v) * x + (top[1] - v) * y]
    return found
