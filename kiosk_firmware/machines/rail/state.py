"""The ticket machine's state and terms, and the few moves that every errand makes.

`Terms` is what never changes in a run: the dated rules, the skin's profile, the stations. `State` is one phase, the
books, and the order that is being put together. `today` and `minute` are when the run began (UTC+8); practised time
does not move under a person's hands.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AskHost, Effects
from kiosk_firmware.core.hosts.rail import RailAsk, Ticket
from kiosk_firmware.core.money import Items
from kiosk_firmware.kits import home_phase
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed
from kiosk_firmware.machines.rail import phases as p
from kiosk_firmware.machines.rail.booking_office import OfficeRules
from kiosk_firmware.machines.rail.timetable import Station


class Rules(OfficeRules, frozen=True, forbid_unknown_fields=True):
    """Dated rules. Amounts in fen, times in ms. Sources stand in rulepack.toml."""

    presale_days: int
    sale_closes_min: int
    people_most: int
    pin_tries: int
    pin_digits: int
    cash_accepts_fen: tuple[int, ...]
    cash_notes: int
    invoice_days: int
    code_ms: int
    code_renewals: int
    page_ms: int
    pay_ms: int
    take_ms: int
    note_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: where the machine stands, whether it takes cash, the order of steps, what it
    holds.
    """

    home: str
    cash: bool
    id_first: bool
    day_first: bool
    slip_asked: bool
    stock: Items


class Terms(msgspec.Struct, frozen=True):
    """Rules, profile, and the stations by code, the hot ones named first."""

    rules: Rules
    profile: Profile
    stations: dict[str, Station]
    hot: tuple[str, ...]


class Order(msgspec.Struct, frozen=True, cache_hash=True):
    """The purchase under way, as far as it is settled; `leaves` and `arrives` in minutes from the day's midnight.
    `swap`: the ticket that is changed for it; `number`, `seats` and `fen` come from the railway's hold.
    """

    origin: str = ""
    target: str = ""
    day: int = 0
    train: str = ""
    kind: str = ""
    leaves: int = 0
    arrives: int = 0
    people: tuple[str, ...] = ()
    swap: Ticket | None = None
    number: int = 0
    seats: tuple[str, ...] = ()
    fen: int = 0

    @property
    def due_fen(self) -> int:
        """Return what is still to be paid for it; negative where a changed ticket was dearer."""
        return self.fen - (self.swap.fen if self.swap else 0)


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the ticket machine knows. `yymm`: the practised month, to tell an expired card. `scene`: the fraud
    that is still to be met.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    order: Order = Order()
    today: int = 0
    minute: int = 0
    yymm: str = "0000"
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def with_order(state: State, **fields: Any) -> State:
    """Return the state with these fields of its order changed."""
    return msgspec.structs.replace(state, order=msgspec.structs.replace(state.order, **fields))


def ask(state: State, phase: p.Phase, question: RailAsk) -> Step:
    """Ask the railway, and wait for its answer."""
    return enter_phase(state, phase, AskHost("network_host", "rail", question))


def minutes_left(state: State, ticket: Ticket) -> int:
    """Return the minutes from the run's moment to the departure; negative when it has left."""
    return (ticket.day - state.today) * 1440 + ticket.leaves - state.minute


def leave(terms: Terms, state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what was put in and has paid for nothing is handed out again, then the cards."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, card_first=False, why=why, hopper=True)
    return continue_leaving(terms, msgspec.structs.replace(state, books=books), msgspec.structs.replace(what, **fields))


def continue_leaving(terms: Terms, state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(terms, state, *proceed(state.books, what))


def after_leaving(terms: Terms, state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; home where all duties are done."""
    there = partial(leave, terms, wait_ident=False)
    return home_phase.after_leaving(state, (books, phase, effects), there, phase=p.Home(), order=Order())
