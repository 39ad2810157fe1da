"""Define what a terminal asks the visits' office: hand in, look up, take back, sign in, connect, and how a visit ended.

Each ask comes back in `HostAnswered` with `visits` filled in: what the office knows then. What books has an id and may
be asked again: one request, one sign-in, one end.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.visit_data import VisitRequest, Visits

VisitVerdict = Literal["ok", "nothing", "open", "early", "late", "unsigned", "offline"]


class VisitQuestion(msgspec.Struct, frozen=True, tag=True):
    """Base of the asks: the number of the card that was shown, and the practised moment."""

    person: str
    day: int
    minute: int
    id: int = 0
    visits: Visits | None = None


class VisitLookedUp(VisitQuestion, frozen=True):
    """The question: What is known, and how far is it?"""


class VisitRequested(VisitQuestion, frozen=True, kw_only=True):
    """Hand this request in. open: there is one already."""

    request: VisitRequest


class VisitTakenBack(VisitQuestion, frozen=True):
    """Take the request or the appointment back, in time."""


class VisitArrived(VisitQuestion, frozen=True):
    """Sign in. early: not yet; late: it has lapsed."""


class VisitConnected(VisitQuestion, frozen=True):
    """Connect both sides; `signed`: the undertaking. unsigned: not without it."""

    signed: bool = False


class VisitEnded(VisitQuestion, frozen=True):
    """The visit is over; `breach`: why it was cut off, "" where it came to its end."""

    breach: str = ""


VisitAsk = VisitLookedUp | VisitRequested | VisitTakenBack | VisitArrived | VisitConnected | VisitEnded
