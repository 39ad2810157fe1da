"""A magnetic stripe reader on a serial line as the unit's card reader: a card drawn through it counts as put in.

The theory. The reader says what it read, unasked (an MSR605 when it was told to read, and it is told again after each
card). It cannot hold, give back or keep a card; the cabinet completes it. A reader that says a track a line is heard
until track 2 has come, or no more does. A card counts only while a page waits for one; whose number does not begin as
practice cards do is foreign, and its number goes no further than this file's local variables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hardware.drivers.serial_device import Script, SerialDevice
from hardware.framing.exchange import Exchange, NoAnswer
from hardware.protocols import magstripe
from hardware.protocols.magstripe import Dialect, Swipe
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, Device, Media, MediaInserted, MediaInvalid

PREFIX = "9900"
"""Practice cards begin with a prefix that no bank was given."""
NEXT_TRACK_MS = 150
"""A reader that says tracks one by one says the next one within this time."""


class StripeHost(Exchange[magstripe.Message, Swipe]):
    """The host's half: it hears swipes and says letters that nobody answers."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(magstripe.Codec(dialect))

    def tell(self, letter: bytes) -> None:
        """Say ESC and a letter."""
        self._out += magstripe.send(magstripe.Command(letter))

    def _frame(self, body: bytes) -> bytes:
        return body

    def _take(self, message: magstripe.Message, now_ms: int) -> list[Swipe | NoAnswer]:
        return [message] if isinstance(message, Swipe) else []


class CardMagstripe(SerialDevice):
    """The driver; see ``SerialDevice`` for its face."""

    CAN: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "card_reader",
        dialect: Dialect = "lines",
    ) -> None:
        """Set up a reader that has read nothing yet."""
        self._dialect: Dialect = dialect
        self._tracks: list[str] = []
        self._until_ms = self._rest_ms = 0
        self._reading = False
        self._counts_read = {"swipes": 0, "unreadable": 0, "unasked": 0}
        super().__init__(at, port, post, clock)

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with how many cards were read, could not be, or nobody had asked for."""
        return {**super().health(), **self._counts_read}

    def _new_host(self) -> StripeHost:
        return StripeHost(self._dialect)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, NoAnswer)

    def _set_up(self) -> Script:
        if self._dialect == "magtek":
            self._host.tell(magstripe.SEND_STX)
        if self._dialect == "msr605":
            self._host.tell(magstripe.RESET)
        self._reading = False
        yield from ()

    def _urgent(self) -> Script | None:
        return self._arm() if self._dialect == "msr605" and self._reading != self._wanted else None

    def _arm(self) -> Script:
        self._reading = self._wanted
        self._host.tell(magstripe.READ if self._wanted else magstripe.RESET)
        yield from ()

    def _poll(self) -> Script:
        yield from ()  # it says by itself what there is to say

    def _act(self, effect: AnyEffect) -> Script | None:
        return None

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Swipe):
                self._heard(outcome, now_ms)
            else:
                super()._feed([outcome], now_ms)
        if self._tracks and now_ms >= self._until_ms:
            self._rest_ms = now_ms + NEXT_TRACK_MS
            self._swiped()

    def _heard(self, swipe: Swipe, now_ms: int) -> None:
        self._reading = False  # an MSR605 reads once
        apart = self._dialect == "lines"
        if apart and now_ms < self._rest_ms:
            self._rest_ms = now_ms + NEXT_TRACK_MS
            return  # another track of the card that was told just now
        if swipe.tracks:  # an insertion reader also says that a card came or went
            self._tracks += swipe.tracks
            whole = not apart or any(track.startswith(";") and magstripe.card_of([track]) for track in self._tracks)
            self._until_ms = now_ms + (0 if whole else NEXT_TRACK_MS)

    def _swiped(self) -> None:
        card, self._tracks = magstripe.card_of(self._tracks), []
        if not self._wanted:
            self._counts_read["unasked"] += 1
            return
        self._counts_read["swipes" if card else "unreadable"] += 1
        if card is None:
            self._post(MediaInvalid(self.at, "unreadable"))
        elif not card.number.startswith(PREFIX):
            self._post(MediaInvalid(self.at, "foreign"))
        else:
            self._post(MediaInserted(self.at, Media(card.number, card.expires, card.service in "26")))

    def _gone(self) -> None:
        self._tracks, self._reading = [], False
