"""A PN532 as a reader of stored-value cards: balance and journey live on the card, and are read and written there.

The theory. A tap is read before it is told, so a machine hears number, balance and journey at once; a card that went
away before it was read counts as not yet there. A write looks for the card, reads what it carries, writes the other
block (`protocols/stored_value_card.py`) and reads it back. Whenever the card or the line goes away in between, the
script looks again, and what it then reads says how far the last attempt came: nothing is written twice and nothing is
assumed. A card that does not come back is answered ``unknown`` if its block may have been written, else ``timeOut``.

A card with a purse is a practice card by that, and need not be named in unit.toml: its number is made of its UID,
behind the prefix that no bank was given. A card that was never a purse is told with nothing on it, and gets one when it
is first written; one whose blocks hold something of another make is foreign, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from hardware.drivers.card_pn532 import LET_GO, LOOK, CardPn532, Steps
from hardware.drivers.serial_device import DeviceCommand, Script, Wait
from hardware.framing.checksums import LocalProtocolError
from hardware.protocols import mifare, pn532, stored_value_card
from hardware.protocols.stored_value_card import Purse
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, WriteMedia
from kiosk_firmware.core.events import AnyEvent, Device, Media, MediaWritten

PREFIX = "9900"
LOOK_AGAIN_MS = 50


def own(uid: bytes) -> Media:
    """Return the card for a tag that unit.toml does not name: its number is made from the UID."""
    return Media(f"{PREFIX}{int.from_bytes(uid, 'big') % 10**12:012}", chip=False)


class PursePn532(CardPn532):
    """The driver; see ``SerialDevice`` for its face. The purse is blocks 0 and 1 of *sector*, which key A opens."""

    EFFECT_MS = 25_000
    HOLD_MS = 20_000
    """How long a person is given to hold the card to the reader (again)."""
    CAN: ClassVar[frozenset[str]] = frozenset({"writes"})

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "card_reader",
        tags: Mapping[str, Media] | None = None,
        *,
        sector: int = 1,
        key: bytes = mifare.FACTORY_KEY,
    ) -> None:
        """Set up a reader to which no card is held yet."""
        self._block, self._key = 4 * sector, key
        self._purse: Purse | None = None
        self._blank = False
        self._written = 0
        super().__init__(port, post, clock, at, tags)

    def health(self) -> dict[str, Any]:
        """Return ``CardPn532.health``, with how many balances were written."""
        return {**super().health(), "written": self._written}

    def _media(self, uid: bytes) -> Media | None:
        named = super()._media(uid)
        if self._purse is None:
            blank = msgspec.structs.replace(own(uid), fen=0) if self._blank else None
            return named or blank
        return msgspec.structs.replace(named or own(uid), fen=self._purse.fen, trip=self._purse.trip)

    def _listed(self, uid: bytes) -> Steps:
        if uid == self._here:
            return True
        how, self._purse = yield from self._read(uid)
        self._blank = how == "ok" and self._purse is None
        return how != "gone"

    def _read(self, uid: bytes) -> Steps:
        """Read (how, purse) of the card that is listed. "refused": another key or another layout; "ok" with no purse:
        none is on it.
        """
        blocks: list[bytes] = []
        for command in (
            mifare.auth(self._block, self._key, uid),
            *map(mifare.read_block, (self._block, self._block + 1)),
        ):
            how, said = yield from self._exchange(command)
            if how != "ok":
                return how, None
            blocks.append(said)
        found = stored_value_card.read_purse(uid, *blocks[1:])
        return "refused" if found is None and stored_value_card.strange(*blocks[1:]) else "ok", found

    # -- writing ------------------------------------------------------------------------------------------------------

    def _act(self, effect: AnyEffect) -> Script | None:
        return self._write(effect) if isinstance(effect, WriteMedia) else None

    def _write(self, effect: WriteMedia) -> Script:
        if not _fits(effect):
            self._finish_as("userError")
            return
        until_ms = self._clock() + self.HOLD_MS
        while self._clock() < until_ms:
            done = yield from self._attempt(effect)
            if done or self._failed:
                return
            yield Wait(LOOK_AGAIN_MS)
        self._finish_as("unknown" if self._begun else "timeOut")

    def _attempt(self, effect: WriteMedia) -> Steps:
        """Look for the card and bring what it says to what is wanted; returns whether the effect is answered."""
        outcome = yield DeviceCommand(LOOK, 1000)
        targets = pn532.decode_targets(outcome.data) if isinstance(outcome, pn532.Reply) else None
        if targets is None:
            self._fail()
        if not targets:
            return False
        done = yield from self._settle(effect, targets[0].uid)
        if not self._failed:
            yield DeviceCommand(LET_GO)
        return done

    def _settle(self, effect: WriteMedia, uid: bytes) -> Steps:
        how, self._purse = yield from self._read(uid)
        media = self._media(uid) or own(uid)
        if how == "gone" or media.number != effect.number:
            return False  # somebody else's card is held to the reader: this one is waited for
        if how != "ok":
            self._finish_as("userError")
            return True
        if not _says(self._purse, effect):
            yield from self._store(uid, effect)
            how, self._purse = yield from self._read(uid)
        if how != "ok" or not _says(self._purse, effect):
            return False
        self._written += 1
        self._here, self._missed = uid, 0
        self._finish(MediaWritten(effect.at, effect.ref, effect.fen, trip=effect.trip))
        return True

    def _store(self, uid: bytes, effect: WriteMedia) -> Steps:
        """Write the block that does not hold; both, in their order, on a card that never was a purse."""
        if self._purse is not None:
            blocks: tuple[tuple[int, bytes], ...] = (
                stored_value_card.block_to_write(uid, self._purse, effect.fen, effect.trip),
            )
        else:
            blocks = tuple(enumerate(stored_value_card.fresh(uid, effect.fen, effect.trip)))
        for at, data in blocks:
            how, _ = yield from self._exchange(mifare.write(self._block + at, data), acts=True)
            if how != "ok":
                return


def _says(found: Purse | None, effect: WriteMedia) -> bool:
    """Return whether the card carries what is wanted already."""
    return found is not None and (found.fen, found.trip) == (effect.fen, effect.trip)


def _fits(effect: WriteMedia) -> bool:
    try:
        stored_value_card.block(b"", effect.fen, 0, effect.trip)
    except LocalProtocolError:
        return False
    return True
