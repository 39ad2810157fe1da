"""A Wiegand reader on two pins as the unit's card reader: a card held to it counts as put in.

It sees cards and nothing more; the cabinet completes it. The number says which practice card it is, as unit.toml
names them; any other card is foreign and its number is told to nobody. A reader that says a card again and again while
it is held there is heard once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from hardware.drivers.gpio_device import Edge, PinDevice, Post, WatchedPin
from hardware.drivers.settings.cards import Wiegand
from hardware.protocols import wiegand
from hardware.transport.gpio_pin_factory import Factory
from kiosk_firmware.core.events import Device, Media, MediaInserted, MediaInvalid

LOOK_MS = 10
AWAY_MS = 1500
"""A card that was not told for so long is held there anew."""


class CardWiegand(PinDevice):
    """The driver. It answers no effect."""

    CAN: ClassVar[frozenset[str]] = frozenset()
    AWAY_MS = AWAY_MS

    def __init__(
        self,
        settings: Wiegand,
        post: Post,
        factory: Factory,
        at: Device = "card_reader",
        cards: Mapping[str, Media] | None = None,
    ) -> None:
        """Take *cards*: what the reader says ("facility:card") → the practice card that it stands for."""
        super().__init__(at, post, factory)
        self._settings, self._cards = settings, dict(cards or {})
        self._reader = wiegand.Reader(settings.reverse)
        self._last: wiegand.Number | None = None
        self._seen_ms = float("-inf")
        self._taps = 0

    def health(self) -> dict[str, Any]:
        """Return ``PinDevice.health``, with `taps` and `noise` by kind."""
        return {**super().health(), "taps": self._taps, "noise": self._reader.faults.as_dict()}

    def _open(self) -> None:
        self._lines = {self._settings.d0: 0, self._settings.d1: 1}
        self._pins += [WatchedPin(pin, self._loop.put, self._factory) for pin in self._lines]

    def _edge(self, edge: Edge) -> None:
        self._hear(self._reader.edge(self._lines[edge.pin], edge.level, edge.at_ms))

    def _tick(self) -> float | None:
        # After a stall, edges may still be on their way; silence proves nothing until they had time to come.
        if not self._loop.late:
            self._hear(self._reader.tick(self._loop.now_ms))
        return None if self._reader.quiet else LOOK_MS

    def _hear(self, messages: list[wiegand.Message]) -> None:
        for message in messages:
            if isinstance(message, wiegand.Number):
                self._tapped(message)

    def _tapped(self, number: wiegand.Number) -> None:
        again = number == self._last and self._loop.now_ms - self._seen_ms < self.AWAY_MS
        self._last, self._seen_ms = number, self._loop.now_ms
        if again or not self.enabled:
            return
        self._taps += 1
        media = self._cards.get(f"{number.facility}:{number.card}")
        self._post(MediaInserted(self.at, media) if media is not None else MediaInvalid(self.at, "foreign"))
