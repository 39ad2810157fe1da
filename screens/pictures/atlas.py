"""Find a picture in the height that is wanted. It is read when it is drawn first, so the first frame waits for none.

`./kiosk setup` makes the pictures, a package carries them (`deploy/generate_pictures.py`). Where they are missing pages
are drawn without pictures: words and keys carry the sense.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kivy.core.image import Image as CoreImage

MADE = Path(__file__).parent / "made"


class Region(NamedTuple):
    """A picture in one height: its file, and its size in pixels. A line has no colour of its own."""

    file: str
    high: int
    w: int
    h: int
    is_line: bool = False


@cache
def regions() -> dict[str, tuple[Region, ...]]:
    """Return all pictures by name, each from its lowest to its highest."""
    path = MADE / "pictures.json"
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: tuple(sorted((Region(*one) for one in rows), key=lambda one: one.high)) for name, rows in found.items()
    }


def region(name: str, high: float) -> Region | None:
    """Return the picture in the height nearest above what is wanted, else in its largest; None where there is none."""
    found = regions().get(name, ())
    return next((one for one in found if one.high >= high - 0.5), found[-1] if found else None)


def shape(name: str) -> float:
    """Return its width for a height of 1; square where it is unknown."""
    found = regions().get(name)
    return found[-1].w / found[-1].h if found else 1.0


def is_line(name: str) -> bool:
    """Return whether the picture has no colour of its own and takes the ink."""
    return any(one.is_line for one in regions().get(name, ()))


KEPT_BYTES = 3 * 2**20
"""So much is held of pictures that no page shows now, those that were wanted last. What a page shows lives with it."""


class TextureCache:
    """The textures that were wanted last, by their bytes."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        """Set up with no picture held."""
        self._most, self._found = most, dict[Region, Any]()

    def get(self, place: Region) -> Any:
        """Return the picture as a texture; read where it is not held."""
        found = self._found.pop(place, None)
        self._found[place] = found = found or _read(place)
        while self.size > self._most and len(self._found) > 1:
            del self._found[next(iter(self._found))]
        return found

    @property
    def size(self) -> int:
        """The bytes of what is held."""
        return sum(4 * one.w * one.h for one in self._found)


def _read(place: Region) -> Any:
    """Upload a picture; what was decoded goes with the image."""
    return CoreImage(str(MADE / place.file), nocache=True).texture


_HELD = TextureCache()


def texture(place: Region) -> Any:
    """Return the picture as a texture, from the store of those in use."""
    return _HELD.get(place)
