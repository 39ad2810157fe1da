"""A card on an open reader, which is its owner's all the while: laid, seen to lie there, lifted.

It is told as soon as a page waits for it, so a card laid a moment too early is not overlooked; lifting it is told when
laying it was. A card that misses two looks is gone. A new run knows nothing of what lies there and is told when it
asks; a run that is taken up again has been told by `found`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk_firmware.core.events import AnyEvent, Device, Media, MediaInserted, MediaInvalid, MediaTaken, Place

MISSES = 2


class CardPresence:
    """The card that lies on the reader, if any. `cards` counts those that came."""

    def __init__(self, at: Device, post: Callable[[AnyEvent], None]) -> None:
        """Set up with no card lying there."""
        self.at: Device = at
        self.cards = 0
        self._post, self._gate = post, threading.Lock()
        self._mark = ""
        self._media: Media | None = None
        self._said = False
        self._missed = 0

    def found(self) -> tuple[str, Place]:
        """Return the card's number ("" for none, or for one that means nothing here) and "exit" or "none".
        Any thread.
        """
        with self._gate:
            return (self._media.number if self._media else ""), ("exit" if self._mark else "none")

    def begin(self, known: bool) -> None:
        """Begin a run that knows the result of `found` (`known`), or nothing of it. Any thread."""
        with self._gate:
            self._said = known and bool(self._mark)

    def looked(self, mark: str, media: Media | None, wanted: bool) -> None:
        """Take what the reader sees: `mark` tells one card from another ("": there is none), `media` is its meaning
        here (None: nothing); `wanted`: a page waits for one.
        """
        with self._gate:
            said = [*self._changed(mark, media), *self._told(wanted)]
        for event in said:
            self._post(event)

    def _changed(self, mark: str, media: Media | None) -> list[AnyEvent]:
        if mark == self._mark:
            self._missed = 0
            return []
        self._missed += 1
        if not mark and self._missed < MISSES:
            return []
        lifted: list[AnyEvent] = [MediaTaken(self.at)] if self._said else []
        self._mark, self._media, self._said, self._missed = mark, media, False, 0
        self.cards += bool(mark)
        return lifted

    def _told(self, wanted: bool) -> list[AnyEvent]:
        if not wanted or not self._mark or self._said:
            return []
        self._said = True
        return [MediaInserted(self.at, self._media) if self._media else MediaInvalid(self.at, "foreign")]
