"""Define a visit by video as data, and what a terminal asks the visits' office about it.

The practice visit and the real one speak of the same things; their moves and rules are `visit.domain`'s. Days count
from 1970 (UTC+8), minutes from midnight. Of an undertaking only *signed* is kept, of a conversation nothing.

Each ask comes back in `HostAnswered` with `visits` filled in: what the office knows then. What books has an id and may
be asked again: one request, one sign-in, one end.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Standing = Literal[
    "draft",
    "submitted",
    "kinship",
    "approval",
    "approved",
    "returned",
    "waiting",
    "signing",
    "meeting",
    "ended",
    "stopped",
    "waived",
]
"""草稿 已提交 亲属关系核验 监狱审批 已批准 退回 待会见 核验签到 会见中 结束 中止 过期放弃"""
Kin = Literal["parent", "spouse", "child", "sibling", "friend"]
Refusal = Literal["not_kin", "kin_wrong", "no_proof", "proof_bad", "this_month", "suspended", "taken"]
"""Why a request comes back."""
Breach = Literal["words", "language", "phone", "recording"]
"""Why a visit is cut off: coded words, another language than was agreed, a telephone in the hand, a recording."""


class Relative(msgspec.Struct, frozen=True, cache_hash=True):
    """A person outside: what they truly are to the person, and whether that was proven at an earlier request."""

    id: str
    name: str
    kin: Kin
    proven: bool = False


class VisitRequest(msgspec.Struct, frozen=True, cache_hash=True):
    """The content of a request: ids of the people, what the unproven ones are said to be, the proof's kind and what is
    wrong with it, the day and minute. `asked`: the day on which it is handed in.
    """

    people: tuple[str, ...]
    day: int
    minute: int
    asked: int
    kin: str = ""
    proof: str = ""
    flaw: str = ""


class VisitCase(msgspec.Struct, frozen=True, cache_hash=True):
    """A request and what became of it. `reason`: why it came back or was cut off; `next_day`: the first day that may be
    asked for again (0: any); `signed`: the undertaking.
    """

    request: VisitRequest
    number: str
    state: Standing = "submitted"
    reason: str = ""
    next_day: int = 0
    signed: bool = False


class Visits(msgspec.Struct, frozen=True, cache_hash=True):
    """The office's record of one person. `last_day`: of the last visit that counts for its month (-1: none);
    `until_day`: no visits before it; `taken`: (day, minute) of others' appointments.
    """

    family: tuple[Relative, ...] = ()
    case: VisitCase | None = None
    last_day: int = -1
    until_day: int = 0
    taken: tuple[tuple[int, int], ...] = ()

    def relative(self, name: str) -> Relative | None:
        """Return the relative with that id."""
        return next((one for one in self.family if one.id == name), None)


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
