"""A PN532 as a card reader: a tag held to it counts as a card put in; as a tap reader it is told as held there.

The theory. It sees a tag and nothing more: it cannot hold, give back or keep it, nor tell when the person "has it
again", for a tag is taken away at once as a matter of course. So it declares none of these, answers such effects with
``unsupportedCommand``, and leaves what is missing to the cabinet. One tap is one event: a tag must have been away for
some looks before it counts again, and a tag that is there while no card is wanted counts for nothing, not even later.

A phone talks longer than a card: it counts after `PHONE_MS`, and one that was taken away before is told as unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, ClassVar, Literal

from hardware.drivers.serial_device import Ask, Script, SerialDevice, Wait
from hardware.protocols import pn532
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import PHONE, AnyEvent, Device, Media, MediaDetected, MediaInserted, MediaInvalid

LOOK = bytes([pn532.LIST_TARGETS, 1, 0])
LET_GO = bytes([pn532.RELEASE, 0])
SAM_NORMAL = bytes([pn532.SAM_CONFIG, 1, 20, 0])
FEW_TRIES = bytes([pn532.RF_CONFIG, 5, 0xFF, 1, 2])
"""Two tries a look: without this the chip looks for ever and the line stays busy."""


class CardPn532(SerialDevice):
    """The driver; see ``SerialDevice`` for its face. *tags* maps a UID (lower-case hex) to the card it stands for."""

    CAN: ClassVar[frozenset[str]] = frozenset()
    POLL_MS = 50
    """A tap is told within 100 ms."""
    AWAY_LOOKS = 8
    """So many looks without it (400 ms), and a tag has been taken away; a hand trembles."""
    PHONE_MS = 500
    """How long a phone must be held there; a payment terminal needs as long."""

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "card_reader",
        tags: Mapping[str, Media] | None = None,
    ) -> None:
        self._tags = {uid.lower(): media for uid, media in (tags or {}).items()}
        self._here: bytes | None = None
        self._missed = 0
        self._taps = 0
        self._phone_ms: int | None = None
        super().__init__(at, port, post, clock)

    def health(self) -> dict[str, Any]:
        """As ``SerialDevice.health``, with the number of taps. A UID is not told: it may be somebody's real card."""
        return {**super().health(), "taps": self._taps, "tag": self._here is not None}

    def _new_host(self) -> pn532.Host:
        return pn532.Host()

    def _command(self, ask: Ask, now_ms: int) -> None:
        self._host.command(ask.data, now_ms, ask.answer_ms, wake=ask.data == SAM_NORMAL)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, pn532.NoReply)

    def _set_up(self) -> Script:
        for command in (SAM_NORMAL, bytes([pn532.FIRMWARE]), FEW_TRIES):
            outcome = yield Ask(command)
            if self._silent(outcome):
                self._fail()
                return

    def _poll(self) -> Script:
        outcome = yield Ask(LOOK, 1000)
        targets = pn532.decode_targets(outcome.data) if isinstance(outcome, pn532.Reply) else None
        if targets is None:
            self._fail()
            return
        if targets:
            usable = yield from self._listed(targets[0].uid)
            yield Ask(LET_GO)
            if not usable:
                return  # gone again before it was read: as if it had not been there yet
        self._seen(targets[0].uid if targets else None)

    def _listed(self, uid: bytes) -> Generator[Ask | Wait, Any, bool]:
        """Yield what is done with a tag while the chip holds it; returns False where it went away meanwhile."""
        yield from ()
        return True

    def _media(self, uid: bytes) -> Media | None:
        """The card that the tag stands for."""
        return self._tags.get(uid.hex())

    def _seen(self, uid: bytes | None) -> None:
        if uid is None:
            self._missed += 1
            if self._missed >= self.AWAY_LOOKS:
                self._here = None
                self._phone(gone=True)
            return
        self._missed = 0
        if uid == self._here:
            self._phone(gone=False)
            return
        self._here = uid
        if not self._wanted:
            return
        self._taps += 1
        media = self._media(uid)
        self._phone_ms = self._clock() if media is not None and media.number == PHONE else None
        if self._phone_ms is None:
            self._tell(media, "foreign")

    def _phone(self, gone: bool) -> None:
        """A phone that lies there was read, or not long enough."""
        if self._phone_ms is None or not (gone or self._clock() - self._phone_ms >= self.PHONE_MS):
            return
        self._phone_ms = None
        if self._wanted:
            self._tell(None if gone else Media(PHONE), "unreadable")

    def _tell(self, media: Media | None, why: Literal["unreadable", "foreign"]) -> None:
        if self.at == "tap_reader":
            self._post(MediaDetected(self.at, media, "" if media else why))
        else:
            self._post(MediaInserted(self.at, media) if media is not None else MediaInvalid(self.at, why))

    def _act(self, effect: AnyEffect) -> Script | None:
        return None
