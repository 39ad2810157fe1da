"""The one hand that draws: simple shapes and texts in logical pixels, (0, 0) at the top left, as the looks are drawn.

A `Painter` adds Kivy instructions to a group, or marks to a sheet that draws only what changed, and
notes what it placed: every text with its size and box, every key with its target. The notes are what the layout tests
measure, so what is checked is what is drawn. Kivy's own origin is at the bottom and in window pixels; nothing outside
this file knows that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import ceil, floor
from typing import Any, Literal

import msgspec
from kivy.graphics import BorderImage, Ellipse, Line, Rectangle, SmoothLine

from screens.pictures import atlas
from screens.stage import shapes
from screens.stage.corner_masks import corner, shade
from screens.stage.dirty_regions import DirtyRegions, DrawnShape, lay
from screens.stage.skin import rgba
from screens.text.line_breaking import is_han
from screens.text.text_textures import ACT_MIN, READ_MIN, TALL_GAP, FittedText, TextTextures, tall

Points = Sequence[tuple[float, float]]
Use = Literal["act", "read", "print"]
"""What a text is for: needed to act, other reading, or the imitation of small print."""
Align = Literal["left", "centre", "right"]
RIM = 2.5
"""How far in pixels the smooth rim of a line may reach beyond its width."""
LEAST: dict[str, int] = {"act": ACT_MIN, "read": READ_MIN, "print": 16}


class Rect(msgspec.Struct, frozen=True):
    """A box in logical pixels from the top left."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The x just past its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The y just below its lower edge."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    def holds(self, x: float, y: float, margin: float = 0) -> bool:
        """Return whether a point lies in it, or within `margin` of it."""
        return self.x - margin <= x < self.right + margin and self.y - margin <= y < self.bottom + margin

    def grown(self, by: float) -> Rect:
        """Return the same box, larger by `by` on every side (smaller where negative)."""
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)


class PlacedItem(msgspec.Struct, frozen=True):
    """A note of something drawn: a text (with the box it was given in `within`), a picture or a key's target."""

    kind: Literal["text", "key", "border", "picture"]
    rect: Rect
    within: Rect
    text: str = ""
    lines: tuple[str, ...] = ()
    size: int = 0
    bold: bool = False
    use: Use = "read"
    colour: str = ""
    fits: bool = True
    private: bool = False
    role: str = ""


def plain_quotes(text: str) -> str:
    """Return a text without Chinese with straight quotation marks: the face draws the curved ones as wide as a
    character.
    """
    return text if any(is_han(char) for char in text) else text.translate(_STRAIGHT)


_STRAIGHT = str.maketrans("“”‘’", "\"\"''")


class Painter:
    """Draws into one group, or onto a sheet; see the file's head. `high` is the logical height of the whole surface."""

    def __init__(
        self, group: Any, letters: TextTextures, high: float = 800, notes: list[PlacedItem] | None = None
    ) -> None:
        """Take `group`: of Kivy's instructions, or a `DirtyRegions`. `notes` collects what was placed; None
        keeps none.
        """
        self.group = group
        self.letters = letters
        self.high = high
        self.notes = notes if notes is not None else []
        self.private = False
        self._on_sheet = isinstance(group, DirtyRegions)
        self._take = group.take if isinstance(group, DirtyRegions) else lambda mark: lay(group, (mark,))

    # -- shapes --------------------------------------------------------------------------------------------------------

    def ground(self, rect: Rect, colours: Sequence[str], shading: str) -> None:
        """Fill a box flat, or shaded between two colours."""
        if shading == "flat":
            self.fill(rect, colours[0])
            return
        first, last = (rgba(colour)[:3] for colour in colours)
        self._placed(Rectangle, "#FFFFFF", rect, texture=shade(first, last, shading))

    def fill(self, rect: Rect, colour: str) -> None:
        """Draw a plain box."""
        if self._clears(colour):
            self._placed(shapes.plain, colour, rect, colour=rgba(colour))
        else:
            self._placed(Rectangle, colour, rect)

    def box(self, rect: Rect, radius: float, colour: str = "", border: str = "", thick: float = 2) -> None:
        """Draw a rounded box, its ground, its border, or both; an empty colour leaves that part out."""
        for part, width in ((colour, 0), (border, max(1, round(thick * self.letters.scale)))):
            if not part:
                continue
            size = self._place(rect)["size"]
            corners = int(max(width + 1, min(round(radius * self.letters.scale), *(n // 2 for n in size))))
            texture = corner(corners, width)
            if width and self._on_sheet:
                self._placed(shapes.ring, part, rect, texture=texture, corners=corners, width=width)
            elif self._clears(part):
                self._placed(shapes.draw_rounded_box, part, rect, colour=rgba(part), texture=texture, corners=corners)
            else:
                self._placed(BorderImage, part, rect, texture=texture, border=(corners,) * 4)

    def _clears(self, colour: str) -> bool:
        """Return whether a plain ground can be cleared instead of painted."""
        return self._on_sheet and rgba(colour)[3] == 1

    def film(self, rect: Rect, texture: Any) -> None:
        """Draw a picture that somebody else fills, stretched over a box."""
        self._placed(Rectangle, "#FFFFFF", rect, texture=texture)

    def picture(self, name: str, rect: Rect, ink: str = "#FFFFFF") -> None:
        """Draw a picture of the atlas, as large as the box holds it; `ink` tints one that is of lines. One that is not
        there leaves its place empty.
        """
        high = min(rect.h, rect.w / atlas.shape(name))
        place = atlas.region(name, high * self.letters.scale)
        if place is None:
            return
        wide = high * place.w / place.h
        box = Rect(rect.x + (rect.w - wide) / 2, rect.y + (rect.h - high) / 2, wide, high)
        self._placed(Rectangle, ink, box, texture=atlas.texture(place))
        self.notes.append(PlacedItem("picture", box, rect, name))

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Draw a filled circle."""
        rect = Rect(x - radius, y - radius, 2 * radius, 2 * radius)
        if radius <= 60:
            self.box(rect, radius, colour)
        else:
            self._placed(Ellipse, colour, rect, segments=96)

    def line(self, points: Points, colour: str, thick: float = 3, closed: bool = False) -> None:
        """Draw a smooth polyline with round joints."""
        flat = self._flat(points)
        width = thick * self.letters.scale / 2
        how = {"points": flat, "width": width, "close": closed, "joint": "round", "cap": "round"}
        self._mark(SmoothLine, colour, flat, (width + RIM) * shapes.spike(flat, closed), how)

    def arc(self, x: float, y: float, radius: float, turn: tuple[float, float], colour: str, thick: float = 3) -> None:
        """Draw part of a circle's rim; degrees clockwise from the top."""
        scale = self.letters.scale
        (cx, cy), width = self._point(x, y), thick * scale / 2
        how = {"circle": (cx, cy, radius * scale, *turn), "width": width, "cap": "round"}
        self._mark(SmoothLine, colour, (cx, cy), radius * scale + width + RIM, how)

    def shape(self, points: Points, colour: str) -> None:
        """Draw a filled convex outline (or one that a fan from its first point covers), its rim smoothed."""
        flat = self._flat(points)
        fan = {"corners": flat, "indices": tuple(range(len(points))), "mode": "triangle_fan"}
        self._mark(shapes.mesh, colour, flat, 0, fan)
        rim = {"points": flat, "width": 0.6, "close": True, "joint": "round"}
        self._mark(SmoothLine, colour, flat, RIM * shapes.spike(flat, True), rim)

    def shapes(self, outlines: tuple[Points, ...], colour: str) -> None:
        """Draw many small convex outlines at once, as a pattern has them: one instruction, their rims unsmoothed."""
        flat, indices = _triangles(outlines, self.letters.scale, self.high)
        if flat:
            self._mark(shapes.mesh, colour, flat, 0, {"corners": flat, "indices": indices, "mode": "triangles"})

    def dashes(self, rect: Rect, radius: float, colour: str, thick: float = 3) -> None:
        """Draw a dashed rounded border."""
        place, scale = self._place(rect), self.letters.scale
        (x, y), (w, h), width = place["pos"], place["size"], thick * scale / 2
        outline = (x, y, w, h, radius * scale)
        how = {"rounded_rectangle": outline, "width": width, "dash_length": 10, "dash_offset": 7}
        self._mark(Line, colour, (x, y, x + w, y + h), width + RIM, how)

    # -- text ----------------------------------------------------------------------------------------------------------

    def text(
        self,
        text: str,
        within: Rect,
        size: int,
        colour: str,
        *,
        use: Use = "act",
        least: int = 0,
        bold: bool = False,
        align: Align = "centre",
        most: int = 1,
        top: bool = False,
        gap: float = 1.32,
    ) -> FittedText:
        """Draw text fitted into a box, stepping down to `least` (the rule's minimum for its use), then wrapped."""
        if not text:
            return FittedText((), (), True, size=size)
        text, gap = plain_quotes(text), max(gap, TALL_GAP) if tall(text) else gap
        floor = least or LEAST[use]
        laid = self.letters.fit(text, within.w, max(size, floor), floor, most, bold, within.h, gap)
        step = laid.size * gap
        high = step * (len(laid.lines) - 1) + laid.size
        y = within.y if top else within.y + (within.h - high) / 2
        boxes = []
        for line, wide in zip(laid.lines, laid.widths, strict=True):
            x = {"left": within.x, "centre": within.x + (within.w - wide) / 2, "right": within.right - wide}[align]
            self._line_of_text(line, x, y, laid.size, colour)
            boxes.append(Rect(x, y, wide, laid.size))
            y += step
        self._note_text(text, within, laid, boxes, colour, use, bold)
        return laid

    def _line_of_text(self, line: Any, x: float, y: float, size: int, colour: str) -> None:
        """Draw one line whose em box has its top at y."""
        for run in line:
            for texture, up in self.letters.textures(run.text, size, run.bold):
                wide, high = texture.size
                scale = self.letters.scale
                left, low = self._place(Rect(x, y - up, wide / scale, high / scale))["pos"]
                how = {"texture": texture, "pos": (left, low), "size": (wide, high)}
                self._mark(Rectangle, colour, (left, low, left + wide, low + high), 0, how)
            x += self.letters.width(run.text, size, run.bold)

    def _note_text(
        self, text: str, within: Rect, laid: FittedText, boxes: list[Rect], colour: str, use: Use, bold: bool
    ) -> None:
        x, right = min(box.x for box in boxes), max(box.right for box in boxes)
        rect = Rect(x, boxes[0].y, right - x, boxes[-1].bottom - boxes[0].y)
        fits = laid.fits and rect.h <= within.h + 1
        lines = tuple("".join(run.text for run in line) for line in laid.lines)
        self.notes.append(
            PlacedItem("text", rect, within, text, lines, laid.size, bold, use, colour, fits, self.private)
        )

    # -- coordinates ---------------------------------------------------------------------------------------------------

    def _placed(self, make: Callable[..., Any], tint: str, rect: Rect, **how: Any) -> None:
        """Mark a shape that fills a box."""
        place = self._place(rect)
        (left, low), (wide, high) = place["pos"], place["size"]
        self._mark(make, tint, (left, low, left + wide, low + high), 0, {**how, **place})

    def _mark(
        self, make: Callable[..., Any], colour: str, flat: Sequence[float], width: float, how: Mapping[str, Any]
    ) -> None:
        """Mark a shape that reaches at most `width` beyond the points `flat` (x, y, x, y … in window pixels)."""
        xs, ys, rim = flat[::2], flat[1::2], width + 1
        box = (floor(min(xs) - rim), floor(min(ys) - rim), ceil(max(xs) + rim), ceil(max(ys) + rim))
        self._take(DrawnShape(make, rgba(colour), box, tuple(how.items())))

    def _flat(self, points: Points) -> tuple[float, ...]:
        return tuple(n for x, y in points for n in self._point(x, y))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        scale = self.letters.scale
        return x * scale, (self.high - y) * scale

    def _place(self, rect: Rect) -> dict[str, tuple[int, int]]:
        """Return Kivy's pos and size, on whole window pixels so that edges stay sharp."""
        scale = self.letters.scale
        left, right = round(rect.x * scale), round(rect.right * scale)
        low, top = round((self.high - rect.bottom) * scale), round((self.high - rect.y) * scale)
        return {"pos": (left, low), "size": (max(1, right - left), max(1, top - low))}


@lru_cache(maxsize=128)
def _triangles(outlines: tuple[Points, ...], scale: float, high: float) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return corners in window pixels, x, y, x, y …, and which three make a triangle each."""
    flat: list[float] = []
    indices: list[int] = []
    for outline in outlines:
        first = len(flat) // 2
        for x, y in outline:
            flat += (x * scale, (high - y) * scale)
        indices += [n for at in range(1, len(outline) - 1) for n in (first, first + at, first + at + 1)]
    return tuple(flat), tuple(indices)
