"""Finds the drawing of a kind of page: `Menu` is class `Menu` in pages/menu.py, imported when first shown.

A kind without a drawing is an error when it is shown, not a blank page: nobody can act on a blank page.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from screens.stage.page_canvas import PageCanvas
from screens.stage.skin import SkinLook

ELSEWHERE = {"Chat": "Message", "Goods": "Menu", "PhoneHome": "Menu"}
"""How a machine with a look of its own draws what only telephones have."""


class PageDrawing(Protocol):
    """The drawing of one kind of page."""

    def draw(self, scene: PageCanvas) -> None:
        """Draw the scene's page and register its keys."""


def page_drawing(kind: str, look: SkinLook, tall: bool = False) -> PageDrawing:
    """Return the drawing of a kind in a look; a telephone draws all kinds alike, but a cabin needs the whole glass; so
    does a glass that stands upright (`tall`).

    Raises:
        LookupError: the kind has none; names the file that is missing.
    """
    if kind == "Touch":  # has nothing but its key
        return _drawing(kind)
    kind = kind if look.phone or tall else ELSEWHERE.get(kind, kind)
    return _drawing("UprightPanel" if tall else "Phone" if look.phone and kind != "Seats" else kind)


@cache
def _drawing(kind: str) -> PageDrawing:
    """Return the drawing by its class.

    Raises:
        LookupError: the kind has none; names the file that is missing.
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    try:
        module = import_module(f"screens.pages.{name}")
    except ModuleNotFoundError as error:
        raise LookupError(f"no drawing for pages of kind {kind}: screens/pages/{name}.py is missing") from error
    return cast(PageDrawing, getattr(module, kind)())
