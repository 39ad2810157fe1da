"""Card readers."""

from __future__ import annotations

from typing import Any

import msgspec

from hardware.tables.base import Kit, Table
from kiosk_firmware.core.events import Media


class Crt310(Table, frozen=True, tag="crt310"):
    """Motorised card reader on a serial `port`, at `baud`."""

    port: str = "tty-card"
    baud: int = 9600

    def make(self, kit: Kit) -> Any:
        """A reader that holds, ejects and retains."""
        from hardware.devices.card_holding import HoldingCrt310

        return HoldingCrt310(kit.port(self.port, self.baud), kit.post, kit.clock)


class Pn532(Table, frozen=True, tag="pn532"):
    """NFC reader on a serial `port`: sees cards, cannot hold, eject or retain them. `cards`: tag UID (hex) → number."""

    port: str = "tty-nfc"
    baud: int = 115_200
    cards: dict[str, str] = msgspec.field(default_factory=dict)

    def make(self, kit: Kit) -> Any:
        """A reader that only sees; the cabinet completes it."""
        from hardware.devices.card_pn532 import CardPn532

        tags = {uid: Media(number) for uid, number in self.cards.items()}
        return CardPn532(kit.port(self.port, self.baud), kit.post, kit.clock, tags=tags)
