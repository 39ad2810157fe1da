"""Find a picture on its sheet. A sheet is read when its first picture is drawn, so the first frame waits for none.

`./kiosk setup` makes the sheets, a package carries them (`deploy/generate_pictures.py`). Where they are missing pages
are drawn without pictures: words and keys carry the sense.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kivy.core.image import Image as CoreImage

SHEETS = Path(__file__).parent / "sheets"
LINES = ("signs", "lessons")
"""Sheets of lines, which have no colour of their own."""


class Region(NamedTuple):
    """The place on a sheet where a picture lies in one height, in pixels from the top left."""

    sheet: str
    high: int
    x: int
    y: int
    w: int
    h: int


@cache
def regions() -> dict[str, tuple[Region, ...]]:
    """All pictures by name, each from its lowest to its highest."""
    path = SHEETS / "sheets.json"
    if not path.is_file():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: tuple(sorted((Region(*one) for one in rows), key=lambda one: one.high)) for name, rows in found.items()
    }


def region(name: str, high: float) -> Region | None:
    """The picture in the height nearest above what is wanted, else in its largest; None where there is none."""
    found = regions().get(name, ())
    return next((one for one in found if one.high >= high - 0.5), found[-1] if found else None)


def shape(name: str) -> float:
    """Its width for a height of 1; square where it is unknown."""
    found = regions().get(name)
    return found[-1].w / found[-1].h if found else 1.0


def is_line(name: str) -> bool:
    """It has no colour of its own and takes the ink."""
    return any(one.sheet in LINES for one in regions().get(name, ()))


def texture(place: Region) -> Any:
    """The picture as a texture."""
    return _sheet(place.sheet)[place]


KEPT = 4
"""So many sheets are held, those that were wanted last: what a run does not show costs it no memory."""


@lru_cache(maxsize=KEPT)
def _sheet(name: str) -> dict[Region, Any]:
    """All textures of a sheet."""
    whole = CoreImage(str(SHEETS / f"{name}.png"), nocache=True).texture
    places = (place for found in regions().values() for place in found if place.sheet == name)
    return {place: whole.get_region(place.x, whole.height - place.y - place.h, place.w, place.h) for place in places}
