"""Moving pictures on the glass: whom one speaks with, and oneself, laid over the page where its drawing left room.

The page is drawn once and lies still; a film is a picture of its own above it, brought up to date when a newer one is
there, at most `RATE` times a second. Only its texture is filled anew: no page is drawn for it, and a glass without
films costs nothing. Films are private always: `rects` are covered in every picture of the glass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Protocol

import msgspec
from kivy.graphics import Color, InstructionGroup
from kivy.graphics.texture import Texture

from screens.stage.painter import Painter, Rect
from screens.text.text_textures import TextTextures

RATE = 25
"""Pictures a second at most: what a line carries, and what a processor may be asked for beside it."""
RIM = 4
MIRRORED = "self"
"""One looks at oneself as in a mirror."""


class VideoFrame(Protocol):
    """One picture: its number, its size, its RGB bytes from the top."""

    @property
    def count(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def rgb(self) -> bytes: ...


class FrameSource(Protocol):
    """The source of pictures (`kiosk_firmware.visit.wire.shared_frames.Reader` on a unit)."""

    def newer(self, count: int) -> VideoFrame | None:
        """Return the newest picture, unless it is number `count`, or there is none."""


class VideoPlace(msgspec.Struct, frozen=True):
    """The place of a film on a page: which one, and the room for it."""

    name: str
    rect: Rect
    rim: str = ""
    """The colour of a frame around it; empty: none."""


class VideoLayer:
    """The films of one glass."""

    def __init__(self, letters: TextTextures, high: float, changed: Callable[[], object]) -> None:
        """Set up with no film shown. `high`: of the whole surface, logical; `changed`: a frame is wanted."""
        self.group = InstructionGroup()
        self.sources: Mapping[str, FrameSource] = {}
        """By name: "far", "self"."""
        self._letters, self._high, self._changed = letters, high, changed
        self._films: tuple[VideoPlace, ...] = ()
        self._reels: dict[str, _Reel] = {}
        self._turned = 0.0

    @property
    def rects(self) -> list[Rect]:
        """Return where films may be seen now, rims included."""
        return [film.rect.grown(RIM if film.rim else 0) for film in self._films]

    def lay(self, films: Sequence[VideoPlace]) -> None:
        """Lay the films that the page wants; one that stands already goes on in its new place."""
        if tuple(films) == self._films:
            return
        self._films = tuple(films)
        wanted = {film.name for film in films}
        self._reels = {name: reel for name, reel in self._reels.items() if name in wanted}
        self._place()

    def turn(self) -> bool:
        """Show what is newer; whether something was. Call it often."""
        now = perf_counter()
        if not self._films or now - self._turned < 1 / RATE:
            return False
        fresh = [self._follow(film) for film in self._films]
        if any(fresh):
            self._turned = now
            self._changed()  # a texture that is filled anew asks for no frame by itself
        if "new" in fresh:
            self._place()
        return any(fresh)

    def _follow(self, film: VideoPlace) -> str:
        """Fill the film's texture; "new" where it is another one, "" where there is no newer picture."""
        reel, source = self._reels.get(film.name), self.sources.get(film.name)
        picture = source.newer(reel.count if reel else 0) if source else None
        if picture is None:
            return ""
        same = reel is not None and reel.size == (picture.width, picture.height)
        if reel is None or not same:
            reel = self._reels[film.name] = _Reel(picture.width, picture.height, film.name == MIRRORED)
        reel.fill(picture)
        return "old" if same else "new"

    def _place(self) -> None:
        self.group.clear()
        self.group.add(Color(1, 1, 1, 1))
        painter = Painter(self.group, self._letters, self._high)
        for film in self._films:
            if film.name in self._reels:
                reel = self._reels[film.name]
                place = _within(film.rect, *reel.size)
                if film.rim:
                    painter.fill(place.grown(RIM), film.rim)
                painter.film(place, reel.texture)


class _Reel:
    """A texture and the number of the picture on it."""

    def __init__(self, width: int, height: int, mirrored: bool) -> None:
        self.size, self.count = (width, height), 0
        self.texture: Any = Texture.create(size=(width, height), colorfmt="rgb")
        self.texture.flip_vertical()  # rows come from the top
        if mirrored:
            self.texture.flip_horizontal()

    def fill(self, picture: VideoFrame) -> None:
        self.texture.blit_buffer(picture.rgb, colorfmt="rgb", bufferfmt="ubyte")
        self.count = picture.count


def _within(room: Rect, width: int, height: int) -> Rect:
    """Return the largest box of that shape in the middle of the room."""
    scale = min(room.w / width, room.h / height)
    wide, high = width * scale, height * scale
    return Rect(room.x + (room.w - wide) / 2, room.y + (room.h - high) / 2, wide, high)
