"""Card readers and ID-card readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from hardware.drivers.settings.base import Gpio, Table


class Crt310(Table, frozen=True, tag="crt310"):
    """Motorised card reader on a serial `port`, at `baud`."""

    port: str = "tty-card"
    baud: int = 9600


class Pn532(Table, frozen=True, tag="pn532"):
    """NFC reader on a serial `port`: sees cards, cannot hold, eject or retain them. `cards`: tag UID (hex) → number.

    At `card_reader` a number is a practice bank card's, at `id_reader` a practice ID's; a tag that is not named counts
    as a card that cannot be read; at `tap_reader` the number "phone" is the practice phone's. Two such readers stand on
    two ports.

    `purse_sector` 1…15: balances live on the cards (MIFARE Classic), in that sector, which `purse_key` (key A, hex)
    opens; a card that has a purse need not be named. 0: no card carries a balance.

    `secret_sector` 1…15: where a centre card (MIFARE Classic) carries its secret, if `turn.centre_cards` is "secret".
    """

    port: str = "tty-nfc"
    baud: int = 115_200
    cards: dict[str, str] = msgspec.field(default_factory=dict)
    purse_sector: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0
    purse_key: str = "ffffffffffff"
    secret_sector: Annotated[int, msgspec.Meta(ge=1, le=15)] = 15

    def problems(self) -> Iterator[str]:
        """Yield a problem for each UID or key that is mistyped: such a card would never be seen."""
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

    def problems(self) -> Iterator[str]:
        """Yield a problem for a number that is not a practice ID number, as the personas have them."""
        from hardware.protocols.id_card_text import practice_number, wrong_with

        reasons = {"form": "not 18 characters", "date": "no such date of birth", "check": "another last character"}
        why = reasons.get(wrong_with(self.person), "" if practice_number(self.person) else "a real area")
        if self.person and why:
            yield f"person = {self.person!r}, {why}: allowed are practice ID numbers (area 99…… or ..99..), checked"


class Crt591(Table, frozen=True, tag="crt591"):
    """CRT-591 card dispenser on a serial `port`, at `address` on its line: dispenses cards and takes back what is
    left.
    """

    port: str = "tty-dispenser"
    baud: int = 9600
    address: Annotated[int, msgspec.Meta(ge=0, le=15)] = 0


class Enq(Table, frozen=True, tag="enq"):
    """Card dispenser that acts on ENQ, on a serial `port` (QU-CD-720M). `line_address`: the two digits before each
    command (CRT-541); empty: none.
    """

    port: str = "tty-dispenser"
    baud: int = 9600
    line_address: Annotated[str, msgspec.Meta(pattern="^([0-9]{2})?$")] = ""


class Magstripe(Table, frozen=True, tag="magstripe"):
    """Magnetic stripe reader on a serial `port`: sees cards, cannot hold, eject or retain them. `dialect`: lines
    (ID TECH, keyboard wedges behind a serial adapter), magtek (insertion readers), msr605.
    """

    port: str = "tty-stripe"
    baud: int = 9600
    dialect: Literal["lines", "magtek", "msr605"] = "lines"


class Wiegand(Table, frozen=True, tag="wiegand"):
    """Wiegand reader (26 or 34 bits) on two pins, level-shifted to 3.3 V. `cards`: "facility:card" as the reader says
    it → number of the practice card. `reverse`: the reader says the bytes of a number the other way round.
    """

    d0: Gpio
    d1: Gpio
    cards: dict[str, str] = msgspec.field(default_factory=dict)
    reverse: bool = False

    def wired(self) -> Iterator[tuple[str, int]]:
        """Yield the pins of both lines."""
        yield from (("d0", self.d0), ("d1", self.d1))

    def problems(self) -> Iterator[str]:
        """Yield a problem for each card that is not named as the reader sends it."""
        for said in self.cards:
            if not re.fullmatch(r"(0|[1-9]\d{0,4}):(0|[1-9]\d{0,4})", said):
                yield f'cards = {said!r}: allowed is "facility:card", as in "68:62170"'


class Pcsc(Table, frozen=True, tag="pcsc"):
    """Contact chip reader behind PC/SC (pcscd): reads practice chips, cannot hold, eject or retain them. `reader`: a
    part of its name, as pcsc_scan shows it; empty: the first one. Needs the extra `pcsc`.
    """

    reader: str = ""
