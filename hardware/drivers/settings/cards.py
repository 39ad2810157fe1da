"""Card readers and ID-card readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Kit, Table
from kiosk_firmware.core.events import Media


class Crt310(Table, frozen=True, tag="crt310"):
    """Motorised card reader on a serial `port`, at `baud`."""

    port: str = "tty-card"
    baud: int = 9600

    def make(self, kit: Kit) -> Any:
        """A reader that holds, ejects and retains."""
        from hardware.drivers.card_crt310_holding import HoldingCrt310

        return HoldingCrt310(kit.port(self.port, self.baud), kit.post, kit.clock)


class Pn532(Table, frozen=True, tag="pn532"):
    """NFC reader on a serial `port`: sees cards, cannot hold, eject or retain them. `cards`: tag UID (hex) → number.

    At `card_reader` a number is a practice bank card's, at `id_reader` a practice ID's; a tag that is not named counts
    as a card that cannot be read; at `tap_reader` the number "phone" is the practice phone's. Two such readers stand on
    two ports.

    `purse_sector` 1…15: balances live on the cards (MIFARE Classic), in that sector, which `purse_key` (key A, hex)
    opens; a card that has a purse need not be named. 0: no card carries a balance.
    """

    port: str = "tty-nfc"
    baud: int = 115_200
    cards: dict[str, str] = msgspec.field(default_factory=dict)
    purse_sector: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0
    purse_key: str = "ffffffffffff"

    def make(self, kit: Kit) -> Any:
        """A card reader that only sees, which the cabinet completes; or an ID reader, which need do no more."""
        port, tags = kit.port(self.port, self.baud), {uid: Media(number) for uid, number in self.cards.items()}
        if kit.at == "id_reader":
            from hardware.drivers.id_pn532 import IdPn532

            return IdPn532(port, kit.post, kit.clock, tags=tags)
        if self.purse_sector:
            from hardware.drivers.card_purse import PursePn532

            key = bytes.fromhex(self.purse_key)
            return PursePn532(port, kit.post, kit.clock, kit.at, tags, sector=self.purse_sector, key=key)
        from hardware.drivers.card_pn532 import CardPn532

        return CardPn532(port, kit.post, kit.clock, kit.at, tags)

    def problems(self) -> Iterator[str]:
        """UIDs are told apart by their bytes; one that is mistyped would never be seen."""
        for uid in self.cards:
            if not re.fullmatch("([0-9a-fA-F]{2}){4,10}", uid):
                yield f"cards = {uid!r}: allowed are UIDs of 4 to 10 bytes, two hex digits each"
        if not re.fullmatch("[0-9a-fA-F]{12}", self.purse_key):
            yield f"purse_key = {self.purse_key!r}: allowed are 12 hex digits"


class Sdt(Table, frozen=True, tag="sdt"):
    """Reader of Chinese ID cards on a serial `port` (SDT, SAM_V). `person`: the practice ID number that anybody's real
    card stands for; empty: a real card is foreign. Photos and real numbers never leave the driver.
    """

    port: str = "tty-id"
    baud: int = 115_200
    person: str = ""

    def make(self, kit: Kit) -> Any:
        """A reader that tells practice numbers only."""
        from hardware.drivers.id_sdt import IdSdt

        return IdSdt(kit.port(self.port, self.baud), kit.post, kit.clock, person=self.person)

    def problems(self) -> Iterator[str]:
        """A practice number, as the personas have them."""
        from hardware.protocols.id_text import practice_number, valid_number

        if self.person and not (valid_number(self.person) and practice_number(self.person)):
            yield f"person = {self.person!r}: allowed are practice ID numbers (area 99…… or ..99..), checked"


class Crt591(Table, frozen=True, tag="crt591"):
    """CRT-591 card dispenser on a serial `port`, at `address` on its line: dispenses cards and takes back what is
    left.
    """

    port: str = "tty-dispenser"
    baud: int = 9600
    address: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0

    def make(self, kit: Kit) -> Any:
        """A dispenser that counts what it dispenses."""
        from hardware.drivers.dispenser_crt591 import DispenserCrt591

        return DispenserCrt591(
            kit.port(self.port, self.baud),
            kit.post,
            kit.clock,
            memory=kit.state / "dispenser.json",
            address=self.address,
        )


class Enq(Table, frozen=True, tag="enq"):
    """Card dispenser that acts on ENQ, on a serial `port` (QU-CD-720M). `line_address`: the two digits before each
    command (CRT-541); empty: none.
    """

    port: str = "tty-dispenser"
    baud: int = 9600
    line_address: Annotated[str, msgspec.Meta(pattern="^([0-9]{2})?$")] = ""

    def make(self, kit: Kit) -> Any:
        """A dispenser that counts what it dispenses."""
        from hardware.drivers.dispenser_enq import DispenserEnq

        return DispenserEnq(
            kit.port(self.port, self.baud),
            kit.post,
            kit.clock,
            memory=kit.state / "dispenser.json",
            address=self.line_address,
        )


class Magstripe(Table, frozen=True, tag="magstripe"):
    """Magnetic stripe reader on a serial `port`: sees cards, cannot hold, eject or retain them. `dialect`: lines
    (ID TECH, keyboard wedges behind a serial adapter), magtek (insertion readers), msr605.
    """

    port: str = "tty-stripe"
    baud: int = 9600
    dialect: Literal["lines", "magtek", "msr605"] = "lines"

    def make(self, kit: Kit) -> Any:
        """A reader that only sees; the cabinet completes it."""
        from hardware.drivers.card_magstripe import CardMagstripe

        return CardMagstripe(kit.port(self.port, self.baud), kit.post, kit.clock, kit.at, self.dialect)


class Wiegand(Table, frozen=True, tag="wiegand"):
    """Wiegand reader (26 or 34 bits) on two pins, level-shifted to 3.3 V. `cards`: "facility:card" as the reader says
    it → number of the practice card. `reverse`: the reader says the bytes of a number the other way round.
    """

    d0: Gpio
    d1: Gpio
    cards: dict[str, str] = msgspec.field(default_factory=dict)
    reverse: bool = False

    def make(self, kit: Kit) -> Any:
        """A reader that only sees; the cabinet completes it."""
        from hardware.drivers.card_wiegand import CardWiegand

        cards = {said: Media(number) for said, number in self.cards.items()}
        return CardWiegand(self, kit.post, kit.pins(), kit.at, cards)

    def wired(self) -> Iterator[tuple[str, int]]:
        """Both lines."""
        yield from (("d0", self.d0), ("d1", self.d1))

    def problems(self) -> Iterator[str]:
        """A card is named as the reader says it."""
        for said in self.cards:
            if not re.fullmatch(r"(0|[1-9]\d{0,4}):(0|[1-9]\d{0,4})", said):
                yield f'cards = {said!r}: allowed is "facility:card", as in "68:62170"'


class Pcsc(Table, frozen=True, tag="pcsc"):
    """Contact chip reader behind PC/SC (pcscd): reads practice chips, cannot hold, eject or retain them. `reader`: a
    part of its name, as pcsc_scan shows it; empty: the first one. Needs the extra `pcsc`.
    """

    reader: str = ""

    def make(self, kit: Kit) -> Any:
        """A reader that only reads; the cabinet completes it. Raises ValueError where pyscard is not installed."""
        from hardware.drivers.card_pcsc import CardPcsc

        try:
            return CardPcsc(self.reader, kit.post, kit.at)
        except ImportError as error:
            raise ValueError(f"driver = 'pcsc' needs pyscard ({error}): install training-kiosk[unit,pcsc]") from error
