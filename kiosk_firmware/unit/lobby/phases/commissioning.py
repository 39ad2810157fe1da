"""Commissioning as data: where it stands, what it hears of the hardware's side, what it asks of it.

A technician with no internet chooses what the unit is built as, plugs the parts in, and reads of each whether it was
found and works, or what is wrong, in words. Nothing is asked of a part that could move a card, a token or a note.

Where an office is to trust the unit, the first page is about that: who the unit is, how far its enrolment is, and how
the board is. Setting up goes on beside it; at the end the page is green, and the acceptance sheet is made.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.events import DoubleTapped, Tapped, Typed
from kiosk_firmware.core.pages import Row, Text
from kiosk_firmware.unit.identity.status_file import EnrolmentStatus
from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase

NUMBER = 3
"""Digits of a unit's number: its id is `<kind>-<number>`."""
CODE = 6
PartState = Literal["waiting", "found", "double", "pins", "given", "works", "wrong"]


class Part(msgspec.Struct, frozen=True):
    """A part of this kind of unit: its role, how it stands, and that in words; `ports`: where, if it is double."""

    role: str
    state: PartState
    words: Text
    ports: tuple[str, ...] = ()


# -- what it hears -----------------------------------------------------------------------------------------------------


class Offered(EventBase, frozen=True):
    """The kinds that there are templates for; `now`: what the unit is already ("" a blank one). `known`: a code is set.
    `set_up`: nothing is to be set up, only to be enrolled.
    """

    kinds: tuple[str, ...]
    now: str = ""
    known: bool = False
    set_up: bool = False


class Looked(EventBase, frozen=True):
    """The devices found so far; `busy`: the parts are being tried. `extra`: who answered and is no part; `clash`: pins
    wanted twice, each as (what, pin, port).
    """

    parts: tuple[Part, ...]
    busy: bool = False
    extra: tuple[str, ...] = ()
    clash: tuple[tuple[str, int, str], ...] = ()


class CodeTyped(EventBase, frozen=True):
    """So many digits lie in the lock now."""

    count: int


class CodeTaken(EventBase, frozen=True):
    """The code stands: once more to be sure (`again`), or it is set."""

    again: bool


class CodeRefused(EventBase, frozen=True):
    """Everybody would try it (weak), or the second was another (differs)."""

    why: Literal["weak", "differs"]


class Written(EventBase, frozen=True):
    """unit.toml stands; `trouble` why it does not."""

    trouble: str = ""


class Trusting(EventBase, frozen=True):
    """The progress of the enrolment; `heard`: the office's word came through over our own certificate."""

    told: EnrolmentStatus
    heard: bool = False


class Checked(EventBase, frozen=True):
    """The result of the computer's self-test: a row for each thing that was looked at."""

    rows: tuple[Row, ...]


CommissioningEvent = (
    Tapped
    | Typed
    | DoubleTapped
    | Offered
    | Looked
    | CodeTyped
    | CodeTaken
    | CodeRefused
    | Written
    | Trusting
    | Checked
)

# -- what it asks for --------------------------------------------------------------------------------------------------


class Choose(RequestBase, frozen=True):
    """The unit is built as this. → Looked."""

    kind: str


class Look(RequestBase, frozen=True):
    """Look again who answers, and try each. → Looked, twice."""


class TakeCode(RequestBase, frozen=True):
    """All digits are typed, for the second time (`again`) or the first. → CodeTaken or CodeRefused."""

    again: bool


class ForgetCode(RequestBase, frozen=True):
    """A request to forget the typed code."""


class Write(RequestBase, frozen=True):
    """Write unit.toml for this kind and number. → Written."""

    kind: str
    number: str


class Begin(RequestBase, frozen=True):
    """Start as the unit that this is now."""


class UseTicket(RequestBase, frozen=True):
    """Enrol with this one-time code. → Trusting."""

    code: str


class MakeSheet(RequestBase, frozen=True):
    """Make the acceptance sheet. → Trusting."""


AnyRequest = Choose | Look | TakeCode | ForgetCode | Write | Begin | UseTicket | MakeSheet
Requests = tuple[AnyRequest, ...]

# -- where it stands ---------------------------------------------------------------------------------------------------


class Kinds(PhaseBase, frozen=True):
    """The question: What is it built as?"""


class Parts(PhaseBase, frozen=True):
    """The list of the parts that the kind needs, and how each stands; `asked`: go on without what is not there?"""

    parts: tuple[Part, ...] = ()
    busy: bool = True
    extra: tuple[str, ...] = ()
    clash: tuple[tuple[str, int, str], ...] = ()
    asked: bool = False


class Number(PhaseBase, frozen=True):
    """The unit's number; `wrong`: too short."""

    typed: str = ""
    wrong: bool = False


class Code(PhaseBase, frozen=True):
    """The first supervisor's code, twice; `typed` digits lie in the lock."""

    again: bool = False
    typed: int = 0
    why: str = ""


class Done(PhaseBase, frozen=True):
    """unit.toml stands, or why not."""

    trouble: str = ""


class Trust(PhaseBase, frozen=True):
    """The unit's identity and the progress of its enrolment; `board`: the self-test in full."""

    board: bool = False


class Ticket(PhaseBase, frozen=True):
    """A one-time code is typed; `wrong`: it can be none."""

    typed: str = ""
    wrong: bool = False


class Accepted(PhaseBase, frozen=True):
    """The acceptance sheet; `since_ms`: one that was made later than this is awaited."""

    since_ms: int = 0


AnyPhase = Kinds | Parts | Number | Code | Done | Trust | Ticket | Accepted


class Commissioning(msgspec.Struct, frozen=True):
    """The whole."""

    phase: AnyPhase = Kinds()
    language: str = "zh"
    offered: Offered = Offered(())
    kind: str = ""
    number: str = ""
    code_set: bool = False
    set_up: bool = False
    trusting: Trusting | None = None
    """None: no office is to trust this unit, or nobody has said so yet."""
    checked: tuple[Row, ...] = ()

    @property
    def trusted(self) -> bool:
        """The unit has its certificate."""
        return self.trusting is not None and self.trusting.told.phase == "trusted"

    @property
    def may_begin(self) -> bool:
        """It may be practised on as it is."""
        return self.trusting is None or self.trusted or self.trusting.told.practise
