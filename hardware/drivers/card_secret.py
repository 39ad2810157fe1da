"""A centre card's secret: one sector of a MIFARE Classic whose key and content only the site's units can work out.

The theory. A number can be read off any card and be put on another; sixteen bytes that follow from the site's key
cannot be guessed. They are made of the site's random key and of the card's UID, so that every unit of the site knows
them, also one that was without a network since the card was issued, and no unit keeps a list of them. The sector is
opened by a key of the card's own, made the same way: what one card gave away opens no other.

A new card is written in two steps, the secret first and the sector's trailer after it, so that a card which was pulled
away can be finished: its key A is then the old one, the new one, or the new one's first bytes before the old one's
last, which are seven keys to try. This holds against a copied number and against telephones and copying machines that
know the factory's keys. It does not hold against somebody who keeps the card for minutes and has the tools that break
the chip's own cipher (CRYPTO1); they can copy everything.
"""

from __future__ import annotations

import hashlib
import hmac

from hardware.protocols import mifare

KEY_BYTES = 6


class CardSecrets:
    """The secrets of one site's cards; `key` is the site's."""

    def __init__(self, key: bytes) -> None:
        """Keep the key; nothing shows it."""
        self._key = key

    def __repr__(self) -> str:
        return "CardSecrets()"

    def _made(self, purpose: bytes, uid: bytes) -> bytes:
        return hmac.new(self._key, b"centre card " + purpose + b":" + uid, hashlib.sha256).digest()

    def secret(self, uid: bytes) -> bytes:
        """Return the 16 bytes that the card with this UID carries."""
        return self._made(b"secret", uid)[: mifare.SIZE]

    def sector_key(self, uid: bytes) -> bytes:
        """Key A of the sector in which they stand."""
        return self._made(b"sector", uid)[:KEY_BYTES]

    def trailer(self, uid: bytes) -> bytes:
        """Return the sector's last block: its own key as A and B, access as delivered."""
        key = self.sector_key(uid)
        return mifare.trailer(key, key)

    def keys(self, uid: bytes) -> tuple[bytes, ...]:
        """Return all keys that may open the sector of a card that is written, new, or was torn away in between."""
        own, old = self.sector_key(uid), mifare.FACTORY_KEY
        return (own, *(own[:at] + old[at:] for at in range(KEY_BYTES)))

    def is_free(self, uid: bytes, block: bytes) -> bool:
        """Return whether a block may be written over: it is empty, or holds the secret's first bytes."""
        return self.secret(uid).startswith(block.rstrip(b"\0"))
