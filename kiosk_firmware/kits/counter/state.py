"""A counter's state and terms, and the few moves that every step makes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, Effects
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.pages import Text, text
from kiosk_firmware.core.persona import BagDocument
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.back_office import Filings
from kiosk_firmware.kits.counter.errands import AnyDo, Errand, Errands, Queue
from kiosk_firmware.kits.fraud_scenes import Scene
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed, slip

EPOCH = datetime.date(1970, 1, 1)


class CounterRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules that all counters have, ms and counts; a counter's own struct adds its fees, days and limits."""

    calls_most: int
    call_ms: int
    page_ms: int
    take_ms: int
    note_ms: int


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read: the number of its window, and whether its number machine wants the ID card
    first.
    """

    window: int
    ident_first: bool = False
    stock: Items = ()


class Terms(msgspec.Struct, frozen=True):
    """The terms that never change in a run: dated rules, the skin's profile, the errands, the frauds that can be met,
    and the machine's own functions by name: judgements (state → a refusal's word, empty to go on) and what the clerk
    works out of the forms (state → figures for a sentence).
    """

    rules: CounterRules
    profile: Profile
    errands: Errands
    scenes: Mapping[str, Scene] = {}
    judges: Mapping[str, Callable[[Any, State], str]] = {}
    workings: Mapping[str, Callable[[Any, State], Mapping[str, int]]] = {}

    def figure(self, name: str) -> int:
        """Return the rule of that name."""
        return cast(int, getattr(self.rules, name))

    def figures(self) -> dict[str, int | str]:
        """Return all figures, by name, as what the clerk says may use them: also those that a counter works out of
        others.
        """
        return figures(self.rules)


@cache
def figures(rules: CounterRules) -> dict[str, int | str]:
    """Return the whole numbers of the rules: fields and properties."""
    values = {name: getattr(rules, name) for name in dir(rules) if not name.startswith("_")}
    return {name: value for name, value in values.items() if isinstance(value, int)}


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the counter knows.

    Of the person: `owner` (ID number), `name`, `until` (YYMM of the ID card), `bag`, `desk` and `kept` (papers),
    `records`, `purse_fen`, `card` (number of the bank card that would be made again). Of the visit: queue, errand, the
    step `at`, whether the ID card was `handed` over, answers, the form's fields, `fee_fen` agreed, acceptance `number`
    and the day on which it is `ready`. `filings`: what was filed here so far. `day` and `yymm`: the practised date.
    `scene`: still to be met.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    owner: str = ""
    name: str = ""
    until: str = ""
    bag: tuple[BagDocument, ...] = ()
    desk: tuple[BagDocument, ...] = ()
    kept: tuple[BagDocument, ...] = ()
    records: tuple[str, ...] = ()
    purse_fen: int = 0
    card: str = ""
    filings: Filings = ()
    queue: str = ""
    errand: str = ""
    at: int = 0
    handed: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    fee_fen: int = 0
    number: str = ""
    ready: int = 0
    day: int = 0
    yymm: str = "0000"
    scene: str = ""


Step = tuple[State, Effects]


def enter_phase(state: State, phase: p.Phase, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def queue_of(terms: Terms, state: State) -> Queue:
    """Return the group whose number was drawn."""
    return next(queue for queue in terms.errands.queue if queue.id == state.queue)


def errand_of(terms: Terms, state: State) -> Errand:
    """Return the errand of this visit."""
    return terms.errands.of(state.errand)


def step_of(terms: Terms, state: State) -> AnyDo:
    """Return the step at which the errand stands."""
    return errand_of(terms, state).steps[state.at]


def queue_number(terms: Terms, state: State) -> str:
    """Return the number that was drawn, as it stands on the slip."""
    queue = queue_of(terms, state)
    return f"{queue.letter}{queue.ahead + 10:03d}"


def day_text(day: int) -> Text:
    """Return a day as month and day."""
    date = EPOCH + datetime.timedelta(days=day)
    return text("date", month=date.month, day=date.day)


UNANSWERED = "no_answer"
"""The office's computer may have filed it, and taken the fee."""


def leave(state: State, why: str = "") -> Step:
    """Begin to leave: a slip says what nobody knows; what was put into a slot unasked goes back, then the ID card."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, why=why)
    if why == UNANSWERED:
        return after_leaving(msgspec.structs.replace(state, books=books), *slip(books, what, why))
    return continue_leaving(msgspec.structs.replace(state, books=books), what)


def continue_leaving(state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(state, *proceed(state.books, what))


def after_leaving(state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; in the hall again where all duties are done, ready for another errand."""
    if not isinstance(phase, Done):
        if phase is state.phase and books is state.books:
            return state, NO_EFFECTS
        return msgspec.structs.replace(state, books=books, phase=phase), effects
    state = msgspec.structs.replace(state, books=books)
    if books.tally or books.tray or books.escrow_fen or books.place != "none":
        return leave(state)
    gone: dict[str, Any] = {"queue": "", "errand": "", "number": "", "answers": (), "fields": (), "handed": False}
    return enter_phase(state, p.Home(), at=0, fee_fen=0, ready=0, **gone)


def finish(state: State, why: str) -> Step:
    """Go: first the papers are taken back."""
    return enter_phase(state, p.Back(why)) if state.desk else leave(state, why)
