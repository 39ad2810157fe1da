"""Define the phases of the visit's terminal: one frozen struct a phase, errand by errand, joined to one closed union.

A phase named …ing waits for the office or the printer and is left only by its answer; all others are left by keys or by
their time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.return_items import Leaving

Errand = Literal["ask", "mine", "visit"]


class VisitPhase(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Base of the visit's own phases."""


# -- home, notices, who is there


class Home(VisitPhase, frozen=True):
    """The question: What would you like to do?"""


class Notice(VisitPhase, frozen=True):
    """One thing to know, then on with `back`; None: the sitting ends."""

    why: str
    back: VisitPhase | None = None


class Ident(VisitPhase, frozen=True):
    """The card, please; `problem` with the last one."""

    errand: Errand
    problem: str = ""


class Looking(VisitPhase, frozen=True):
    """The office is asked what it knows."""

    errand: Errand
    tries: int = 1


class Met(VisitPhase, frozen=True):
    """A fraud is met; then the errand goes on with `then`."""

    meeting: SceneProgress
    then: VisitPhase


Front = Home | Notice | Ident | Looking | Met

# -- asking for a visit


class Who(VisitPhase, frozen=True):
    """The visitors, up to three: `problem` with the last key."""

    problem: str = ""


class KinAsked(VisitPhase, frozen=True):
    """The question: What is the one who comes for the first time to you?"""


class Proof(VisitPhase, frozen=True):
    """The question: Which paper proves it?"""


class When(VisitPhase, frozen=True):
    """The question: Which day and time? `problem` with the last key."""

    problem: str = ""


class Check(VisitPhase, frozen=True):
    """All of it once more."""


class Requesting(VisitPhase, frozen=True):
    """It is handed in."""

    tries: int = 1


class Accepting(VisitPhase, frozen=True):
    """The acceptance slip is being printed."""


Ask = Who | KinAsked | Proof | When | Check | Requesting | Accepting

# -- how far is it?


class Looked(VisitPhase, frozen=True):
    """The request as it stands."""


class Slipping(VisitPhase, frozen=True):
    """The appointment slip is being printed."""


class UndoTold(VisitPhase, frozen=True):
    """Take it back, truly?"""


class Undoing(VisitPhase, frozen=True):
    """It is being taken back."""

    tries: int = 1


Mine = Looked | Slipping | UndoTold | Undoing

# -- the visit


class Arriving(VisitPhase, frozen=True):
    """Signing in at the office."""

    tries: int = 1


class Pledge(VisitPhase, frozen=True):
    """The undertaking's page `at`."""

    at: int = 0


class Camera(VisitPhase, frozen=True):
    """Does one see oneself? `bad`: one did not, and is told what helps."""

    bad: bool = False


class Sound(VisitPhase, frozen=True):
    """Does one hear oneself? `bad`: one did not, and is told what helps."""

    bad: bool = False


class Connecting(VisitPhase, frozen=True):
    """The waiting room: both sides are being connected."""

    tries: int = 1


class Talk(VisitPhase, frozen=True):
    """The conversation's moment `at`, after so many warnings."""

    at: int = 0
    warned: int = 0


class Spoken(VisitPhase, frozen=True):
    """One is warned of `what`, or told a calmer way; then on with the moment."""

    at: int
    warned: int
    what: str


class Closing(VisitPhase, frozen=True):
    """The office is told how it ended: cut off for `breach`, or not; `early`: before its time, by one's own wish."""

    breach: str = ""
    early: bool = False
    tries: int = 1


class Over(VisitPhase, frozen=True):
    """The end of the visit, and the day from which the next may be."""

    breach: str = ""


Meet = Arriving | Pledge | Camera | Sound | Connecting | Talk | Spoken | Closing | Over
Phase = Front | Ask | Mine | Meet | Leaving
