"""Hold what a page's drawing is given, and what it leaves behind for touch, overlay and tests.

A drawing gets the page as data, its look, and a `say` that writes a text in the run's language. It draws with the
painter and registers each key it drew as a `TouchTarget`: where it is, how to draw it pressed, and at which side
position, if any. Touch, halo and side keys only know hots, so a page kind needs no code for any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_firmware.core.pages import Key, Page, Text
from screens.input.keyboard_typing import KeyboardTyping
from screens.stage.kivy_boot import HIGH, WIDE
from screens.stage.painter import Painter, PlacedItem, Rect
from screens.stage.skin import SkinLook
from screens.stage.video_layer import VideoPlace

STRIP_HIGH = 104
TALL_STRIP = 200
PAGE = Rect(0, 0, WIDE, HIGH - STRIP_HIGH)
"""The imitated machine; the strip lies below it."""


class GlassFrame(msgspec.Struct, frozen=True):
    """The glass in logical pixels, with the strip at its bottom. One that stands upright is a telephone's: the page has
    all of it, and the strip two rows.
    """

    wide: int = WIDE
    high: int = HIGH

    @property
    def tall(self) -> bool:
        """It stands upright."""
        return self.high > self.wide

    @property
    def page(self) -> Rect:
        """The imitated machine."""
        return Rect(0, 0, self.wide, self.high - (TALL_STRIP if self.tall else STRIP_HIGH))

    @property
    def strip(self) -> Rect:
        """Return what lies below it."""
        return Rect(0, self.page.bottom, self.wide, self.high - self.page.bottom)


LYING = GlassFrame()
HEADER_HIGH, RAIL_HEADER_HIGH = 96, 80
BAR_HIGH, COLUMN_WIDE = 56, 272
"""What the steps of an errand take: a bar below the header, or a column at the left."""


RAIL_TITLE_HIGH = 80


def header_high(look: SkinLook) -> int:
    """Return how high the band at the top is; the lobby has none."""
    return 0 if look.layout == "lobby" or look.phone else RAIL_HEADER_HIGH if look.rail else HEADER_HIGH


class TouchTarget(msgspec.Struct, frozen=True):
    """A key on the glass. `side` is its position beside the glass: 0-3 left from the top, 4-7 right; -1 none."""

    key: Key
    rect: Rect
    draw: Callable[[Painter, bool], None]
    side: int = -1


class PageCanvas:
    """One page being drawn."""

    def __init__(
        self,
        painter: Painter,
        page: Page,
        look: SkinLook,
        write: Callable[[Text], str],
        scroll: int = 0,
        ring_wide: float = 330,
        frame: GlassFrame = LYING,
    ) -> None:
        """Take `write`, which gives a text's written form in the run's language; `scroll`, how many arrows down the
        person is; `ring_wide`, what ring and "more time" take at the top right of a page that has a timer.
        """
        self.painter = painter
        self.page = page
        self.look = look
        self.write = write
        self.scroll = scroll
        self.ring_wide = ring_wide
        self.frame = frame
        self.typing = KeyboardTyping("")
        """What is being typed on the page, where it has a board of letters."""
        self.hots: list[TouchTarget] = []
        self.picture: Rect | None = None
        """Where the picture of a slot stands, for a halo."""
        self.moving: Any = None
        """The picture of which parts move above the page (`parts.motion_layer.MovingPicture`)."""
        self.films: list[VideoPlace] = []
        """Where moving pictures shall lie above the page."""

    @property
    def has_header(self) -> bool:
        """Machines have a header band; the lobby's pages and telephones have none."""
        return self.look.layout != "lobby" and not self.look.phone

    @property
    def top(self) -> float:
        """Return where the header ends."""
        return header_high(self.look)

    @property
    def area(self) -> Rect:
        """Return what title, keys and content have for themselves: below the header, beside or below the errand's
        steps.
        """
        top, steps = self.top, bool(self.page.body.trail)
        if self.look.bar:
            top += BAR_HIGH if steps else 0
            return Rect(24, top, WIDE - 48, PAGE.bottom - top)
        if self.look.rail and steps:
            return Rect(COLUMN_WIDE + 20, top, WIDE - COLUMN_WIDE - 40, PAGE.bottom - top)
        return Rect(60, top, WIDE - 120, PAGE.bottom - top)

    @property
    def body_top(self) -> float:
        """Return where the body begins, below the title."""
        return self.area.y + (RAIL_TITLE_HIGH if self.look.rail else 112)

    def add(self, key: Key, rect: Rect, draw: Callable[[Painter, bool], None], side: int = -1) -> None:
        """Draw a key and make it live."""
        draw(self.painter, False)
        self.hots.append(TouchTarget(key, rect, draw, side))
        secret = self.page.kind == "PinEntry" and key.role == "digit"  # shuffled: where one lies is nobody's business
        self.painter.notes.append(PlacedItem("key", rect, self.frame.page, key.name, private=secret, role=key.role))

    def title(self, size: int = 46) -> None:
        """Draw the page's title, bold and centred below the header; a page with a timer leaves room for the ring."""
        text = self.write(self.page.title)
        if self.look.rail:  # the ring has its place in the header
            area = self.area
            room = Rect(area.x + 12, area.y + 4, area.w - 24, RAIL_TITLE_HIGH - 8)
            self.painter.text(text, room, 44, self.look.ink, bold=True, align="left", most=2, gap=1.06)
            return
        room = Rect(48, self.top + 14, WIDE - 96, 88)
        if self.page.timer:
            evenly = Rect(self.ring_wide, room.y, WIDE - 2 * self.ring_wide, room.h)
            fits = self.painter.letters.fit(text, evenly.w, size, size * 6 // 7, 1, True).fits
            room = evenly if fits else Rect(48, room.y, WIDE - 48 - self.ring_wide, room.h)
        self.painter.text(text, room, size, self.look.ink, bold=True, most=2, gap=1.2)

    def title_beside(self, right: float, indent: float = 0) -> None:
        """Draw the title at the left of what begins at `right`: a ticket machine's days. `indent`: what stands before
        it.
        """
        area, look, x = self.area, self.look, self.area.x + 8 + indent
        room = Rect(x, area.y + 2, right - x, RAIL_TITLE_HIGH - 2)
        text = self.write(self.page.title)
        self.painter.text(text, room, 44, look.ink, bold=True, align="left", most=2, gap=1.04)

    def title_left(self, rect: Rect, size: int = 46) -> None:
        """Draw the title at the left, for the lobby's pages."""
        self.painter.text(
            self.write(self.page.title), rect, size, self.look.ink, bold=True, align="left", most=2, gap=1.16
        )
