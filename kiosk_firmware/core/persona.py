"""The person who is practised as: all that outlives a run, and all of it invented.

Cards carry an unassigned prefix (9900…), people unassigned ID area codes. Money in accounts is a double-entry ledger:
each posting takes from one account what it gives to another, so the sum over all accounts is always zero; outside the
learner's accounts stand the bank's own ("vault": cash in machines, "fees", "world": everybody else). No PIN is here: a
practice PIN lives in the PIN pad driver's store.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.money import NONE, Items
from kiosk_firmware.core.visit_data import Visits


class Card(msgspec.Struct, frozen=True):
    """A practice card: number, its account, `expires` YYMM, chip or stripe only, and its standing at the bank."""

    number: str
    account: str
    bank: str = "rongjiang"
    expires: str = "3012"
    chip: bool = True
    status: Literal["active", "dormant", "lost"] = "active"


class Entry(msgspec.Struct, frozen=True):
    """A line of a statement: what kind, how much (negative = out), and the day (days since 1970, UTC+8)."""

    account: str
    kind: str
    fen: int
    day: int = 0


class Pending(msgspec.Struct, frozen=True):
    """A transfer to another person that is booked after 24 hours and cancellable until then."""

    id: int
    account: str
    payee: str
    fen: int


class Ledger(msgspec.Struct, frozen=True):
    """Balances by account (fen, sum zero), newest entries first (bounded by `keep`), transfers pending, day's
    withdrawals.
    """

    balances: tuple[tuple[str, int], ...] = ()
    entries: tuple[Entry, ...] = ()
    pending: tuple[Pending, ...] = ()
    drawn_fen: tuple[tuple[str, int], ...] = ()
    keep: int = 8

    def balance(self, account: str) -> int:
        """The account's balance in fen; 0 for an unknown one."""
        return dict(self.balances).get(account, 0)

    def drawn(self, account: str) -> int:
        """Return what was withdrawn from the account on this practised day, in fen."""
        return dict(self.drawn_fen).get(account, 0)

    def has(self, account: str) -> bool:
        """Return whether the account exists."""
        return any(name == account for name, _ in self.balances)


def post(ledger: Ledger, source: str, target: str, fen: int, kind: str, day: int = 0) -> Ledger:
    """The ledger after `fen` moved from `source` to `target`; both get a line. Negative amounts are refused
    (ValueError).
    """
    if fen < 0:
        raise ValueError(f"posting of {fen} fen: move it the other way instead")
    if fen == 0:
        return ledger
    moved = dict(ledger.balances)
    moved[source] = moved.get(source, 0) - fen
    moved[target] = moved.get(target, 0) + fen
    lines = (Entry(source, kind, -fen, day), Entry(target, kind, fen, day))
    return msgspec.structs.replace(
        ledger, balances=tuple(sorted(moved.items())), entries=(lines + ledger.entries)[: ledger.keep]
    )


class IdCard(msgspec.Struct, frozen=True):
    """An ID card in the pocket: one's own first, then those of people one buys for. `limited`: a court forbids high
    spending, so some seats may not be sold to this person. `expires` YYMM. `lost`: no longer in the pocket.
    """

    number: str
    name: str = ""
    expires: str = "4012"
    limited: bool = False
    lost: bool = False


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


class Pass(msgspec.Struct, frozen=True):
    """A metro token or stored-value card in the pocket: its number, the balance it carries, and what it says of its
    journey (`kits.metro.ticket`).
    """

    number: str
    fen: int = 0
    trip: str = ""


class Flyer(msgspec.Struct, frozen=True, cache_hash=True):
    """One person of a booking: ID number, name (in Latin letters SURNAME/GIVEN, as codes have it), the 13 digits of the
    e-ticket. `number`: the sequence number of a check-in, 0 where not checked in, with `seat` and `bags`; `need`: what
    only the counter may do.
    """

    person: str
    name: str
    latin: str
    ticket: str
    seat: str = ""
    number: int = 0
    bags: int = 0
    need: Literal["", "infant", "wheelchair"] = ""


class Booking(msgspec.Struct, frozen=True, cache_hash=True):
    """A flight that was booked, kept by the airline. `day` counts from 1970 (UTC+8) and is that of departure. `phone`:
    where to call if something changes. `cancels`: how often check-in was taken back; `moved_to`: the gate that is
    announced once somebody has checked in; `owed`: papers that the counter still has to print.
    """

    reference: str
    flight: str
    day: int
    flyers: tuple[Flyer, ...]
    phone: str = ""
    cancels: int = 0
    moved_to: str = ""
    owed: tuple[str, ...] = ()


class Paper(msgspec.Struct, frozen=True, cache_hash=True):
    """A document in the bag: its own `id`, what `kind` of document it is (empty: the id says so), and what is wrong
    with it ("old", "copy", "other_person", …; empty: nothing). Counters ask for kinds.
    """

    id: str
    kind: str = ""
    flaw: str = ""

    def is_a(self, kind: str) -> bool:
        """Return whether it is a document of that kind."""
        return kind == (self.kind or self.id)


class Sim(msgspec.Struct, frozen=True, cache_hash=True):
    """A telephone number in somebody's name: `plan` names what is paid for it each month; `months`: how long one is
    bound; `own`: the person opened it and knows of it. A number in one's name that is used by somebody else is not.
    """

    number: str
    plan: str = ""
    months: int = 0
    own: bool = True


class Sms(msgspec.Struct, frozen=True, cache_hash=True):
    """A short message as the phone keeps it: its text's key (`sms.<kind>`), the code or number that stands in it."""

    kind: str
    code: str = ""


class OldAccount(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a service of before: its `name` there, the telephone number that it hangs on, the answers to its
    question, friends who may vouch; `recovered`: it is the person's again, with a new password and number.
    """

    app: str
    name: str
    number: str
    born: str = ""
    friends: tuple[str, ...] = ()
    recovered: bool = False


OrderState = Literal[
    "unpaid",
    "closed",
    "paid",
    "sent",
    "ready",
    "taken",
    "done",
    "asked",
    "back",
    "refused",
    "platform",
    "refunded",
]
"""Of an order in a shop: ready: it lies in the locker or station; asked: it may be sent back; back: it is on its way
there; refused: the seller says no; platform: the shop's service decides.
"""


class Order(msgspec.Struct, frozen=True, cache_hash=True):
    """An order in a shop for `fen`, its coupon taken off. `days`: since the parcel was `fetched`; `code`: opens the
    locker; `stars`: of its review, 0 for none; `back_fen`: what is or will be given back.
    """

    id: int
    good: str
    fen: int
    spec: str = ""
    state: OrderState = "unpaid"
    days: int = 0
    fetched: bool = False
    code: str = ""
    stars: int = 0
    back_fen: int = 0


class Shopper(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a shop: the `number` it hangs on ("": none), the address, whether its coupon is still there, and
    orders, newest first.
    """

    number: str = ""
    address: str = ""
    coupon: bool = True
    orders: tuple[Order, ...] = ()


class Gift(msgspec.Struct, frozen=True, cache_hash=True):
    """Money in a messenger that nobody has taken yet: a red packet, or a transfer that goes on its way after `hours`.
    `giver` and `taker` are friends' ids, "" the person.
    """

    id: int
    giver: str = ""
    taker: str = ""
    kind: Literal["packet", "transfer"] = "packet"
    fen: int = 0
    hours: int = 0


class Social(msgspec.Struct, frozen=True, cache_hash=True):
    """An account with a messenger: the `number` it hangs on ("": none), friends, those who are shut out, groups and the
    quiet ones among them, whose pictures were liked, and money that nobody has taken yet.
    """

    number: str = ""
    friends: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()


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
    wallet: str = ""
    passes: tuple[Pass, ...] = ()
    bookings: tuple[Booking, ...] = ()
    things: tuple[tuple[str, Literal["hand", "hold"]], ...] = ()
    """What lies in the bags that security asks about, and whether in the bag at hand or in the one for the hold."""
    phone: Phone = Phone()
    papers: tuple[Paper, ...] = ()
    """What a counter may ask for, beside the ID card."""
    records: tuple[str, ...] = ()
    """What the offices' computers know of the person ("telecom_fraud", "dormant", …), in its counter's words."""
    kept: tuple[Card, ...] = ()
    """Bank cards that a machine kept; the bank's counter has them."""
    visits: Visits = Visits()
    """Who may be seen by video, and what was asked for."""

    def card(self, number: str) -> Card | None:
        """The card with that number, or None."""
        return next((card for card in self.cards if card.number == number), None)
