"""The metro ticket machine's phases, errand by errand: one frozen struct each, joined to one closed union.

A phase named …ing waits for a device or a host and is left only by its answer; all others are left by keys or by their
time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.return_items import Leaving

Errand = Literal["pay", "load", "balance"]
"""What a card is held to the reader for."""


class MetroPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the ticket machine's phases."""


# -- home, notices


class Home(MetroPhase, frozen=True):
    """The question: What would you like to do?"""


class Notice(MetroPhase, frozen=True):
    """One thing to know, then on with `back`."""

    why: str
    back: Home | PayKind | Lines | Stops | Letters | Named


class Met(MetroPhase, frozen=True):
    """A fraud is met; then on with `then`."""

    meeting: SceneProgress
    then: MetroPhase


Front = Home | Notice | Met

# -- where to


class Lines(MetroPhase, frozen=True):
    """The map with a key for each line."""


class Stops(MetroPhase, frozen=True):
    """One line's stations, from `first` on."""

    line: str
    first: int = 0


class Letters(MetroPhase, frozen=True):
    """Well-known stations, and the letters that stations begin with."""


class Named(MetroPhase, frozen=True):
    """The stations whose pinyin begins with `letter`, from `first` on."""

    letter: str
    first: int = 0


Where = Lines | Stops | Letters | Named

# -- how many, how to pay


class Count(MetroPhase, frozen=True):
    """The question: How many tickets?"""


class FirstLoad(MetroPhase, frozen=True):
    """The question: How much shall a new card carry?"""


class PayKind(MetroPhase, frozen=True):
    """All of it once more: cash, stored-value card, or phone?"""


class CashPaying(MetroPhase, frozen=True):
    """Notes and tokens go in, one after the other; `refused`: why the last note came back."""

    refused: str = ""


class Storing(MetroPhase, frozen=True):
    """One note is being stacked or given back."""

    refused: str = ""


class PhonePaying(MetroPhase, frozen=True):
    """A code is shown; a phone pays it."""


class PhoneClosing(MetroPhase, frozen=True):
    """The code is withdrawn: nothing is charged, unless the phone was quicker."""

    why: str = ""


class Reversing(MetroPhase, frozen=True):
    """The bank is told to undo a phone's payment."""

    why: str
    tries: int = 1


Buy = Count | FirstLoad | PayKind | CashPaying | Storing | PhonePaying | PhoneClosing | Reversing

# -- tickets come out


class Dispensing(MetroPhase, frozen=True):
    """The next ticket is on its way into the slot."""


class TicketTaking(MetroPhase, frozen=True):
    """It stands in the slot."""


class TicketKeeping(MetroPhase, frozen=True):
    """The ticket that was left is taken back; it goes into the box."""


Issue = Dispensing | TicketTaking | TicketKeeping

# -- stored-value cards


class CardAsked(MetroPhase, frozen=True):
    """A card is to be held to the reader."""

    errand: Errand


class Loading(MetroPhase, frozen=True):
    """Notes go in; all of them are loaded. `refused`: why the last one came back."""

    refused: str = ""


class LoadStoring(MetroPhase, frozen=True):
    """One note is being stacked or given back."""

    refused: str = ""


class Loaded(MetroPhase, frozen=True):
    """It is on the card now."""

    fen: int


class BalanceShown(MetroPhase, frozen=True):
    """The content of the card."""


Card = CardAsked | Loading | LoadStoring | Loaded | BalanceShown

# -- writing on a card


class Write(msgspec.Struct, frozen=True):
    """One change of a card's balance: `errand` that it belongs to ("back": money for tickets that did not come), the
    card's number and trip, the balance `before` and `after`, fen. `slip`: the kind of slip that is owed afterwards.
    """

    errand: Literal["pay", "load", "back"]
    number: str
    before: int
    after: int
    trip: str
    slip: str = ""


class Writing(MetroPhase, frozen=True):
    """The card is being written."""

    write: Write


class TornEjecting(MetroPhase, frozen=True):
    """It went away in between, or another one was held there: it is given back, to be held to the reader again."""

    write: Write
    problem: str = ""


class TornTaking(MetroPhase, frozen=True):
    """The same: it stands in the slot."""

    write: Write
    problem: str = ""


class TornAsked(MetroPhase, frozen=True):
    """The same card again, please: what it carries now says how far the writing came."""

    write: Write
    problem: str = ""


Torn = Writing | TornEjecting | TornTaking | TornAsked
Phase = Front | Where | Buy | Issue | Card | Torn | Leaving
