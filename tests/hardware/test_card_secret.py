"""A centre card's secret, through driver and twin: written at the desk, checked at each tap, torn away anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.drivers.card_pn532 import CardPn532
from hardware.drivers.card_secret import CardSecrets
from hardware.drivers.card_stored_value import PursePn532
from hardware.drivers.id_pn532 import IdPn532
from hardware.protocols import mifare, stored_value_card
from hardware.twins.mifare_card import MifareCard
from hardware.twins.pn532 import Pn532Twin, TwinTag
from kiosk_firmware.core.events import Media, MediaInserted
from tests.hardware.wired import Wired

UID, COPY = bytes.fromhex("04a1b2c3"), bytes.fromhex("04a1b2c4")
NUMBER = "9900700000000932"
SITE, OTHER_SITE = CardSecrets(b"s" * 64), CardSecrets(b"o" * 64)
SECTOR = 15
BLOCK = 4 * SECTOR
Pad = Wired[Pn532Twin, CardPn532]
TAGS = {UID.hex(): Media(NUMBER), COPY.hex(): Media(NUMBER)}


class Quick(CardPn532):
    AWAY_LOOKS, POLL_MS = 2, 10


class QuickPurse(PursePn532):
    AWAY_LOOKS, POLL_MS = 2, 10


class QuickIdent(IdPn532):
    POLL_MS = 10


def wired(kind: type, folder: Path) -> Pad:
    def made(port, post):
        driver = kind(port, post, tags=TAGS)
        driver.keep_secrets(SITE, SECTOR)
        return driver

    return Wired(Pn532Twin(), made, folder / "nfc")


@pytest.fixture(params=[Quick, QuickPurse, QuickIdent])
def pad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pad]:
    with wired(request.param, tmp_path) as made:
        made.driver.enable(True)
        yield made


def away(pad: Pad) -> None:
    with pad.served.lock:
        pad.twin.remove()
    lists = pad.state()["counters"]["lists"]
    pad.until(lambda: pad.state()["counters"]["lists"] > lists + 3)


def tapped(pad: Pad, uid: bytes = UID) -> bool:
    """Whether the card that is held there now is told as one that proved itself."""
    before = len(pad.all(MediaInserted))
    with pad.served.lock:
        pad.twin.tap(TwinTag(uid))
    media: Media = pad.heard(MediaInserted, before + 1).media
    assert media.number == NUMBER
    away(pad)
    return media.proved


def card(pad: Pad, uid: bytes = UID) -> MifareCard:
    return pad.twin.memory(uid)


def test_an_issued_card_proves_itself_and_a_copied_number_does_not(pad: Pad) -> None:
    assert not tapped(pad), "a number alone proves something"
    pad.driver.issue(True)
    assert tapped(pad)
    pad.driver.issue(False)
    assert tapped(pad)
    assert not tapped(pad, COPY), "another card with the number proves something"


def test_what_a_telephone_reads_of_an_issued_card_is_not_its_secret(pad: Pad) -> None:
    pad.driver.issue(True)
    assert tapped(pad)
    with pad.served.lock:
        thief = MifareCard(UID, list(card(pad).blocks))
        assert thief.command(mifare.auth(BLOCK, mifare.FACTORY_KEY, UID)) != bytes([mifare.OK])
        assert SITE.secret(UID) == thief.blocks[BLOCK]
        card(pad).blocks[BLOCK] = bytes(16)  # a copy of the UID with all that could be read
    pad.driver.issue(False)
    assert not tapped(pad)


@pytest.mark.parametrize("wrong", ["another site's", "one bit"])
def test_a_secret_that_is_not_this_sites_proves_nothing(pad: Pad, wrong: str) -> None:
    secret = (
        OTHER_SITE.secret(UID) if wrong == "another site's" else bytes([SITE.secret(UID)[0] ^ 1]) + SITE.secret(UID)[1:]
    )
    with pad.served.lock:
        card(pad).blocks[BLOCK], card(pad).blocks[BLOCK + 3] = secret, SITE.trailer(UID)
    assert not tapped(pad)


@pytest.mark.parametrize("byte", [0, 5, 16])
def test_a_card_torn_away_at_its_secret_is_finished_the_next_time(tmp_path: Path, byte: int) -> None:
    with wired(Quick, tmp_path) as pad:
        pad.driver.enable(True)
        pad.driver.issue(True)
        with pad.served.lock:
            card(pad).tear = byte
            pad.twin.tap(TwinTag(UID))
        pad.until(lambda: pad.state()["uid"] is None)
        assert pad.all(MediaInserted) == [], "a card that was torn away was told"
        away(pad)
        assert tapped(pad)
        assert card(pad).blocks[BLOCK + 3] == SITE.trailer(UID)


@pytest.mark.parametrize("byte", [1, 3, 5, 6, 8, 12])
def test_a_card_torn_away_at_its_trailer_is_finished_the_next_time(tmp_path: Path, byte: int) -> None:
    with wired(Quick, tmp_path) as pad:
        pad.driver.enable(True)
        with pad.served.lock:
            old, new = card(pad).blocks[BLOCK + 3], SITE.trailer(UID)
            card(pad).blocks[BLOCK], card(pad).blocks[BLOCK + 3] = SITE.secret(UID), new[:byte] + old[byte:]
        assert tapped(pad) == (byte >= 6), "its own key opens the sector as soon as it is whole"
        pad.driver.issue(True)
        assert tapped(pad)


def test_what_belongs_to_another_make_is_not_written_over(pad: Pad) -> None:
    with pad.served.lock:
        card(pad).blocks[BLOCK] = b"somebody else's!"
    pad.driver.issue(True)
    assert not tapped(pad)
    assert card(pad).blocks[BLOCK] == b"somebody else's!"


def test_a_foreign_card_is_not_written(pad: Pad) -> None:
    pad.driver.issue(True)
    stranger = bytes.fromhex("deadbeef")
    with pad.served.lock:
        pad.twin.tap(TwinTag(stranger))
    away(pad)
    assert not any(any(block) for block in card(pad, stranger).blocks[BLOCK : BLOCK + 3])


def test_a_card_has_its_purse_and_its_secret(tmp_path: Path) -> None:
    with wired(QuickPurse, tmp_path) as pad:
        pad.driver.enable(True)
        card(pad).blocks[4:6] = stored_value_card.fresh(UID, 2000, "")
        pad.driver.issue(True)
        assert tapped(pad)
        assert pad.all(MediaInserted)[0].media.fen == 2000


def test_nothing_shows_the_sites_key() -> None:
    assert "s" * 8 not in repr(CardSecrets(b"s" * 64)) + str(CardSecrets(b"s" * 64))
