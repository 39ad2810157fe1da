"""The person who is practised as: all that outlives a run, and all of it invented.

What a host keeps of the person is declared by the host (`core.hosts`), what lies in the pocket here. People carry
unassigned ID area codes. No PIN is here: a practice PIN lives in the PIN pad driver's store.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.airline import Booking
from kiosk_firmware.core.hosts.bank import Card, Ledger
from kiosk_firmware.core.hosts.mobile_carrier import OldAccount, Sim
from kiosk_firmware.core.hosts.rail import Ticket
from kiosk_firmware.core.hosts.shop import Shopper
from kiosk_firmware.core.hosts.social import Social
from kiosk_firmware.core.hosts.visit import Visits
from kiosk_firmware.core.money import NONE, Items


class IdCard(msgspec.Struct, frozen=True):
    """An ID card in the pocket: one's own first, then those of people one buys for. `limited`: a court forbids high
    spending, so some seats may not be sold to this person. `expires` YYMM. `lost`: no longer in the pocket.
    """

    number: str
    name: str = ""
    expires: str = "4012"
    limited: bool = False
    lost: bool = False


class Pass(msgspec.Struct, frozen=True):
    """A metro token or stored-value card in the pocket: its number, the balance it carries, and what it says of its
    journey (`kits.metro.ticket`).
    """

    number: str
    fen: int = 0
    trip: str = ""


class BagDocument(msgspec.Struct, frozen=True, cache_hash=True):
    """A document in the bag: its own `id`, what `kind` of document it is (empty: the id says so), and what is wrong
    with it ("old", "copy", "other_person", …; empty: nothing). Counters ask for kinds.
    """

    id: str
    kind: str = ""
    flaw: str = ""

    def is_a(self, kind: str) -> bool:
        """Return whether it is a document of that kind."""
        return kind == (self.kind or self.id)


class Sms(msgspec.Struct, frozen=True, cache_hash=True):
    """A short message as the phone keeps it: its text's key (`sms.<kind>`), the code or number that stands in it."""

    kind: str
    code: str = ""


class Phone(msgspec.Struct, frozen=True, cache_hash=True):
    """A person's telephone and numbers. `sims`: all numbers in their name; `gone`: numbers of before that the carrier
    has given to somebody else; `held`: numbers of before that are only switched off;
    `limited`: by law no new number but one with basic service; `face`: what stands in a face check's way ("glasses",
    "dark"); `sms`: newest first. `free_paid`: payments without a password today; `printed_fen`: paid today to printed
    codes.
    """

    sims: tuple[Sim, ...] = ()
    held: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    limited: bool = False
    face: tuple[str, ...] = ()
    sms: tuple[Sms, ...] = ()
    accounts: tuple[OldAccount, ...] = ()
    shopper: Shopper = Shopper()
    social: Social = Social()
    free_paid: int = 0
    printed_fen: int = 0


class Persona(msgspec.Struct, frozen=True):
    """The invented person who is practised as. `contacts`: (account, name) of people one may pay; `purse`: pieces in
    the pocket; `wallet`: the account that the practice phone pays from; `passes`: metro tokens and cards; `bookings`:
    flights.
    """

    name: str = "张明"
    cards: tuple[Card, ...] = ()
    ledger: Ledger = Ledger()
    contacts: tuple[tuple[str, str], ...] = ()
    purse: Items = NONE
    ids: tuple[IdCard, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    travel_codes: tuple[int, ...] = ()
    """When codes to travel without an ID card were made by phone, in minutes since 1970 (UTC+8)."""
    wallet: str = ""
    passes: tuple[Pass, ...] = ()
    bookings: tuple[Booking, ...] = ()
    things: tuple[tuple[str, Literal["hand", "hold"]], ...] = ()
    """What lies in the bags that security asks about, and whether in the bag at hand or in the one for the hold."""
    phone: Phone = Phone()
    papers: tuple[BagDocument, ...] = ()
    """What a counter may ask for, beside the ID card."""
    records: tuple[str, ...] = ()
    """What the offices' computers know of the person ("telecom_fraud", "dormant", …), in its counter's words."""
    kept: tuple[Card, ...] = ()
    """Bank cards that a machine kept; the bank's counter has them."""
    visits: Visits = Visits()
    """Who may be seen by video, and what was asked for."""

    def card(self, number: str) -> Card | None:
        """Return the card with that number, or None."""
        return next((card for card in self.cards if card.number == number), None)
