"""A PN532 as a card reader: a tag held to it counts as a card put in; as a tap reader it is told as held there.

The theory. It sees a tag and nothing more: it cannot hold, give back or keep it, nor tell when the person "has it
again", for a tag is taken away at once as a matter of course. So it declares none of these, answers such effects with
``unsupportedCommand``, and leaves what is missing to the cabinet. One tap is one event: a tag must have been away for
some looks before it counts again, and a tag that is there while no card is wanted counts for nothing, not even later.

A phone talks longer than a card: it counts after `PHONE_MS`, and one that was taken away before is told as unreadable.

Where centre cards carry a secret, a card is told as one that `proved` itself if it does; while cards are issued, one
that unit.toml names and that carries none gets one before it is told (`card_secret.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, ClassVar, Literal

import msgspec

from hardware.drivers.card_secret import CardSecrets
from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice, Wait
from hardware.protocols import mifare, pn532
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import PHONE, AnyEvent, Device, Media, MediaDetected, MediaInserted, MediaInvalid

LOOK = bytes([pn532.LIST_TARGETS, 1, 0])
EXCHANGE_MS = 500
Steps = Generator[DeviceCommand | Wait, Any, Any]
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
        self._secrets: CardSecrets | None = None
        self._secret_block = 0
        self._issues = False
        self._looked_into: bytes | None = None
        self._proved = False
        super().__init__(at, port, post, clock)

    def keep_secrets(self, secrets: CardSecrets, sector: int) -> None:
        """Look in this sector of each card for its secret; to be called before the start."""
        self._secrets, self._secret_block = secrets, 4 * sector

    def issue(self, on: bool) -> None:
        """Give cards that carry no secret one from now on, or no more. Any thread."""
        self._issues = on

    def health(self) -> dict[str, Any]:
        """Return ``SerialDevice.health``, with the number of taps. A UID is not told: it may be somebody's
        real card.
        """
        return {**super().health(), "taps": self._taps, "tag": self._here is not None}

    def _new_host(self) -> pn532.Host:
        return pn532.Host()

    def _command(self, ask: DeviceCommand, now_ms: int) -> None:
        self._host.command(ask.data, now_ms, ask.answer_ms, wake=ask.data == SAM_NORMAL)

    def _silent(self, outcome: Any) -> bool:
        return isinstance(outcome, pn532.NoReply)

    def _set_up(self) -> Script:
        for command in (SAM_NORMAL, bytes([pn532.FIRMWARE]), FEW_TRIES):
            outcome = yield DeviceCommand(command)
            if self._silent(outcome):
                self._fail()
                return

    def _poll(self) -> Script:
        outcome = yield DeviceCommand(LOOK, 1000)
        targets = pn532.decode_targets(outcome.data) if isinstance(outcome, pn532.Reply) else None
        if targets is None:
            self._fail()
            return
        if targets:
            usable = yield from self._read_whole(targets[0].uid)
            yield DeviceCommand(LET_GO)
            if not usable:
                return  # gone again before it was read: as if it had not been there yet
        else:
            self._looked_into = None
        self._seen(targets[0].uid if targets else None)

    def _read_whole(self, uid: bytes) -> Steps:
        if not (yield from self._listed(uid)):
            return False
        if uid == self._looked_into:
            return True
        self._proved = False
        if self._secrets is not None and self._tags.get(uid.hex()) is not None:
            how = yield from self._secret(uid, self._secrets)
            if how == "gone":
                return False
            self._proved = how == "ok"
        self._looked_into = uid
        return True

    def _listed(self, uid: bytes) -> Generator[DeviceCommand | Wait, Any, bool]:
        """Yield what is done with a tag while the chip holds it; returns False where it went away meanwhile."""
        yield from ()
        return True

    # -- secrets ------------------------------------------------------------------------------------------------------

    def _exchange(self, command: bytes, acts: bool = False) -> Steps:
        """Hand *command* through to the card; returns (how, what it said), *how* a word of ``mifare.STATUS``."""
        outcome = yield DeviceCommand(bytes([pn532.DATA_EXCHANGE, 1]) + command, EXCHANGE_MS, acts)
        if not isinstance(outcome, pn532.Reply):
            self._fail()
            return "gone", b""
        return mifare.decode_status(outcome.data)

    def _secret(self, uid: bytes, secrets: CardSecrets) -> Steps:
        """Return whether the card carries its secret ("ok"), not, or went away ("gone"); issue one where that is on."""
        how = yield from self._secret_read(uid, secrets)
        if how not in ("ok", "gone") and self._issues:
            how = yield from self._secret_write(uid, secrets)
        return how

    def _opened(self, uid: bytes, key: bytes) -> Steps:
        """Find the card again, which falls silent after a refusal, and open the secret's sector."""
        outcome = yield DeviceCommand(LOOK, 1000)
        targets = pn532.decode_targets(outcome.data) if isinstance(outcome, pn532.Reply) else ()
        if not targets or targets[0].uid != uid:
            return "gone"
        how, _ = yield from self._exchange(mifare.auth(self._secret_block, key, uid))
        return how

    def _secret_read(self, uid: bytes, secrets: CardSecrets) -> Steps:
        how = yield from self._opened(uid, secrets.sector_key(uid))
        if how != "ok":
            return how
        how, said = yield from self._exchange(mifare.read_block(self._secret_block))
        return "none" if how == "ok" and said != secrets.secret(uid) else how

    def _secret_write(self, uid: bytes, secrets: CardSecrets) -> Steps:
        for key in secrets.keys(uid):
            how = yield from self._opened(uid, key)
            if how == "gone":
                return how
            if how == "ok":
                how = yield from self._secret_store(uid, secrets)
                return (yield from self._secret_read(uid, secrets)) if how == "ok" else how
        return "refused"

    def _secret_store(self, uid: bytes, secrets: CardSecrets) -> Steps:
        """Write the secret, then the trailer, into the sector that is open."""
        how, said = yield from self._exchange(mifare.read_block(self._secret_block))
        if how != "ok" or not secrets.is_free(uid, said):
            return how if how != "ok" else "foreign"
        for at, data in ((0, secrets.secret(uid)), (3, secrets.trailer(uid))):
            how, _ = yield from self._exchange(mifare.write(self._secret_block + at, data), acts=True)
            if how != "ok":
                return how
        return how

    def _media(self, uid: bytes) -> Media | None:
        """Return the card that the tag stands for, marked as proved where it proved itself."""
        named = self._tags.get(uid.hex())
        return msgspec.structs.replace(named, proved=True) if named is not None and self._proved else named

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
        """Report a phone that lies there as read, or as unreadable when it left too early."""
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
