"""The ticket machine's phases, errand by errand: one frozen struct each, joined to one closed union.

A phase named …Asking, …Paying or …ing waits for the railway or the bank and is left only by its answer; all others are
left by keys or by their time-out.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.effects import Document
from kiosk_firmware.core.hosts.rail import Ticket, TrainRow
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.pin_dialogue import PinEntryState
from kiosk_firmware.kits.return_items import Leaving


class RailPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of the ticket machine's phases."""


# -- home, notices


class Home(RailPhase, frozen=True):
    """The question: What would you like to do?"""


class Notice(RailPhase, frozen=True):
    """One thing to know, then on with `back`; empty: the sitting ends."""

    why: str
    back: RailPhase | None = None


Front = Home | Notice

# -- where, when, which train


class Places(RailPhase, frozen=True):
    """Hot places for `which` ("target" or "origin"), and the letters that places begin with."""

    which: str


class Stations(RailPhase, frozen=True):
    """The places whose pinyin begins with `letter`, from `first` on."""

    which: str
    letter: str
    first: int = 0


class Days(RailPhase, frozen=True):
    """The days of the pre-sale."""


class TrainsAsking(RailPhase, frozen=True):
    """The railway is asked for its trains."""


class Trains(RailPhase, frozen=True):
    """The trains of the day with their classes: those that pass the filter, where `free` only those with a place left,
    from `first` on.
    """

    rows: tuple[TrainRow, ...]
    sieve: str = "all"
    free: bool = False
    first: int = 0


class NoSeats(RailPhase, frozen=True):
    """Nothing, or too little, is left in that class of the train: standing, or back to the list?"""

    back: Trains
    row: TrainRow
    kind: str


Route = Places | Stations | Days | TrainsAsking | Trains | NoSeats

# -- who travels


class People(RailPhase, frozen=True):
    """ID cards on the reader, one after the other; `problem` with the last one."""

    problem: str = ""


class Holding(RailPhase, frozen=True):
    """The railway is asked to hold the seats."""


class Limited(RailPhase, frozen=True):
    """The refusal of a seat to this person; what may, and whom to ask."""


class Confirm(RailPhase, frozen=True):
    """All of it once more."""


Order = People | Holding | Limited | Confirm

# -- paying


class PayKind(RailPhase, frozen=True):
    """Cash, bank card, or phone? `problem`: why the last try did not pay."""

    problem: str = ""


class CashPaying(RailPhase, frozen=True):
    """Notes and tokens go in, one after the other; `refused`: why the last note came back."""

    refused: str = ""


class Storing(RailPhase, frozen=True):
    """One note is being stacked or given back."""

    refused: str = ""


class CardAsked(RailPhase, frozen=True):
    """Waiting for a bank card."""


class PinAsked(RailPhase, frozen=True):
    """The PIN pad reads."""

    pin: PinEntryState


class PinClosing(RailPhase, frozen=True):
    """The pad was asked to stop."""

    why: str = ""


class CardPaying(RailPhase, frozen=True):
    """The bank books the payment."""


class PhonePaying(RailPhase, frozen=True):
    """A code is shown; a phone pays it."""


class PhoneClosing(RailPhase, frozen=True):
    """The code is withdrawn: nothing is charged, unless the phone was quicker."""

    why: str = ""


class Issuing(RailPhase, frozen=True):
    """It is paid; the railway makes the tickets."""

    paid_by: str
    back_fen: int = 0
    tries: int = 1


class Reversing(RailPhase, frozen=True):
    """The bank is told to undo the payment with `card`; then the order is let go, where it is not yet (`held`)."""

    card: str
    why: str
    tries: int = 1
    held: bool = True


class Releasing(RailPhase, frozen=True):
    """The railway is told to let the order go; then the sitting ends with `why`."""

    why: str


class Withdrawing(RailPhase, frozen=True):
    """The railway is told to let go the tickets that it may have made. Only when it says so, the payment with `card` is
    undone ("": cash comes back, or nothing was charged).
    """

    card: str
    tries: int = 1


class SlipAsked(RailPhase, frozen=True):
    """The tickets are bought; an itinerary slip?"""

    document: Document


Pay = (
    PayKind
    | CashPaying
    | Storing
    | CardAsked
    | PinAsked
    | PinClosing
    | CardPaying
    | PhonePaying
    | PhoneClosing
    | Issuing
    | Reversing
    | Releasing
    | Withdrawing
    | SlipAsked
)

# -- tickets that one has


class IdAsked(RailPhase, frozen=True):
    """The ID card, to find the tickets for `errand` ("refund", "change", "invoice", "lookup")."""

    errand: str
    problem: str = ""


class TicketsAsking(RailPhase, frozen=True):
    """The railway is asked what stands under the ID card."""

    errand: str
    person: str


class TicketList(RailPhase, frozen=True):
    """One's tickets; which one?"""

    errand: str
    tickets: tuple[Ticket, ...]


class ChangeAsked(RailPhase, frozen=True):
    """Change the train or the place?"""

    ticket: Ticket


class RefundTold(RailPhase, frozen=True):
    """The sum that comes back, and the sum that stays."""

    ticket: Ticket
    fee_fen: int


class RefundAsking(RailPhase, frozen=True):
    """The railway takes the ticket back."""

    ticket: Ticket
    fee_fen: int
    tries: int = 1


class InvoiceAsking(RailPhase, frozen=True):
    """The railway is asked for the invoice's code."""

    ticket: Ticket


class InvoiceShown(RailPhase, frozen=True):
    """The code; print it?"""

    ticket: Ticket
    code: str


class InvoicePrinting(RailPhase, frozen=True):
    """The slip with the code is being printed."""

    ticket: Ticket
    code: str


Mine = (
    IdAsked
    | TicketsAsking
    | TicketList
    | ChangeAsked
    | RefundTold
    | RefundAsking
    | InvoiceAsking
    | InvoiceShown
    | InvoicePrinting
)


# -- without an ID card


class Forgot(RailPhase, frozen=True):
    """The card is not here: what one can do, then on with `back`."""

    back: RailPhase


class CodeAsking(RailPhase, frozen=True):
    """The phone asks the railway for a code that stands for the card, or for its next picture."""

    renewed: int = 0


class CodeShown(RailPhase, frozen=True):
    """The code, valid `until` (minutes since 1970, UTC+8), the `count`-th of the month; its picture was `renewed`."""

    until: int
    count: int
    renewed: int = 0


NoCard = Forgot | CodeAsking | CodeShown


class Met(RailPhase, frozen=True):
    """A fraud is met."""

    meeting: SceneProgress


Phase = Met | Front | Route | Order | Pay | Mine | NoCard | Leaving
