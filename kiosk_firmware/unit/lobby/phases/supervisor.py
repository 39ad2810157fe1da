"""The supervisor's side as data: the door, the desk and its sheets, what they hear and what they ask for.

A supervisor is a number. Neither a digit of the code nor a card's number ever comes here: the app's lock keeps them
and tells only how many keys were pressed, and who it let in.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.pages import Text
from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase

CODE = 6
"""Digits of a supervisor's code."""
REASONS = ("repair", "supplies", "cleaning", "closed")
"""Why a unit is out of service, as learners read it: `staff.shut.<reason>`."""
When = Literal["before", "after"]
Mark = Literal["ok", "warn", "bad"]


class Row(msgspec.Struct, frozen=True):
    """Something seen of a device: shape and colour (`mark`), and words."""

    device: str
    mark: Mark
    words: Text


class Item(msgspec.Struct, frozen=True):
    """Something to count. `what`: card, ident, slip, or `fen.<value>` (`token` tells tokens from notes). `expected`:
    how many should be there, None where nobody has counted yet; below 0 where more went in than had been counted.
    `place`, `at`: where the unit saw one last ("" never), HH:MM.
    """

    what: str
    expected: int | None = None
    token: bool = False
    place: str = ""
    at: str = ""


# -- what it hears -----------------------------------------------------------------------------------------------------


class Knocked(EventBase, frozen=True):
    """The corner was held and the sequence made."""


class DoorOpened(EventBase, frozen=True):
    """The ways in: `order` is where the ten digits lie this time (empty: no code is set), `card` whether a card will
    do.
    """

    order: tuple[int, ...] = ()
    card: bool = False


class DoorBarred(EventBase, frozen=True):
    """Too many failures: nobody gets in for so long."""

    minutes: int


class CodeTyped(EventBase, frozen=True):
    """So many digits lie in the lock now."""

    count: int


class TurnedAway(EventBase, frozen=True):
    """That was no supervisor's; so many tries are left."""

    left: int


class Admitted(EventBase, frozen=True):
    """The supervisor who is let in."""

    who: int


class Staffing(EventBase, frozen=True):
    """The acts that the desk offers on this unit. `devices`: all that can be tested; `refills`: what can be filled or
    emptied; `supports`: (fault, machines that know it); `armed` the fault of the next run; `shut` why the unit is out
    of service.
    """

    devices: tuple[str, ...] = ()
    refills: tuple[str, ...] = ()
    supports: tuple[tuple[str, tuple[str, ...]], ...] = ()
    armed: str = ""
    shut: str = ""
    secrets: bool = False
    """Cards carry a secret here, which the desk writes."""


class LookedOver(EventBase, frozen=True):
    """Every device, as it is now."""

    rows: tuple[Row, ...]


class Noticed(EventBase, frozen=True):
    """The device under test did something."""

    row: Row


class CardTaken(EventBase, frozen=True):
    """The card is set; `why` it is not: it is another's already, a learner's, or can carry no secret (plain)."""

    why: Literal["", "taken", "learner", "plain"] = ""


class CardIssued(EventBase, frozen=True):
    """A card was held to the reader to get its secret, its number's `tail`; `written`: it carries it."""

    tail: str
    written: bool


class CardUnknown(EventBase, frozen=True):
    """A card was held to the door's reader that carries no secret; no try is counted, and nothing said of whose it
    is.
    """


class CountOpened(EventBase, frozen=True):
    """The items that are to be counted."""

    items: tuple[Item, ...]


class Weighed(EventBase, frozen=True):
    """The loss that a wipe would bring: so many facts that the office does not have, -1 where that cannot be read;
    `signs`: this unit can sign them onto a USB drive.
    """

    facts: int
    signs: bool = False


class Carried(EventBase, frozen=True):
    """So many facts are on a USB drive now."""

    facts: int


AnyStaffHeard = (
    Knocked
    | DoorOpened
    | DoorBarred
    | CodeTyped
    | TurnedAway
    | Admitted
    | Staffing
    | LookedOver
    | Noticed
    | CountOpened
    | CardTaken
    | CardIssued
    | CardUnknown
    | Weighed
    | Carried
)

# -- what it asks for --------------------------------------------------------------------------------------------------


class OpenDoor(RequestBase, frozen=True):
    """A request to open the supervisor's door. → DoorOpened or DoorBarred."""


class CheckCode(RequestBase, frozen=True):
    """All digits are typed. → Admitted, TurnedAway or DoorBarred."""


class LeaveDesk(RequestBase, frozen=True):
    """The supervisor is gone (`who` 0: only the door is closed)."""

    who: int
    reason: Literal["key", "idle"] = "key"


class LookOver(RequestBase, frozen=True):
    """Look at every device. → LookedOver."""


class BeginTest(RequestBase, frozen=True):
    """Test this device. → Noticed, as things are seen."""

    device: str


class EndTest(RequestBase, frozen=True):
    """The test is over."""


class ArmFault(RequestBase, frozen=True):
    """The fault that strikes in the next run ("" none). → Staffing."""

    fault: str


class OpenCount(RequestBase, frozen=True):
    """A request to begin a count. → CountOpened."""


class CloseCount(RequestBase, frozen=True):
    """The figures counted, in the items' order."""

    when: When
    items: tuple[Item, ...]
    counted: tuple[int, ...]


class Refill(RequestBase, frozen=True):
    """A device was filled up, or emptied: its counters begin anew."""

    device: str


class ShutUnit(RequestBase, frozen=True):
    """Out of service for this reason; "" in service again. → Staffing."""

    reason: str


class Restart(RequestBase, frozen=True):
    """Start the unit again; `blank`: to be set up anew."""

    blank: bool = False


class TakeCard(RequestBase, frozen=True):
    """The next card at the reader is this supervisor's, or a technician's. → CardTaken."""

    technician: bool = False


class IssueCards(RequestBase, frozen=True):
    """Every card that is held to the reader gets its secret. → CardIssued, until DropCard."""


class DropCard(RequestBase, frozen=True):
    """No card is waited for any more."""


class Weigh(RequestBase, frozen=True):
    """A request to reckon what a wipe would lose. → Weighed."""


class CarryOut(RequestBase, frozen=True):
    """The next stick takes what the office does not have. → Carried."""


class CarryNothing(RequestBase, frozen=True):
    """No stick is waited for any more."""


class WipeUnit(RequestBase, frozen=True):
    """Tell the office, then make this unit blank."""


class KeepUnit(RequestBase, frozen=True):
    """Not after all, where the system has not begun yet."""


AnyStaffRequest = (
    OpenDoor
    | CheckCode
    | LeaveDesk
    | LookOver
    | BeginTest
    | EndTest
    | ArmFault
    | OpenCount
    | CloseCount
    | Refill
    | ShutUnit
    | Restart
    | TakeCard
    | IssueCards
    | DropCard
    | Weigh
    | CarryOut
    | CarryNothing
    | WipeUnit
    | KeepUnit
)

# -- where it stands ---------------------------------------------------------------------------------------------------


class Door(PhaseBase, frozen=True):
    """The supervisor's door. `typed` digits lie in the lock; `busy`: the lock is looking; `left`: tries after a
    refusal, -1 before any; `barred_min`: nobody gets in for so long.
    """

    order: tuple[int, ...] = ()
    card: bool = False
    typed: int = 0
    busy: bool = False
    left: int = -1
    barred_min: int = 0
    unproved: bool = False
    """The card that was held there last carries no secret."""


class Sheet(msgspec.Struct, frozen=True, tag=True):
    """Base of what lies on the desk."""


class Hub(Sheet, frozen=True):
    """All errands."""


class Health(Sheet, frozen=True):
    """Every device; empty: still looking."""

    rows: tuple[Row, ...] = ()


class Tests(Sheet, frozen=True):
    """The choice of a device to test; from the `first` on."""

    first: int = 0


class Trial(Sheet, frozen=True):
    """One device under test, and what was seen last, newest at the end."""

    device: str
    first: int = 0
    rows: tuple[Row, ...] = ()


class Faults(Sheet, frozen=True):
    """The choice of the fault that is to strike; `asked`: this one?"""

    first: int = 0
    asked: str = ""


class Counting(Sheet, frozen=True):
    """Before or after class? `asked`: the app is looking what there is to count."""

    asked: When | None = None


class Count(Sheet, frozen=True):
    """One item after the other; `at` = their number: all counted."""

    when: When
    items: tuple[Item, ...]
    counted: tuple[int, ...]
    at: int = 0


class Refills(Sheet, frozen=True):
    """The choice of what was filled; `asked`: sure? `done`: it is recorded."""

    asked: str = ""
    done: str = ""


class Service(Sheet, frozen=True):
    """Out of service, why; or in service again."""


class Restarting(Sheet, frozen=True):
    """Sure? `blank`: to be set up anew."""

    blank: bool = False


class Setup(Sheet, frozen=True):
    """Set the unit up anew, or a card."""


class NewCard(Sheet, frozen=True):
    """A card of one's own, or one for a `technician`; `said`: "" waiting, done, or why not."""

    said: str = ""
    technician: bool = False


class Issuing(Sheet, frozen=True):
    """The cards that get their secret, one after the other: the last one's number, and whether it has it; None: no card
    was held there yet. `count`: how many have it.
    """

    last: CardIssued | None = None
    count: int = 0


class Wiping(Sheet, frozen=True):
    """Make this unit blank? `lost` stands when it is known what would go; `carried`: facts on a USB drive, None
    before.

    `at`: the question, the USB drive, the question once more, and the moment in which the office is told.
    """

    lost: Weighed | None = None
    carried: int | None = None
    at: Literal["ask", "stick", "sure", "going"] = "ask"


AnySheet = (
    Hub
    | Health
    | Tests
    | Trial
    | Faults
    | Counting
    | Count
    | Refills
    | Service
    | Restarting
    | Setup
    | NewCard
    | Issuing
    | Wiping
)


class Desk(PhaseBase, frozen=True):
    """A supervisor is at work."""

    who: int
    sheet: AnySheet = Hub()
