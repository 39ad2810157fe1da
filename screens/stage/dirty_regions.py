"""A picture that is brought up to date where it changed, and only there.

What is drawn is first written down as marks: which of Kivy's shapes, in which colour, where, and with what. Two lists
of marks are then compared. A pixel over which the same marks lie in the same order is the same pixel; so the boxes of
the marks that came, went or changed places are all that must be drawn anew, each cut out by a scissor, with whatever
else reaches into it. Nobody has to know what kind of page it is, and the result is the same to the pixel as if
everything were drawn (`tests/screens/test_dirty_regions.py`).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kivy.graphics import ClearBuffers, ClearColor, Color, ScissorPop, ScissorPush

Box = tuple[int, int, int, int]
"""Left, low, right, top in window pixels, Kivy's way up."""
PIECES = 6
"""More places than these are drawn as the one box around them all."""


class DrawnShape(NamedTuple):
    """One of Kivy's shapes: who makes it, its colour, the pixels it can touch, and the words for its maker."""

    make: Callable[..., Any]
    colour: tuple[float, ...]
    box: Box
    how: tuple[tuple[str, Any], ...]


def lay(group: Any, marks: Iterable[DrawnShape]) -> None:
    """Add the marks' shapes to a group of instructions; a colour is set where it changes."""
    colour: tuple[float, ...] | None = None
    for mark in marks:
        if mark.colour != colour:
            group.add(Color(*mark.colour))
            colour = mark.colour
        group.add(mark.make(**dict(mark.how)))


class DirtyRegions:
    """An off-screen frame and the marks that lie on it."""

    def __init__(self, frame: Any) -> None:
        """Take `frame`: Kivy's Fbo, which nobody else draws to."""
        self._frame = frame
        self._whole: Box = (0, 0, *frame.size)
        self._drawn: list[DrawnShape] | None = None
        self._lying: list[DrawnShape] | None = None
        self._coming: list[DrawnShape] = []
        frame.add_reload_observer(lambda _: self.renew())

    def begin(self) -> None:
        """Begin anew: what is taken from here on is all that shall lie there."""
        self._coming = []

    def take(self, mark: DrawnShape) -> None:
        """Take one mark more, above those before."""
        self._coming.append(mark)

    def end(self) -> None:
        """Draw what is other than in the frame, in its next turn. Marks that were never drawn before others came are
        not in it.
        """
        if not self._frame.needs_redraw:
            self._drawn = self._lying
        self._lying = self._coming
        places = [self._whole] if self._drawn is None else damage(self._drawn, self._lying, self._whole)
        if places or self._frame.needs_redraw:
            self._frame.clear()
        for place in places:
            self._draw(place, self._lying)

    def renew(self) -> None:
        """Draw all of it anew: the frame has lost what it held, as when the graphics context was made again."""
        self._drawn = None
        if self._lying is not None:
            self._frame.clear()
            self._draw(self._whole, self._lying)

    def _draw(self, place: Box, marks: Sequence[DrawnShape]) -> None:
        left, low, right, top = place
        cut = place != self._whole
        if cut:
            self._frame.add(ScissorPush(x=left, y=low, width=right - left, height=top - low))
        self._frame.add(ClearColor(0, 0, 0, 1))
        self._frame.add(ClearBuffers())
        lay(self._frame, (mark for mark in marks if meet(mark.box, place)))
        if cut:
            self._frame.add(ScissorPop())


def damage(before: Sequence[DrawnShape], after: Sequence[DrawnShape], whole: Box) -> list[Box]:
    """Return boxes that cover each pixel over which other marks lie than before, or in another order."""
    boxes = (clip_box(mark.box, whole) for mark in changed_marks(before, after))
    places = join_boxes(box for box in boxes if box[0] < box[2] and box[1] < box[3])
    return places if len(places) <= PIECES else [around(places)]


def changed_marks(before: Sequence[DrawnShape], after: Sequence[DrawnShape]) -> Iterator[DrawnShape]:
    """Yield the marks that have no partner on the other side; partners stand in the same order on both."""
    places: dict[DrawnShape, deque[int]] = defaultdict(deque)
    for at, mark in enumerate(before):
        places[mark].append(at)
    last, kept = -1, set()
    for mark in after:
        known = places.get(mark)
        while known and known[0] <= last:
            known.popleft()
        if known:
            last = known.popleft()
            kept.add(last)
        else:
            yield mark
    yield from (mark for at, mark in enumerate(before) if at not in kept)


def join_boxes(boxes: Iterable[Box]) -> list[Box]:
    """Join boxes that meet into one, until none meet."""
    found: list[Box] = []
    for box in sorted(set(boxes), key=area, reverse=True):  # the large ones swallow most of the small ones
        if any(holds(other, box) for other in found):
            continue
        while touching := [other for other in found if meet(other, box)]:
            found = [other for other in found if other not in touching]
            box = around([box, *touching])
        found.append(box)
    return found


def area(box: Box) -> int:
    """Return its pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def meet(one: Box, other: Box) -> bool:
    """Return whether two boxes share a pixel."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def holds(one: Box, other: Box) -> bool:
    """Return whether one box holds all of another."""
    return one[0] <= other[0] and one[1] <= other[1] and one[2] >= other[2] and one[3] >= other[3]


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds them all."""
    lefts, lows, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(lows), max(rights), max(tops)


def clip_box(box: Box, whole: Box) -> Box:
    """Return what of a box lies within another."""
    return max(box[0], whole[0]), max(box[1], whole[1]), min(box[2], whole[2]), min(box[3], whole[3])
