"""Define a railway's tickets, and what a ticket machine asks its office.

Each ask comes back in `HostAnswered` with its answer fields filled in. `id` is 0 where an unanswered ask loses nothing
(a look-up, a hold that expires by itself); what books has one, and may be asked again: an order that is issued, a
ticket that is refunded, is so once.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Ticket(msgspec.Struct, frozen=True):
    """A railway ticket, stored with the railway and found by the ID card. `day` counts from 1970 (UTC+8), `leaves` and
    `arrives` in minutes from that day's midnight; `paid_by` is the card's number (or "phone"), empty for cash.
    `floor_bp`: a refund costs at least this rate, after a change to a far day; `changed`: was changed once already.
    """

    id: int
    order: int
    person: str
    train: str
    origin: str
    target: str
    day: int
    leaves: int
    arrives: int
    kind: str
    seat: str
    fen: int
    paid_by: str = ""
    changed: bool = False
    floor_bp: int = 0
    invoiced: bool = False


RailVerdict = Literal[
    "ok",
    "no_seats",
    "no_trains",
    "same_train",
    "conflict",
    "limited",
    "closed",
    "person",
    "nothing",
    "gone",
    "changed_once",
    "changed_late",
    "change_near",
    "change_late",
    "target_near",
    "too_late",
    "cash_window",
    "too_far",
    "night",
    "code_cap",
    "offline",
]


class Offer(msgspec.Struct, frozen=True, cache_hash=True):
    """A class of a train on a day: its kind ("second", …), the fare in fen, and how many seats are left."""

    kind: str
    fen: int
    left: int


class TrainRow(msgspec.Struct, frozen=True, cache_hash=True):
    """A train between two stations: `leaves` and `arrives` in minutes from the day's midnight (over 1440: next day)."""

    no: str
    leaves: int
    arrives: int
    offers: tuple[Offer, ...] = ()


class RailQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the railway's asks. Who travels is said by the ID card's number."""

    id: int = 0


class TrainsAsked(RailQuestion, frozen=True):
    """The question: Which trains run from `origin` to `target` on `day`, and what is left? Answer: rows by
    departure.
    """

    origin: str = ""
    target: str = ""
    day: int = 0
    rows: tuple[TrainRow, ...] = ()


class HoldAsked(RailQuestion, frozen=True):
    """Hold a seat each for `people`. `swap`: the ticket that is changed for it (0: none). Answer: the order's number,
    the seats and the fare of all of them.
    """

    origin: str = ""
    target: str = ""
    day: int = 0
    train: str = ""
    kind: str = ""
    people: tuple[str, ...] = ()
    swap: int = 0
    order: int = 0
    seats: tuple[str, ...] = ()
    fen: int = 0


class IssueAsked(RailQuestion, frozen=True):
    """The held order is paid: make tickets of it, on these seats. `paid_by`: a card's number, "phone", or empty for
    cash; `back_fen` goes back to what paid the changed ticket. Answer: the tickets.
    """

    order: int = 0
    paid_by: str = ""
    fen: int = 0
    back_fen: int = 0
    seats: tuple[str, ...] = ()
    tickets: tuple[Ticket, ...] = ()


class ReleaseAsked(RailQuestion, frozen=True):
    """Let a held or issued order go as if it had never been; "ok" whether or not there was one."""

    order: int = 0


class TicketsAsked(RailQuestion, frozen=True):
    """The question: Which tickets stand under this ID card? Answer: those of today and later, earliest first."""

    person: str = ""
    tickets: tuple[Ticket, ...] = ()


class RefundAsked(RailQuestion, frozen=True):
    """Take a ticket back: `fen` goes back to what paid, `fee_fen` stays."""

    ticket: int = 0
    fen: int = 0
    fee_fen: int = 0


class InvoiceAsked(RailQuestion, frozen=True):
    """The code with which an electronic invoice can be fetched. Answer: the code."""

    ticket: int = 0
    code: str = ""


class TravelCodeAsked(RailQuestion, frozen=True):
    """Ask by phone for the code that stands for an ID card for a day; one that is still valid is answered again.
    Answer: until when, in minutes since 1970 (UTC+8), and the how many-th of the month it is.
    """

    until: int = 0
    count: int = 0


RailAsk = (
    TrainsAsked | HoldAsked | IssueAsked | ReleaseAsked | TicketsAsked | RefundAsked | InvoiceAsked | TravelCodeAsked
)
