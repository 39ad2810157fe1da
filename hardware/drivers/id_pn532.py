"""A PN532 as the unit's ID reader: practice IDs are tags, each of which unit.toml gives a practice number.

It looks all the time, also where no page waits, since the card lies open and is taken up again when its owner likes
(`laid.py`). A tag that unit.toml does not name counts as a card that cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from hardware.drivers.card_pn532 import CardPn532
from hardware.drivers.card_presence import CardPresence
from hardware.drivers.serial_device import Script
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.events import AnyEvent, Device, Media, Place


class IdPn532(CardPn532):
    """The driver; see `SerialDevice` for its face. `tags` maps a UID (hex) to the practice ID that it stands for."""

    CAN: ClassVar[frozenset[str]] = frozenset({"senses_taken"})

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "id_reader",
        tags: Mapping[str, Media] | None = None,
    ) -> None:
        """Set up a reader at which nothing lies yet."""
        self._laid = CardPresence(at, post)
        super().__init__(port, post, clock, at, tags)

    def found(self) -> tuple[str, Place]:
        """Return the number of the ID card that lies there, and whether a card does."""
        return self._laid.found()

    def begin(self, known: bool) -> None:
        """Begin a run; see `CardPresence.begin`."""
        self._laid.begin(known)

    def health(self) -> dict[str, Any]:
        """Return the card reader's report: how many cards came and whether one lies there, never which."""
        return {**super().health(), "taps": self._laid.cards, "tag": self.found()[1] != "none"}

    def _set_up(self) -> Script:
        yield from super()._set_up()
        if not self._failed:
            yield from self._poll()  # whoever asks first must know what lies there

    def _seen(self, uid: bytes | None) -> None:
        mark = uid.hex() if uid else ""
        self._laid.looked(mark, self._media(uid) if uid else None, self._wanted)
