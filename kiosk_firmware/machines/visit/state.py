"""The visit's state and terms, and the few moves that every errand makes.

`State` is one phase, the books, what the office said last (`visits`) and the request that is being put together.
`today` and `minute` are the practised moment (UTC+8); it moves only where a page says so: to the day of the answer, to
the day of the visit.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AskHost, Effects
from kiosk_firmware.core.events import AnyEvent, HostAnswered
from kiosk_firmware.core.hosts.visit import Relative, VisitAsk, VisitCase, VisitQuestion, Visits
from kiosk_firmware.core.money import Items
from kiosk_firmware.core.persona import BagDocument
from kiosk_firmware.kits import home_phase
from kiosk_firmware.kits.cabinet_ledger import CabinetLedger, with_fields
from kiosk_firmware.kits.return_items import Done, Leave, Leaving, proceed
from kiosk_firmware.machines.visit import phases as p
from kiosk_firmware.visit.domain.calendar import WEEKDAYS, Slot, Workdays
from kiosk_firmware.visit.domain.decisions import slots

TRIES = 3


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dated rules, for practice and life alike (`visit.domain.decisions`); times in ms for the machine's own pages.
    Sources stand in rulepack.toml. `weekdays`: 0 Monday; `minutes_of_day`: when visits begin.
    """

    minutes: int
    people_most: int
    answer_days: int
    tell_days: int
    early_min: int
    late_min: int
    kin: tuple[str, ...]
    proofs: tuple[str, ...]
    suspend_months: tuple[tuple[str, int], ...]
    weekdays: tuple[int, ...]
    minutes_of_day: tuple[int, ...]
    offers: int
    page_ms: int
    take_ms: int
    note_ms: int

    @property
    def workdays(self) -> Workdays:
        """Monday to Friday: lessons stand on days of any year, also of those that have no notice of holidays yet."""
        return WEEKDAYS


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a skin that rules read. `when_first`: the time is chosen before the people; `stock`: no money is
    here.
    """

    when_first: bool
    stock: Items = ()


class Terms(msgspec.Struct, frozen=True):
    """Rules and profile."""

    rules: Rules
    profile: Profile


class Draft(msgspec.Struct, frozen=True, cache_hash=True):
    """The request that is put together: ids of people, kinship and paper of the first unproven one, the time."""

    people: tuple[str, ...] = ()
    kin: str = ""
    paper: str = ""
    slot: Slot | None = None


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """Everything the terminal knows. `person`: whose card was read, even if it is taken up; `papers`: what is in the
    bag; `signed`: the undertaking was, in this sitting; `scene`: the fraud still to be met.
    """

    phase: p.Phase = p.Home()
    books: CabinetLedger = CabinetLedger()
    language: str = "zh"
    draft: Draft = Draft()
    visits: Visits = Visits()
    papers: tuple[BagDocument, ...] = ()
    person: str = ""
    signed: bool = False
    scene: str = ""
    today: int = 0
    minute: int = 0
    yymm: str = "0000"


Step = tuple[State, Effects]
NOTHING = NO_EFFECTS


def enter_phase(state: State, phase: p.VisitPhase | Leaving, *effects: Any, **fields: Any) -> Step:
    """Return the state in another phase, with effects."""
    return msgspec.structs.replace(state, phase=phase, **fields), effects


def with_draft(state: State, **fields: Any) -> State:
    """Return the state with these fields of its draft changed."""
    return msgspec.structs.replace(state, draft=msgspec.structs.replace(state.draft, **fields))


def ask(state: State, phase: p.VisitPhase, kind: type[VisitQuestion], number: int = 0, **fields: Any) -> Step:
    """Ask the office a question of that kind and number, and wait for its answer."""
    question: Any = kind(person=state.person, day=state.today, minute=state.minute, id=number, **fields)
    return enter_phase(state, phase, AskHost("network_host", "visit", question))


def with_office_answer(state: State, event: HostAnswered) -> State:
    """Return the state with what the office said that it knows."""
    answer: VisitAsk | Any = event.ask
    visits = answer.visits if isinstance(answer, VisitQuestion) else None
    return msgspec.structs.replace(state, visits=visits) if visits is not None else state


def no_answer(event: AnyEvent) -> bool:
    """Return whether the office did not answer at all."""
    return isinstance(event, HostAnswered) and event.completion != "success"


def case_of(state: State) -> VisitCase:
    """Return the request that the office has."""
    assert state.visits.case is not None, "only who has a request has got so far"
    return state.visits.case


def newcomer(state: State) -> Relative | None:
    """Return the first of the chosen people whose kinship was never proven."""
    people = [one for name in state.draft.people if (one := state.visits.relative(name))]
    return next((one for one in people if not one.proven), None)


def offered_times(terms: Terms, state: State) -> tuple[Slot, ...]:
    """Return the times that may be asked for."""
    return slots(terms.rules, state.today)


def leave(state: State, why: str = "", **fields: Any) -> Step:
    """Begin to leave: what somebody put in though nothing was asked for goes back, then the card is taken up."""
    books = with_fields(state.books, tally=money.NONE)
    what = Leave(due=state.books.tally, card_first=False, why=why, hopper=True)
    return continue_leaving(msgspec.structs.replace(state, books=books), msgspec.structs.replace(what, **fields))


def continue_leaving(state: State, what: Leave) -> Step:
    """Go on with a leave by the books."""
    return after_leaving(state, *proceed(state.books, what))


def after_leaving(state: State, books: CabinetLedger, phase: Leaving | Done, effects: Effects) -> Step:
    """Return the state after a leaving step; home where all duties are done."""
    again = partial(leave, wait_ident=False)
    home = {"phase": p.Home(), "draft": Draft(), "visits": Visits(), "person": "", "signed": False}
    return home_phase.after_leaving(state, (books, phase, effects), again, **home)
