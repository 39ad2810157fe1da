"""Check-in's phases, errand by errand: one frozen struct each, joined to one closed union.

A phase named …Asking, …ing waits for the airline or the printer and is left only by its answer; all others are left by
keys or by their time-out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk_firmware.core.hosts.airline import FoundBooking
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.return_items import Leaving

Errand = Literal["checkin", "lookup", "reprint", "cancel"]


class AirPhase(msgspec.Struct, frozen=True, tag=True):
    """Base of check-in's phases."""


# -- home, notices, what is met beside the errand


class Home(AirPhase, frozen=True):
    """The question: What would you like to do?"""


class Notice(AirPhase, frozen=True):
    """One thing to know, then on with `back`; None: the sitting ends."""

    why: str
    back: AirPhase | None = None


class Met(AirPhase, frozen=True):
    """A fraud is met; then on with `then`."""

    meeting: SceneProgress
    then: AirPhase


Front = Home | Notice | Met

# -- which booking


class Ident(AirPhase, frozen=True):
    """The ID card, a code, or something to type? `problem` with the last card or code."""

    errand: Errand
    problem: str = ""


class Typing(AirPhase, frozen=True):
    """The booking reference (`what` "reference") or the e-ticket's number ("ticket") is being typed."""

    errand: Errand
    what: Literal["reference", "ticket"]
    typed: str = ""
    problem: str = ""


class Finding(AirPhase, frozen=True):
    """The airline is asked for bookings."""

    errand: Errand
    how: str


class Trips(AirPhase, frozen=True):
    """Several bookings; which one?"""

    errand: Errand
    found: tuple[FoundBooking, ...]


class FlightShown(AirPhase, frozen=True):
    """The flight; is it the one?"""


Find = Ident | Typing | Finding | Trips | FlightShown

# -- checking in, in the order of the skin


class People(AirPhase, frozen=True):
    """The people who check in: ID cards on the reader, one after the other; `problem` with the last one."""

    problem: str = ""


class Bags(AirPhase, frozen=True):
    """The question: How many bags for the hold?"""


class Danger(AirPhase, frozen=True):
    """Is any of this in your bags?"""


class Things(AirPhase, frozen=True):
    """The question: Which of it?"""


class ThingTold(AirPhase, frozen=True):
    """The place where `thing` may go. `missed`: the answer had been that there is nothing."""

    thing: str
    missed: bool = False


class SeatsAsking(AirPhase, frozen=True):
    """The airline is asked for free seats."""


class Seats(AirPhase, frozen=True):
    """The cabin's `part`, for the person `at`; `problem` with the last seat that was pressed."""

    taken: tuple[str, ...]
    part: str
    at: int = 0
    problem: str = ""


class Phone(AirPhase, frozen=True):
    """The number to call if something changes."""

    typed: str = ""
    problem: str = ""


class Confirm(AirPhase, frozen=True):
    """All of it once more."""


Trip = People | Bags | Danger | Things | ThingTold | SeatsAsking | Seats | Phone | Confirm

# -- passes and tags


class CheckingIn(AirPhase, frozen=True):
    """The airline checks in."""

    tries: int = 1


class Reprinting(AirPhase, frozen=True):
    """The airline is asked for a new pass."""

    tries: int = 1


class Printing(AirPhase, frozen=True):
    """The first of these papers is being printed."""

    papers: tuple[str, ...]


class OwedTelling(AirPhase, frozen=True):
    """The airline is told which papers did not come out."""

    papers: tuple[str, ...]
    tries: int = 1


class PassShown(AirPhase, frozen=True):
    """The mobile pass of the person `at`."""

    at: int = 0


class GateTold(AirPhase, frozen=True):
    """The gate was changed while one checked in: it is not the one on the pass."""


class Tagged(AirPhase, frozen=True):
    """The place where the bags go now."""


Issue = CheckingIn | Reprinting | Printing | OwedTelling | PassShown | GateTold | Tagged

# -- what one has


class Looked(AirPhase, frozen=True):
    """Flight, gate and seat as they are now."""


class CancelTold(AirPhase, frozen=True):
    """Taking the check-in back: how often that was done, and how often it may be."""


class Cancelling(AirPhase, frozen=True):
    """The airline takes it back."""

    tries: int = 1


Mine = Looked | CancelTold | Cancelling
Phase = Front | Find | Trip | Issue | Mine | Leaving
