"""Define what the lobby knows, hears and asks for: frozen data only.

The lobby is a machine like any other, with the app as its cabinet: it asks (`StartRun`, `SignedIn`…) and hears
(`OffersListed`, `RunOver`, `Holding`…). It never looks anything up itself, so all its pages can be drawn, walked and
tested without a unit.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core.events import GlassEvent
from kiosk_firmware.core.facts import Hand, Marks
from kiosk_firmware.core.lessons import GoalCondition
from kiosk_firmware.core.pages import Page
from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase
from kiosk_firmware.unit.lobby.phases.practice_offers import PracticeOffers as PracticeOffers
from kiosk_firmware.unit.lobby.phases.practice_offers import Route as Route
from kiosk_firmware.unit.lobby.phases.practice_offers import Task as Task
from kiosk_firmware.unit.lobby.phases.practice_offers import Tile as Tile
from kiosk_firmware.unit.lobby.phases.sign_in import AnyComingHeard, AnyComingPhase, AnyComingRequest, Own, Why
from kiosk_firmware.unit.lobby.phases.supervisor import AnyStaffHeard, AnyStaffRequest, Desk, Door, Staffing
from kiosk_firmware.unit.lobby.phases.supervisor import Row as Seen
from kiosk_firmware.unit.lobby.phases.technician import AnyTechnicianHeard, AnyTechnicianRequest, Technician
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitHeard, AnyVisitPhase, AnyVisitRequest, Standing

GUEST = "guest"
LANGUAGES = ("zh", "en")
DIGITS = 6
"""A learner's number is `l-` and this many digits."""


class Replay(msgspec.Struct, frozen=True):
    """One moment of a run, to be seen again: the machine's page as it stood, in its language; what was done there and
    what helps, as a sentence of the coach's, written and in its spoken form; the key or slot that this is about.
    """

    page: Page
    language: str
    sentence: str
    spoken: str
    halo_key: str = ""
    halo_slot: str = ""


class Ending(msgspec.Struct, frozen=True):
    """The end of a run, as far as it may be told; made by `debrief.ending`. `lesson` empty: free practice.

    `facts` are the machine's facts and marks at the end; `by` those that this run has changed, with whose act that was;
    `coached` how many acts were the coach's. `good`: what may be praised. `known`: the facts that the machine has texts
    for (`debrief.<fact>`), also of one value (`<fact>.<value>`), and advice (`next.<fact>`).
    """

    machine: str
    skin: str
    lesson: str
    outcome: str
    goal: tuple[GoalCondition, ...] = ()
    never: tuple[GoalCondition, ...] = ()
    facts: Marks = ()
    by: tuple[tuple[str, Hand], ...] = ()
    coached: int = 0
    good: frozenset[str] = frozenset()
    unaided: bool = False
    steps: int = 0
    known: frozenset[str] = frozenset()
    moment: Replay | None = None
    held: tuple[str, ...] = ()
    """Pictures of what this run left in the learner's hands by the learner's own act, one a piece."""
    held_fen: int = -1
    """The sum of the notes among them; -1: there are none."""
    exam: str = ""
    """The run's id where it was proctored; else empty."""


# -- what the lobby hears ----------------------------------------------------------------------------------------------


class OffersListed(EventBase, frozen=True):
    """The shelf, at the start and whenever progress or devices changed."""

    offers: PracticeOffers


class Refused(EventBase, frozen=True):
    """The number that was signed in with is not one of this site."""


class RunOver(EventBase, frozen=True):
    """A run ended."""

    ending: Ending


class Remembered(EventBase, frozen=True):
    """The help that the moment needed was found: the moment, with it."""

    moment: Replay


class ToBeShown(EventBase, frozen=True):
    """The teacher wants a lesson shown here; heard where nobody is at work."""

    machine: str
    skin: str
    lesson: str


class Watched(EventBase, frozen=True):
    """The demonstration is over, or whoever looks at a moment again has seen enough."""


class Froze(EventBase, frozen=True):
    """The teacher has stopped the class (`on`), or it goes on: while it is stopped no press means anything."""

    on: bool


class StorageFull(EventBase, frozen=True):
    """The unit's memory is so full (`on`) that what people did is being let go of; or there is room again."""

    on: bool


class Tasked(EventBase, frozen=True):
    """The teacher has set a lesson for whoever is there; empty `skin`: the one that is due."""

    machine: str
    lesson: str
    skin: str = ""


class TeacherHere(EventBase, frozen=True):
    """A teacher's card was held to a reader: a proctored run may begin, or has been seen to end."""


class Certified(EventBase, frozen=True):
    """The check code of the run that was proctored; `printed`: a slip comes out, too."""

    code: str
    printed: bool = False


class Holding(EventBase, frozen=True):
    """The content of the cabinet between runs: slots to take from, and slots that do not give back. Both empty:
    nothing.
    """

    slots: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()


class Blocked(EventBase, frozen=True):
    """The unit can offer nothing now; these devices are missing. Empty: it can again."""

    missing: tuple[str, ...] = ()


class Tested(EventBase, frozen=True):
    """The self-test's rows."""

    rows: tuple[Seen, ...]


LobbyEvent = (
    GlassEvent
    | OffersListed
    | Refused
    | RunOver
    | Remembered
    | ToBeShown
    | Watched
    | Holding
    | Blocked
    | Tested
    | TeacherHere
    | Certified
    | Froze
    | StorageFull
    | Tasked
    | AnyStaffHeard
    | AnyTechnicianHeard
    | AnyComingHeard
    | AnyVisitHeard
)

# -- what the lobby asks for -------------------------------------------------------------------------------------------


class SignedIn(RequestBase, frozen=True):
    """A sign-in: `l-` and six digits, or "guest". → Shelved or Refused."""

    learner: str


class SignedOut(RequestBase, frozen=True):
    """The sitting ended, and why."""

    learner: str
    reason: Why


class StartRun(RequestBase, frozen=True):
    """Begin. `lesson` empty: free practice; `proctored`: a teacher is there. → RunOver."""

    machine: str
    skin: str
    lesson: str
    proctored: bool = False


class Certify(RequestBase, frozen=True):
    """A teacher has seen the end of a proctored run. → Certified."""

    learner: str
    ending: Ending


class ShowLesson(RequestBase, frozen=True):
    """Let the coach do the lesson, to be watched. → Watched."""

    machine: str
    skin: str
    lesson: str


class ChangeLanguage(RequestBase, frozen=True):
    """The learner's language is this now; the app may keep it."""

    language: str


class SayWord(RequestBase, frozen=True):
    """Say the text of this key in that language."""

    key: str
    language: str


class TestDevices(RequestBase, frozen=True):
    """Look at every device. → Tested."""


class TryAgain(RequestBase, frozen=True):
    """The teacher says that what was stuck, missing or full has been seen to. → Holding, Blocked."""


class CallTeacher(RequestBase, frozen=True):
    """Light the lamp, tell the office."""


AnyRequest = (
    SignedIn
    | SignedOut
    | StartRun
    | ShowLesson
    | ChangeLanguage
    | TestDevices
    | TryAgain
    | CallTeacher
    | Certify
    | SayWord
    | AnyStaffRequest
    | AnyTechnicianRequest
    | AnyComingRequest
    | AnyVisitRequest
)
Requests = tuple[AnyRequest, ...]

# -- where it stands ---------------------------------------------------------------------------------------------------


class Attract(PhaseBase, frozen=True):
    """The idle page."""


class SignIn(PhaseBase, frozen=True):
    """The number is typed, or a card is held to a reader. `wrong`: the last one was refused; `cut`: a run that a power
    cut had left waits for its learner.
    """

    typed: str = ""
    wrong: bool = False
    cut: bool = False


class Home(PhaseBase, frozen=True):
    """The tiles."""


class SigningOut(PhaseBase, frozen=True):
    """The question before a sign-out, asked once."""


class InPlace(PhaseBase, frozen=True):
    """The machines of one place."""

    place: str


class Lessons(PhaseBase, frozen=True):
    """A machine's lessons, from the first of a page on, in one of its skins."""

    machine: str
    first: int = 0
    skin: int = 0


class Meeting(PhaseBase, frozen=True):
    """The words that are met on a machine's glass, from the first of a page on; `said`: the one that was said last."""

    machine: str
    first: int = 0
    said: str = ""


class Before(PhaseBase, frozen=True):
    """One lesson's task, before it begins (empty: free practice)."""

    machine: str
    skin: str
    lesson: str


class Running(PhaseBase, frozen=True):
    """A run goes on; the glass is the machine's."""

    machine: str
    skin: str
    lesson: str


class Debriefing(PhaseBase, frozen=True):
    """The debrief of a run."""

    ending: Ending


class Signing(PhaseBase, frozen=True):
    """A proctored run is over: its teacher's card is wanted; then its check code stands there."""

    ending: Ending
    code: str = ""
    printed: bool = False


class Looking(PhaseBase, frozen=True):
    """A moment of the run is seen again."""

    ending: Ending
    moment: Replay


class SelfTest(PhaseBase, frozen=True):
    """The devices, as they were found; empty rows: still looking."""

    rows: tuple[Seen, ...] = ()


AnyPhase = (
    Attract
    | SignIn
    | Home
    | InPlace
    | Lessons
    | Meeting
    | Before
    | Running
    | Debriefing
    | Looking
    | SelfTest
    | Door
    | Desk
    | Technician
    | Signing
    | SigningOut
    | AnyComingPhase
    | AnyVisitPhase
)


class Lobby(msgspec.Struct, frozen=True):
    """The whole: where it stands, who is there ("" nobody), the shelf, and what stands before everything else. `place`:
    what the unit is built as, where that is a place.
    """

    phase: AnyPhase = Attract()
    learner: str = ""
    language: str = "zh"
    offers: PracticeOffers = PracticeOffers()
    holding: Holding = Holding()
    missing: tuple[str, ...] = ()
    staffing: Staffing = Staffing()
    own: Own = Own()
    visiting: Standing = Standing()
    frozen: bool = False
    full: bool = False
    place: str = ""

    @property
    def stopped(self) -> bool:
        """The class is, and whoever is here with it: no supervisor, no technician, no learner at a real visit."""
        return self.frozen and not isinstance(self.phase, Door | Desk | Technician | AnyVisitPhase)

    @property
    def ends(self) -> bool:
        """Something stands there that the strip's *end* ends: choosing is left by the page's own keys."""
        return isinstance(self.phase, Looking | Door | Desk | Technician | AnyVisitPhase)

    @property
    def machine(self) -> str:
        """Return whose texts the page needs beside the lobby's own; empty for none."""
        match self.phase:
            case Lessons(machine=machine) | Meeting(machine=machine):
                return machine
            case Before(machine=machine) | Running(machine=machine):
                return machine
            case Debriefing(ending=ending) | Looking(ending=ending) | Signing(ending=ending):
                return ending.machine
            case Home() if self.offers.next:
                return self.offers.next[0]
            case _:
                return ""


Step = tuple[Lobby, Requests]


def enter_phase(lobby: Lobby, phase: Any, *requests: AnyRequest, **fields: Any) -> Step:
    """Return the lobby at another phase."""
    return msgspec.structs.replace(lobby, phase=phase, **fields), requests
