"""The technician's side as data: which sheets there are, what they hear, what they ask for.

A technician is a number, let in by a technician's card alone. What is found is rows of words; nothing of a learner ever
comes here.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.pages import Row, Text
from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase

Subject = Literal["part", "locate", "history", "compare", "failures", "config", "network", "clock"]
"""What can be found out at once. `part`, `locate` and `history` are about one device."""
Work = Literal["watch", "record", "test", "teach", "probe"]
"""What takes its time, and tells line by line."""
RELEASES: frozenset[Work] = frozenset({"test", "teach", "probe"})
"""Work for which the unit lets go of its devices: it starts again afterwards."""
SHOWN = 5
"""Lines of a work that stay on the page."""


class PartOffer(msgspec.Struct, frozen=True):
    """A device of this unit, and what can be done with it beside looking."""

    device: str
    works: frozenset[Work] = frozenset()
    lamp: bool = False


# -- what it hears -----------------------------------------------------------------------------------------------------


class TechnicianAdmitted(EventBase, frozen=True):
    """The technician who is let in, and the unit's devices."""

    who: int
    parts: tuple[PartOffer, ...] = ()


class Findings(EventBase, frozen=True):
    """Rows about a subject."""

    subject: Subject
    device: str
    rows: tuple[Row, ...]


class WorkLine(EventBase, frozen=True):
    """A line of the work that goes on; `number` tells works apart."""

    number: int
    row: Row


class WorkAsked(EventBase, frozen=True):
    """A question that only eyes can answer."""

    number: int
    question: Text


class WorkEnded(EventBase, frozen=True):
    """The work is over: well, or found wanting."""

    number: int
    ok: bool


AnyTechnicianHeard = TechnicianAdmitted | Findings | WorkLine | WorkAsked | WorkEnded

# -- what it asks for --------------------------------------------------------------------------------------------------


class FindOut(RequestBase, frozen=True):
    """A request to find something out. → Findings."""

    subject: Subject
    device: str = ""


class BeginWork(RequestBase, frozen=True):
    """Begin a work, told as `number`. → WorkLine, WorkAsked, WorkEnded."""

    number: int
    work: Work
    device: str = ""
    language: str = "zh"


class AnswerWork(RequestBase, frozen=True):
    """The answer to the question that stands."""

    yes: bool


class EndWork(RequestBase, frozen=True):
    """Stop the work that goes on, where one does."""


class LeaveTechnician(RequestBase, frozen=True):
    """The technician is gone."""

    who: int
    reason: Literal["key", "idle"] = "key"


AnyTechnicianRequest = FindOut | BeginWork | AnswerWork | EndWork | LeaveTechnician

# -- where it stands ---------------------------------------------------------------------------------------------------


class TechnicianSheet(msgspec.Struct, frozen=True, tag=True):
    """Base of what the technician has before them."""


class TechnicianHub(TechnicianSheet, frozen=True):
    """All errands."""


class PartList(TechnicianSheet, frozen=True):
    """The choice of a device; from the `first` on."""

    first: int = 0


class PartMenu(TechnicianSheet, frozen=True):
    """The errands at one device."""

    device: str


class Found(TechnicianSheet, frozen=True):
    """The rows about a subject; None: still looking."""

    subject: Subject
    device: str = ""
    rows: tuple[Row, ...] | None = None


class Release(TechnicianSheet, frozen=True):
    """The question before the unit lets go of its devices."""

    work: Work
    device: str = ""


class Working(TechnicianSheet, frozen=True):
    """A work and what was told last, newest at the end. `question` stands; `ok`: how it ended, None: it goes on."""

    number: int
    work: Work
    device: str = ""
    rows: tuple[Row, ...] = ()
    question: Text | None = None
    ok: bool | None = None


AnyTechnicianSheet = TechnicianHub | PartList | PartMenu | Found | Release | Working


class Technician(PhaseBase, frozen=True):
    """A technician is at work. `works` were begun so far."""

    who: int
    parts: tuple[PartOffer, ...] = ()
    sheet: AnyTechnicianSheet = TechnicianHub()
    works: int = 0
