"""Define the phases of a gate: one frozen struct a phase.

A tap leads to a write (or a token's capture), the proven write opens the barrier, and only when card and barrier are
done does the next thing begin. `then` is the phase that comes once the card is back with the person.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import GateAlarm
from kiosk_firmware.core.pages import Text
from kiosk_firmware.kits.fraud_scenes import SceneProgress
from kiosk_firmware.kits.metro.station_choice import StationChoice


class Ride(msgspec.Struct, frozen=True, cache_hash=True):
    """The result that a write is to have on the ticket `number`: balance, trip, and what was taken for it. `over_fen`:
    of that, for too long a stay. `token`: it is captured, and nothing is written. `holder`: whose fare it is
    ("student", "senior", "times", or "senior_peak" where they pay as everybody does).
    """

    number: str
    fen: int
    trip: str
    fare_fen: int = 0
    over_fen: int = 0
    token: bool = False
    holder: str = ""


class GatePhase(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Base of the phases."""


class Standing(GatePhase, frozen=True):
    """The gate as it waits for a tap, on the state's side; at home on the first one."""


class Writing(GatePhase, frozen=True):
    """The record is being written (or the token captured)."""

    ride: Ride


class Passing(GatePhase, frozen=True):
    """The barrier is open for one person; the card is on its way back. `closing`: it was told to close again."""

    ride: Ride
    closing: bool = False


class Told(GatePhase, frozen=True):
    """The cross, and why: `why` names the reason, `how` says what to do now."""

    why: str
    how: Text


class Riding(GatePhase, frozen=True):
    """On the train: where to get off."""

    choosing: StationChoice = StationChoice()


class Done(GatePhase, frozen=True):
    """Outside again (or inside, at a gate that only lets in): what it cost."""

    ride: Ride


class Alarmed(GatePhase, frozen=True):
    """The alarm for a person from a side that was not open."""

    what: GateAlarm


class Back(GatePhase, frozen=True):
    """The card goes back to the person. `stuck`: it does not move; tried again every now and then."""

    then: Standing | Told | Riding | Done
    stuck: bool = False


class Met(GatePhase, frozen=True):
    """A fraud is met before the gate."""

    meeting: SceneProgress


Phase = Met | Standing | Writing | Passing | Told | Riding | Done | Alarmed | Back
