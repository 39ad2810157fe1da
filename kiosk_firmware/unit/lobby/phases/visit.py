"""The visit as the lobby knows it: what is expected today, what the visit process shows, and the phases of the
learner.

The clock, the line and the last word are the visit process's (`visit.wire.messages.Shown`); the lobby never counts and
never decides that a visit is over. What is its own: that nobody comes in without a centre card, that the undertaking
is signed page by page, and that camera and sound were looked at before anybody is called.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.unit.lobby.phases.base_types import EventBase, PhaseBase, RequestBase
from kiosk_firmware.visit.wire.messages import Ending, Shown

PLEDGES = 5
"""Pages before the signature: what is recorded and who may listen, telephone, language, words, what follows."""


Due = Literal["early", "now", "late"]


class Visit(msgspec.Struct, frozen=True):
    """A visit of today. clock: when it begins ("14:00"); mine: it is whoever is signed in's; due: too early to come
    in, now, or so late that it has lapsed; begun: both sides had met before (a cut in between).
    """

    number: str
    clock: str
    people: int = 1
    minutes: int = 30
    recorded: bool = True
    watched: bool = True
    mine: bool = False
    due: Due = "early"
    begun: bool = False


class Standing(msgspec.Struct, frozen=True):
    """All that the lobby knows of visits. line: what the visit process shows, None while it is not there; carded:
    whoever is signed in held a centre card to a reader; put_off: they pressed "later".
    """

    visit: Visit | None = None
    line: Shown | None = None
    carded: bool = False
    put_off: bool = False


# -- heard -------------------------------------------------------------------------------------------------------------


class Awaited(EventBase, frozen=True):
    """The visit of today that matters now, or that there is none."""

    visit: Visit | None = None


class Seen(EventBase, frozen=True):
    """The state that the visit process shows; None: it does not answer."""

    line: Shown | None = None


AnyVisitHeard = Awaited | Seen

# -- asked -------------------------------------------------------------------------------------------------------------


class JoinVisit(RequestBase, frozen=True):
    """The learner is there with the card: the visit process is wanted. → Seen."""

    number: str


class TellVisit(RequestBase, frozen=True):
    """The learner's request to the visit process (`visit.wire.messages.Said`)."""

    do: Literal["check", "sign", "end", "leave"]


AnyVisitRequest = JoinVisit | TellVisit

# -- where it stands ---------------------------------------------------------------------------------------------------


class Greeted(PhaseBase, frozen=True):
    """Your visit is today; come in? `unsigned`: the undertaking was not signed a moment ago."""

    unsigned: bool = False


class Carding(PhaseBase, frozen=True):
    """The centre card, please; `wrong`: the last one was somebody else's."""

    wrong: bool = False


class Pledging(PhaseBase, frozen=True):
    """The undertaking's page `at`."""

    at: int = 0


class Camera(PhaseBase, frozen=True):
    """Do you see yourself? `bad`: no, and what helps."""

    bad: bool = False


class Sound(PhaseBase, frozen=True):
    """Does the bar move when you speak? `bad`: no, and what helps."""

    bad: bool = False


class Calling(PhaseBase, frozen=True):
    """Signed: waiting for the family, talking, or cut off for a while, as the process shows. `sure`: really end?"""

    sure: bool = False


class Parted(PhaseBase, frozen=True):
    """It is over, and why."""

    end: Ending


AnyVisitPhase = Greeted | Carding | Pledging | Camera | Sound | Calling | Parted
